"""Random matrix problems: operands, their images in the memories, and the expected results."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from reneta.golden import bf16, matrix
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import Array
from reneta.golden.ccm_types import CcmCfg, Func, Proc
from reneta.golden.config import HwConfig
from reneta.golden.ipm_types import IpmCfg
from reneta.golden.lists import Descriptor, pack_lists, pack_matrix, pack_sequence, row_groups
from reneta.golden.matrix import NonzeroList

PROCS = (Proc.MXV, Proc.MTXV, Proc.VXV, Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP)


class Images:
    """SMEM, DRAM and descriptor memory; regions are handed out one after another."""

    def __init__(self, hw: HwConfig, rng: np.random.Generator) -> None:
        """Memories full of random words."""
        self.hw = hw
        self.smem = rng.integers(0, 1 << 16, (hw.smem_words, hw.num_pe), dtype=np.uint16)
        self.dram = rng.integers(0, 1 << 16, (1 << 14, hw.num_pe), dtype=np.uint16)
        self.descriptors: dict[tuple[int, int], Descriptor] = {}
        self.used: set[int] = set()
        # Indices that are handed over, in order: all, and those that the model has not taken.
        self.directs: list[int] = []
        self.handed: deque[int] = deque()
        self._free = [0, hw.smem_words // 2]
        self._dram_free = 0
        self._step = [0, 0]

    def start(self) -> None:
        """Nothing has been handed over."""
        self.handed = deque(self.directs)

    def smem_region(self, bank: int, words: Array) -> int:
        """Place words in a bank; returns the address."""
        bank_words = self.hw.smem_words // 2
        base = self._free[bank]
        if base + len(words) > (bank + 1) * bank_words:
            raise ValueError("the shared memory is full; make fewer problems in one go")
        self.smem[base : base + len(words)] = words.view(np.uint16)
        self.used.update(range(base, base + len(words)))
        self._free[bank] = base + len(words)
        return base

    def end_region(self, base: int, count: int) -> int:
        """Copy the `count` words at `base` to the end of the memory; returns their address there."""
        moved = self.hw.smem_words - count
        if moved < self._free[1]:
            raise ValueError("the shared memory is full; make fewer problems in one go")
        self.smem[moved:] = self.smem[base : base + count].copy()
        self.used.update(range(moved, moved + count))
        return moved

    def dram_region(self, words: Array) -> int:
        """Place words in DRAM; returns the byte address."""
        base = self._dram_free
        self.dram[base : base + len(words)] = words.view(np.uint16)
        self._dram_free += len(words)
        return base * self.hw.num_pe * 2

    def step_region(self, which: int, descriptors: list[Descriptor]) -> int:
        """Place the descriptors of consecutive steps; returns the first step."""
        first = self._step[which]
        if first + len(descriptors) > self.hw.max_m:
            raise ValueError("the descriptor memory is full; make fewer problems in one go")
        for k, descriptor in enumerate(descriptors):
            self.descriptors[which, first + k] = descriptor
        self._step[which] += len(descriptors)
        return first

    def listed(self, cfg: IpmCfg) -> list[Descriptor]:
        """Descriptors of all steps of a sparse instruction."""
        steps = range(cfg.step, cfg.step + cfg.cnt2 + 1)
        return [self.descriptors[cfg.list, step] for step in steps]


@dataclass(frozen=True)
class Problem:
    """One instruction for the input module and the core, and the results that must come out.

    Attributes:
        cfg: of the input module.
        core: of the compute core.
        results: lanes [words, NUM_PE] as bit patterns; MTxV: [sums, 1].
        words: operand words.
    """

    cfg: IpmCfg
    core: CcmCfg
    results: Array
    words: int

    @property
    def scalar(self) -> bool:
        """Whether the results are single sums."""
        return Proc(self.core.proc).kind == Proc.MTXV


@dataclass(frozen=True)
class Shape:
    """Size of a problem, and its lists.

    Attributes:
        proc: procedure.
        rows: of the matrix.
        columns: of the matrix.
        steps: time steps.
        density: share of listed elements; none: random for each step.
        dram: whether the matrix is in DRAM, not in SMEM.
        counts: length of each step's list, in place of a density.
        start: number of the first list's first entry in its region; none: random.
    """

    proc: Proc
    rows: int
    columns: int
    steps: int = 1
    density: float | None = None
    dram: int = 1
    counts: tuple[int, ...] | None = None
    start: int | None = None


def placed_lists(num_pe: int) -> list[tuple[int, tuple[int, ...]]]:
    """Lists of all lengths and places that matter, for 2 * num_pe + 3 columns: first entry, and counts."""
    every = 2 * num_pe + 3
    return [
        (0, (2,)),
        (0, (num_pe,)),  # a whole word
        (1, (num_pe - 1,)),  # ends at the last lane
        (num_pe - 1, (2,)),  # straddles
        (num_pe - 1, (num_pe + 1,)),  # straddles and ends at the last lane
        (num_pe - 1, (1,)),
        (num_pe - 2, (2, 1, num_pe - 1, 0, num_pe)),  # ends at the last lane again and again
        (3, (0,)),
        (num_pe - 1, (0, 0, 0)),
        (2, (0, 2, 0, 0, every, 1, 0)),
        (5, (every,)),
    ]


class Maker:
    """Draws problems into images."""

    def __init__(self, hw: HwConfig, rng: np.random.Generator) -> None:
        """Draw for `hw` from `rng`."""
        self.hw = hw
        self.rng = rng
        self.arith = arithmetic(hw)
        self.images = Images(hw, rng)

    def draw(self, words: int = 150) -> Shape:
        """A random shape of about so many operand words at most."""
        proc = Proc(int(self.rng.choice(PROCS)))
        rows = int(self.rng.integers(1, 5 * self.hw.num_pe + 1))
        groups = row_groups(rows, self.hw.num_pe)
        columns = max(1, min(int(self.rng.integers(1, 33)), words // groups))
        steps = max(1, min(int(self.rng.integers(1, 5)), words // (groups * columns)))
        return Shape(proc, rows, columns, steps, dram=self.below(2))

    def below(self, end: int) -> int:
        """A random number from 0 to end - 1."""
        return int(self.rng.integers(end))

    def placed(self, proc: Proc, dram: int) -> list[Shape]:
        """Sparse problems whose lists lie in all the ways that matter."""
        num_pe = self.hw.num_pe
        rows, columns = num_pe + 1 + self.below(num_pe), 2 * num_pe + 3
        return [
            Shape(proc, rows, columns, len(counts), dram=dram, counts=counts, start=start)
            for start, counts in placed_lists(num_pe)
        ]

    def operands(self, *shape: int) -> Array:
        """Random operands."""
        if self.hw.is_fp:
            return bf16.from_float(self.rng.normal(size=shape))
        return self.rng.integers(-(1 << 15), 1 << 15, shape, dtype=np.int16)

    def make(self, shape: Shape) -> Problem:
        """Draw operands, place them, and compute the results."""
        hw, kind = self.hw, shape.proc.kind
        groups = row_groups(shape.rows, hw.num_pe)
        w = self.operands(shape.rows, shape.columns)
        v = self.operands(shape.columns, shape.steps)
        d = self.operands(shape.rows, shape.steps)
        lists = self._lists(shape)
        fields: dict[str, int] = {}
        if shape.proc.sparse:
            start = self.below(2 * hw.num_pe) if shape.start is None else shape.start
            packed = pack_lists(lists, hw, start)
            which = self.below(2)
            fields |= {"list": which, "step": self.images.step_region(which, packed.descriptors)}
            fields["src2_addr"] = self.images.smem_region(0, packed.indices)
            if kind != Proc.MTXV:
                fields["src1_addr"] = self.images.smem_region(1, packed.values)
        step = fields.get("step", 0)
        if kind in (Proc.MTXV, Proc.VXV):
            # Steps before the first of the instruction lie before the region.
            base = self.images.smem_region(int(kind == Proc.MTXV), self._sequence(d, step))
            fields["src1_addr" if kind == Proc.MTXV else "src0_addr"] = base
        if kind != Proc.MTXV and not shape.proc.sparse:
            fields["src1_addr"] = self.images.smem_region(1, self._sequence(v, step))
        if kind != Proc.VXV:
            words = pack_matrix(w, hw.num_pe, fill=self.below(1 << 16))
            if shape.dram:
                fields["dram_addr"] = self.images.dram_region(words)
            else:
                fields["src0_addr"] = self.images.smem_region(0, words)
        counts = {"cnt0": groups - 1, "cnt1": shape.columns - 1, "cnt2": shape.steps - 1}
        cfg = IpmCfg(proc=shape.proc, stride=step + shape.steps, src0_dram=shape.dram, **counts, **fields)
        core = CcmCfg(proc=shape.proc, lanes=(shape.rows - 1) % hw.num_pe, drain=1, **counts)
        columns = sum(len(x.indices) for x in lists) if shape.proc.sparse else shape.columns * shape.steps
        return Problem(cfg, core, self._results(shape, w, v, d, lists), columns * groups)

    def _lists(self, shape: Shape) -> list[NonzeroList]:
        lists = []
        for step in range(shape.steps):
            fires = self.rng.permutation(shape.columns) < self._count(shape, step)
            indices = np.flatnonzero(fires)
            lists.append(NonzeroList(indices, self.operands(len(indices))))
        return lists

    def _count(self, shape: Shape, step: int) -> int:
        if shape.counts is not None:
            return shape.counts[step]
        density = self.rng.choice([0.0, 1.0, self.rng.random()]) if shape.density is None else shape.density
        return round(density * shape.columns)

    def _sequence(self, values: Array, step: int) -> Array:
        """Words of a sequence whose first step is number `step`; what is before it is random."""
        size, steps = values.shape
        return pack_sequence(
            np.concatenate([self.operands(size, step), values], axis=1), self.hw.num_pe, step + steps
        )

    def _results(self, shape: Shape, w: Array, v: Array, d: Array, lists: list[NonzeroList]) -> Array:
        kind, arith = shape.proc.kind, self.arith
        match shape.proc:
            case Proc.MXV:
                sums = arith.row_groups(matrix.mxv(arith, w, v))
            case Proc.MXV_SP:
                sums = arith.row_groups(matrix.mxv_sp(arith, w, lists))
            case Proc.MTXV:
                sums = matrix.mtxv(arith, w, d).T.reshape(-1, 1)
            case Proc.MTXV_SP:
                sums = np.concatenate(matrix.mtxv_sp(arith, w, d, [x.indices for x in lists]))[:, None]
            case Proc.VXV:
                sums = arith.row_groups(matrix.vxv(arith, d, v))
            case _:
                sums = arith.row_groups(matrix.vxv_sp(arith, d, lists, shape.columns))
        if kind != Proc.MTXV:
            # [groups, lanes, steps or columns] to words in their order.
            sums = np.moveaxis(sums, 2, 0).reshape(-1, self.hw.num_pe)
        return arith.to_bits(np.ascontiguousarray(arith.finish(sums, Func.NONE, kind)))
