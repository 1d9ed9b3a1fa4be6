"""Random problems beside the matrix procedures: EWISE, MOVE, lists with side beats, and handed indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reneta.golden.arrays import Array
from reneta.golden.ccm import Ccm
from reneta.golden.ccm_types import CcmCfg, Func, Proc
from reneta.golden.ipm_types import IpmCfg, Side, Source
from reneta.golden.lists import row_groups
from reneta.verif.dtv1_ipm.problem import Maker, Problem, Shape
from reneta.verif.ipm.program import A_SOURCES, B_SOURCES, addend_sources


@dataclass(frozen=True)
class Elementwise:
    """An EWISE problem.

    Attributes:
        rows: elements of a vector.
        steps: time steps.
        sources: of a, b and c.
        seqs: which of them are sequences.
        side: whether their words go to the output module, too.
    """

    rows: int
    steps: int
    sources: tuple[int, int, int]
    seqs: tuple[int, int, int] = (0, 0, 0)
    side: int = Side.NONE


class VectorMaker:
    """Draws such problems into a maker's images."""

    def __init__(self, maker: Maker) -> None:
        """Draw into the images of `maker`."""
        self.maker = maker
        self.hw = maker.hw
        self.below = maker.below

    def draw(self) -> Problem:
        """Any of them, small."""
        match self.below(6):
            case 0:
                return self.move(1 + self.below(4), 1 + self.below(4), 1 + self.below(3), self.below(2))
            case 1:
                return self.listed(self.maker.draw(60))
            case 2:
                return self.handed(self.maker.make(self.sparse_shape(60)))
        return self.ewise(self.elementwise())

    def sparse_shape(self, words: int) -> Shape:
        """Of a sparse procedure."""
        shape = self.maker.draw(words)
        return replace(shape, proc=(Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP)[self.below(3)])

    def elementwise(self) -> Elementwise:
        """Any sources and layouts."""
        sources = tuple(
            int(choices[self.below(len(choices))])
            for choices in (A_SOURCES, B_SOURCES, addend_sources(self.hw))
        )
        a, b, c = sources
        side = Side.NONE if c == Source.WIDE else (Side.NONE, Side.VECTOR)[self.below(2)]
        rows = (1, self.hw.num_pe, 1 + self.below(5 * self.hw.num_pe))[self.below(3)]
        seqs = (self.below(2), self.below(2), self.below(2))
        return Elementwise(rows, 1 + self.below(4), (a, b, c), seqs, side)

    def choices(self) -> list[Elementwise]:
        """All choices of sources, and all of layouts."""
        wide = addend_sources(self.hw)[-1]
        chosen = [(a, b, c) for a in A_SOURCES for b in B_SOURCES for c in addend_sources(self.hw)]
        read = [(Source.SMEM, Source.SMEM, c) for c in (Source.SMEM, wide)]
        layouts = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]
        plain = [Elementwise(self.hw.num_pe + 1, 2, sources) for sources in chosen]
        laid = [Elementwise(2 * self.hw.num_pe, 3, sources, seqs) for sources in read for seqs in layouts]
        return plain + laid

    def ewise(self, what: Elementwise) -> Problem:
        """An EWISE problem with any function and sign."""
        hw, arith = self.hw, self.maker.arith
        groups, first = row_groups(what.rows, hw.num_pe), self.below(4)
        stride = first + what.steps + self.below(2)
        words: list[Array] = []
        bases: list[int] = []
        for number, (source, seq) in enumerate(zip(what.sources, what.seqs, strict=True)):
            base = 0
            if source in (Source.SMEM, Source.WIDE):
                vectors = self._vectors(groups * what.steps, wide=source == Source.WIDE)
                base = self._place(vectors, groups, stride, first if seq else None, bank=number % 2)
            else:
                vectors = self._constant(source, groups * what.steps, words)
            words.append(vectors)
            bases.append(base)
        counts = {"cnt0": groups - 1, "cnt2": what.steps - 1}
        names = ("a", "b", "c")
        sources = {f"{name}_src": int(s) for name, s in zip(names, what.sources, strict=True)}
        seqs = {f"{name}_seq": s for name, s in zip(names, what.seqs, strict=True)}
        addrs = dict(zip(("src0_addr", "src1_addr", "src2_addr"), bases, strict=True))
        cfg = IpmCfg(
            Proc.EWISE, step=first, stride=stride, side=what.side, **counts, **sources, **seqs, **addrs
        )
        core = CcmCfg(
            Proc.EWISE,
            cnt1=0,
            lanes=(what.rows - 1) % hw.num_pe,
            init=int(what.sources[2] != Source.ZERO),
            neg=self.below(2),
            func=(Func.NONE, Func.RELU, Func.SIGMOID, Func.TANH)[self.below(4)],
            **counts,
        )
        a, b, c = words
        addends = c if what.sources[2] == Source.WIDE else arith.load(c)
        none = np.empty(0, np.int64)
        results = Ccm(hw).execute(core, [], a, b, none, addends)
        return Problem(cfg, core, results.lanes, groups * what.steps)

    def move(self, groups: int, columns: int, steps: int, dram: int) -> Problem:
        """A MOVE of random words."""
        count = groups * columns * steps
        words = self._vectors(count, wide=False)
        fields: dict[str, int] = {}
        if dram:
            fields["dram_addr"] = self.maker.images.dram_region(words)
        else:
            fields["src0_addr"] = self.maker.images.smem_region(self.below(2), words)
        cfg = IpmCfg(Proc.MOVE, groups - 1, columns - 1, steps - 1, src0_dram=dram, side=Side.RAW, **fields)
        core = CcmCfg(Proc.IDLE, 0, 0, 0, 0)
        return Problem(cfg, core, np.empty((0, self.hw.num_pe), np.uint16), 0)

    def listed(self, shape: Shape) -> Problem:
        """MTxV_SP with an element of a vector beside each result."""
        problem = self.maker.make(replace(shape, proc=Proc.MTXV_SP, dram=1))
        columns = problem.cfg.cnt1 + 1
        vector = self._vectors(row_groups(columns, self.hw.num_pe), wide=False)
        base = self.maker.images.smem_region(self.below(2), vector)
        return replace(problem, cfg=replace(problem.cfg, side=Side.LIST, src0_addr=base))

    def handed(self, problem: Problem) -> Problem:
        """A sparse problem whose indices come from the output module, not from where they are in SMEM."""
        images, num_pe = self.maker.images, self.hw.num_pe
        for listed in images.listed(problem.cfg):
            for entry in range(listed.first_entry(num_pe), listed.first_entry(num_pe) + listed.count):
                word, lane = divmod(entry, num_pe)
                images.directs.append(int(images.smem[problem.cfg.src2_addr + word, lane]))
        return replace(problem, cfg=replace(problem.cfg, direct=1, src2_addr=self.below(self.hw.smem_words)))

    def depend(self, problems: Sequence[Problem], most: int) -> list[Problem]:
        """The same with random dependencies of up to `most` places."""
        return [replace(p, cfg=replace(p.cfg, dep=self.below(most + 1))) for p in problems]

    def _vectors(self, count: int, wide: bool) -> Array:
        """Words of random operands or, wide, of random result lanes: [count, NUM_PE]."""
        if wide:
            return self.maker.rng.normal(size=(count, self.hw.num_pe)).astype(np.float32)
        return self.maker.operands(count, self.hw.num_pe)

    def _constant(self, source: int, count: int, words: Sequence[Array]) -> Array:
        """Words of a constant, or those of the first operand again."""
        if source == Source.SAME:
            return words[0]
        value = np.full((count, self.hw.num_pe), float(source == Source.ONE))
        return self.maker.arith.encode(value)

    def _place(self, vectors: Array, groups: int, stride: int, first: int | None, bank: int) -> int:
        """Put the words of all steps, [T * G], one after another or (from step `first` on) as a sequence.

        Returns:
            The address of the region.
        """
        placed = vectors
        if first is not None:
            steps = len(vectors) // groups
            room = self._vectors(groups * stride, wide=vectors.dtype == np.float32)
            for number in range(steps):
                room[first + number :: stride][:groups] = vectors[number * groups : (number + 1) * groups]
            placed = room
        words = np.ascontiguousarray(placed).view(np.uint16).reshape(-1, self.hw.num_pe)
        return self.maker.images.smem_region(bank, words)
