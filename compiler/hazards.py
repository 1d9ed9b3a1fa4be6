"""What instructions read and write, and from it which one has to wait for which.

The machine's units run ahead: an instruction may read SMEM and descriptors long before the one in front of
it has written its results. `Instruction.dep` makes it wait. Writing what an earlier instruction still has to
read, or writing the same twice, needs no care: results leave in the order of the program, and each only after
all operands of the instructions before it have been taken.

DRAM is read ahead, too, even before what `Instruction.dep` names has ended. There only a fence helps: the
instruction begins when all before it has ended and is in DRAM. A MOVE of descriptors is a fence for itself
and for what follows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from reneta.golden import opm_arrays
from reneta.golden.arrays import I64
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import IpmCfg, Side, Source
from reneta.golden.isa import DRAM_READERS
from reneta.golden.lists import row_groups
from reneta.golden.opm_types import OpmCfg, OpmMode

MAX_DEP = 7
"""The largest distance that an instruction can name; it stands for anything farther away, too."""


class Footprint(NamedTuple):
    """Words of SMEM, and steps of the two lists as list * MAX_M + step.

    Of a list the descriptor counts: nobody uses its entries without that.
    """

    reads: I64
    writes: I64
    lists_read: I64
    lists_written: I64


def footprint(instruction: Instruction, hw: HwConfig) -> Footprint:
    """What an instruction reads and writes."""
    ipm, _, opm = instruction.units(hw)
    lists = ipm.list * hw.max_m + np.arange(ipm.step, ipm.step + ipm.cnt2 + 1)
    sparse = ipm.proc in list(Proc) and Proc(ipm.proc).sparse
    nothing = np.empty(0, np.int64)
    if instruction.moves_descriptors:
        moved = (nothing, lists) if instruction.src0_dram else (lists, nothing)
        return Footprint(nothing, nothing, *moved)
    return Footprint(
        _joined(_reads(ipm, hw)),
        _joined(_writes(opm, hw)),
        lists if sparse else nothing,
        np.array([opm.list * hw.max_m + opm.step]) if opm.mode == OpmMode.ENCODE else nothing,
    )


def with_deps(
    program: Iterable[Instruction], hw: HwConfig, marks: Sequence[Footprint] | None = None
) -> list[Instruction]:
    """The program with all that makes its instructions wait for each other.

    Sets `dep` of each instruction to the distance of the last one that it depends on, and `fence` where it
    reads from DRAM what an earlier one writes there. Fences that are there already are kept. No distance
    reaches over a fence or a MOVE of descriptors.

    Args:
        program: the instructions.
        hw: configuration.
        marks: what each instruction reads and writes, where more is known than `footprint` says: the words of
            list entries, in a program in which others use them than those who use the descriptor.
    """
    # Number of the instruction that wrote a word or a list last; -1: none that could be waited for.
    words, lists = np.full(hw.smem_words, -1), np.full(2 * hw.max_m, -1)
    written: list[range] = []
    done = []
    for number, instruction in enumerate(program):
        mark, read = marks[number] if marks else footprint(instruction, hw), dram_read(instruction, hw)
        apart = instruction.moves_descriptors
        fence = instruction.fence or (not apart and any(meet(read, area) for area in written))
        if fence or apart:
            words[:] = lists[:] = -1
            written.clear()
        last = int(np.concatenate([words[mark.reads], lists[mark.lists_read]]).max(initial=-1))
        distance = min(number - last, MAX_DEP) if last >= 0 else 0
        done.append(replace(instruction, dep=distance, fence=int(fence)))
        if apart:
            continue
        words[mark.writes] = lists[mark.lists_written] = number
        if instruction.to_dram:
            written.append(dram_written(instruction, hw))
    return done


def meet(one: range, other: range) -> bool:
    """Whether two areas of DRAM have a byte in common."""
    return one.start < other.stop and other.start < one.stop


def _joined(parts: list[I64]) -> I64:
    return np.concatenate([np.empty(0, np.int64), *(part.reshape(-1) for part in parts)])


def _vector(base: int, cfg: IpmCfg, groups: int) -> I64:
    """Words of a sequence's vectors at all steps of an instruction."""
    steps = cfg.step + np.arange(cfg.cnt2 + 1)
    return np.asarray(base + np.arange(groups)[:, None] * cfg.stride + steps)


def _every(cfg: IpmCfg) -> I64:
    """Numbers of all words of operands."""
    return np.arange((cfg.cnt0 + 1) * (cfg.cnt1 + 1) * (cfg.cnt2 + 1))


def _reads(cfg: IpmCfg, hw: HwConfig) -> list[I64]:
    groups = cfg.cnt0 + 1
    across = row_groups(cfg.cnt1 + 1, hw.num_pe)
    reads: list[I64] = []
    match cfg.proc:
        case Proc.EWISE:
            for source, base, seq in (
                (cfg.a_src, cfg.src0_addr, cfg.a_seq),
                (cfg.b_src, cfg.src1_addr, cfg.b_seq),
                (cfg.c_src, cfg.src2_addr, cfg.c_seq),
            ):
                place = _vector(0, cfg, groups) if seq else _every(cfg)
                if source == Source.SMEM:
                    reads.append(base + place)
                elif source == Source.WIDE:
                    reads += [base + 2 * place, base + 2 * place + 1]
        case Proc.MXV | Proc.MXV_SP | Proc.MTXV | Proc.MTXV_SP:
            if not cfg.src0_dram:
                reads.append(cfg.src0_addr + np.arange(groups * (cfg.cnt1 + 1)))
            if cfg.proc == Proc.MXV:
                reads.append(_vector(cfg.src1_addr, cfg, across))
            elif cfg.proc != Proc.MXV_SP:
                reads.append(_vector(cfg.src1_addr, cfg, groups))
            if cfg.side == Side.LIST:
                reads.append(cfg.src0_addr + np.arange(across))
        case Proc.VXV | Proc.VXV_SP:
            reads.append(_vector(cfg.src0_addr, cfg, groups))
            if cfg.proc == Proc.VXV:
                reads.append(_vector(cfg.src1_addr, cfg, across))
        case Proc.MOVE if not cfg.src0_dram:
            reads.append(cfg.src0_addr + _every(cfg))
    return reads


def _writes(cfg: OpmCfg, hw: HwConfig) -> list[I64]:
    groups = np.arange(cfg.cnt0 + 1)
    match cfg.mode:
        case OpmMode.ENCODE:
            return [cfg.dst_addr + groups]
        case OpmMode.SCATTER:
            return [cfg.dst_addr + groups, cfg.dst1_addr + groups]
        case _ if not cfg.to_smem:
            return []
        case OpmMode.SUMS:
            across = row_groups(cfg.cnt1 + 1, hw.num_pe)
            return [opm_arrays.word_addresses(cfg, across * (cfg.cnt2 + 1), across)]
    count = len(groups) * (cfg.cnt1 + 1) * (cfg.cnt2 + 1)
    return [opm_arrays.word_addresses(cfg, count, len(groups), cfg.wide + 1)]


def dram_read(instruction: Instruction, hw: HwConfig) -> range:
    """Bytes of DRAM that an instruction reads at most."""
    if not instruction.src0_dram or instruction.proc not in DRAM_READERS:
        return range(0)
    steps = instruction.cnt2 + 1 if instruction.proc == Proc.MOVE else 1
    count = (instruction.cnt0 + 1) * (instruction.cnt1 + 1) * steps
    if instruction.moves_descriptors:
        count = _descriptor_words(instruction, hw)
    return range(instruction.dram_src, instruction.dram_src + hw.word_bytes * count)


def dram_written(instruction: Instruction, hw: HwConfig) -> range:
    """Bytes of DRAM that an instruction writes at most."""
    if not instruction.to_dram:
        return range(0)
    cfg = instruction.units(hw).opm
    count = (cfg.cnt0 + 1) * (cfg.cnt1 + 1) * (cfg.cnt2 + 1) * (cfg.wide + 1)
    if instruction.moves_descriptors:
        count = _descriptor_words(instruction, hw)
    return range(instruction.dram_dst, instruction.dram_dst + hw.word_bytes * count)


def _descriptor_words(instruction: Instruction, hw: HwConfig) -> int:
    """Words of DRAM that a MOVE of descriptors takes."""
    return row_groups(2 * (instruction.cnt2 + 1), hw.num_pe)
