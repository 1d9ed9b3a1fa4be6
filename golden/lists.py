"""Layouts of vectors, matrices, nonzero lists and descriptors in the machine's memories (docs/memory.md).

The one description of what stands where: the environments, the compiler and the documentation use it. A
region of memory is an array of words, `[words, num_pe]`, lane 0 first, of 16-bit patterns; word numbers count
from the region's base address. Sequences are `[N, T]`, element by step, as everywhere in the golden model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from reneta.golden.arrays import I64, U16, Array
from reneta.golden.config import HwConfig
from reneta.golden.matrix import NonzeroList


class LayoutError(ValueError):
    """Something that does not fit its memory, its field or the machine."""


class Place(NamedTuple):
    """Where an element stands, counted from the base of its region; numbers, or arrays of numbers."""

    word: int | Array
    lane: int | Array


def row_groups(rows: int, num_pe: int) -> int:
    """Words that hold one column of `rows` elements."""
    return -(-rows // num_pe)


def vector_place(n: int | Array, t: int | Array, steps: int, num_pe: int) -> Place:
    """Element n of step t of a sequence in SMEM that has room for `steps` steps (the contract's Nt)."""
    return Place(n // num_pe * steps + t, n % num_pe)


def matrix_place(row: int | Array, column: int | Array, rows: int, num_pe: int) -> Place:
    """An element of a matrix in DRAM or SMEM: all row groups of a column, then those of the next one."""
    return Place(column * row_groups(rows, num_pe) + row // num_pe, row % num_pe)


def entry_place(entry: int | Array, num_pe: int) -> Place:
    """Entry number `entry` of a list region, whose lists follow each other lane by lane."""
    return Place(entry // num_pe, entry % num_pe)


def pack_sequence(values: Array, num_pe: int, steps: int | None = None, fill: int = 0) -> Array:
    """Words of a sequence in SMEM.

    Args:
        values: [N, T], of a 16-bit type.
        num_pe: lanes of a word.
        steps: steps that the region has room for, at least T; none: T.
        fill: pattern of lanes and steps that hold no element.

    Returns:
        [row_groups(N) * steps, num_pe], of the type of `values`.

    Raises:
        LayoutError: there is no room for T steps.
    """
    size, count = values.shape
    room = count if steps is None else steps
    if room < count:
        raise LayoutError(f"a sequence of {count} steps does not fit into room for {room}")
    words = _blank((row_groups(size, num_pe) * room, num_pe), values, fill)
    n, t = _grid(size, count)
    place = vector_place(n, t, room, num_pe)
    words[place.word, place.lane] = values
    return words


def unpack_sequence(words: Array, size: int, count: int, steps: int | None = None) -> Array:
    """The sequence [size, count] in words that `pack_sequence` made with this number of steps."""
    n, t = _grid(size, count)
    place = vector_place(n, t, count if steps is None else steps, words.shape[1])
    return np.asarray(words[place.word, place.lane])


def pack_matrix(matrix: Array, num_pe: int, fill: int = 0) -> Array:
    """Words of a matrix [R, N]: [N * row_groups(R), num_pe]; `fill` stands in the lanes past the last row."""
    rows, columns = matrix.shape
    words = _blank((columns * row_groups(rows, num_pe), num_pe), matrix, fill)
    row, column = _grid(rows, columns)
    place = matrix_place(row, column, rows, num_pe)
    words[place.word, place.lane] = matrix
    return words


def unpack_matrix(words: Array, rows: int, columns: int) -> Array:
    """The matrix [rows, columns] in words that `pack_matrix` made."""
    row, column = _grid(rows, columns)
    place = matrix_place(row, column, rows, words.shape[1])
    return np.asarray(words[place.word, place.lane])


def _grid(rows: int, columns: int) -> tuple[I64, I64]:
    """Row and column numbers of a matrix, which broadcast to its shape."""
    return np.arange(rows, dtype=np.int64)[:, None], np.arange(columns, dtype=np.int64)[None, :]


def _blank(shape: tuple[int, int], like: Array, fill: int) -> Array:
    """Words of one pattern, of the type of `like`."""
    return np.full(shape, fill, np.uint16).view(like.dtype)


@dataclass(frozen=True)
class Descriptor:
    """Where the list of one step begins in its region, and how many entries it has.

    The head of an empty list means nothing.
    """

    word: int
    lane: int
    count: int

    def first_entry(self, num_pe: int) -> int:
        """Number of the list's first entry in its region."""
        return self.word * num_pe + self.lane

    def encode(self, hw: HwConfig) -> int:
        """The descriptor as one word of the descriptor memory: head word, head lane, count from the top down.

        Raises:
            LayoutError: a field does not fit, or the count is above max_n.
        """
        fields = (
            ("word", self.word, hw.smem_words - 1),
            ("lane", self.lane, hw.num_pe - 1),
            ("count", self.count, hw.max_n),
        )
        for name, value, highest in fields:
            if not 0 <= value <= highest:
                raise LayoutError(f"{name} of a descriptor is {value}, not 0 .. {highest}")
        return (self.word << hw.lane_w | self.lane) << hw.nzc_w | self.count

    @classmethod
    def decode(cls, bits: int, hw: HwConfig) -> Descriptor:
        """The descriptor in a word of the descriptor memory; every pattern of desc_w bits is one.

        Raises:
            LayoutError: there are bits above the descriptor.
        """
        if bits < 0 or bits >> hw.desc_w:
            raise LayoutError(f"0x{bits:x} is no descriptor of {hw.desc_w} bits")
        head = bits >> hw.nzc_w
        return cls(head >> hw.lane_w, head & (1 << hw.lane_w) - 1, bits & (1 << hw.nzc_w) - 1)


def step_address(which: int, step: int, hw: HwConfig) -> int:
    """Word of the descriptor memory that holds the descriptor of a step of list 0 or 1.

    Raises:
        LayoutError: no such list or step.
    """
    if which not in (0, 1) or not 0 <= step < hw.max_m:
        raise LayoutError(f"no step {step} of list {which}; there are {hw.max_m} steps of lists 0 and 1")
    return which << hw.step_w | step


class PackedLists(NamedTuple):
    """The lists of all steps as they lie in memory.

    Attributes:
        descriptors: one for each step.
        indices: words of the index region (NZI), uint16.
        values: words of the value region (NZV), of the type of the values.
    """

    descriptors: list[Descriptor]
    indices: U16
    values: Array


def pack_lists(lists: Sequence[NonzeroList], hw: HwConfig, start: int = 0, fill: int = 0) -> PackedLists:
    """Pack the lists of consecutive steps back to back, lane by lane, into their two regions.

    Args:
        lists: one for each step; values of a 16-bit type.
        hw: configuration.
        start: number of the first entry, so that a list may begin in any lane.
        fill: pattern of the lanes before the first and after the last entry.

    Raises:
        LayoutError: indices and values of a step differ in number, a list is longer than max_n, an index is
            not below max_n, there are more than max_m steps, or the region would be larger than SMEM.
    """
    counts = [len(step.indices) for step in lists]
    _check_lists(lists, counts, hw)
    firsts = start + np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    capacity = hw.smem_words * hw.num_pe
    if start < 0 or firsts[-1] > capacity:
        raise LayoutError(f"entries {start} .. {firsts[-1] - 1} do not fit into {hw.smem_words} words")
    # An empty list at the very end of the memory has no place of its own; its head means nothing.
    places = [entry_place(int(first) % capacity, hw.num_pe) for first in firsts[:-1]]
    descriptors = [Descriptor(int(p.word), int(p.lane), n) for p, n in zip(places, counts, strict=True)]
    shape = (row_groups(int(firsts[-1]), hw.num_pe), hw.num_pe)
    entries = slice(start, int(firsts[-1]))
    all_values = _joined([step.values for step in lists], np.uint16)
    indices, values = np.full(shape, fill, np.uint16), _blank(shape, all_values, fill)
    indices.reshape(-1)[entries] = _joined([step.indices for step in lists], np.uint16)
    values.reshape(-1)[entries] = all_values
    return PackedLists(descriptors, indices, values)


def unpack_lists(descriptors: Iterable[Descriptor], indices: U16, values: Array) -> list[NonzeroList]:
    """The lists that descriptors (in any order) name in the words of their two regions.

    Raises:
        LayoutError: a list does not lie in the regions.
    """
    if indices.shape != values.shape:
        raise LayoutError(f"the regions differ: {indices.shape} and {values.shape}")
    num_pe = indices.shape[1]
    lists = []
    for descriptor in descriptors:
        first = descriptor.first_entry(num_pe)
        entries = slice(first, first + descriptor.count)
        if descriptor.count and entries.stop > indices.size:
            raise LayoutError(f"{descriptor} ends outside a region of {len(indices)} words")
        lists.append(NonzeroList(indices.reshape(-1)[entries], values.reshape(-1)[entries]))
    return lists


def _joined(parts: Sequence[Array], empty_type: type[np.uint16]) -> Array:
    """All parts one after another; without any, nothing of `empty_type`."""
    return np.concatenate(parts) if parts else np.empty(0, empty_type)


def _check_lists(lists: Sequence[NonzeroList], counts: Sequence[int], hw: HwConfig) -> None:
    if len(lists) > hw.max_m:
        raise LayoutError(f"{len(lists)} steps; the descriptor memory holds {hw.max_m}")
    for step, ((indices, values), count) in enumerate(zip(lists, counts, strict=True)):
        if len(values) != count:
            raise LayoutError(f"step {step} has {count} indices and {len(values)} values")
        if count > hw.max_n:
            raise LayoutError(f"step {step} has {count} entries; a list has up to {hw.max_n}")
        if count and (np.min(indices) < 0 or np.max(indices) >= hw.max_n):
            raise LayoutError(f"step {step} has an index outside 0 .. {hw.max_n - 1}")
