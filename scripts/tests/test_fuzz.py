"""Random programs on the chip: a few rounds, and that a difference is told."""

from __future__ import annotations

import numpy as np
import pytest

from reneta.scripts import fuzz


def test_rounds(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--config", "bf16_pe4", "--seed", "11", "--count", "4"]) == 0
    assert "bf16_pe4: 4 rounds from seed 11 on, all as the golden machine" in capsys.readouterr().out


def test_memories_after_each_instruction(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--config", "bf16_pe4", "--seed", "3", "--count", "1", "--every"]) == 0
    assert "1 rounds from seed 3 on" in capsys.readouterr().out


def test_difference(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With a byte of what is wanted the other way."""
    compare = fuzz.compare

    def other(found: np.ndarray, wanted: np.ndarray) -> None:
        changed = wanted.copy()
        changed[5] ^= 1
        compare(found, changed)

    monkeypatch.setattr(fuzz, "compare", other)
    assert fuzz.main(["--config", "bf16_pe4", "--seed", "11", "--count", "1"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("fuzz: seed 11: 1 bytes of DRAM differ, the first one at 0x5: ")
    assert "--config bf16_pe4 --seed 11 --count 1" in error


def test_unknown_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--config", "none"]) == 2
    assert "no such configuration" in capsys.readouterr().err


def test_random_timing() -> None:
    timings = {fuzz.random_timing(np.random.default_rng(seed)).stall > 0 for seed in range(20)}
    assert timings == {False, True}
