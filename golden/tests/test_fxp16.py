"""16-bit fixed point against exact rationals."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reneta.golden import fxp16
from reneta.golden.tests import exact

INT16 = st.integers(fxp16.MIN, fxp16.MAX)
ACC = st.integers(-(1 << 44), (1 << 44) - 1)
SHIFT = st.integers(0, 15)


@given(INT16, INT16)
def test_product_is_exact(a: int, b: int) -> None:
    assert int(fxp16.product(np.array(a, np.int16), np.array(b, np.int16))) == a * b


@given(ACC, SHIFT)
def test_rounding_agrees_with_exact_model(acc: int, shift: int) -> None:
    assert int(fxp16.round_saturate(np.array(acc), shift)) == exact.fixed(Fraction(acc, 1 << shift))


@pytest.mark.parametrize("shift", range(16))
def test_every_fraction_near_every_end(shift: int) -> None:
    """Ties and their neighbours around zero and at both ends of the range, for every fraction there is."""
    ends = np.array([0, 1, 2, -1, -2, fxp16.MAX - 1, fxp16.MAX, fxp16.MAX + 1, fxp16.MIN, fxp16.MIN - 1])
    fractions = np.unique([0, 1, *((1 << shift >> 1) + d for d in (-1, 0, 1)), (1 << shift) - 1])
    acc = (ends[:, None] << shift) + fractions[None, :]
    expected = [[exact.fixed(Fraction(int(a), 1 << shift)) for a in row] for row in acc]
    np.testing.assert_array_equal(fxp16.round_saturate(acc, shift), expected)


@given(ACC, ACC, SHIFT)
def test_rounding_is_monotonic(a: int, b: int, shift: int) -> None:
    low, high = fxp16.round_saturate(np.array(sorted((a, b))), shift)
    assert low <= high


@given(ACC)
def test_saturation(x: int) -> None:
    assert int(fxp16.saturate(np.array(x))) == min(max(x, fxp16.MIN), fxp16.MAX)


@pytest.mark.parametrize("frac", [0, 8, 14, 15])
def test_round_trip_of_all_patterns(frac: int) -> None:
    q = np.arange(1 << 16, dtype=np.uint16).view(np.int16)
    np.testing.assert_array_equal(fxp16.from_float(fxp16.to_float(q, frac), frac), q)


@given(st.floats(-1e6, 1e6), SHIFT)
def test_from_float_rounds_and_saturates(x: float, frac: int) -> None:
    assert int(fxp16.from_float(np.array(x), frac)) == exact.fixed(Fraction(x) * (1 << frac))


def test_from_float_corners() -> None:
    x = np.array([np.inf, -np.inf, 1e300, 0.5, 1.5, -0.5, -1.5])
    assert fxp16.from_float(x, 0).tolist() == [fxp16.MAX, fxp16.MIN, fxp16.MAX, 0, 2, 0, -2]
    with pytest.raises(ValueError, match="NaN"):
        fxp16.from_float(np.array([1.0, np.nan]), 8)
