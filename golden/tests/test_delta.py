"""Delta encoding in both formats against the exact model, and what decoding gets back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reneta.golden import bf16, delta
from reneta.golden.tests import exact, stimulus

BITS16 = st.integers(0, (1 << 16) - 1)
INT16 = st.integers(-(1 << 15), (1 << 15) - 1)


def _exact_bf16(v: int, v_hat: int, theta: int) -> tuple[bool, int, int]:
    difference = exact.add(v << 16, v_hat << 16 ^ 0x80000000)
    number, threshold = exact.decode(difference, exact.F32), exact.decode(theta, exact.BF16)
    assert threshold is not None
    fires = number is None or number[1] >= threshold[1]
    return (True, exact.to_bf16(difference), v) if fires else (False, 0, v_hat)


def _check_bf16(v: int, v_hat: int, theta: int) -> None:
    result = delta.encode_bf16(*(np.array(x, np.uint16) for x in (v, v_hat, theta)))
    assert tuple(int(x) for x in result) == _exact_bf16(v, v_hat, theta)


@given(BITS16, BITS16, st.integers(0, bf16.INF))
def test_bf16_agrees_with_exact_model(v: int, v_hat: int, theta: int) -> None:
    _check_bf16(v, v_hat, theta)


@given(st.integers(0x3F00, 0x4080), st.integers(0x3F00, 0x4080), st.integers(0x3C00, 0x4000))
def test_bf16_near_the_threshold(v: int, v_hat: int, theta: int) -> None:
    _check_bf16(v, v_hat, theta)


@pytest.mark.parametrize(
    ("v", "v_hat", "theta", "fires"),
    [
        (1.25, 1.0, 0.25, True),  # equality fires
        (0.75, 1.0, 0.25, True),
        (1.25, 1.0, 0.2578125, False),
        (1.0, 1.0, 0.0, True),  # a threshold of zero: the dense network
        (math.nan, 1.0, math.inf, True),  # a NaN is never hidden
        (1.0, math.nan, 1.0, True),
        (math.inf, math.inf, 1.0, True),  # inf - inf is NaN
        (math.inf, 0.0, math.inf, True),
        (1e30, 0.0, math.inf, False),
    ],
)
def test_bf16_corners(v: float, v_hat: float, theta: float, fires: bool) -> None:
    patterns = bf16.from_float(np.array([v, v_hat, theta]))
    result = delta.encode_bf16(*patterns)
    assert bool(result.fires) is fires
    _check_bf16(*(int(p) for p in patterns))


@given(INT16, INT16, st.integers(0, (1 << 15) - 1))
def test_fxp16_agrees_with_exact_model(v: int, v_hat: int, theta: int) -> None:
    fires, change, kept = (
        int(x) for x in delta.encode_fxp16(*(np.array(x, np.int16) for x in (v, v_hat, theta)))
    )
    assert fires == (abs(v - v_hat) >= theta)
    assert change == (min(max(v - v_hat, -(1 << 15)), (1 << 15) - 1) if fires else 0)
    assert kept == (v if fires else v_hat)


@given(st.lists(st.integers(-(1 << 14), (1 << 14) - 1), min_size=1), st.integers(0, 1 << 12))
def test_fxp16_sums_of_deltas_reconstruct(sequence: list[int], theta: int) -> None:
    """The running sum of the deltas is v_hat exactly, which is within the threshold of v."""
    v_hat = total = np.zeros((), np.int16)
    for v in sequence:
        fires, change, v_hat = delta.encode_fxp16(np.array(v, np.int16), v_hat, np.array(theta, np.int16))
        total = total + change
        assert int(total) == int(v_hat)
        assert int(v_hat) == v if fires else abs(v - int(v_hat)) < theta


def test_bf16_sums_of_deltas_reconstruct() -> None:
    """On a grid on which all differences are bf16 numbers, the running sum of the deltas is v_hat exactly."""
    rng = np.random.default_rng(14)
    v = rng.integers(-64, 65, (50, 8)) / 64
    v_hat, total = np.zeros(8, np.uint16), np.zeros(8)
    theta = bf16.from_float(np.array(0.25))
    for step in v:
        fires, change, v_hat = delta.encode_bf16(bf16.from_float(step), v_hat, theta)
        total += bf16.unpack(change)
        np.testing.assert_array_equal(total, bf16.unpack(v_hat))
        assert (np.where(fires, 0, np.abs(step - total)) < 0.25).all()


def test_threshold_zero_is_the_dense_network() -> None:
    v, v_hat = stimulus.pairs(stimulus.bf16_corners())
    result = delta.encode_bf16(v, v_hat, np.array(0, np.uint16))
    assert result.fires.all()
    np.testing.assert_array_equal(result.v_hat, v)
