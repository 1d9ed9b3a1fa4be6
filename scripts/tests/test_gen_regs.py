"""What comes from the register description: current, and in agreement with the rest of the project."""

from __future__ import annotations

import subprocess
from enum import IntEnum
from pathlib import Path

import pytest

from reneta.golden import registers
from reneta.golden.config import REPO
from reneta.golden.registers import Reg
from reneta.scripts import gen_regs


def test_committed_files_are_current() -> None:
    assert gen_regs.main(["--check"]) == 0


def test_stale_file_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    texts = gen_regs.generated()
    monkeypatch.setattr(gen_regs, "generated", lambda: texts | {gen_regs.PAGE: "old"})
    assert gen_regs.main(["--check"]) == 1
    assert capsys.readouterr().err == f"gen_regs: stale: {gen_regs.PAGE}; run `make package`\n"


def test_enumerations_agree_with_the_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Other(IntEnum):
        IDLE = 1

    monkeypatch.setitem(gen_regs.ENUMS, "state_e", Other)
    assert gen_regs.main(["--check"]) == 2
    assert "state_e is" in capsys.readouterr().err


def test_map() -> None:
    assert (Reg.ID, Reg.CTRL, registers.SPM_BASE) == (0, 0x20, 0x8000)
    assert int.from_bytes(b"DTV1", "big") == registers.ID_ID_VALUE
    assert registers.ERROR_UNIT.of(0xABC) == 0xA
    assert registers.CTRL_RESET.bit == 1 << 5


def test_c_header_compiles(tmp_path: Path) -> None:
    """As C, with the addresses and bits that the Python map has."""
    program = tmp_path / "check.c"
    program.write_text(
        f"""
        #include <stddef.h>
        #include "{REPO / gen_regs.HEADER}"
        _Static_assert(offsetof(dtv1_regs_t, PROG_LEN) == {int(Reg.PROG_LEN)}, "address");
        _Static_assert(offsetof(dtv1_regs_t, SPM) == {registers.SPM_BASE}, "window");
        _Static_assert(DTV1_REGS__CTRL__RESET_bm == {registers.CTRL_RESET.bit}, "bit");
        """,
        encoding="utf-8",
    )
    subprocess.run(["g++", "-xc", "-std=gnu11", "-Wall", "-Werror", "-fsyntax-only", program], check=True)
