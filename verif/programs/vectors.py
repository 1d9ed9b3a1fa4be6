"""Random elementwise work, accumulators, moves, delta encoding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reneta.golden.ccm_types import Func, Proc
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source
from reneta.golden.lists import row_groups
from reneta.verif.programs import data, parts
from reneta.verif.programs.space import MisfitError, offsets, place
from reneta.verif.programs.state import Copy, State


def ewise(s: State) -> Instruction:
    """Elementwise work on operands from anywhere.

    Raises:
        MisfitError: there is no room.
    """
    hw, windows = s.hw, s.space.windows
    extreme = s.chance(s.options.extreme)
    cnt0, lanes = parts.rows(s, extreme, max(min(hw.max_groups, s.options.words, s.left // 2), 1))
    count = s.size(max(min(s.options.steps, s.options.words // (cnt0 + 1)), 1))
    step, stride = parts.steps(s, count)
    third = [Source.ZERO, Source.ONE, Source.SMEM, Source.SMEM, Source.SAME, *[Source.WIDE] * hw.is_fp]
    sources = {
        "a_src": s.one_of((Source.ZERO, Source.ONE, Source.SMEM, Source.SMEM)),
        "b_src": s.one_of((Source.ZERO, Source.ONE, Source.SMEM, Source.SMEM, Source.SAME)),
        "c_src": s.one_of(third),
    }
    flags = {name: s.below(2) for name in ("a_seq", "b_seq", "c_seq", "neg", "hold")}
    one = Instruction(
        Proc.EWISE, cnt0=cnt0, cnt2=count - 1, lanes=lanes, step=step, stride=stride, note="", **flags
    )
    one = replace(one, note="", func=parts.func(s), **sources)
    operands = []
    for name, addr in (("a", "src0_addr"), ("b", "src1_addr"), ("c", "src2_addr")):
        source, seq = getattr(one, f"{name}_src"), getattr(one, f"{name}_seq")
        if source in (Source.SMEM, Source.WIDE):
            width = 2 if source == Source.WIDE else 1
            words = offsets(cnt0 + 1, count, seq, step, stride, width)
            base = place(hw, s.rng, words, windows)
            one = replace(one, note="", **{addr: base})
            operands.append((base, seq, width, base + words))
    if s.chance(0.4):
        one = replace(one, acc=1, base=parts.accumulators(s, (cnt0 + 1) * count))
        one = replace(one, cont=int(one.c_src == Source.ZERO and s.chance(0.6) and not s.overflows(one, 1)))
    places = [operand[:3] for operand in operands]
    reads = [operand[3] for operand in operands]
    none = 0.4 if one.acc else 0.03
    one = parts.gives(s, one, (cnt0 + 1, 1, count), reads, none, in_place=places)
    written = s.reads(one).writes
    for *where, words in operands:
        # Each word may be overwritten by its own result only.
        if where != [one.dst0_addr, one.seq, one.wide + 1] and np.isin(written, words).any():
            raise MisfitError("operands and results overlap")
    return one


def acc(s: State) -> Instruction:
    """Accumulators on their way out.

    Raises:
        MisfitError: there is no room.
    """
    limit = max(min(s.options.words, s.left), 1)
    cnt0, lanes = parts.rows(s, s.chance(s.options.extreme), min(s.hw.max_groups, limit))
    columns = s.size(max(min(s.options.columns, limit // (cnt0 + 1)), 1)) if s.chance(0.6) else 1
    step, stride = parts.steps(s, 1)
    one = Instruction(
        Proc.ACC, cnt0=cnt0, cnt1=columns - 1, lanes=lanes, step=step, stride=stride, func=parts.func(s)
    )
    base = parts.accumulators(s, (cnt0 + 1) * columns)
    one = replace(one, base=base, hold=s.below(2), act_scale=s.below(2))
    return parts.gives(s, one, (cnt0 + 1, columns, 1), [], none=0.1)


def move(s: State) -> Instruction:
    """Words from anywhere to anywhere.

    Raises:
        MisfitError: there is no room.
    """
    limit = max(min(s.options.words, s.left), 1)
    cnt0, _ = parts.rows(s, s.chance(s.options.extreme), min(s.hw.max_groups, limit))
    columns = s.size(max(min(s.options.columns, limit // (cnt0 + 1)), 1)) if s.chance(0.4) else 1
    count = s.size(max(min(s.options.steps, limit // ((cnt0 + 1) * columns)), 1))
    step, stride = parts.steps(s, count)
    sizes = {"cnt0": cnt0, "cnt1": columns - 1, "cnt2": count - 1, "step": step, "stride": stride}
    one = Instruction(Proc.MOVE, note="", **sizes)
    words = (cnt0 + 1) * columns * count
    one = replace(one, note="", **parts.matrix(s, words, s.chance(0.5)))
    return parts.gives(s, one, (cnt0 + 1, columns, count), [s.reads(one).reads], none=0.03, wide=False)


def delta(s: State, direct: bool) -> Instruction:
    """A vector encoded as a list, in the half of the regions that no loaded list is in.

    Args:
        s: the program so far.
        direct: whether the indices are handed over, where there is room for them.

    Raises:
        MisfitError: there is no room.
    """
    hw, space = s.hw, s.space
    extreme = s.chance(max(2 * s.options.extreme, 0.2))
    most = space.longest if extreme else min(space.longest, s.options.columns)
    full = space.longest == hw.max_n and s.chance(0.15)
    size = hw.max_n if full else s.size(most)
    groups = row_groups(size, hw.num_pe)
    which = s.below(2)
    step = min(space.steps[which].start + s.below(len(space.steps[which]) + 3), hw.max_m - 1)
    waiting = [made[:2] for made in s.handed]
    if (which, step) in waiting:
        raise MisfitError("the list waits for its reader")
    direct = direct and sum(made.size for made in s.handed) + size <= hw.max_n
    sizes = {"cnt0": groups - 1, "lanes": (size - 1) % hw.num_pe, "step": step, "stride": 1 + s.below(3)}
    one = Instruction(
        Proc.DELTA,
        list=which,
        direct=int(direct),
        theta=0 if full else data.theta(hw, s.rng),
        note="",
        **sizes,
    )
    one = replace(one, c_seq=s.below(2), func=parts.func(s) if s.chance(0.2) else Func.NONE)
    new = offsets(groups, 1, one.c_seq, step, one.stride)
    state = np.arange(groups)
    one = replace(one, src2_addr=place(hw, s.rng, new, space.windows))
    reads = [one.src2_addr + new]
    one = replace(one, src1_addr=place(hw, s.rng, state, space.windows, reads))
    if s.chance(0.8):
        one = replace(one, dst0_addr=one.src1_addr)
    else:
        others = [*reads, one.src1_addr + state]
        one = replace(one, dst0_addr=place(hw, s.rng, state, space.windows, others))
    reads += [one.src1_addr + state, one.dst0_addr + state]
    # Where a list goes on that this program has not begun, only the program before knows.
    begun = any(d.proc == Proc.DELTA and d.list == which and not d.append for d in s.program)
    append = int(begun and s.chance(0.6))
    head = s.machine.entry(which)
    if not append:
        room = s.below(3)
        one = replace(one, head_word=room, head_lane=s.one_of((0, hw.num_pe - 1, s.below(hw.num_pe))))
        head = room * hw.num_pe + one.head_lane
    words = head // hw.num_pe + np.arange(row_groups(head % hw.num_pe + size, hw.num_pe))
    half = len(space.indices) // 2
    one = replace(one, append=append)
    one = replace(one, src0_addr=place(hw, s.rng, words, (space.indices[half:],), reads))
    reads.append(one.src0_addr + words)
    values = (space.values[half:], *space.windows)
    return replace(one, dst1_addr=place(hw, s.rng, words, values, reads))


def store_lists(s: State) -> Instruction:
    """Descriptors of steps that follow each other, to DRAM.

    Raises:
        MisfitError: there is no room.
    """
    which, step = sorted(s.homes)[s.below(len(s.homes))]
    count = 1
    while (which, step + count) in s.homes and s.chance(0.8):
        count += 1
    words = row_groups(2 * count, s.hw.num_pe)
    one = Instruction(
        Proc.MOVE, spm=1, list=which, step=step, cnt2=count - 1, note="", **parts.store(s, words)
    )
    found = [int(word) for word in s.machine.spm[which, step : step + count]]
    homes = [s.homes[which, step + k] for k in range(count)]
    s.copies.append(Copy(one.dram_dst, found, homes))
    return one


def load_lists(s: State) -> Instruction:
    """Descriptors from DRAM to any steps whose lists wait for no reader.

    Raises:
        MisfitError: they have been overwritten, or their lists wait.
    """
    copy = s.copies[s.below(len(s.copies))]
    unit = max(s.hw.num_pe // 2, 1)
    first = unit * s.below(row_groups(len(copy.words), unit))
    count = min(s.size(len(copy.words) - first), len(copy.words) - first)
    which = s.below(2)
    near = min(s.space.steps[which].start + s.below(6), s.hw.max_m - count)
    step = s.one_of((near, near, s.hw.max_m - count))
    if any(made.list == which and made.step in range(step, step + count) for made in s.handed):
        raise MisfitError("a list waits for its reader")
    address = copy.address + 4 * first
    found = s.machine.dram[address : address + 4 * count].view("<u4")
    if [int(word) for word in found] != copy.words[first : first + count]:
        raise MisfitError("descriptors have been overwritten")
    for k in range(count):
        s.homes[which, step + k] = copy.homes[first + k]
    return Instruction(Proc.MOVE, spm=1, list=which, step=step, cnt2=count - 1, src0_dram=1, dram_src=address)
