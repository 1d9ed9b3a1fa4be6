"""The build and run part: what is changed in cocotb's runner."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from reneta.scripts.sources import SourceSet
from reneta.scripts.toolpath import BuildError
from reneta.verif.common import runner
from reneta.verif.common.runner import FastVerilator


def commands_of(fast: FastVerilator, monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[list[str]]:
    """The commands that a build would execute."""
    taken: list[list[str]] = []
    monkeypatch.setattr(fast, "_execute_cmds", lambda cmds, *_: taken.extend(cmds))
    source = folder / "x.sv"
    source.write_text("module x; endmodule\n", encoding="utf-8")
    fast.build(sources=[source], hdl_toplevel="x", build_dir=folder / "b", log_file=folder / "log")
    return taken


def test_public_flat_rw_is_dropped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    verilate, make = commands_of(FastVerilator(), monkeypatch, tmp_path)
    assert "--vpi" in verilate
    assert "--public-flat-rw" not in verilate
    assert "CFG_CXXFLAGS_PCH_I=-include" in make
    assert "--trace" not in verilate


def test_waves_come_from_the_argument_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WAVES", "1")
    assert "--trace" not in commands_of(FastVerilator(waves=False), monkeypatch, tmp_path)[0]
    monkeypatch.setenv("WAVES", "0")
    assert "--trace" in commands_of(FastVerilator(waves=True), monkeypatch, tmp_path)[0]


def test_environment_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAKEFLAGS", "-j9")
    monkeypatch.setenv("COCOTB_RANDOM_SEED", "99")
    fast = FastVerilator()
    fast.env = {"COCOTB_RANDOM_SEED": "7"}
    fast._set_env_common()
    assert "MAKEFLAGS" not in fast.env
    assert fast.env["COCOTB_RANDOM_SEED"] == "7"
    assert fast.env["PYTHONHASHSEED"] == "0"


def test_a_process_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    fast = FastVerilator(timeout_s=0.3)
    fast.env = dict(os.environ)
    mark = tmp_path / "alive"
    start = time.monotonic()
    with (tmp_path / "log").open("w") as log:
        fast._execute_cmds([["sh", "-c", f"(sleep 1.5; touch {mark}) & wait"]], tmp_path, log)
    assert fast.timed_out
    assert fast.exit_code
    assert time.monotonic() - start < 1.4
    time.sleep(1.6)
    assert not mark.exists()


def test_a_failing_command_ends_the_build(tmp_path: Path) -> None:
    fast = FastVerilator()
    fast.env = dict(os.environ)
    fast._execute_cmds([["false"], ["touch", str(tmp_path / "next")]], tmp_path)
    assert fast.exit_code == 1
    assert not (tmp_path / "next").exists()


def test_waves_without_headers_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runner, "missing_wave_headers", lambda: ("liblz4-dev", "zlib1g-dev"))
    with pytest.raises(BuildError, match="apt-get install liblz4-dev zlib1g-dev") as caught:
        runner.build("x", SourceSet("x", ()), waves=True, root=tmp_path)
    assert "\n" not in str(caught.value)


def test_missing_headers_are_found_with_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "")

    monkeypatch.setattr(subprocess, "run", fails)
    assert runner.missing_wave_headers.__wrapped__() == ("liblz4-dev", "zlib1g-dev")


def test_error_of_the_sources_is_named(tmp_path: Path) -> None:
    source = tmp_path / "x.sv"
    source.write_text("module x;\n  wire w = nothing;\nendmodule\n", encoding="utf-8")
    with pytest.raises(BuildError, match=r"x\.sv:2:\d+.*nothing") as caught:
        runner.build("x", SourceSet("x", (source,)), root=tmp_path / "b")
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "b").glob("*/.done"))
