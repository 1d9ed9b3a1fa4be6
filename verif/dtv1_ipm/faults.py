"""Faulty instructions: what software may do wrong, each put into a problem that is right otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from reneta.golden.ccm_types import Proc
from reneta.golden.ipm import (
    addend_reads,
    first_reads,
    index_read,
    is_sparse,
    lists_sides,
    second_reads,
    walk,
)
from reneta.golden.ipm_types import IpmCfg, Side, Source
from reneta.golden.lists import entry_place
from reneta.verif.dtv1_ipm.problem import PROCS, Images, Maker, Problem, Shape
from reneta.verif.dtv1_ipm.vectors import Elementwise, VectorMaker

# Makes an instruction of a procedure, its matrix in DRAM or in SMEM.
Make = Callable[[Maker, Proc, int], Problem]
SPARSE = tuple(proc for proc in PROCS if proc.sparse)
WORDS = (Proc.EWISE, Proc.MOVE)


@dataclass(frozen=True)
class Fault:
    """Something wrong, in which procedures and with which matrices it can be, and what makes it."""

    name: str
    procs: tuple[Proc, ...]
    make: Make
    drams: tuple[int, ...] = (0, 1)


def right(maker: Maker, proc: Proc, dram: int, full: bool = False) -> Problem:
    """A problem of several steps whose lists are not empty, or full; every region has two words at least."""
    num_pe, vectors = maker.hw.num_pe, VectorMaker(maker)
    if proc is Proc.MOVE:
        return vectors.move(2 + maker.below(2), 1 + maker.below(3), 2 + maker.below(3), dram)
    if proc is Proc.EWISE:
        wide = maker.hw.is_fp and maker.below(2)
        sources = (Source.SMEM, Source.SMEM, Source.WIDE if wide else Source.SMEM)
        rows, steps = (2 + maker.below(2)) * num_pe, 2 + maker.below(3)
        seqs = (maker.below(2), maker.below(2), maker.below(2))
        return vectors.ewise(Elementwise(rows, steps, sources, seqs))
    columns = num_pe + maker.below(num_pe) + 1
    counts = [columns if full else 1 + maker.below(columns) for _ in range(2 + maker.below(3))]
    rows = (1 + maker.below(3)) * num_pe
    return maker.make(Shape(proc, rows, columns, len(counts), dram=dram, counts=tuple(counts)))


def _count(largest: bool) -> Make:
    """A list that is longer than the matrix is wide, by one or as long as there are."""

    def make(maker: Maker, proc: Proc, dram: int) -> Problem:
        problem = right(maker, proc, dram)
        cfg, descriptors = problem.cfg, maker.images.descriptors
        key = (cfg.list, cfg.step + maker.below(cfg.cnt2 + 1))
        count = maker.hw.max_n if largest else cfg.cnt1 + 2
        descriptors[key] = replace(descriptors[key], count=count)
        return problem

    return make


def _index(high_bit: bool) -> Make:
    """An index that no column has: the first of them, or one that is right but for its highest bit."""

    def make(maker: Maker, proc: Proc, dram: int) -> Problem:
        problem = right(maker, proc, dram)
        cfg, images, num_pe = problem.cfg, maker.images, maker.hw.num_pe
        listed = images.descriptors[cfg.list, cfg.step + maker.below(cfg.cnt2 + 1)]
        place = entry_place(listed.first_entry(num_pe) + maker.below(listed.count), num_pe)
        entry = cfg.src2_addr + int(place.word), int(place.lane)
        images.smem[entry] = images.smem[entry] | 1 << 15 if high_bit else cfg.cnt1 + 1
        return problem

    return make


def _handed(maker: Maker, proc: Proc, dram: int) -> Problem:
    """An index that no column has, from the output module."""
    problem = VectorMaker(maker).handed(right(maker, proc, dram))
    directs = maker.images.directs
    directs[maker.below(len(directs))] = problem.cfg.cnt1 + 1
    return problem


def _element(maker: Maker, proc: Proc, dram: int) -> Problem:
    """A vector for the side stream that ends outside; the list names all of its elements."""
    problem = right(maker, proc, dram, full=True)
    end = maker.images.end_region(0, 1)
    return replace(problem, cfg=replace(problem.cfg, side=Side.LIST, src0_addr=end))


def _source(field: str, sources: tuple[int, ...]) -> Make:
    """An operand of EWISE from where it cannot come."""

    def make(maker: Maker, proc: Proc, dram: int) -> Problem:
        problem = right(maker, proc, dram)
        wide = () if maker.hw.is_fp else (int(Source.WIDE),)
        chosen = (*sources, *wide)[maker.below(len(sources) + len(wide))]
        return replace(problem, cfg=replace(problem.cfg, **{field: chosen}))

    return make


def _side(maker: Maker, proc: Proc, dram: int) -> Problem:
    """Something for the output module that the procedure has not."""
    problem = right(maker, proc, dram)
    wrong = []
    for side in Side:
        cfg = replace(problem.cfg, side=side)
        vector = proc is Proc.EWISE and cfg.c_src != Source.WIDE
        move = proc is Proc.MOVE
        fits = {Side.NONE: not move, Side.VECTOR: vector, Side.LIST: lists_sides(cfg), Side.RAW: move}
        wrong += [] if fits[side] else [cfg]
    return replace(problem, cfg=wrong[maker.below(len(wrong))])


def _address(field: str) -> Make:
    """A region that begins in the memory and ends outside; `field` holds its address."""

    def make(maker: Maker, proc: Proc, dram: int) -> Problem:
        problem = right(maker, proc, dram, full=True)
        base = getattr(problem.cfg, field)
        words = max(_addresses(maker.images, problem.cfg, field)) - base + 1
        moved = maker.images.end_region(base, 1 + maker.below(words - 1))
        return replace(problem, cfg=replace(problem.cfg, **{field: moved}))

    return make


def _addresses(images: Images, cfg: IpmCfg, field: str) -> Iterator[int]:
    """Addresses that are read relative to the address in `field`."""
    hw = images.hw
    descriptors = images.listed(cfg) if is_sparse(cfg) else []
    for column in walk(cfg, descriptors, hw):
        match field:
            case "src2_addr" if is_sparse(cfg):
                yield index_read(cfg, column, hw).addr
            case "src2_addr":
                yield from (read.addr for read in addend_reads(cfg, column, hw))
            case "src1_addr":
                yield from (read.addr for read in second_reads(cfg, column, hw))
            case _:
                # Lists are full, so numbers of columns are indices.
                yield from (read.addr for read in first_reads(cfg, column, column.number, hw))


def _steps(maker: Maker, proc: Proc, dram: int) -> Problem:
    """Steps of which the last one or more do not exist."""
    problem = right(maker, proc, dram)
    first = maker.hw.max_m - problem.cfg.cnt2 + maker.below(problem.cfg.cnt2)
    return replace(problem, cfg=replace(problem.cfg, step=first))


FAULTS = (
    Fault("count_one_above", SPARSE, _count(largest=False)),
    Fault("count_largest", SPARSE, _count(largest=True)),
    Fault("index_one_above", SPARSE, _index(high_bit=False)),
    Fault("index_high_bit", SPARSE, _index(high_bit=True)),
    Fault("index_list_outside", SPARSE, _address("src2_addr")),
    Fault("index_handed", SPARSE, _handed),
    Fault("second_outside", (*PROCS, Proc.EWISE), _address("src1_addr")),
    Fault("first_outside", (*PROCS, *WORDS), _address("src0_addr"), drams=(0,)),
    Fault("addend_outside", (Proc.EWISE,), _address("src2_addr")),
    Fault("element_outside", (Proc.MTXV_SP,), _element, drams=(1,)),
    Fault("steps_outside", (*PROCS, *WORDS), _steps),
    Fault("first_source", (Proc.EWISE,), _source("a_src", (Source.WIDE, Source.SAME, 5, 6, 7))),
    Fault("second_source", (Proc.EWISE,), _source("b_src", (Source.WIDE, 5, 6, 7))),
    Fault("addend_source", (Proc.EWISE,), _source("c_src", (5, 6, 7))),
    Fault("side", (*PROCS, *WORDS), _side),
)
