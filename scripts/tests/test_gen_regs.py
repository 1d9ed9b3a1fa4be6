"""What comes from the register description: current, and in agreement with the rest of the project."""

from __future__ import annotations

from enum import IntEnum

import pytest

from reneta.golden import registers
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
