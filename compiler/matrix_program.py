"""Programs of one matrix procedure over all steps of a sequence, with their data: what `make bench` runs.

The matrix lies in DRAM, vectors and lists in SMEM, results go to DRAM. A first program brings vectors, lists
and descriptors to their places; the second one is the procedure itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from reneta.compiler.hazards import with_deps
from reneta.compiler.layer_plan import HIGH, LOW
from reneta.compiler.parts import Dram, Smem, shape_of
from reneta.golden import isa
from reneta.golden.arith import Arithmetic, arithmetic
from reneta.golden.arrays import U8, U16, Array
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.isa_types import INSN_BYTES
from reneta.golden.lists import Descriptor, entry_place, pack_matrix, pack_sequence, row_groups

_DESCRIPTOR_BYTES = 4


class Entry(NamedTuple):
    """A program in DRAM: its address, and the number of its instructions."""

    address: int
    length: int


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
        self._images: list[tuple[int, U8]] = []
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
            entries = _Entries.of([deltas], self._arith)
            self._fields["src2_addr"] = self._place(entries.words(entries.indices, self._hw), LOW)
            self._fields["src1_addr"] = self._place(entries.words(entries.values, self._hw), HIGH)
            self._load += self._descriptors(entries, 0)
            return entries.count
        self._fields["src1_addr"] = self._place(self._sequence(deltas), LOW)
        return self._size * self._steps

    def indices(self, deltas: Array) -> int:
        """MTxV: lists of indices; returns the number of entries."""
        entries = _Entries.of([deltas], self._arith)
        self._fields["src2_addr"] = self._place(entries.words(entries.indices, self._hw), LOW)
        self._load += self._descriptors(entries, 0)
        return entries.count

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
        column = groups * self._hw.num_pe * self._hw.data_w // 8
        room, parts = self._list_room(deltas)
        length, count = self._steps // parts, 0
        # The first operand is read in every cycle, so it has a bank for itself.
        places = (self._smem.take(groups * length, HIGH), *(self._smem.take(room, LOW) for _ in range(2)))
        for part in range(parts):
            steps = slice(part * length, (part + 1) * length)
            entries = _Entries.of([deltas[:first, steps], deltas[first:, steps]], self._arith)
            load = [
                *self._moved(self._sequence(dense[:, steps]), places[0]),
                *self._moved(entries.words(entries.indices, self._hw), places[1]),
                *self._moved(entries.words(entries.values, self._hw), places[2]),
            ]
            self._load += self._descriptors(entries, part * length)
            if part:
                self.run += load
            else:
                self._load += load
            # A sequence's place is where its step 0 would be, and this part begins with a later one.
            common = {
                "src0_addr": places[0] - part * length,
                "src1_addr": places[2],
                "src2_addr": places[1],
                "step": part * length,
                "cnt2": length - 1,
                "to_dram": int(part == parts - 1),
            }
            self.run += [
                self.instruction(length, cnt1=first - 1, list=0, **common),
                self.instruction(
                    length,
                    cnt1=self._size - first - 1,
                    list=1,
                    base=first * groups,
                    dram_dst=self._fields["dram_dst"] + first * column,
                    **common,
                ),
            ]
            count += entries.count
        return count

    def _list_room(self, deltas: Array) -> tuple[int, int]:
        """Words of a region of lists, and into how many parts the sequence has to be cut for two of them."""
        fired = np.count_nonzero(deltas, axis=0)
        parts = 1
        while True:
            room = row_groups(int(fired.reshape(parts, -1).sum(axis=1).max()), self._hw.num_pe)
            if 2 * room <= self._hw.smem_words // 2:
                return room, parts
            parts *= 2

    def finish(self, limit: int) -> MatrixProgram:
        """The whole."""
        programs = (self._load, with_deps(self.run, self._hw))
        entries, address = [], -(-self._dram.end // INSN_BYTES) * INSN_BYTES
        for program in programs:
            entries.append(Entry(address, len(program)))
            self._images.append((address, isa.image(program, self._hw)))
            address += INSN_BYTES * len(program)
        dram = np.zeros(-(-address // 4096) * 4096, np.uint8)
        for place, data in self._images:
            dram[place : place + len(data)] = data
        return MatrixProgram(self._hw, self._proc, self._size, dram, entries[0], entries[1], limit)

    def _sequence(self, values: Array) -> U16:
        return np.asarray(pack_sequence(self._arith.encode(values).view(np.uint16), self._hw.num_pe))

    def _store(self, words: Array) -> int:
        """Put words into DRAM; returns their address."""
        address = self._dram.take(len(words))
        self._images.append((address, np.ascontiguousarray(words).reshape(-1).view(np.uint8)))
        return address

    def _place(self, words: Array, bank: int) -> int:
        """Put words into DRAM, to be loaded into SMEM; returns their address there."""
        target = self._smem.take(len(words), bank)
        self._load += self._moved(words, target)
        return target

    def _moved(self, words: Array, target: int) -> Iterator[Instruction]:
        """Put words into DRAM, and move them to SMEM."""
        return moves(self._hw, len(words), self._store(words), target)

    def _descriptors(self, entries: _Entries, step: int) -> Iterator[Instruction]:
        """Put descriptors of consecutive steps into DRAM, and move them to their memory."""
        word_bytes = self._hw.num_pe * self._hw.data_w // 8
        for which, described in enumerate(entries.descriptors(self._hw)):
            data = np.array(described, "<u4").view(np.uint8)
            address = self._dram.take(-(-len(data) // word_bytes))
            self._images.append((address, data))
            count = {"cnt2": len(described) - 1, "src0_dram": 1, "dram_src": address}
            yield Instruction(Proc.MOVE, spm=1, list=which, step=step, **count, note="")


@dataclass(frozen=True)
class _Entries:
    """Lists of one or two parts of the columns: all steps of the first part, then those of the second.

    Attributes:
        counts: entries of each part's steps.
        indices: of all entries, counted within the part.
        values: of all entries.
    """

    counts: list[list[int]]
    indices: U16
    values: U16

    @classmethod
    def of(cls, parts: Sequence[Array], arith: Arithmetic) -> _Entries:
        """What is not zero in parts [columns, steps] of the deltas."""
        counts, indices, values = [], [], []
        for part in parts:
            column, step = np.nonzero(part.T)[::-1]
            counts.append(np.bincount(step, minlength=part.shape[1]).tolist())
            indices.append(column.astype(np.uint16))
            values.append(arith.encode(part[column, step]).view(np.uint16))
        return cls(counts, np.concatenate(indices), np.concatenate(values))

    @property
    def count(self) -> int:
        """Number of entries."""
        return len(self.indices)

    def words(self, elements: U16, hw: HwConfig) -> U16:
        """Elements of entries as the words of a region."""
        filled = np.zeros(row_groups(len(elements), hw.num_pe) * hw.num_pe, np.uint16)
        filled[: len(elements)] = elements
        return filled.reshape(-1, hw.num_pe)

    def descriptors(self, hw: HwConfig) -> Iterator[list[int]]:
        """Those of all steps, for each part."""
        first = 0
        for steps in self.counts:
            described = []
            for count in steps:
                # The head of an empty list means nothing, and need not exist.
                place = entry_place(first if count else 0, hw.num_pe)
                described.append(Descriptor(int(place.word), int(place.lane), count).encode(hw))
                first += count
            yield described


def moves(hw: HwConfig, words: int, source: int, target: int) -> Iterator[Instruction]:
    """Instructions that move words from DRAM (byte address) to SMEM."""
    most, width = 1 << hw.cnt_w, hw.num_pe * hw.data_w // 8
    done = 0
    while done < words:
        columns = max((words - done) // most, 1)
        groups = min(words - done, most)
        yield Instruction(
            Proc.MOVE,
            cnt0=groups - 1,
            cnt1=columns - 1,
            lanes=hw.num_pe - 1,
            src0_dram=1,
            dram_src=source + done * width,
            to_smem=1,
            dst0_addr=target + done,
        )
        done += groups * columns


def _second_part(size: int, groups: int, steps: int, sparsity: float) -> int:
    """Columns of the second part of a gradient: what is sent out at the end, against steps without an entry.

    While they are computed, the first part has to be sent out.
    """
    density = 1 - sparsity
    least = int(np.ceil(size / (1 + density * steps)))
    return min(range(least, size), key=lambda m: steps * sparsity**m + m * groups)
