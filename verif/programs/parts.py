"""Parts of random instructions: sizes, steps, destinations, and what stands in fields that mean nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from reneta.compiler.hazards import dram_read, dram_written, meet
from reneta.golden.arrays import I64
from reneta.golden.ccm_types import Func, Proc
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source
from reneta.golden.isa import DRAM_READERS, widths
from reneta.verif.programs.space import MisfitError, offsets, place
from reneta.verif.programs.state import State


def rows(s: State, extreme: bool, limit: int) -> tuple[int, int]:
    """Row groups minus one and valid lanes minus one of up to `limit` groups."""
    groups = s.size(min(limit, limit if extreme else s.options.groups))
    return groups - 1, s.one_of((0, s.hw.num_pe - 1, s.below(s.hw.num_pe), s.below(s.hw.num_pe)))


def steps(s: State, count: int) -> tuple[int, int]:
    """First step and stride for `count` steps of sequences."""
    last = s.hw.max_m - count
    step = min(s.one_of((0, 0, s.below(4), s.below(last + 1), last)), last)
    return step, count + s.one_of((0, 0, 1, s.below(5)))


def func(s: State) -> int:
    """A function, none twice as often as each other."""
    return s.one_of((Func.NONE, Func.NONE, Func.RELU, Func.SIGMOID, Func.TANH))


def accumulators(s: State, count: int) -> int:
    """Where `count` accumulators lie: often where others were."""
    last = s.hw.acc_words - count
    if last < 0:
        raise MisfitError("there are not so many accumulators")
    base = s.one_of((0, min(7, last), last, s.below(last + 1)) if s.chance(0.4) else (0, min(7, last)))
    if int(np.count_nonzero(~s.used[base : base + count])) > s.space.accumulators - np.count_nonzero(s.used):
        raise MisfitError("too many accumulators to be stored in the end")
    return base


def matrix(s: State, count: int, from_dram: bool, avoid: Sequence[I64] = ()) -> dict[str, int]:
    """Where a matrix of `count` words is."""
    if not from_dram:
        return {"src0_dram": 0, "src0_addr": place(s.hw, s.rng, np.arange(count), s.space.windows, avoid)}
    width = s.hw.word_bytes
    area = s.space.scratch if s.chance(0.3) else s.space.data
    room = len(area) // width - count
    if room < 0:
        raise MisfitError("no room in DRAM")
    if s.chance(0.2) and s.stored in area and s.stored + count * width <= area.stop:
        return {"src0_dram": 1, "dram_src": s.stored}
    return {"src0_dram": 1, "dram_src": area.start + width * s.one_of((0, room, s.below(room + 1)))}


def store(s: State, count: int) -> dict[str, int]:
    """Where `count` words go in DRAM."""
    width = s.hw.word_bytes
    room = len(s.space.scratch) // width - count
    if room < 0:
        raise MisfitError("no room in DRAM")
    return {"to_dram": 1, "dram_dst": s.space.scratch.start + width * s.one_of((0, room, s.below(room + 1)))}


def gives(
    s: State,
    instruction: Instruction,
    shape: tuple[int, int, int],
    avoid: Sequence[I64],
    none: float = 0.1,
    wide: bool = True,
    seq: bool = True,
    in_place: Sequence[tuple[int, int, int]] = (),
) -> Instruction:
    """The instruction with a destination for its results: SMEM, DRAM, both or none.

    Args:
        s: the program so far.
        instruction: what gives the results.
        shape: row groups, columns and steps of the results in memory.
        avoid: words of SMEM that are not to be written.
        none: share without a destination.
        wide: whether results may be float32.
        seq: whether they may go into a sequence.
        in_place: address, seq and width of operands that may be overwritten, each word by what comes of it.

    Raises:
        MisfitError: there is no room.
    """
    if s.chance(none):
        return instruction
    groups, columns, count = shape
    width = 2 if wide and s.hw.is_fp and s.chance(0.25) else 1
    seq = seq and columns == 1 and s.chance(0.5)
    where = s.one_of((1, 1, 1, 1, 2, 2, 3))
    total = groups * columns * count * width
    found = replace(instruction, wide=width - 1, seq=int(seq and bool(where & 1)))
    if where & 2:
        found = replace(found, note="", **store(s, total))
        if meet(dram_read(found, s.hw), dram_written(found, s.hw)):
            raise MisfitError("operands and results overlap in DRAM")
    if not where & 1:
        return found
    for addr, is_seq, span in in_place:
        if span == width and s.chance(0.4) and (not is_seq or count <= instruction.stride):
            return replace(found, to_smem=1, seq=is_seq, dst0_addr=addr)
    words = offsets(
        groups * (1 if seq else columns), count, int(seq), instruction.step, instruction.stride, width
    )
    windows = s.space.windows if s.chance(0.9) else (s.space.values,)
    return replace(found, to_smem=1, dst0_addr=place(s.hw, s.rng, words, windows, avoid))


# Fields that mean something only in some procedures. What depends on other fields is treated below.
_MEANT: dict[str, tuple[Proc, ...]] = {
    "theta": (Proc.DELTA,),
    "append": (Proc.DELTA,),
    "head_word": (Proc.DELTA,),
    "head_lane": (Proc.DELTA,),
    "list": (Proc.DELTA, Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP, Proc.MOVE),
    "direct": (Proc.DELTA, Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP),
    "scatter": (Proc.MTXV_SP,),
    "act_scale": (Proc.ACC,),
    "neg": (Proc.EWISE,),
    "acc": (Proc.EWISE, Proc.DELTA),
    "cont": (Proc.MXV, Proc.MXV_SP, Proc.EWISE, Proc.DELTA),
    "hold": (Proc.MXV, Proc.MXV_SP, Proc.EWISE, Proc.ACC),
    "a_src": (Proc.EWISE,),
    "b_src": (Proc.EWISE,),
    "c_src": (Proc.EWISE,),
    "a_seq": (Proc.EWISE,),
    "b_seq": (Proc.EWISE,),
    "c_seq": (Proc.EWISE, Proc.DELTA),
    "spm": (Proc.MOVE,),
    "func": (
        Proc.MXV,
        Proc.MTXV,
        Proc.VXV,
        Proc.MXV_SP,
        Proc.MTXV_SP,
        Proc.VXV_SP,
        Proc.EWISE,
        Proc.ACC,
        Proc.DELTA,
    ),
}
_BASE = (Proc.MXV, Proc.MXV_SP, Proc.VXV, Proc.VXV_SP, Proc.ACC)
_FIRST = (Proc.VXV, Proc.VXV_SP, Proc.DELTA)
_SECOND = (Proc.MXV, Proc.MTXV, Proc.VXV, Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP, Proc.DELTA)


def meaningless(instruction: Instruction) -> set[str]:
    """Fields that mean nothing in an instruction, so that anything may stand there."""
    proc = Proc(instruction.proc)
    free = {name for name, procs in _MEANT.items() if proc not in procs}
    reads_dram = instruction.src0_dram and proc in DRAM_READERS
    scatters = proc == Proc.MTXV_SP and instruction.scatter
    ewise = proc == Proc.EWISE
    if proc not in DRAM_READERS:
        free.add("src0_dram")
    if not reads_dram:
        free.add("dram_src")
    if not instruction.to_dram:
        free.add("dram_dst")
    first = proc in _FIRST or scatters or (proc in DRAM_READERS and not reads_dram)
    if not (first or (ewise and instruction.a_src == Source.SMEM)):
        free.add("src0_addr")
    if not (proc in _SECOND or (ewise and instruction.b_src == Source.SMEM)):
        free.add("src1_addr")
    third = proc == Proc.DELTA or (proc.sparse and not instruction.direct)
    if not (third or (ewise and instruction.c_src in (Source.SMEM, Source.WIDE))):
        free.add("src2_addr")
    if not (instruction.to_smem or proc == Proc.DELTA or scatters):
        free |= {"dst0_addr", "seq"}
    if not (proc == Proc.DELTA or scatters):
        free.add("dst1_addr")
    if not (proc in _BASE or (ewise and instruction.acc)):
        free.add("base")
    if proc == Proc.DELTA and instruction.append:
        free |= {"head_word", "head_lane"}
    if proc in (Proc.MOVE, Proc.IDLE):
        free.add("lanes")
    if proc == Proc.IDLE:
        free |= {"cnt0", "cnt1", "cnt2", "step", "stride"}
    if proc == Proc.ACC:
        free.add("cnt2")
    return free


def filled(s: State, instruction: Instruction) -> Instruction:
    """The instruction with anything in the fields that mean nothing; half of the time."""
    if s.chance(0.5):
        return instruction
    bits = widths(s.hw)
    free = meaningless(instruction)
    noise = {name: s.below(1 << bits[name]) for name in sorted(free) if s.chance(0.7)}
    return replace(instruction, note="", **noise)
