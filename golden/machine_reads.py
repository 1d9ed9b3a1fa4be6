"""What the input module reads from the machine's memories, for whole instructions at once.

The layouts are those of golden.lists (docs/memory.md). Operands come in the format of the arithmetic, with
zero in the lanes past the end of a vector, as the core takes them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from reneta.golden.arith import Arithmetic, arithmetic
from reneta.golden.arrays import I64, U16, Array
from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.config import HwConfig
from reneta.golden.ipm_types import IpmCfg, Source
from reneta.golden.lists import Descriptor, entry_place, matrix_place, vector_place
from reneta.golden.machine_core import Columns
from reneta.golden.machine_memory import MachineError, Memories, StuckError
from reneta.golden.matrix import NonzeroList


class Operands(NamedTuple):
    """Words of EWISE, [n, NUM_PE].

    Attributes:
        a: first factor, operands.
        b: second factor.
        c: addend, result lanes; none: zero.
        side0: the addend as it stands in memory, with its padding.
        side1: the second factor likewise.
    """

    a: Array
    b: Array
    c: Array | None
    side0: U16
    side1: U16


class Reader:
    """Reads of one machine's memories."""

    def __init__(self, hw: HwConfig, memories: Memories) -> None:
        """Read from these memories, as they are at each call."""
        self._hw, self._memories = hw, memories
        self._arith: Arithmetic = arithmetic(hw)
        self._one = np.uint16(self._arith.encode(np.ones(1)).view(np.uint16)[0])

    def columns(self, cfg: IpmCfg, lanes: int) -> list[Columns]:
        """MxV, MTxV: the operands of each step."""
        mtxv = Proc(cfg.proc).kind == Proc.MTXV
        steps = []
        for number, listed in enumerate(self.lists(cfg, values=not mtxv)):
            first = self._columns(cfg, np.asarray(listed.indices, np.int64), lanes)
            second = self._vector(cfg, cfg.src1_addr, cfg.step + number, lanes) if mtxv else listed.values
            steps.append(Columns(listed.indices, first, second))
        return steps

    def vectors(self, cfg: IpmCfg, lanes: int) -> Array:
        """VXV: the first operand of all steps, [G * NUM_PE, T]."""
        steps = range(cfg.step, cfg.step + cfg.cnt2 + 1)
        return np.stack([self._vector(cfg, cfg.src0_addr, step, lanes) for step in steps], axis=1)

    def lists(self, cfg: IpmCfg, values: bool = True) -> list[NonzeroList]:
        """The lists of all steps; of a dense procedure all elements of the vectors at src1_addr.

        Args:
            cfg: the instruction.
            values: whether the elements' values are read, too; else there are none.

        Raises:
            MachineError: COUNT, INDEX or ADDRESS.
        """
        steps = range(cfg.step, cfg.step + cfg.cnt2 + 1)
        if Proc(cfg.proc).sparse:
            return [self._list(cfg, step, values) for step in steps]
        every = np.arange(cfg.cnt1 + 1, dtype=np.int64)
        lists = []
        for step in steps:
            place = vector_place(every, step, cfg.stride, self._hw.num_pe)
            read = self._elements(cfg.src1_addr, place.word, place.lane) if values else every[:0]
            lists.append(NonzeroList(every, read))
        return lists

    def operands(self, cfg: IpmCfg, lanes: int) -> Operands:
        """EWISE: the words of all three operands.

        Raises:
            MachineError: PROC for a source that the operand cannot have, ADDRESS.
        """
        if cfg.a_src not in (Source.ZERO, Source.ONE, Source.SMEM) or cfg.b_src == Source.WIDE:
            raise MachineError(ErrorCause.PROC)
        counts = (cfg.cnt0 + 1, cfg.cnt1 + 1, cfg.cnt2 + 1)
        sequence, linear, padding = _walk(counts, cfg.step, cfg.stride, lanes, self._hw.num_pe)

        def read(source: int, base: int, seq: int, same: U16 | None) -> U16:
            if source == Source.SMEM:
                return self._words(base + (sequence if seq else linear))
            if source == Source.SAME and same is not None:
                return same
            if source in (Source.ZERO, Source.ONE):
                pattern = self._one if source == Source.ONE else np.uint16(0)
                return np.full(padding.shape, pattern, np.uint16)
            raise MachineError(ErrorCause.PROC)

        a = read(cfg.a_src, cfg.src0_addr, cfg.a_seq, None)
        b = read(cfg.b_src, cfg.src1_addr, cfg.b_seq, a)
        if cfg.c_src == Source.WIDE:
            c, raw = self._wide(cfg.src2_addr + 2 * (sequence if cfg.c_seq else linear)), np.zeros_like(b)
        else:
            raw = read(cfg.c_src, cfg.src2_addr, cfg.c_seq, a)
            c = self._arith.load(raw.view(self._arith.operand_dtype))
        first, second = (np.where(padding, 0, x.view(self._arith.operand_dtype)) for x in (a, b))
        addend = None if cfg.c_src == Source.ZERO else np.where(padding, 0, c)
        return Operands(first, second, addend, raw, b)

    def elements_of(self, cfg: IpmCfg, indices: Array) -> U16:
        """Side.LIST: elements of the vector at src0_addr."""
        place = entry_place(np.asarray(indices, np.int64), self._hw.num_pe)
        return self._elements(cfg.src0_addr, place.word, place.lane).view(np.uint16)

    def moved(self, cfg: IpmCfg) -> U16:
        """MOVE: the words in their order."""
        count = (cfg.cnt0 + 1) * (cfg.cnt1 + 1) * (cfg.cnt2 + 1)
        number = np.arange(count, dtype=np.int64)
        if cfg.src0_dram:
            return self._memories.dram_words(cfg.dram_addr, number)
        return self._words(cfg.src0_addr + number)

    def _list(self, cfg: IpmCfg, step: int, values: bool) -> NonzeroList:
        descriptor = Descriptor.decode(int(self._memories.spm[cfg.list, step]), self._hw)
        if descriptor.count > cfg.cnt1 + 1:
            raise MachineError(ErrorCause.COUNT)
        entries = descriptor.first_entry(self._hw.num_pe) + np.arange(descriptor.count, dtype=np.int64)
        place = entry_place(entries, self._hw.num_pe)
        if cfg.direct:
            if len(self._memories.direct) < descriptor.count:
                raise StuckError("the machine waits for ever: nobody hands it the indices")
            handed = [self._memories.direct.popleft() for _ in range(descriptor.count)]
            indices = np.array(handed, np.uint16)
        else:
            indices = self._elements(cfg.src2_addr, place.word, place.lane).view(np.uint16)
        if len(indices) and int(indices.max()) > cfg.cnt1:
            raise MachineError(ErrorCause.INDEX)
        read = self._elements(cfg.src1_addr, place.word, place.lane) if values else indices[:0]
        return NonzeroList(indices, read)

    def _columns(self, cfg: IpmCfg, indices: I64, lanes: int) -> Array:
        """Columns of the matrix: [columns, G * NUM_PE]."""
        groups, num_pe = cfg.cnt0 + 1, self._hw.num_pe
        first = np.asarray(matrix_place(0, indices, groups * num_pe, num_pe).word)
        words = first[:, None] + np.arange(groups)
        if cfg.src0_dram:
            read = self._memories.dram_words(cfg.dram_addr, words)
        else:
            read = self._words(cfg.src0_addr + words)
        columns = read.view(self._arith.operand_dtype).reshape(len(indices), groups * num_pe)
        columns[:, cfg.cnt0 * num_pe + lanes + 1 :] = 0
        return columns

    def _vector(self, cfg: IpmCfg, base: int, step: int, lanes: int) -> Array:
        """All row groups of the vector of a step: [G * NUM_PE]."""
        words = vector_place(
            np.arange(cfg.cnt0 + 1) * self._hw.num_pe, step, cfg.stride, self._hw.num_pe
        ).word
        vector = self._words(base + np.asarray(words)).view(self._arith.operand_dtype).reshape(-1)
        vector[cfg.cnt0 * self._hw.num_pe + lanes + 1 :] = 0
        return vector

    def _check(self, addr: Array) -> Array:
        if addr.size and int(addr.max()) >= self._hw.smem_words:
            raise MachineError(ErrorCause.ADDRESS)
        return addr

    def _words(self, addr: Array) -> U16:
        """Words of SMEM, copied."""
        return np.asarray(self._memories.smem[self._check(addr)], np.uint16)

    def _elements(self, base: int, word: int | Array, lane: int | Array) -> Array:
        """Elements of SMEM as operands."""
        addr = self._check(np.asarray(base + np.asarray(word)))
        return np.asarray(self._memories.smem[addr, lane]).view(self._arith.operand_dtype)

    def _wide(self, addr: Array) -> Array:
        """float32 words in pairs of words from these addresses on."""
        if not self._hw.is_fp:
            raise MachineError(ErrorCause.PROC)
        pairs = self._words(np.stack([addr, addr + 1], axis=1))
        return pairs.reshape(len(addr), -1).view(np.float32)


@lru_cache(maxsize=1024)
def _walk(
    counts: tuple[int, int, int], step: int, stride: int, lanes: int, num_pe: int
) -> tuple[Array, Array, Array]:
    """Places of EWISE's words in a sequence and one after another, and which lanes hold no element.

    The counts are of row groups, columns and steps.
    """
    groups, columns, steps = counts
    number, group = np.divmod(np.arange(groups * columns * steps), groups)
    place = vector_place(group * num_pe, step + number // columns, stride, num_pe)
    padding = np.arange(groups * num_pe) >= (groups - 1) * num_pe + lanes + 1
    return (
        np.asarray(place.word),
        np.arange(len(number)),
        np.tile(padding, columns * steps).reshape(-1, num_pe),
    )
