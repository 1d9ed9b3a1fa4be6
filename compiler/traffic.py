"""What an instruction takes: words that enter the PE array, words of DRAM, entries of lists."""

from __future__ import annotations

from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.isa import DRAM_READERS
from reneta.golden.isa_types import INSN_BYTES
from reneta.golden.lists import row_groups
from reneta.golden.machine import Machine


def list_counts(machine: Machine, instruction: Instruction) -> tuple[int, ...]:
    """Lengths of the lists that an instruction has read or made, one for each step; else none.

    Args:
        machine: the golden machine behind the instruction.
        instruction: one without an error.
    """
    steps = range(0)
    if Proc(instruction.proc).sparse:
        steps = range(instruction.step, instruction.step + instruction.cnt2 + 1)
    elif instruction.proc == Proc.DELTA:
        steps = range(instruction.step, instruction.step + 1)
    return tuple(machine.descriptor(instruction.list, step).count for step in steps)


def operand_words(one: Instruction, entries: int) -> int:
    """Operand words of an instruction; `entries` of the lists that it takes."""
    groups, columns, steps = one.cnt0 + 1, one.cnt1 + 1, one.cnt2 + 1
    match Proc(one.proc):
        case Proc.MXV | Proc.MTXV | Proc.VXV:
            return groups * columns * steps
        case Proc.MXV_SP | Proc.MTXV_SP | Proc.VXV_SP:
            return groups * entries
        case Proc.EWISE:
            return groups * steps
        case Proc.DELTA:
            return groups
    return 0


def dram_words_read(one: Instruction, entries: int, hw: HwConfig) -> int:
    """Words that an instruction reads from DRAM; `entries` of the lists that it takes."""
    if not one.src0_dram or one.proc not in DRAM_READERS:
        return 0
    if one.moves_descriptors:
        return row_groups(2 * (one.cnt2 + 1), hw.num_pe)
    if one.proc == Proc.MOVE:
        return (one.cnt0 + 1) * (one.cnt1 + 1) * (one.cnt2 + 1)
    return operand_words(one, entries)


def program_bytes(address: int, length: int, hw: HwConfig) -> range:
    """Bytes of the words of DRAM in which a program of `length` instructions lies."""
    end = address + INSN_BYTES * length
    return range(address // hw.word_bytes * hw.word_bytes, -(-end // hw.word_bytes) * hw.word_bytes)
