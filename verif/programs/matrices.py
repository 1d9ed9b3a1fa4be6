"""Random matrix procedures, dense and sparse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reneta.golden.ccm_types import Proc
from reneta.golden.instruction import Instruction
from reneta.golden.lists import row_groups
from reneta.verif.programs import parts
from reneta.verif.programs.space import MisfitError, offsets, place
from reneta.verif.programs.state import State

DENSE = (Proc.MXV, Proc.MTXV, Proc.VXV)
SPARSE = (Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP)


def dense(s: State, proc: Proc) -> Instruction:
    """A dense procedure of any size that fits.

    Raises:
        MisfitError: there is no room.
    """
    extreme = s.chance(s.options.extreme)
    limit = s.left // 2 if extreme else min(s.options.words, s.left)
    cnt0, lanes = parts.rows(s, extreme, min(s.hw.max_groups, limit))
    most = s.space.longest if extreme else min(s.space.longest, s.options.columns)
    columns = s.size(max(min(most, limit // (cnt0 + 1)), 1))
    count = s.size(max(min(s.options.steps, limit // ((cnt0 + 1) * columns)), 1))
    step, stride = parts.steps(s, count)
    one = Instruction(
        proc,
        func=parts.func(s),
        **{
            "cnt0": cnt0,
            "cnt1": columns - 1,
            "cnt2": count - 1,
            "lanes": lanes,
            "step": step,
            "stride": stride,
        },
        note="",
    )
    across = row_groups(columns, s.hw.num_pe)
    elements = offsets(across, count, 1, step, stride)
    vector = offsets(cnt0 + 1, count, 1, step, stride)
    if proc == Proc.VXV:
        one = replace(one, src0_addr=place(s.hw, s.rng, vector, s.space.windows))
        one = replace(one, src1_addr=place(s.hw, s.rng, elements, s.space.windows))
        return _held(s, one, columns * count)
    second = vector if proc == Proc.MTXV else elements
    one = replace(one, src1_addr=place(s.hw, s.rng, second, s.space.windows))
    one = replace(one, note="", **parts.matrix(s, (cnt0 + 1) * columns, s.chance(0.6)))
    if proc == Proc.MXV:
        return _held(s, one, columns * count)
    return parts.gives(s, one, (across, 1, count), [s.reads(one).reads], none=0.03, wide=False)


def sparse(s: State, proc: Proc, handed: bool) -> Instruction:
    """A sparse procedure on lists that are there.

    Args:
        s: the program so far.
        proc: procedure.
        handed: whether it takes the indices that a DELTA hands over; then there have to be such.

    Raises:
        MisfitError: there is no room, or what is there are no lists.
    """
    extreme = s.chance(s.options.extreme)
    limit = s.left if extreme else min(s.options.words, s.left)
    one = _lists(s, proc, handed)
    indices = s.list_indices(one)
    taken = sum(map(len, indices))
    need = max(1, *(int(found.max(initial=-1)) + 1 for found in indices), *map(len, indices))
    if need > s.hw.max_n:
        del s.homes[one.list, one.step]
        raise MisfitError("indices have been overwritten")
    columns = s.one_of((need, min(need + s.below(5), s.hw.max_n), s.hw.max_n if extreme else need))
    work = max(columns if proc == Proc.VXV_SP else taken, 1)
    cnt0, lanes = parts.rows(s, extreme, max(min(s.hw.max_groups, limit // work), 1))
    stride = one.cnt2 + 1 + s.one_of((0, 0, 1, s.below(5)))
    one = replace(one, cnt0=cnt0, lanes=lanes, cnt1=columns - 1, stride=stride, func=parts.func(s))
    vector = offsets(cnt0 + 1, one.cnt2 + 1, 1, one.step, stride)
    if proc == Proc.MTXV_SP:
        one = replace(one, src1_addr=place(s.hw, s.rng, vector, s.space.windows))
    else:
        regions = (s.space.values, s.space.values, *s.space.windows)
        one = replace(one, src1_addr=place(s.hw, s.rng, s.entry_words(one), regions))
    if proc == Proc.VXV_SP:
        return _held(s, replace(one, src0_addr=place(s.hw, s.rng, vector, s.space.windows)), taken)
    one = replace(one, note="", **parts.matrix(s, (cnt0 + 1) * columns, s.chance(0.7)))
    if proc == Proc.MXV_SP:
        return _held(s, one, taken)
    if one.src0_dram and one.cnt2 == 0 and s.chance(0.5):
        return _scatter(s, one)
    words = max(row_groups(taken, s.hw.num_pe), 1)
    return parts.gives(s, one, (words, 1, 1), [s.reads(one).reads], 0.03, wide=False, seq=False)


def _lists(s: State, proc: Proc, handed: bool) -> Instruction:
    """The instruction's lists: any that are there, or those handed over."""
    if handed:
        first = s.handed[0]
        run = [made for k, made in enumerate(s.handed) if made[:2] == (first.list, first.step + k)]
        count = min(s.size(len(run)), len(run))
        return Instruction(proc, list=first.list, step=first.step, cnt2=count - 1, direct=1)
    if not s.homes:
        raise MisfitError("there are no lists")
    there = sorted(s.homes)
    full = [one for one in there if s.machine.descriptor(*one).count == s.hw.max_n]
    which, step = full[s.below(len(full))] if full and s.chance(0.15) else there[s.below(len(there))]
    home, count = s.homes[which, step], 1
    while count < s.options.steps and s.homes.get((which, step + count)) == home and s.chance(0.7):
        count += 1
    return Instruction(proc, list=which, step=step, cnt2=count - 1, src2_addr=home)


def _held(s: State, one: Instruction, products: int) -> Instruction:
    """With accumulators, and a destination for results."""
    groups, columns, count = one.cnt0 + 1, one.cnt1 + 1, one.cnt2 + 1
    outer = Proc(one.proc).kind == Proc.VXV
    one = replace(one, base=parts.accumulators(s, groups * columns if outer else groups))
    if outer:
        if s.overflows(one, count):
            # Take out what is held there instead.
            return Instruction(Proc.ACC, cnt0=one.cnt0, cnt1=one.cnt1, lanes=one.lanes, base=one.base)
        return parts.gives(s, one, (groups, columns, 1), [s.reads(one).reads], none=0.35)
    cont = int(s.chance(0.4) and not s.overflows(one, products))
    one = replace(one, cont=cont, hold=s.below(2))
    return parts.gives(s, one, (groups, 1, count), [s.reads(one).reads], none=0.35)


def _scatter(s: State, one: Instruction) -> Instruction:
    """Gradients of a value, whose old elements are zeroed, and of its encoder's state."""
    across = np.arange(row_groups(one.cnt1 + 1, s.hw.num_pe))
    windows = s.space.windows
    one = replace(one, scatter=1, to_smem=s.below(2), src0_addr=place(s.hw, s.rng, across, windows))
    (indices,) = s.list_indices(one)
    reads = s.reads(one).reads
    if len(np.unique(indices)) == len(indices) and s.chance(0.6):
        # In place, as a layer does it: each element is read before it is written.
        others = reads[~np.isin(reads, one.src0_addr + across)]
        if len(others) < len(s.reads(replace(one, scatter=0)).reads):
            raise MisfitError("the state gradient is also read as something else")
        state = one.src0_addr
    else:
        state = place(s.hw, s.rng, across, windows, [reads])
    value = place(s.hw, s.rng, across, windows, [reads, state + across])
    return replace(one, dst1_addr=state, dst0_addr=value)
