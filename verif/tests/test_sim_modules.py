"""Every environment, run in full in its default configuration; the compute core in others too."""

from __future__ import annotations

import pytest

from reneta.verif.common.simulate import known_modules, simulate

# One small build of each format besides the default; `make regress` runs everything in everything.
RUNS: list[tuple[str, str | None]] = [(module, None) for module in known_modules()]
RUNS += [("dtv1_ccm", "configs/bf16_pe4.yaml"), ("dtv1_ccm", "configs/fxp16_pe8.yaml")]


@pytest.mark.parametrize(("module", "config"), RUNS)
def test_module(module: str, config: str | None) -> None:
    report = simulate(module, config)
    wrong = [f"{r.test}: {r.mode}: {r.message}; {report.repeat(r)}" for r in report.results if not r.passed]
    wrong += [f"testpoint {status.point.name}: {status.reason}" for status in report.unmet]
    assert not wrong, "\n".join(wrong)
    assert report.passed
