"""Where a random program has its data: windows of SMEM, areas of DRAM, steps of lists, accumulators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reneta.golden.arrays import I64
from reneta.golden.config import HwConfig
from reneta.golden.isa_types import INSN_BYTES
from reneta.golden.lists import row_groups
from reneta.verif.programs.options import Options


class MisfitError(Exception):
    """There is no room: something else has to be drawn."""


@dataclass(frozen=True)
class Space:
    """Where things are.

    Attributes:
        longest: largest vector of the program, in elements.
        windows: words of SMEM for operands and results; all are loaded first.
        indices: words for list indices, those that are loaded first, then those that are encoded.
        values: words for list values, likewise.
        steps: steps whose descriptors are loaded at first, of each list.
        accumulators: words of accumulators that the program may use.
        data: bytes of DRAM that are only read.
        scratch: bytes of DRAM that the program reads and writes.
        program: byte address of the first instruction.
        program_end: end of the room for instructions.
        tail: bytes for what the program stores at its end.
        dram_bytes: size of the DRAM.
    """

    longest: int
    windows: tuple[range, ...]
    indices: range
    values: range
    steps: tuple[range, range]
    accumulators: int
    data: range
    scratch: range
    program: int
    program_end: int
    tail: range
    dram_bytes: int

    @property
    def loaded(self) -> tuple[range, ...]:
        """All words of SMEM that the program uses."""
        return (*self.windows, self.indices, self.values)


def make_space(hw: HwConfig, rng: np.random.Generator, options: Options) -> Space:
    """Draw a layout.

    Raises:
        MisfitError: the configuration's memories are too small.
    """
    tall = rng.random() < options.tall
    longest = hw.max_n if tall else min(hw.max_n, max(options.columns, 2 * hw.num_pe))
    vector = row_groups(longest, hw.num_pe)
    operands = max(40, 2 * vector + vector // 2, options.words // 2)
    lists = 2 * vector + 8
    windows = _windows(hw, rng, (operands, operands, lists, lists))
    steps = tuple(_steps(hw, rng) for _ in range(2))
    width = hw.word_bytes
    matrix = max(2 * options.words, 2 * vector, hw.max_n if tall else 0, hw.max_groups) + 2 * (
        operands + lists
    )
    accumulators = min(hw.acc_words, max(4 * options.words, 2 * hw.max_groups))
    program_bytes = INSN_BYTES * (3 * options.instructions + 100)
    sizes = {
        "data": matrix * width,
        "scratch": (2 * options.words + 4 * operands) * width,
        "program": program_bytes,
        "tail": (4 * operands + 4 * lists + 2 * accumulators + hw.max_m) * width,
    }
    places, end = {}, 0
    for name in rng.permutation(sorted(sizes)):
        # Programs begin at multiples of an instruction, words at multiples of a word.
        place = end + int(rng.integers(4)) * width
        unit = max(INSN_BYTES, width)
        place = -(-place // unit) * unit if name == "program" else place
        places[str(name)] = range(place, place + sizes[name])
        end = -(-places[str(name)].stop // width) * width
    return Space(
        longest=longest,
        windows=tuple(windows[:2]),
        indices=windows[2],
        values=windows[3],
        steps=(steps[0], steps[1]),
        accumulators=accumulators,
        data=places["data"],
        scratch=places["scratch"],
        program=places["program"].start,
        program_end=places["program"].stop,
        tail=places["tail"],
        dram_bytes=-(-end // INSN_BYTES) * INSN_BYTES,
    )


def _windows(hw: HwConfig, rng: np.random.Generator, sizes: Sequence[int]) -> list[range]:
    """Windows anywhere, also at both ends of SMEM and over the border of its banks."""
    for _ in range(100):
        windows: list[range] = []
        for size in rng.permutation(sizes):
            last = hw.smem_words - int(size)
            if last < 0:
                break
            middle = max(hw.smem_words // 2 - int(size) // 2, 0)
            start = int(rng.choice([0, min(middle, last), last, *rng.integers(0, last + 1, 3)]))
            window = range(start, start + int(size))
            if any(window.start < other.stop and other.start < window.stop for other in windows):
                break
            windows.append(window)
        if len(windows) == len(sizes):
            # The sizes are of two kinds: give each its kind.
            return sorted(windows, key=len, reverse=sizes[0] > sizes[-1])
    raise MisfitError("SMEM is too small for a program")


def _steps(hw: HwConfig, rng: np.random.Generator) -> range:
    """Steps whose descriptors are loaded: some, often the first or the last ones."""
    count = min(int(rng.integers(2, 9)), hw.max_m)
    start = int(rng.choice([0, hw.max_m - count, *rng.integers(0, hw.max_m - count + 1, 1)]))
    return range(start, start + count)


def offsets(groups: int, steps: int, seq: int, step: int, stride: int, width: int = 1) -> I64:
    """Words of a vector at some steps, from its address on: group by group of each step.

    Args:
        groups: row groups.
        steps: steps.
        seq: whether it is a sequence; else the words follow each other.
        step: first step.
        stride: steps for which the sequence has room.
        width: words of memory for each word.
    """
    number = np.arange(groups * steps)
    if seq:
        number = number % groups * stride + step + number // groups
    return np.asarray((number[:, None] * width + np.arange(width)).reshape(-1))


def place(
    hw: HwConfig,
    rng: np.random.Generator,
    wanted: I64,
    windows: Sequence[range],
    avoid: Sequence[I64] = (),
) -> int:
    """An address from which on all `wanted` words lie in one of the windows, and none in `avoid`.

    Raises:
        MisfitError: none was found.
    """
    taken = np.concatenate([np.empty(0, np.int64), *avoid])
    low, high = (int(wanted.min()), int(wanted.max())) if len(wanted) else (0, 0)
    for _ in range(12):
        window = windows[int(rng.integers(len(windows)))]
        first, last = max(window.start - low, 0), min(window.stop - 1 - high, hw.smem_words - 1)
        if first > last:
            continue
        base = int(rng.choice([first, last, *rng.integers(first, last + 1, 3)]))
        if not np.isin(wanted + base, taken).any():
            return base
    raise MisfitError("no room in SMEM")
