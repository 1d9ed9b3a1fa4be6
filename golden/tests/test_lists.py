"""Layouts: every place against the contract's formula, round trips, the example, what does not fit."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reneta.golden import lists
from reneta.golden.arrays import Array
from reneta.golden.config import REPO, HwConfig, load_config, shipped_configs
from reneta.golden.lists import Descriptor, LayoutError
from reneta.golden.matrix import NonzeroList, nonzero_lists

HW = load_config("bf16_pe4")
CONFIGS = st.sampled_from([load_config(file) for file in shipped_configs()])
LANES = st.sampled_from([2, 4, 8, 16, 32, 64])
FILL = 0xBAD


def _some(shape: tuple[int, int]) -> Array:
    """Different patterns, none of which is FILL."""
    return (np.arange(shape[0] * shape[1], dtype=np.uint16) + 0x1000).reshape(shape)


@given(LANES, st.integers(1, 70), st.integers(1, 9), st.integers(0, 3))
def test_sequence(num_pe: int, size: int, count: int, more: int) -> None:
    values, steps = _some((size, count)), count + more
    words = lists.pack_sequence(values, num_pe, steps, FILL)
    assert words.shape == (-(-size // num_pe) * steps, num_pe)
    for n in range(size):
        for t in range(count):
            assert words[(n // num_pe) * steps + t, n % num_pe] == values[n, t]
    assert np.count_nonzero(words != FILL) == values.size
    np.testing.assert_array_equal(lists.unpack_sequence(words, size, count, steps), values)


def test_sequence_keeps_its_type_and_needs_no_extra_room() -> None:
    values = np.array([[-1, 2], [3, -4], [5, 6]], np.int16)
    words = lists.pack_sequence(values, 2)
    assert words.dtype == np.int16
    assert words.tolist() == [[-1, 3], [2, -4], [5, 0], [6, 0]]
    np.testing.assert_array_equal(lists.unpack_sequence(words, 3, 2), values)
    with pytest.raises(LayoutError, match="2 steps does not fit into room for 1"):
        lists.pack_sequence(values, 2, 1)


@given(LANES, st.integers(1, 150), st.integers(1, 9))
def test_matrix(num_pe: int, rows: int, columns: int) -> None:
    matrix = _some((rows, columns))
    words = lists.pack_matrix(matrix, num_pe, FILL)
    groups = lists.row_groups(rows, num_pe)
    assert words.shape == (columns * groups, num_pe)
    for j in range(columns):
        # A column is one contiguous block.
        column = words[j * groups : (j + 1) * groups].reshape(-1)
        np.testing.assert_array_equal(column[:rows], matrix[:, j])
        assert np.all(column[rows:] == FILL)
    np.testing.assert_array_equal(lists.unpack_matrix(words, rows, columns), matrix)


@st.composite
def descriptors(draw: st.DrawFn) -> tuple[HwConfig, Descriptor]:
    hw = draw(CONFIGS)
    word, lane = draw(st.integers(0, hw.smem_words - 1)), draw(st.integers(0, hw.num_pe - 1))
    return hw, Descriptor(
        word, lane, draw(st.one_of(st.sampled_from([0, hw.max_n]), st.integers(0, hw.max_n)))
    )


@given(descriptors())
def test_descriptor_round_trip(drawn: tuple[HwConfig, Descriptor]) -> None:
    hw, descriptor = drawn
    bits = descriptor.encode(hw)
    assert bits < 1 << hw.desc_w <= 1 << 32
    assert Descriptor.decode(bits, hw) == descriptor


@given(CONFIGS, st.data())
def test_every_pattern_is_a_descriptor(hw: HwConfig, data: st.DataObject) -> None:
    bits = data.draw(st.integers(0, (1 << hw.desc_w) - 1))
    descriptor = Descriptor.decode(bits, hw)
    assert descriptor.word < hw.smem_words
    assert descriptor.lane < hw.num_pe
    if descriptor.count <= hw.max_n:
        assert descriptor.encode(hw) == bits


def test_descriptor_fields_from_the_top_down() -> None:
    hw = load_config("bf16_pe16")
    widths = (hw.smem_addr_w, hw.lane_w, hw.nzc_w)
    assert sum(widths) == hw.desc_w
    assert Descriptor(1, 0, 0).encode(hw) == 1 << hw.lane_w + hw.nzc_w
    assert Descriptor(0, 1, 0).encode(hw) == 1 << hw.nzc_w
    assert Descriptor(0, 0, hw.max_n).encode(hw) == hw.max_n


@pytest.mark.parametrize(
    ("descriptor", "message"),
    [
        (Descriptor(HW.smem_words, 0, 1), "word of a descriptor is"),
        (Descriptor(-1, 0, 1), "word of a descriptor is -1"),
        (Descriptor(0, HW.num_pe, 1), "lane of a descriptor is 4, not 0 .. 3"),
        (Descriptor(0, 0, HW.max_n + 1), "count of a descriptor is 257, not 0 .. 256"),
    ],
)
def test_descriptor_that_does_not_fit(descriptor: Descriptor, message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        descriptor.encode(HW)


@pytest.mark.parametrize("bits", [-1, 1 << HW.desc_w])
def test_word_that_is_no_descriptor(bits: int) -> None:
    with pytest.raises(LayoutError, match="no descriptor"):
        Descriptor.decode(bits, HW)


def test_step_addresses() -> None:
    assert lists.step_address(0, 0, HW) == 0
    assert lists.step_address(1, 0, HW) == 1 << HW.step_w
    addresses = {lists.step_address(which, t, HW) for which in (0, 1) for t in range(HW.max_m)}
    assert len(addresses) == 2 * HW.max_m
    for which, step in ((2, 0), (0, HW.max_m), (0, -1)):
        with pytest.raises(LayoutError, match="no step"):
            lists.step_address(which, step, HW)


@st.composite
def packings(draw: st.DrawFn) -> tuple[HwConfig, list[NonzeroList], int]:
    hw = draw(CONFIGS)
    sizes = st.one_of(st.just(0), st.just(hw.num_pe), st.integers(0, 3 * hw.num_pe), st.just(hw.max_n))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    steps = [
        NonzeroList(
            np.sort(rng.choice(hw.max_n, count, replace=False)).astype(np.uint16),
            rng.integers(0, 1 << 16, count, np.uint16),
        )
        for count in draw(st.lists(sizes, max_size=6))
    ]
    return hw, steps, draw(st.integers(0, 2 * hw.num_pe))


@given(packings())
def test_lists(drawn: tuple[HwConfig, list[NonzeroList], int]) -> None:
    hw, steps, start = drawn
    packed = lists.pack_lists(steps, hw, start, FILL)
    entry = start
    for descriptor, step in zip(packed.descriptors, steps, strict=True):
        assert descriptor.count == len(step.indices)
        assert descriptor.first_entry(hw.num_pe) == entry
        for index, value in zip(*step, strict=True):
            # Entry k of a region stands in word k div NUM_PE, lane k mod NUM_PE.
            assert packed.indices[entry // hw.num_pe, entry % hw.num_pe] == index
            assert packed.values[entry // hw.num_pe, entry % hw.num_pe] == value
            entry += 1
    for words in (packed.indices, packed.values):
        assert words.shape == (-(-entry // hw.num_pe), hw.num_pe)
        rest = np.delete(words.reshape(-1), np.s_[start:entry])
        assert np.all(rest == FILL)
    again = lists.unpack_lists(packed.descriptors, packed.indices, packed.values)
    for mine, theirs in zip(again, steps, strict=True):
        np.testing.assert_array_equal(mine.indices, theirs.indices)
        np.testing.assert_array_equal(mine.values, theirs.values)


def test_values_keep_their_type() -> None:
    step = NonzeroList(np.array([2], np.int64), np.array([-5], np.int16))
    packed = lists.pack_lists([step], HW, start=1)
    assert packed.values.tolist() == [[0, -5, 0, 0]]
    assert packed.values.dtype == np.int16
    assert packed.indices.dtype == np.uint16


def _list(count: int, first: int = 0) -> NonzeroList:
    return NonzeroList(np.arange(first, first + count), np.zeros(count, np.uint16))


def test_a_full_memory_and_an_empty_list_behind_it() -> None:
    end = HW.smem_words * HW.num_pe
    packed = lists.pack_lists([_list(1), _list(0)], HW, end - 1)
    assert packed.descriptors == [Descriptor(HW.smem_words - 1, HW.num_pe - 1, 1), Descriptor(0, 0, 0)]
    with pytest.raises(LayoutError, match="do not fit"):
        lists.pack_lists([_list(2)], HW, end - 1)
    with pytest.raises(LayoutError, match="do not fit"):
        lists.pack_lists([_list(2)], HW, -1)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([NonzeroList(np.arange(2), np.zeros(3, np.uint16))], "step 0 has 2 indices and 3 values"),
        ([_list(1), _list(HW.max_n + 1)], "step 1 has 257 entries"),
        ([_list(2, HW.max_n - 1)], "step 0 has an index outside 0 .. 255"),
        ([_list(1, -1)], "step 0 has an index outside 0 .. 255"),
        ([_list(0)] * (HW.max_m + 1), "257 steps"),
    ],
)
def test_lists_that_do_not_fit(steps: list[NonzeroList], message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        lists.pack_lists(steps, HW)


def test_regions_that_do_not_hold_the_list() -> None:
    packed = lists.pack_lists([_list(3)], HW)
    with pytest.raises(LayoutError, match="outside a region of 1 words"):
        lists.unpack_lists([Descriptor(0, 2, 3)], packed.indices, packed.values)
    with pytest.raises(LayoutError, match="regions differ"):
        lists.unpack_lists(packed.descriptors, packed.indices, packed.values[:0])


def _shown(words: Array) -> list[list[str]]:
    """Words as the page shows them: a dash for a lane that holds nothing."""
    return [["–" if lane == FILL else str(lane) for lane in word] for word in words.tolist()]


def test_documented_example() -> None:
    """The tables of docs/memory.md, computed from the sequence and the matrix that the page gives."""
    page = (REPO / "docs" / "memory.md").read_text(encoding="utf-8")
    sequence, words, descriptors, matrix = (
        [[cell.strip() for cell in row.strip("|").split("|")] for row in table.strip().splitlines()[2:]]
        for table in re.findall(r"<!-- example -->\n((?:\|.*\n)+)", page)
    )
    delta = np.array([[int(cell) for cell in row[1:]] for row in sequence], np.uint16)
    packed = lists.pack_lists(nonzero_lists(delta != 0, delta), HW, fill=FILL)
    regions = {"NZI": packed.indices, "NZV": packed.values}
    regions["Δx"] = lists.pack_sequence(delta, HW.num_pe, fill=FILL)
    assert [row[2:] for row in words] == [row for region in regions.values() for row in _shown(region)]
    assert descriptors == [
        [str(t), str(d.word), str(d.lane), str(d.count), f"0x{d.encode(HW):08x}"]
        for t, d in enumerate(packed.descriptors)
    ]
    assert {0, HW.num_pe} < {d.count for d in packed.descriptors}
    w = np.array([[10 * r + j for j in range(3)] for r in range(6)], np.uint16)
    assert [row[2:] for row in matrix] == _shown(lists.pack_matrix(w, HW.num_pe, FILL))
