"""Every environment, run in full in its default configuration."""

from __future__ import annotations

import pytest

from reneta.verif.common.simulate import known_modules, simulate


@pytest.mark.parametrize("module", known_modules())
def test_module(module: str) -> None:
    report = simulate(module)
    wrong = [f"{r.test}: {r.mode}: {r.message}; {report.repeat(r)}" for r in report.results if not r.passed]
    wrong += [f"testpoint {status.point.name}: {status.reason}" for status in report.unmet]
    assert not wrong, "\n".join(wrong)
    assert report.passed
