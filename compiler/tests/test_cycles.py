"""The model of cycles: what it must say of programs whose times follow from the contract."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reneta.compiler.cycles import CycleModel, DramTiming, Executed, executed, predict
from reneta.compiler.matrix_program import matrix_program
from reneta.golden.ccm_types import Proc
from reneta.golden.config import load_config
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source
from reneta.golden.machine import Machine

HW = load_config("bf16_pe16")
WORDS = Instruction(
    Proc.EWISE, cnt0=99, lanes=15, a_src=Source.SMEM, b_src=Source.ONE, to_smem=1, dst0_addr=4096
)


def cycles(*program: Instruction, dram: DramTiming | None = None) -> int:
    return predict(HW, (Executed(instruction, ()) for instruction in program), dram)


def test_nothing() -> None:
    assert CycleModel(HW).cycles < 10


def test_independent_instructions_follow_at_once() -> None:
    one, two, three = (cycles(*[WORDS] * count) for count in (1, 2, 3))
    assert two - one == three - two == 100


def test_dependencies_wait() -> None:
    assert cycles(WORDS, replace(WORDS, dep=1)) > cycles(WORDS, WORDS) + 20
    assert cycles(WORDS, replace(WORDS, fence=1)) > cycles(WORDS, WORDS) + 20


def test_slow_dram() -> None:
    move = Instruction(Proc.MOVE, cnt0=199, src0_dram=1, to_smem=1)
    fast, late, slow = (cycles(move, dram=DramTiming(*t)) for t in ((40, 1.0), (140, 1.0), (40, 0.5)))
    assert late - fast == 100
    assert slow - fast == 200


def test_gradients_leave_in_the_shadow() -> None:
    """Of the same accumulators, too: the first step of the next instruction follows them column by column."""
    product = Instruction(Proc.VXV, cnt0=7, cnt1=31, cnt2=9, lanes=15, stride=10, src1_addr=4096, to_dram=1)
    other = replace(product, base=8 * 32, dram_dst=0x10000)
    once, apart, same = (cycles(*program) for program in ((product,), (product, other), (product, product)))
    assert apart - once == pytest.approx(8 * 32 * 10, abs=20)
    assert same - once == pytest.approx(8 * 32 * 10, abs=100)
    short = replace(product, cnt2=0)
    assert cycles(short, short) - cycles(short, replace(other, cnt2=0)) == pytest.approx(0, abs=100)
    assert cycles(product, replace(product, cnt2=0)) - once >= 8 * 32


@pytest.mark.parametrize("proc", [Proc.MXV, Proc.MXV_SP, Proc.MTXV, Proc.MTXV_SP, Proc.VXV, Proc.VXV_SP])
def test_matrix_procedures(proc: Proc) -> None:
    """A little above the limit, and all of what is sent out at the end."""
    program = matrix_program(HW, proc, 64, 64, 0.8, np.random.default_rng(1))
    machine = Machine(HW, len(program.dram))
    machine.dram[:] = program.dram
    machine.run_image(*program.load)
    predicted = predict(HW, executed(machine, *program.run))
    drained = 64 * 4 if proc == Proc.VXV else 0
    assert program.limit + drained < predicted < program.limit + drained + 250


def test_moves_of_descriptors_stand_alone() -> None:
    move = Instruction(Proc.MOVE, spm=1, cnt2=99, src0_dram=1)
    assert cycles(move, move) == pytest.approx(2 * cycles(move), abs=10)
    assert cycles(WORDS, move) > cycles(WORDS) + 100
