"""The tables of sigmoid and tanh hold what the activation units need, and the committed ones are fresh."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reneta.golden.activation import bf16_table, fxp16_table
from reneta.golden.ccm_types import Func
from reneta.golden.config import load_config
from reneta.scripts import gen_act_rom

PATTERNS = np.arange(1 << 16)
MAGNITUDE = 0x7FFF
SIGN = 0x8000


def looked_up(region: gen_act_rom.Region, below: np.ndarray, above: int) -> np.ndarray:
    """What a region and the values around it give for every bf16 pattern, without its sign."""
    mags = PATTERNS & MAGNITUDE
    entries = np.array(region.entries)
    inside = entries[np.clip(mags - region.lo, 0, len(entries) - 1)]
    return np.where(mags < region.lo, below, np.where(mags >= region.hi, above, inside))


def test_bf16_tables_give_every_operand() -> None:
    sig_pos, sig_neg, tanh = gen_act_rom.bf16_regions()
    number = (PATTERNS & MAGNITUDE) <= 0x7F80
    negative = PATTERNS >= SIGN
    half = np.full(1 << 16, 0x3F00)
    sigmoid = np.where(negative, looked_up(sig_neg, half, 0), looked_up(sig_pos, half, 0x3F80))
    normal = np.where((PATTERNS & 0x7F80) == 0, 0, PATTERNS & MAGNITUDE)
    odd = looked_up(tanh, normal, 0x3F80) | (PATTERNS & SIGN)
    assert np.array_equal(sigmoid[number], bf16_table(Func.SIGMOID)[number])
    assert np.array_equal(odd[number], bf16_table(Func.TANH)[number])


def test_bf16_tables_are_minimal() -> None:
    regions = gen_act_rom.bf16_regions()
    assert sum(len(region.entries) for region in regions) <= 4096
    for region in regions:
        assert len(region.entries) == region.hi - region.lo


@pytest.mark.parametrize("frac", range(16))
def test_fxp16_tables_give_every_operand(frac: int) -> None:
    x = PATTERNS.astype(np.uint16).view(np.int16).astype(int)
    for region in gen_act_rom.fxp16_regions(frac):
        index = np.minimum(np.abs(x), region.hi)
        results = np.where(x < 0, np.array(region.negative)[index], np.array(region.entries)[index])
        assert np.array_equal(results, fxp16_table(Func[region.name], frac))
        assert len(region.entries) == len(region.negative) == region.hi + 1


def test_committed_files_are_fresh() -> None:
    assert gen_act_rom.main(["--check"]) == 0


def test_check_names_the_stale_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--config", "fxp16_pe4", "--out-dir", str(tmp_path)]
    assert gen_act_rom.main(arguments) == 0
    assert gen_act_rom.main([*arguments, "--check"]) == 0
    stale = tmp_path / "dtv1_act_rom_fxp.sv"
    stale.write_text(stale.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert gen_act_rom.main([*arguments, "--check"]) == 1
    assert capsys.readouterr().err == f"gen_act_rom: {stale} is stale; run `make package`\n"


def test_equal_files_are_left_alone(tmp_path: Path) -> None:
    config = load_config("bf16_pe4")
    paths = gen_act_rom.write_roms(config, tmp_path / "new")
    before = [path.stat().st_mtime_ns for path in paths]
    assert gen_act_rom.write_roms(config, tmp_path / "new") == paths
    assert [path.stat().st_mtime_ns for path in paths] == before


def test_missing_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    assert gen_act_rom.main(["--config", "nonsense"]) == 2
    assert capsys.readouterr().err.startswith("gen_act_rom: nonsense: no such configuration")


def test_an_unexpected_shape_is_refused() -> None:
    with pytest.raises(gen_act_rom.TableError, match="no operand needs the table"):
        gen_act_rom._region("FLAT", [1, 1], [1, 1], 1)
