"""The assembler: what it accepts, and the one line in which it says what is wrong."""

from __future__ import annotations

import pytest

from reneta.golden import asm
from reneta.golden.ccm_types import Func, Proc
from reneta.golden.config import REPO, load_config
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source

HW = load_config("bf16_pe16")


def test_a_program() -> None:
    text = """
    ; nothing but a comment

    mxv_sp cnt0=0x1f lanes=15 ; M += W ; Δx
    EWISE a_src=smem b_src=SAME c_src=6 func=tanh theta=0x3f80
    PROC13
    """
    program = asm.assemble(text, HW)
    assert program == [
        Instruction(Proc.MXV_SP, cnt0=31, lanes=15),
        Instruction(Proc.EWISE, a_src=Source.SMEM, b_src=Source.SAME, c_src=6, func=Func.TANH, theta=0x3F80),
        Instruction(13),
    ]
    assert [instruction.note for instruction in program] == ["M += W ; Δx", "", ""]
    assert asm.listing(program).splitlines() == [
        "MXV_SP cnt0=31 lanes=15 ; M += W ; Δx",
        "EWISE func=TANH a_src=SMEM b_src=SAME c_src=6 theta=0x3f80",
        "PROC13",
    ]
    assert asm.assemble(asm.listing(program), HW) == program


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("MXW cnt0=1", "unknown mnemonic 'MXW'; known: IDLE, MXV, "),
        ("PROC16", "unknown mnemonic 'PROC16'"),
        ("PROC", "unknown mnemonic 'PROC'"),
        ("cnt0=1", "unknown mnemonic 'cnt0=1'"),
        ("MXV count=1", "unknown field 'count'"),
        ("MXV proc=1", "unknown field 'proc'"),
        ("MXV note=1", "unknown field 'note'"),
        ("MXV cnt0", "expected field=value, not 'cnt0'"),
        ("MXV cnt0 = 1", "expected field=value, not 'cnt0'"),
        ("MXV cnt0=", "cnt0: '' is not a number"),
        ("MXV cnt0=ten", "cnt0: 'ten' is not a number"),
        ("MXV cnt0=1 cnt0=1", "field 'cnt0' is given twice"),
        ("MXV cnt0=256", "cnt0=256 is not within 0 to 255"),
        ("MXV lanes=16", "lanes=16 is not within 0 to 15"),
        ("MXV base=-1", "base=-1 is not within 0 to 4095"),
        ("MXV func=RELUX", "func: 'RELUX' is not a number, nor one of NONE, RELU, SIGMOID, TANH"),
        ("MXV a_src=8", "a_src=8 is not within 0 to 7"),
    ],
)
def test_errors(line: str, says: str) -> None:
    with pytest.raises(asm.AsmError) as error:
        asm.assemble(f"IDLE\n\n{line} ; why\n", HW)
    assert str(error.value).startswith(f"line 3: {says}")
    assert (error.value.line, len(str(error.value).splitlines())) == (3, 1)


def test_example_of_the_page() -> None:
    page = (REPO / "docs" / "isa.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith(("    MXV_SP", "    ACC"))]
    program = asm.assemble("\n".join(lines), HW)
    assert [instruction.note for instruction in program] == ["M += Wx Δx", "i, f, o = σ(M)"]
    assert asm.listing(program).split() == " ".join(lines).split()
