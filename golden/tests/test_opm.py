"""The output module: each mode against scalars and loops, the lists against layouts, errors."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reneta.golden import delta, fp32, lists, opm_arrays
from reneta.golden.arith import Bf16Arithmetic, Fxp16Arithmetic
from reneta.golden.arrays import U16, Array
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.config import HwConfig, load_config, shipped_configs
from reneta.golden.ipm import dram_command
from reneta.golden.ipm_types import IpmCfg
from reneta.golden.lists import Descriptor
from reneta.golden.matrix import NonzeroList
from reneta.golden.opm import LaneWrites, Opm, Output, word_bits
from reneta.golden.opm_types import OpmCfg, OpmMode
from reneta.golden.tests.exact import BF16, F32, add, decode, encode, fixed, nan, to_bf16
from reneta.golden.tests.stimulus import bf16_corners, float32_corners, operands, pairs

CONFIGS = [load_config(file) for file in shipped_configs()]
FP, FXP = load_config("bf16_pe4"), load_config("fxp16_pe4")
HW = st.sampled_from(CONFIGS)
SEEDS = st.integers(0, 2**32 - 1)
FILL = 0xBAD
ONE = 0x3F80


def results(rng: np.random.Generator, shape: tuple[int, ...], hw: HwConfig) -> Array:
    """Patterns of results: any, and numbers of moderate size."""
    dtype = np.uint32 if hw.is_fp else np.uint16
    wild = rng.integers(0, 1 << 8 * dtype().itemsize, shape, dtype=dtype)
    tame = (rng.standard_normal(shape) * 4).astype(np.float32)
    patterns = tame.view(np.uint32) if hw.is_fp else (tame * 256).astype(np.int16).view(np.uint16)
    return np.where(rng.random(shape) < 0.3, wild, patterns)


def memory(hw: HwConfig, out: Output) -> U16:
    """A memory full of FILL after an instruction."""
    smem = np.full((hw.smem_words, hw.num_pe), FILL, np.uint16)
    out.store(smem)
    # The requests, one by one, mean the same.
    again = np.full_like(smem, FILL)
    for addr, sel, data in out.requests(hw):
        if sel >> hw.lane_w:
            again[addr, sel & hw.num_pe - 1] = data
        else:
            again[addr] = [data >> 16 * lane & 0xFFFF for lane in range(hw.num_pe)]
    np.testing.assert_array_equal(again, smem)
    return smem


def element(pattern: int, hw: HwConfig) -> int:
    """A result as an element, by the exact model."""
    return to_bf16(pattern) if hw.is_fp else pattern


@given(HW, SEEDS, st.data())
def test_words(hw: HwConfig, seed: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    seq, wide = data.draw(st.booleans()), hw.is_fp and data.draw(st.booleans())
    groups, steps = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 4))
    columns = 1 if seq else data.draw(st.integers(1, 3))
    step, lanes = data.draw(st.integers(0, 5)), data.draw(st.integers(0, hw.num_pe - 1))
    stride = steps + step + data.draw(st.integers(0, 3))
    cfg = OpmCfg(
        OpmMode.WORDS, groups - 1, columns - 1, steps - 1, lanes, to_smem=1, to_dram=1, wide=int(wide),
        seq=int(seq), step=step, stride=stride, dst_addr=70, dram_addr=0x1000,
    )  # fmt: skip
    beats = results(rng, (steps, columns, groups, hw.num_pe), hw)
    out = Opm(hw).run(cfg, beats.reshape(-1, hw.num_pe))
    smem, used = memory(hw, out), 0
    sequence = []
    for t, c, g in np.ndindex(steps, columns, groups):
        valid = hw.num_pe if g < groups - 1 else lanes + 1
        lane = [int(x) if n < valid else 0 for n, x in enumerate(beats[t, c, g])]
        number = g * stride + step + t if seq else (t * columns + c) * groups + g
        if wide:
            place = smem[70 + 2 * number : 72 + 2 * number]
            # The two words are a float32 array.
            assert np.ascontiguousarray(place, "<u2").reshape(-1).view("<u4").tolist() == lane
        else:
            place = smem[70 + number : 71 + number]
            assert place[0].tolist() == [element(x, hw) for x in lane]
        sequence.append(place)
        used += place.size
    assert np.count_nonzero(smem != FILL) >= used - np.count_nonzero(np.concatenate(sequence) == FILL)
    assert np.all(np.delete(smem, np.concatenate([w.addr for w in out.writes]), axis=0) == FILL)
    assert out.dram is not None
    np.testing.assert_array_equal(out.dram, np.concatenate(sequence))
    width = groups << int(wide)
    expected = IpmCfg(1, width - 1, dram_addr=0x1000)
    assert out.commands == [dram_command(expected, column, hw) for column in range(columns * steps)]
    assert out.last == ([False] * (width - 1) + [True]) * (columns * steps)


def test_words_are_the_layouts_of_sequences_and_matrices() -> None:
    rng, opm = np.random.default_rng(1), Opm(FP)
    values = operands(rng, "normal", (10, 6))  # [N, T]
    words = np.zeros((6, 3 * 4), np.uint32)
    words[:, :10] = values.T.astype(np.uint32) << 16
    cfg = OpmCfg(OpmMode.WORDS, cnt0=2, cnt2=5, lanes=1, to_smem=1, seq=1, step=1, stride=8)
    smem = memory(FP, opm.run(cfg, words.reshape(-1, 4)))
    np.testing.assert_array_equal(lists.unpack_sequence(smem[1:], 10, 6, 8), values)
    cfg = OpmCfg(OpmMode.WORDS, cnt0=2, cnt1=5, lanes=1, to_smem=1)
    smem = memory(FP, opm.run(cfg, words.reshape(-1, 4)))
    np.testing.assert_array_equal(smem[:18], lists.pack_matrix(values, 4))


@given(HW, SEEDS, st.integers(1, 70), st.integers(1, 4), st.booleans())
def test_sums(hw: HwConfig, seed: int, size: int, steps: int, seq: bool) -> None:
    sums = results(np.random.default_rng(seed), (steps, size), hw)
    groups = -(-size // hw.num_pe)
    cfg = OpmCfg(
        OpmMode.SUMS, cnt1=size - 1, cnt2=steps - 1, to_smem=1, to_dram=1, seq=int(seq), step=2, stride=9
    )
    out = Opm(hw).run(cfg, sums.reshape(-1))
    values = np.array([[element(int(x), hw) for x in row] for row in sums], np.uint16)
    smem = memory(hw, out)
    if seq:
        np.testing.assert_array_equal(lists.unpack_sequence(smem[2:], size, steps, 9), values.T)
    matrix = lists.pack_matrix(values.T, hw.num_pe)
    if not seq:
        np.testing.assert_array_equal(smem[: len(matrix)], matrix)
        assert np.all(smem[len(matrix) :] == FILL)
    np.testing.assert_array_equal(out.dram, matrix)
    assert out.commands == [dram_command(IpmCfg(1, groups - 1), t, hw) for t in range(steps)]


@given(HW, SEEDS, st.integers(0, 70))
def test_sums_in_list_order(hw: HwConfig, seed: int, count: int) -> None:
    sums = results(np.random.default_rng(seed), (count,), hw)
    cfg = OpmCfg(OpmMode.SUMS, cnt1=3, cnt2=2, sparse=1, to_smem=1, to_dram=1, dst_addr=5, dram_addr=32)
    out = Opm(hw).run(cfg, sums)
    words = -(-count // hw.num_pe)
    smem = memory(hw, out)[5:].reshape(-1)
    assert smem[:count].tolist() == [element(int(x), hw) for x in sums]
    assert not smem[count : words * hw.num_pe].any()
    assert np.all(smem[words * hw.num_pe :] == FILL)
    assert out.commands == [dram_command(IpmCfg(1, dram_addr=32), word, hw) for word in range(words)]
    assert out.last == [True] * words


def fires_exactly(d: int, theta: int) -> bool:
    """Whether a float32 difference reaches a bf16 threshold, by the exact model."""
    difference, threshold = decode(d, F32), decode(theta, BF16)
    assert threshold is not None
    return difference is None or difference[1] >= threshold[1]


def test_encoding_of_corners() -> None:
    thetas = [theta for theta in bf16_corners().tolist() if theta < 0x7F81]
    for theta in thetas:
        # Corners, and the neighbours of the threshold.
        near = [(theta << 16) + ulp & 0x7FFFFFFF | sign << 31 for ulp in (-1, 0, 1) for sign in (0, 1)]
        d = np.array([*float32_corners().tolist(), *near], np.uint32)
        encoded = opm_arrays.encode(
            d, np.full(d.shape, 7, np.uint16), np.full(d.shape, 9, np.uint16), theta, FP
        )
        for pattern, fired, change, kept in zip(d.tolist(), *encoded, strict=True):
            wanted = fires_exactly(pattern, theta)
            assert (fired, kept) == (wanted, 7 if wanted else 9), f"{pattern:x} {theta:x}"
            assert change == (to_bf16(pattern) if wanted else 0)


def test_a_threshold_is_met_by_one_unit_in_the_last_place() -> None:
    d = np.array([(ONE << 16) - 1, ONE << 16, (ONE << 16) + 1], np.uint32)
    d = np.concatenate([d, d | 1 << 31])
    fires = opm_arrays.encode(d, d.astype(np.uint16), d.astype(np.uint16), ONE, FP).fires
    assert fires.tolist() == [False, True, True] * 2


def test_all_differences_of_fixed_point() -> None:
    d = np.arange(1 << 16, dtype=np.uint16)
    number = d.view(np.int16).astype(int)
    for theta in (0, 1, 255, 0x7FFE, 0x7FFF):
        encoded = opm_arrays.encode(d, d, ~d, theta, FXP)
        fires = np.abs(number) >= theta
        np.testing.assert_array_equal(encoded.fires, fires)
        np.testing.assert_array_equal(encoded.delta, np.where(fires, d, 0))
        np.testing.assert_array_equal(encoded.v_hat, np.where(fires, d, ~d))


def test_thresholds_that_are_no_distance_let_everything_fire() -> None:
    d = np.array([0, 1 << 31, ONE << 16, 0x7F7FFFFF], np.uint32)
    for theta in (0x8000, 0x8001, 0xBF80, 0xFF80, 0x7F81, 0x7FC0, 0xFFFF):
        assert opm_arrays.encode(d, d.astype(np.uint16), d.astype(np.uint16), theta, FP).fires.all()
    e = np.array([0, 1, 0x7FFF, 0x8000, 0xFFFF], np.uint16)
    for theta in (0x8000, 0xFFFF):
        assert opm_arrays.encode(e, e, e, theta, FXP).fires.all()


def test_encoding_is_the_contracts_delta_encoding() -> None:
    v, v_hat = pairs(bf16_corners())
    arith = Bf16Arithmetic(FP)
    one = np.full(v.shape, ONE, np.uint16)
    d = fp32.to_bits(arith.accumulate(fp32.canonical(fp32.from_bits(v.astype(np.uint32) << np.uint32(16))),
                                      arith.product(one, v_hat, negate=True)))  # fmt: skip
    for theta in (0, 1, 0x80, ONE, 0x7F7F, 0x7F80):
        expected = delta.encode_bf16(v, v_hat, np.array(theta, np.uint16))
        for ours, theirs in zip(opm_arrays.encode(d, v, v_hat, theta, FP), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    # Fixed point: the core saturates the difference, which changes nothing about what fires.
    rng = np.random.default_rng(3)
    w, w_hat = rng.integers(-(1 << 15), 1 << 15, (2, 1 << 16)).astype(np.int16)
    fixed_arith = Fxp16Arithmetic(FXP)
    saturated = np.clip(w.astype(int) - w_hat, -(1 << 15), (1 << 15) - 1).astype(np.int16).view(np.uint16)
    for theta in (0, 1, 300, 0x7FFF):
        wanted = fixed_arith.delta(w, w_hat, np.array(theta, np.int16))
        got = opm_arrays.encode(saturated, w.view(np.uint16), w_hat.view(np.uint16), theta, FXP)
        np.testing.assert_array_equal(got.fires, wanted.fires)
        np.testing.assert_array_equal(got.delta, wanted.delta.view(np.uint16))
        np.testing.assert_array_equal(got.v_hat, wanted.v_hat.view(np.uint16))


@given(HW, SEEDS, st.data())
def test_lists_lie_as_the_layout_says(hw: HwConfig, seed: int, data: st.DataObject) -> None:
    """Steps of random density, the first at any entry, the others behind it: the layout of pack_lists."""
    rng, opm = np.random.default_rng(seed), Opm(hw)
    steps, groups = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 4))
    lanes, which = data.draw(st.integers(0, hw.num_pe - 1)), data.draw(st.integers(0, 1))
    start, theta = data.draw(st.integers(0, 3 * hw.num_pe)), {True: ONE, False: 256}[hw.is_fp]
    size = (groups - 1) * hw.num_pe + lanes + 1
    smem = np.full((hw.smem_words, hw.num_pe), FILL, np.uint16)
    sums = np.zeros(groups * hw.num_pe)
    expected, descriptors, state = [], [], np.zeros((groups, hw.num_pe), np.uint16)
    for step in range(steps):
        beats = results(rng, (groups, hw.num_pe), hw)
        v = rng.integers(1, 1 << 16, beats.shape, dtype=np.uint16)
        cfg = OpmCfg(
            OpmMode.ENCODE, cnt0=groups - 1, lanes=lanes, list=which, append=int(step > 0), direct=1,
            step=step, theta=theta, head_word=start // hw.num_pe, head_lane=start % hw.num_pe, idx_addr=100,
            dst1_addr=600, dst_addr=1100,
        )  # fmt: skip
        out = opm.run(cfg, beats, v, state)
        out.store(smem)
        flat = beats.reshape(-1)[:size].tolist()
        fired = [n for n, d in enumerate(flat) if reaches(d, theta, hw)]
        expected.append(
            NonzeroList(np.array(fired, int), np.array([element(flat[n], hw) for n in fired], np.uint16))
        )
        assert out.indices == fired
        assert out.fired == len(fired)
        descriptors.append(out.descriptor)
        state = smem[1100 : 1100 + groups].copy()
        for n in range(groups * hw.num_pe):
            sums[n] = v.reshape(-1)[n] if n in fired else sums[n]
            assert state.reshape(-1)[n] == sums[n]
    packed = lists.pack_lists(expected, hw, start)
    assert descriptors == packed.descriptors
    first = start // hw.num_pe
    for base, words in ((100, packed.indices), (600, packed.values)):
        written = slice(base + first, base + len(words))
        if sum(len(step.indices) for step in expected):
            np.testing.assert_array_equal(smem[written], words[first:])
        assert np.all(smem[base + len(words) : base + len(words) + 3] == FILL)
        assert np.all(smem[base - 3 : base + first] == FILL)


def reaches(d: int, theta: int, hw: HwConfig) -> bool:
    """Whether a difference fires, by scalars."""
    if hw.is_fp:
        return fires_exactly(d, theta)
    return abs(d - (d >> 15 << 16)) >= theta


def test_the_two_lists_and_empty_ones() -> None:
    """Each list goes on where it ended itself; an empty one writes nothing, but may move the head."""
    opm, ones = Opm(FP), np.full((1, 4), ONE << 16, np.uint32)
    zeros, words = np.zeros((1, 4), np.uint32), np.zeros((1, 4), np.uint16)
    cfg = OpmCfg(OpmMode.ENCODE, lanes=2, theta=ONE, idx_addr=100, dst1_addr=200, append=1)
    assert opm.run(cfg, ones, words, words).descriptor == Descriptor(0, 0, 3)
    assert opm.run(replace(cfg, list=1), ones, words, words).descriptor == Descriptor(0, 0, 3)
    empty = opm.run(cfg, zeros, words, words)
    assert empty.descriptor == Descriptor(0, 3, 0)
    assert len(empty.writes) == 1
    second = memory(FP, opm.run(cfg, ones, words, words))
    assert second[100:102].tolist() == [[0, 1, 2, 0], [1, 2, 0, 0]]
    moved = replace(cfg, append=0, head_word=5, head_lane=3)
    assert opm.run(moved, zeros, words, words).descriptor == Descriptor(5, 3, 0)
    third = memory(FP, opm.run(cfg, ones, words, words))
    assert third[105:107].tolist() == [[0, 0, 0, 0], [1, 2, 0, 0]]
    # The end of the memory: an empty list there has no place; one entry more does not exist.
    last = replace(cfg, append=0, head_word=FP.smem_words - 1, head_lane=1, idx_addr=0, dst1_addr=0)
    assert opm.run(last, ones, words, words).error is ErrorCause.NONE
    end = replace(cfg, idx_addr=0, dst1_addr=0)
    assert opm.run(end, zeros, words, words).descriptor == Descriptor(0, 0, 0)
    assert opm.run(end, ones, words, words).error is ErrorCause.ADDRESS


@given(HW, SEEDS, st.integers(0, 30))
def test_scatter(hw: HwConfig, seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    r = results(rng, (count,), hw)
    s_hat = operands(rng, "any" if seed % 2 else "normal", (count,))
    groups = -(-40 // hw.num_pe)
    indices = rng.permutation(40)[:count]
    cfg = OpmCfg(OpmMode.SCATTER, cnt0=groups - 1, cnt1=39, dst_addr=300, dst1_addr=400)
    smem = memory(hw, Opm(hw).run(cfg, r, s_hat, indices))
    value, state = np.zeros(groups * hw.num_pe, np.uint16), np.full(groups * hw.num_pe, FILL, np.uint16)
    for x, s, n in zip(r.tolist(), s_hat.tolist(), indices, strict=True):
        value[n], state[n] = (float_pair if hw.is_fp else fixed_pair)(x, s)
    np.testing.assert_array_equal(smem[300 : 300 + groups].reshape(-1), value)
    np.testing.assert_array_equal(smem[400 : 400 + groups].reshape(-1), state)


def float_pair(r: int, s_hat: int) -> tuple[int, int]:
    """s_hat + r and -r by the exact model."""
    number = decode(to_bf16(r), BF16)
    negative = nan(BF16) if number is None else encode(number[0] ^ 1, number[1], BF16)
    return to_bf16(add(s_hat << 16, r)), negative


def fixed_pair(r: int, s_hat: int) -> tuple[int, int]:
    """s_hat + r and -r, saturated."""
    x, s = (n - (n >> 15 << 16) for n in (r, s_hat))
    return fixed(x + s) & 0xFFFF, fixed(-x) & 0xFFFF  # type: ignore[arg-type]


def test_signs_of_zero_and_nan_in_scatter() -> None:
    r = np.array([0, 1 << 31, 0x7FC00001, 0x7F800000, 1, 0x80000001], np.uint32)
    s_hat = np.array([0x8000, 0x8000, 0, 0xFF80, 0x8000, 0x8000], np.uint16)
    value, state = opm_arrays.scatter(r, s_hat, FP)
    assert value.tolist() == [0, 0x8000, 0x7FC0, 0x7FC0, 0, 0x8000]
    assert state.tolist() == [0x8000, 0, 0x7FC0, 0xFF80, 0x8000, 0]
    value, state = opm_arrays.scatter(np.array([0x8000], np.uint16), np.array([0x8000], np.uint16), FXP)
    assert (value.tolist(), state.tolist()) == ([0x8000], [0x7FFF])


def test_move() -> None:
    """Words as they are, padding lanes too."""
    words = operands(np.random.default_rng(5), "any", (12, 4))
    cfg = OpmCfg(OpmMode.MOVE, cnt0=1, cnt1=2, cnt2=1, to_smem=1, to_dram=1, dst_addr=4)
    out = Opm(FP).run(cfg, np.empty((0, 4), np.uint32), words)
    np.testing.assert_array_equal(memory(FP, out)[4:16], words)
    assert len(out.commands) == 6
    out = Opm(FP).run(replace(cfg, cnt1=0, cnt2=5, seq=1, stride=7), np.empty((0, 4), np.uint32), words)
    np.testing.assert_array_equal(
        memory(FP, out)[4:18].reshape(2, 7, 4)[:, :6].swapaxes(0, 1).reshape(12, 4), words
    )


def test_results_that_stay_in_the_core_leave_nothing() -> None:
    for mode in (OpmMode.WORDS, OpmMode.SUMS):
        for to_smem, to_dram in itertools.product((0, 1), repeat=2):
            cfg = OpmCfg(mode, cnt0=3, cnt1=2, cnt2=1, to_smem=to_smem, to_dram=to_dram)
            shape = (0, 4) if mode is OpmMode.WORDS else (0,)
            out = Opm(FP).run(cfg, np.empty(shape, np.uint32))
            assert not out.writes
            assert not out.commands


def test_what_no_result_may_be() -> None:
    for cfg in (
        OpmCfg(5),
        OpmCfg(OpmMode.SUMS, wide=1),
        OpmCfg(OpmMode.MOVE, wide=1),
        OpmCfg(OpmMode.WORDS, cnt1=1, seq=1, to_smem=1),
        OpmCfg(OpmMode.MOVE, cnt1=1, seq=1, to_smem=1),
        OpmCfg(OpmMode.ENCODE, cnt1=1),
        OpmCfg(OpmMode.ENCODE, cnt2=1),
        OpmCfg(OpmMode.SCATTER, cnt2=1),
    ):
        assert Opm(FP).run(cfg, np.empty(0, np.uint32)).error is ErrorCause.PROC
    wide = OpmCfg(OpmMode.WORDS, wide=1)
    assert Opm(FXP).run(wide, np.empty((0, 4), np.uint16)).error is ErrorCause.PROC
    tall = OpmCfg(OpmMode.ENCODE, cnt0=64)
    assert Opm(FP).run(tall, np.empty((65, 4), np.uint32)).error is ErrorCause.SIZE
    few = load_config("bf16_pe4").model_copy(update={"max_m": 5})
    assert Opm(few).run(OpmCfg(OpmMode.ENCODE, step=5), np.empty(0)).error is ErrorCause.ADDRESS
    with pytest.raises(ValueError, match="3 words of 2 columns of 2"):
        Opm(FP).run(OpmCfg(OpmMode.WORDS, cnt0=1, cnt1=1), np.empty((3, 4), np.uint32))
    with pytest.raises(ValueError, match="3 sums of 2 steps of 2"):
        Opm(FP).run(OpmCfg(OpmMode.SUMS, cnt1=1, cnt2=1), np.empty(3, np.uint32))
    with pytest.raises(ValueError, match="needs side words"):
        Opm(FP).run(OpmCfg(OpmMode.MOVE), np.empty((0, 4), np.uint32))
    with pytest.raises(ValueError, match="0 words of 1"):
        Opm(FP).run(OpmCfg(OpmMode.ENCODE), np.empty((0, 4), np.uint32), [], [])  # type: ignore[arg-type]


def test_writes_past_the_memory_are_not_done() -> None:
    end = FP.smem_words
    cfg = OpmCfg(OpmMode.WORDS, cnt0=4, to_smem=1, dst_addr=end - 2)
    out = Opm(FP).run(cfg, np.zeros((5, 4), np.uint32))
    assert out.error is ErrorCause.ADDRESS
    assert [request.addr for request in out.requests(FP)] == [end - 2, end - 1]
    cfg = OpmCfg(OpmMode.SCATTER, dst1_addr=end - 1)
    out = Opm(FP).run(cfg, np.zeros(2, np.uint32), np.zeros(2), np.array([3, 4]))
    assert out.error is ErrorCause.ADDRESS
    assert isinstance(out.writes[-1], LaneWrites)
    assert out.writes[-1].addr.tolist() == [end - 1]
    assert (
        Opm(FP).run(replace(cfg, dst1_addr=0), np.zeros(0), np.zeros(0), np.zeros(0)).error is ErrorCause.NONE
    )


def test_words_as_numbers() -> None:
    assert word_bits(np.array([1, 2, 0xFFFF], np.uint16)) == 0xFFFF00020001
