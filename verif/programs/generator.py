"""Random programs that run without an error: `generate`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from reneta.compiler.hazards import MAX_DEP, with_deps
from reneta.golden import isa
from reneta.golden.arrays import U8
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.lists import Descriptor, pack_lists, row_groups
from reneta.golden.machine import Machine
from reneta.golden.matrix import NonzeroList
from reneta.verif.programs import data, parts
from reneta.verif.programs.features import features
from reneta.verif.programs.matrices import DENSE, SPARSE, dense, sparse
from reneta.verif.programs.options import SMALL, Options
from reneta.verif.programs.space import MisfitError, Space, make_space
from reneta.verif.programs.state import Copy, Recorder, State
from reneta.verif.programs.vectors import acc, delta, ewise, load_lists, move, store_lists

_TRIES = 200


@dataclass(frozen=True)
class Program:
    """A program with all that it needs in DRAM.

    It runs without an error from any contents of SMEM on, and behind other such programs.

    Attributes:
        hw: configuration.
        dram: contents of DRAM from address 0 on, the program among them: uint8[bytes].
        instructions: the program.
        address: of its first instruction, in bytes.
        space: where it has its data.
        loads: instructions at its beginning that load memories.
        features: what it has of features.EVERY.
        work: cycles that it takes, about.
    """

    hw: HwConfig
    dram: U8
    instructions: tuple[Instruction, ...]
    address: int
    space: Space
    loads: int
    features: frozenset[str]
    work: int

    def run(self) -> Machine:
        """The golden machine after the program: what DRAM has to hold then, and all other memories."""
        machine = Machine(self.hw, len(self.dram))
        machine.dram[:] = self.dram
        machine.run_image(self.address, len(self.instructions))
        return machine


def generate(hw: HwConfig, rng: np.random.Generator, options: Options = SMALL) -> Program:
    """Draw a program.

    It loads all of SMEM and of the descriptor memory that it reads from DRAM first, and, if the options say
    so, stores all that it wrote there and in the accumulators in the end, so that DRAM shows everything.

    Args:
        hw: configuration.
        rng: where all is drawn from.
        options: how long and how large it is.

    Raises:
        MisfitError: the configuration's memories are too small for the options.
    """
    for _ in range(20):
        try:
            state = _begin(hw, rng, options)
        except MisfitError:
            continue
        _middle(state)
        if _drain(state):
            break
    else:
        raise MisfitError(f"{hw.name} is too small for such programs")
    if options.epilogue:
        for instruction in _stores(state):
            state.add(instruction)
    return _finished(state)


def _finished(s: State) -> Program:
    waiting = _eager(s, with_deps(s.program, s.hw, s.marks))
    dram, space = s.dram, s.space
    image = isa.image(waiting, s.hw)
    if space.program + len(image) > space.program_end:
        raise MisfitError("no room for so many instructions")
    dram[space.program : space.program + len(image)] = image
    found = features(s, waiting)
    return Program(s.hw, dram, tuple(waiting), space.program, space, s.loads, found, s.work)


def _begin(hw: HwConfig, rng: np.random.Generator, options: Options) -> State:
    """A program that loads the memories."""
    space = make_space(hw, rng, options)
    words = data.words(hw, rng, -(-space.dram_bytes // hw.word_bytes), options.wild)
    dram = words.reshape(-1).view(np.uint8)[: space.dram_bytes].copy()
    first, copies, entries = _lists(hw, rng, space, dram)
    s = State(hw, rng, options, space, Recorder(hw, dram), dram, copies=copies)
    loads: list[Callable[[], Iterable[Instruction]]] = [
        partial(_load, s, window)
        for window in (*space.windows, range(space.indices.start + entries, space.indices.stop), space.values)
    ]
    loads.append(lambda: [_mover(s, first, range(space.indices.start, space.indices.start + entries), True)])
    loads += [partial(_load_table, s, which) for which in (0, 1)]
    for k in rng.permutation(len(loads)):
        for instruction in loads[k]():
            s.add(parts.filled(s, instruction))
    s.work, s.loads = 0, len(s.program)
    return s


def _lists(hw: HwConfig, rng: np.random.Generator, space: Space, dram: U8) -> tuple[int, list[Copy], int]:
    """Put lists into DRAM: entries, and the descriptors of either list.

    Returns:
        Byte address of the entries, the descriptors, and how many words the entries take.
    """
    half = len(space.indices) // 2
    room = int(rng.integers(min(space.indices.start, 4) + 1))
    start = room * hw.num_pe + int(rng.integers(hw.num_pe))
    free = half * hw.num_pe - start % hw.num_pe
    found = []
    for number in range(sum(map(len, space.steps))):
        wanted = int(rng.choice([0, 1, space.longest, *rng.integers(0, 20, 4)]))
        if number == 0 and rng.random() < 0.5:
            # Later ones find no room for so many.
            wanted = space.longest
        size = min(wanted, free, space.longest)
        free -= size
        indices = rng.permutation(space.longest)[:size].astype(np.uint16)
        if rng.random() < 0.8:
            indices = np.sort(indices)
        found.append(NonzeroList(indices, indices))
    packed = pack_lists([found[k] for k in rng.permutation(len(found))], hw, start=start)
    words = packed.indices[room:]
    if not len(words):
        words = np.zeros((1, hw.num_pe), np.uint16)
    at = space.data.stop - len(words) * hw.word_bytes
    dram[at : at + words.size * 2] = words.reshape(-1).view(np.uint8)
    copies, table, home = [], at, space.indices.start - room
    descriptors: Iterator[Descriptor] = iter(packed.descriptors)
    for steps in space.steps:
        codes = [next(descriptors).encode(hw) for _ in steps]
        table -= row_groups(2 * len(codes), hw.num_pe) * hw.word_bytes
        dram[table : table + 4 * len(codes)] = np.array(codes, "<u4").view(np.uint8)
        copies.append(Copy(table, codes, [home] * len(codes)))
    return at, copies, len(words)


def _load_table(s: State, which: int) -> list[Instruction]:
    """Descriptors of one list as they stand in DRAM."""
    copy, steps = s.copies[which], s.space.steps[which]
    s.homes |= {(which, step): home for step, home in zip(steps, copy.homes, strict=True)}
    load = Instruction(Proc.MOVE, spm=1, list=which, src0_dram=1, dram_src=copy.address)
    return [replace(load, step=steps.start, cnt2=len(steps) - 1)]


def _load(s: State, window: range) -> list[Instruction]:
    """MOVEs of data into a window."""
    width = s.hw.word_bytes
    room = len(s.space.data) // width - len(window)
    first = s.space.data.start + width * s.below(room + 1)
    return [_mover(s, first + width * (part.start - window.start), part, True) for part in _cut(s.hw, window)]


def _cut(hw: HwConfig, words: range) -> list[range]:
    """Words in parts that one loop of a MOVE can count."""
    most = 1 << hw.cnt_w
    return [range(first, min(first + most, words.stop)) for first in range(words.start, words.stop, most)]


def _mover(s: State, address: int, words: range, to_smem: bool) -> Instruction:
    """The instruction that moves words of SMEM from or to a byte address of DRAM."""
    count = len(words)
    columns = s.one_of([1, *(n for n in (2, 3, 5) if count % n == 0)])
    one = Instruction(Proc.MOVE, cnt0=count // columns - 1, cnt1=columns - 1)
    if to_smem:
        return replace(one, src0_dram=1, dram_src=address, to_smem=1, dst0_addr=words.start)
    return replace(one, src0_addr=words.start, to_dram=1, dram_dst=address)


def _middle(s: State) -> None:
    """Draw what the program is about."""
    for _ in range(s.options.instructions):
        if s.work >= s.options.work:
            return
        for _ in range(_TRIES):
            try:
                one = parts.filled(s, _draw(s))
                break
            except MisfitError:
                continue
        else:
            one = Instruction(Proc.IDLE)
        s.add(replace(one, pause=int(s.chance(s.options.pause)), fence=int(s.chance(s.options.fence))))


def _draw(s: State) -> Instruction:
    if s.handed and s.chance(0.5):
        return sparse(s, Proc(s.one_of(SPARSE)), handed=True)
    match s.below(20):
        case 0 | 1 | 2 | 3:
            return dense(s, Proc(s.one_of(DENSE)))
        case 4 | 5 | 6 | 7 | 8:
            return sparse(s, Proc(s.one_of(SPARSE)), handed=False)
        case 9 | 10 | 11 | 12:
            return ewise(s)
        case 13 | 14:
            return move(s)
        case 15:
            return acc(s)
        case 16 | 17:
            return delta(s, direct=s.chance(0.5))
        case 18:
            return load_lists(s) if s.chance(0.6) else store_lists(s)
    return Instruction(Proc.IDLE)


def _drain(s: State) -> bool:
    """Let all indices that are handed over be read; whether that was possible."""
    for _ in range(_TRIES):
        if not s.handed:
            return True
        try:
            s.add(sparse(s, Proc(s.one_of(SPARSE)), handed=True))
        except MisfitError:
            continue
    return False


def _stores(s: State) -> Iterator[Instruction]:
    """Instructions that store everything behind each other."""
    hw, address = s.hw, s.space.tail.start
    for window in s.space.loaded:
        for part in _cut(hw, window):
            yield _mover(s, address, part, to_smem=False)
            address += len(part) * hw.word_bytes
    for part in _runs(s.used):
        for words in _cut(hw, part):
            wide = int(hw.is_fp)
            one = Instruction(Proc.ACC, cnt0=len(words) - 1, lanes=hw.num_pe - 1, base=words.start, wide=wide)
            yield replace(one, to_dram=1, dram_dst=address)
            address += (1 + wide) * len(words) * hw.word_bytes
    for which in (0, 1):
        for steps in _runs(s.defined[which * hw.max_m : (which + 1) * hw.max_m]):
            one = Instruction(Proc.MOVE, spm=1, list=which, step=steps.start, cnt2=len(steps) - 1)
            yield replace(one, to_dram=1, dram_dst=address)
            address += row_groups(2 * len(steps), hw.num_pe) * hw.word_bytes


def _runs(marks: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[range]:
    """Places that are marked, those that follow each other together."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(np.int8)))
    return [range(int(first), int(end)) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def _eager(s: State, program: list[Instruction]) -> list[Instruction]:
    """The program with instructions that wait for others than they have to, in front of those."""
    done, since = [], 0
    for instruction in program:
        since = 0 if instruction.fence or instruction.moves_descriptors else since
        most = min(instruction.dep or since, MAX_DEP)
        wait = bool(most) and not instruction.moves_descriptors and s.chance(s.options.eager)
        done.append(replace(instruction, dep=1 + s.below(most)) if wait else instruction)
        since += not instruction.moves_descriptors
    return done
