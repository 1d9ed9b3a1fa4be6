"""Building the library: once, and with one line where it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from reneta.golden.config import HwConfig
from reneta.sw_driver.fast_sim import BuildError, Library, build, build_library
from reneta.sw_driver.tests.conftest import ROGUE


def test_nothing_is_built_twice(rogue: Library, hw: HwConfig) -> None:
    again = build_library(hw, asserts=True, rtl_dir=ROGUE)
    assert again.path == rogue.path
    assert again.cached


def test_a_missing_top_is_one_line(hw: HwConfig, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"^the design has no dtv1\.sv$"):
        build_library(hw, rtl_dir=tmp_path)


def test_an_error_in_the_design_is_one_line(hw: HwConfig, tmp_path: Path) -> None:
    (tmp_path / "dtv1.sv").write_text("module dtv1;\n  nothing\nendmodule\n", encoding="utf-8")
    with pytest.raises(BuildError, match=r"dtv1\.sv:\d+:\d+: .*\(log: .*build\.log\)$") as caught:
        build_library(hw, rtl_dir=tmp_path, root=tmp_path / "build")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob(build.LIBRARY))


def test_an_error_in_the_harness_is_one_line(hw: HwConfig, tmp_path: Path) -> None:
    """Here the design lacks the ports that the harness wants."""
    (tmp_path / "dtv1.sv").write_text("module dtv1 (input logic clk_i); endmodule\n", encoding="utf-8")
    with pytest.raises(BuildError, match=r"fast_sim\.cpp:\d+:\d+: error: .*rst_ni") as caught:
        build_library(hw, rtl_dir=tmp_path, root=tmp_path / "build")
    assert "\n" not in str(caught.value)
