"""Room in memories, footprints, and programs that cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reneta.compiler import lstm_plan
from reneta.compiler.hazards import MAX_DEP, dram_read, dram_written, footprint, with_deps
from reneta.compiler.layer_plan import Sizes, padded_gates, without_padding
from reneta.compiler.parts import ONE, SAME, Dram, Shape, Smem, sequence, shape_of, wide, words
from reneta.golden.ccm_types import Proc
from reneta.golden.config import load_config
from reneta.golden.instruction import Instruction
from reneta.golden.lists import LayoutError

HW = load_config("bf16_pe4")
HALF = HW.smem_words // 2


def test_room_goes_to_the_other_bank_when_one_is_full() -> None:
    smem = Smem(HW)
    assert [smem.take(HALF - 1, 0), smem.take(3, 1), smem.take(1, 0), smem.take(1, 0)] == [
        *(0, HALF, HALF - 1, HALF + 3)
    ]
    with pytest.raises(LayoutError, match="no room for 40000 words"):
        smem.take(40000, 1)


def test_shapes() -> None:
    assert [shape_of(size, HW)[:2] for size in (1, 4, 5)] == [(1, 1), (1, 4), (2, 1)]
    assert shape_of(5, HW).times(3) == Shape(6, 1)


def test_footprints() -> None:
    shape = Shape(2, 3, step=5, stride=10)
    marks = footprint(shape.ewise(sequence(100), SAME, wide(200), to=words(300)), HW)
    assert sorted(marks.reads) == [105, 115, 200, 201, 202, 203]
    assert sorted(marks.writes) == [300, 301]
    marks = footprint(shape.ewise(ONE, ONE, to=wide(300)), HW)
    assert (len(marks.reads), sorted(marks.writes)) == (0, [300, 301, 302, 303])
    marks = footprint(Instruction(Proc.DELTA, cnt0=1, list=1, step=7, c_seq=1, stride=9, src2_addr=50), HW)
    assert (sorted(marks.reads), list(marks.lists_written)) == ([0, 1, 57, 66], [HW.max_m + 7])
    marks = footprint(Instruction(Proc.VXV_SP, cnt2=2, step=7, stride=20, src0_addr=9), HW)
    assert (sorted(marks.reads), list(marks.lists_read)) == ([16, 17, 18], [7, 8, 9])


def test_distances() -> None:
    idle = Instruction(Proc.IDLE)
    write, read = Shape(1, 4).zero(words(9)), Shape(1, 4).ewise(words(9), ONE, to=words(8))
    for between in range(10):
        program = with_deps([write, *[idle] * between, read, read], HW)
        assert program[0].dep == 0
        assert program[between + 1].dep == min(between + 1, MAX_DEP)
        assert program[between + 2].dep == min(between + 2, MAX_DEP)


ZERO = Shape(1, 4).zero(words(0))
STORE = replace(ZERO, to_smem=0, to_dram=1, dram_dst=64)
LOAD = Instruction(Proc.MOVE, src0_dram=1, dram_src=64, to_smem=1, dst0_addr=50)
READ = Shape(1, 4).ewise(words(0), ONE, to=words(8))
LISTS = Instruction(Proc.MOVE, spm=1, cnt2=3, step=5)
SPARSE = Instruction(Proc.VXV_SP, step=6, src0_addr=90)


def waits(*program: Instruction) -> list[tuple[int, int]]:
    """Distance and fence of each instruction."""
    return [(one.dep, one.fence) for one in with_deps(program, HW)]


def test_fences_before_reads_of_what_is_written_in_dram() -> None:
    assert waits(STORE, replace(LOAD, dram_src=72)) == [(0, 0), (0, 0)]
    assert waits(STORE, LOAD, LOAD) == [(0, 0), (0, 1), (0, 0)]
    assert waits(STORE, replace(LOAD, dram_src=56, cnt2=1)) == [(0, 0), (0, 1)]
    # The matrix of an instruction that takes it from SMEM, or has none, is not read.
    for one in (replace(LOAD, src0_dram=0), replace(READ, src0_dram=1, dram_src=64)):
        assert waits(STORE, one) == [(0, 0), (0, 0)]
    # Nothing that it writes is in DRAM before the fence of the next one.
    assert waits(STORE, LOAD, replace(STORE, dram_dst=0), replace(LOAD, dram_src=0)) == [
        *((0, 0), (0, 1), (0, 0), (0, 1))
    ]


def test_nothing_waits_over_a_fence() -> None:
    assert waits(ZERO, READ) == [(0, 0), (1, 0)]
    fenced = replace(READ, fence=1)
    assert waits(ZERO, fenced, READ) == [(0, 0), (0, 1), (0, 0)]
    assert waits(ZERO, replace(STORE, fence=1), READ, LOAD) == [(0, 0), (0, 1), (0, 0), (0, 1)]
    assert waits(replace(ZERO, fence=1), READ) == [(0, 1), (1, 0)]


def test_nothing_waits_for_moved_descriptors() -> None:
    load, store = replace(LISTS, src0_dram=1, dram_src=64), replace(LISTS, to_dram=1, dram_dst=64)
    assert waits(STORE, ZERO, load, SPARSE, READ, LOAD) == [(0, 0)] * 6
    encode = Instruction(Proc.DELTA, step=6, src1_addr=20, src2_addr=21, dst0_addr=20)
    assert waits(encode, SPARSE, store, SPARSE) == [(0, 0), (1, 0), (0, 0), (0, 0)]
    assert waits(store, LOAD) == [(0, 0), (0, 0)]
    assert waits(ZERO, replace(store, fence=1), READ) == [(0, 0), (0, 1), (0, 0)]
    marks = [footprint(one, HW) for one in (load, store)]
    assert [[len(part) for part in mark] for mark in marks] == [[0, 0, 0, 4], [0, 0, 4, 0]]
    assert list(marks[0].lists_written) == list(marks[1].lists_read) == [5, 6, 7, 8]


def test_more_is_known() -> None:
    """Entries of a list that one writes and another one reads."""
    marks = [footprint(ZERO, HW), footprint(SPARSE, HW)]
    marks[1] = marks[1]._replace(reads=np.array([0]))
    assert [one.dep for one in with_deps([ZERO, SPARSE], HW, marks)] == [0, 1]


@pytest.mark.parametrize(
    ("sizes", "what"),
    [
        (Sizes(4, 4, 257), "descriptors"),
        (Sizes(4, 256, 2, base=16384 - 300), "accumulators"),
        (Sizes(256, 256, 200), "no room"),
    ],
)
def test_what_does_not_fit(sizes: Sizes, what: str) -> None:
    with pytest.raises(LayoutError, match=what):
        lstm_plan.plan_lstm(Smem(HW), Dram(HW), HW, sizes)


def test_matrices_in_dram() -> None:
    """Five units: the second word of each gate holds one row and zeros."""
    rows = np.arange(1, 21)[:, None]
    padded = padded_gates(rows, HW, 4)
    assert padded.shape == (32, 1)
    assert list(padded[8:16, 0]) == [6, 7, 8, 9, 10, 0, 0, 0]
    np.testing.assert_array_equal(without_padding(padded, 5, 4), rows)


def test_areas_of_dram() -> None:
    """A MOVE of descriptors takes words by its steps, whatever its other counts say."""
    words_moved = Instruction(
        Proc.MOVE, cnt0=3, cnt1=1, cnt2=2, src0_dram=1, dram_src=64, to_dram=1, dram_dst=800
    )
    assert dram_read(words_moved, HW) == range(64, 64 + 24 * HW.word_bytes)
    assert dram_written(words_moved, HW) == range(800, 800 + 24 * HW.word_bytes)
    load = replace(words_moved, spm=1, to_dram=0)
    store = replace(words_moved, spm=1, src0_dram=0)
    assert (dram_read(load, HW), dram_written(load, HW)) == (range(64, 64 + 2 * HW.word_bytes), range(0))
    assert (dram_read(store, HW), dram_written(store, HW)) == (range(0), range(800, 800 + 2 * HW.word_bytes))
