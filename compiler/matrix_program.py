"""Programs of one matrix procedure over all steps of a sequence, with their data: what `make bench` runs.

The matrix lies in DRAM, vectors and lists in SMEM, results go to DRAM. A first program brings vectors, lists
and descriptors to their places; the second one is the procedure itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from reneta.compiler.hazards import with_deps
from reneta.compiler.image import Entry, moves, place_programs
from reneta.compiler.layer_plan import HIGH, LOW
from reneta.compiler.parts import Dram, Smem, shape_of
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import U8, U16, Array
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.lists import Descriptor, LayoutError, pack_lists, pack_matrix, pack_sequence, row_groups
from reneta.golden.matrix import nonzero_lists


@dataclass(frozen=True)
class MatrixProgram:
    """A procedure with its data.

    Attributes:
        hw: configuration.
        proc: the procedure.
        size: rows and columns of the matrix.
        dram: what DRAM holds at first.
        load: brings data to SMEM and descriptors.
        run: the procedure.
        limit: operand words that enter the PE array, so the cycles that it takes at least.
    """

    hw: HwConfig
    proc: Proc
    size: int
    dram: U8
    load: Entry
    run: Entry
    limit: int


def sparse_vectors(size: int, steps: int, sparsity: float, rng: np.random.Generator) -> Array:
    """Random vectors [size, steps] of which exactly this share is zero (rounded down to whole elements)."""
    elements = np.zeros(size * steps)
    count = int(np.ceil(round(size * steps * (1 - sparsity), 6)))
    chosen = rng.choice(size * steps, count, replace=False)
    elements[chosen] = rng.choice([-1.0, 1.0], count) * rng.uniform(0.25, 2.0, count)
    return elements.reshape(size, steps)


def matrix_program(
    hw: HwConfig, proc: Proc, size: int, steps: int, sparsity: float, rng: np.random.Generator
) -> MatrixProgram:
    """A procedure on a random square matrix and random vectors.

    Args:
        hw: configuration.
        proc: MXV, MTXV, VXV or their sparse forms.
        size: rows and columns.
        steps: length of the sequence.
        sparsity: share of zeros among the elements of the deltas; dense procedures take them all the same.
        rng: for the data.

    Raises:
        LayoutError: the data do not fit SMEM.
    """
    builder = _Builder(hw, proc, size, steps)
    deltas = sparse_vectors(size, steps, sparsity, rng)
    match proc.kind:
        case Proc.MXV:
            builder.matrix(rng)
            entries = builder.deltas(deltas)
            builder.results(row_groups(size, hw.num_pe) * steps)
            builder.run = [builder.instruction()]
        case Proc.MTXV:
            builder.matrix(rng)
            entries = builder.indices(deltas) if proc.sparse else size * steps
            builder.vectors(rng, "src1_addr")
            sums = row_groups(entries, hw.num_pe) if proc.sparse else row_groups(size, hw.num_pe) * steps
            builder.results(sums)
            builder.run = [builder.instruction()]
        case _:
            entries = builder.outer(deltas, sparsity, rng)
    return builder.finish(entries * row_groups(size, hw.num_pe))


class _Builder:
    """Puts data into DRAM, and remembers where in SMEM they go.

    Attributes:
        run: instructions of the procedure.
    """

    def __init__(self, hw: HwConfig, proc: Proc, size: int, steps: int) -> None:
        self.run: list[Instruction] = []
        self._hw, self._proc, self._size, self._steps = hw, proc, size, steps
        self._arith = arithmetic(hw)
        self._smem, self._dram = Smem(hw), Dram(hw)
        self._images: list[tuple[int, Array]] = []
        self._load: list[Instruction] = []
        self._fields: dict[str, int] = {}

    def instruction(self, stride: int = 0, step: int = 0, **fields: int) -> Instruction:
        """The procedure over all steps, with the fields that were gathered, and some more."""
        shape = shape_of(self._size, self._hw)._replace(step=step, stride=stride or self._steps)
        common = {"cnt1": self._size - 1, "cnt2": self._steps - 1, "to_dram": 1}
        return shape.instruction(self._proc, **common | self._fields | fields)

    def matrix(self, rng: np.random.Generator) -> None:
        """The matrix, in DRAM."""
        weights = rng.standard_normal((self._size, self._size)) * self._size**-0.5
        words = pack_matrix(self._arith.encode(weights, weight=True), self._hw.num_pe)
        self._fields |= {"src0_dram": 1, "dram_src": self._store(words)}

    def results(self, words: int) -> None:
        """Room for results in DRAM."""
        self._fields["dram_dst"] = self._dram.take(words)

    def deltas(self, deltas: Array) -> int:
        """MxV: lists of indices and values, or dense vectors; returns the number of entries."""
        if self._proc.sparse:
            return self._lists(deltas, {"src2_addr": LOW, "src1_addr": HIGH})
        self._fields["src1_addr"] = self._place(self._sequence(deltas), LOW)
        return self._size * self._steps

    def indices(self, deltas: Array) -> int:
        """MTxV: lists of indices; returns the number of entries."""
        return self._lists(deltas, {"src2_addr": LOW})

    def _lists(self, deltas: Array, banks: dict[str, int]) -> int:
        """Lists of all steps, into these fields' banks, indices first; returns the number of entries."""
        room = row_groups(int(np.count_nonzero(deltas)), self._hw.num_pe)
        places = {field: self._smem.take(room, bank) for field, bank in banks.items()}
        lists = _regions([deltas], self._hw)
        for words, place in zip((lists.indices, lists.values), places.values(), strict=False):
            self._load += self._moved(words, place)
        self._fields |= places
        self._load += self._descriptors(lists, 0)
        return lists.entries

    def vectors(self, rng: np.random.Generator, field: str) -> None:
        """A dense operand."""
        dense = rng.standard_normal((self._size, self._steps))
        self._fields[field] = self._place(self._sequence(dense), HIGH)

    def outer(self, deltas: Array, sparsity: float, rng: np.random.Generator) -> int:
        """VXV: all of its data and instructions; returns the number of entries."""
        self.results(row_groups(self._size, self._hw.num_pe) * self._size)
        if not self._proc.sparse:
            self.vectors(rng, "src0_addr")
            entries = self.deltas(deltas)
            self.run = [self.instruction()]
            return entries
        dense = rng.standard_normal((self._size, self._steps))
        return self._sparse_outer(deltas, dense, sparsity)

    def _sparse_outer(self, deltas: Array, dense: Array, sparsity: float) -> int:
        """VXV_SP, in as many parts of the sequence as SMEM needs; all but the first are loaded in between.

        The core sends out a gradient while the next instruction computes. So the columns are two parts, too,
        with lists of their own: only the second one's gradient is waited for.
        """
        groups = row_groups(self._size, self._hw.num_pe)
        first = self._size - _second_part(self._size, groups, self._steps, sparsity)
        room, parts = self._list_room(deltas)
        longest, count = max(len(part) for part in parts), 0
        # The first operand is read in every cycle, so it has a bank for itself.
        vectors = self._smem.take(groups * longest, HIGH)
        indices, values = (self._smem.take(room, LOW) for _ in range(2))
        for part in parts:
            steps = slice(part.start, part.stop)
            lists = _regions([deltas[:first, steps], deltas[first:, steps]], self._hw)
            load = [
                *self._moved(self._sequence(dense[:, steps]), vectors),
                *self._moved(lists.indices, indices),
                *self._moved(lists.values, values),
            ]
            self._load += self._descriptors(lists, part.start)
            if part.start:
                self.run += load
            else:
                self._load += load
            # A sequence's place is where its step 0 would be, and this part begins with a later one.
            common = {
                "src0_addr": vectors - part.start,
                "src1_addr": values,
                "src2_addr": indices,
                "step": part.start,
                "cnt2": len(part) - 1,
                "to_dram": int(part.stop == self._steps),
            }
            second = {"base": first * groups, "dram_dst": self._fields["dram_dst"]}
            second["dram_dst"] += first * groups * self._hw.word_bytes
            self.run += [
                self.instruction(len(part), cnt1=first - 1, list=0, **common),
                self.instruction(len(part), cnt1=self._size - first - 1, list=1, **common, **second),
            ]
            count += lists.entries
        return count

    def _list_room(self, deltas: Array) -> tuple[int, list[range]]:
        """Words of a region of lists, and the parts of the sequence of which SMEM holds two regions.

        Raises:
            LayoutError: it does not even hold those of one step.
        """
        fired = np.count_nonzero(deltas, axis=0)
        for count in range(1, self._steps + 1):
            ends = [self._steps * k // count for k in range(count + 1)]
            parts = [range(*pair) for pair in pairwise(ends)]
            most = max(int(fired[part.start : part.stop].sum()) for part in parts)
            room = row_groups(most, self._hw.num_pe)
            if 2 * room <= self._hw.smem_words // 2:
                return room, parts
        bank = self._hw.smem_words // 2
        raise LayoutError(f"two lists of a step take {2 * room} words, a bank of SMEM has {bank}")

    def finish(self, limit: int) -> MatrixProgram:
        """The whole."""
        programs = (self._load, with_deps(self.run, self._hw))
        dram, (load, run) = place_programs(self._hw, programs, self._images, self._dram.end)
        return MatrixProgram(self._hw, self._proc, self._size, dram, load, run, limit)

    def _sequence(self, values: Array) -> U16:
        return np.asarray(pack_sequence(self._arith.encode(values).view(np.uint16), self._hw.num_pe))

    def _store(self, words: Array) -> int:
        """Put words into DRAM; returns their address."""
        address = self._dram.take(len(words))
        self._images.append((address, words))
        return address

    def _place(self, words: Array, bank: int) -> int:
        """Put words into DRAM, to be loaded into SMEM; returns their address there."""
        target = self._smem.take(len(words), bank)
        self._load += self._moved(words, target)
        return target

    def _moved(self, words: Array, target: int) -> Iterator[Instruction]:
        """Put words into DRAM, and move them to SMEM."""
        return moves(self._hw, len(words), self._store(words), target)

    def _descriptors(self, lists: _Regions, step: int) -> Iterator[Instruction]:
        """Put descriptors of consecutive steps into DRAM, and move them to their memory."""
        for which, steps in enumerate(lists.descriptors):
            data = np.array([descriptor.encode(self._hw) for descriptor in steps], "<u4")
            address = self._dram.take(-(-data.nbytes // self._hw.word_bytes))
            self._images.append((address, data))
            count = {"cnt2": len(steps) - 1, "src0_dram": 1, "dram_src": address}
            yield Instruction(Proc.MOVE, spm=1, list=which, step=step, **count, note="")


class _Regions(NamedTuple):
    """Lists of one or two parts of the columns, in a region of indices and one of values.

    Attributes:
        descriptors: of the steps of each part.
        indices: words of the regions; all steps of the first part, then those of the second.
        values: the same.
        entries: of both parts.
    """

    descriptors: list[list[Descriptor]]
    indices: U16
    values: U16
    entries: int


def _regions(parts: Sequence[Array], hw: HwConfig) -> _Regions:
    """The lists of what is not zero in parts [columns, steps] of the deltas."""
    arith, count = arithmetic(hw), int(sum(np.count_nonzero(part) for part in parts))
    shape = (row_groups(count, hw.num_pe), hw.num_pe)
    indices, values = np.zeros(shape, np.uint16), np.zeros(shape, np.uint16)
    descriptors, start = [], 0
    for part in parts:
        packed = pack_lists(nonzero_lists(part != 0, arith.encode(part)), hw, start)
        # Two parts may share a word, of which each has the other's lanes as zero.
        indices[: len(packed.indices)] |= packed.indices
        values[: len(packed.values)] |= packed.values.view(np.uint16)
        descriptors.append(packed.descriptors)
        start += int(np.count_nonzero(part))
    return _Regions(descriptors, indices, values, count)


def _second_part(size: int, groups: int, steps: int, sparsity: float) -> int:
    """Columns of the second part of a gradient: what is sent out at the end, against steps without an entry.

    While they are computed, the first part has to be sent out.
    """
    least = min(int(np.ceil(size / (1 + (1 - sparsity) * steps))), size - 1)
    return min(range(least, size), key=lambda m: steps * sparsity**m + m * groups)
