"""How many cycles an instruction takes at least: work of the core, and accesses to each bank of SMEM.

An instruction that waits for nothing, in the middle of others, takes as many cycles as its busiest unit has
work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reneta.compiler.hazards import footprint
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.lists import row_groups


class Work(NamedTuple):
    """Cycles of work of an instruction.

    Attributes:
        core: operations of the PE array, and accumulators sent out.
        banks: accesses to the two banks of SMEM.
    """

    core: int
    banks: tuple[int, int]

    @property
    def cycles(self) -> int:
        """What the instruction takes at least."""
        return max(self.core, *self.banks)


def work(instruction: Instruction, fired: Sequence[int], hw: HwConfig) -> Work:
    """The work of an instruction.

    Args:
        instruction: the instruction.
        fired: sparse procedures: entries of the list of each step; DELTA: of the one that it makes.
        hw: configuration.
    """
    groups, columns, steps = instruction.cnt0 + 1, instruction.cnt1 + 1, instruction.cnt2 + 1
    sparse = instruction.proc in list(Proc) and Proc(instruction.proc).sparse
    entries = sum(fired) if sparse else columns * steps
    core = 0 if instruction.proc in (Proc.IDLE, Proc.MOVE) else groups * entries
    if instruction.proc in (Proc.VXV, Proc.VXV_SP) and instruction.gives:
        core += groups * columns
    return Work(core, _accesses(instruction, entries, sum(fired), hw))


def _accesses(instruction: Instruction, entries: int, fired: int, hw: HwConfig) -> tuple[int, int]:
    """Accesses to the banks of SMEM."""
    half = hw.smem_words // 2
    marks = footprint(instruction, hw)
    banks = np.bincount(marks.writes >= half, minlength=2)

    def count(addr: int, times: int) -> None:
        banks[int(addr >= half)] += times

    kind = Proc(instruction.proc).kind
    groups = instruction.cnt0 + 1
    # Of sequences the first word that is read decides; of lists the beginning of their region.
    first = instruction.src1_addr + (0 if Proc(instruction.proc).sparse else instruction.step)
    match kind:
        case Proc.MXV:
            count(first, entries)
        case Proc.MTXV:
            count(instruction.src1_addr + instruction.step, groups * entries)
        case Proc.VXV:
            count(instruction.src0_addr + instruction.step, groups * entries)
            count(first, entries)
        case _:
            banks += np.bincount(marks.reads >= half, minlength=2)
    if Proc(instruction.proc).sparse:
        count(instruction.src2_addr, entries)
    if instruction.scatter:
        # Both gradients are written lane by lane, that of the value as whole words of zeros before.
        count(instruction.src0_addr, entries)
        count(instruction.dst0_addr, entries)
        count(instruction.dst1_addr, entries - row_groups(instruction.cnt1 + 1, hw.num_pe))
    if instruction.proc == Proc.DELTA:
        count(instruction.src0_addr, row_groups(fired, hw.num_pe))
        count(instruction.dst1_addr, row_groups(fired, hw.num_pe))
    return int(banks[0]), int(banks[1])
