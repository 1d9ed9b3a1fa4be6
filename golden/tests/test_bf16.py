"""bfloat16 conversions against ml_dtypes, on all patterns, and against exact rationals."""

from __future__ import annotations

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reneta.golden import bf16, fp32
from reneta.golden.arrays import U32
from reneta.golden.tests import exact, stimulus

ALL = np.arange(1 << 16, dtype=np.uint16)
FLOATS32 = st.floats(allow_nan=False, width=32)


def _float32_patterns() -> U32:
    """Corners, and a million random patterns."""
    rng = np.random.default_rng(11)
    return np.concatenate([stimulus.float32_corners(), rng.integers(0, 1 << 32, 1 << 20, dtype=np.uint32)])


def test_unpack_agrees_with_ml_dtypes_on_all_patterns() -> None:
    theirs = ALL.view(ml_dtypes.bfloat16).astype(np.float32)
    subnormal = (ALL & 0x7F80 == 0) & (ALL & 0x7F != 0)
    expected = np.where(subnormal, np.copysign(np.float32(0), theirs), theirs)
    np.testing.assert_array_equal(bf16.unpack(ALL)[~np.isnan(expected)], expected[~np.isnan(expected)])
    assert (fp32.to_bits(bf16.unpack(ALL))[np.isnan(expected)] == fp32.NAN).all()
    np.testing.assert_array_equal(np.signbit(bf16.unpack(ALL))[subnormal], ALL[subnormal] >= 0x8000)


def test_pack_agrees_with_ml_dtypes() -> None:
    x = fp32.from_bits(_float32_patterns())
    with np.errstate(invalid="ignore"):
        theirs = x.astype(ml_dtypes.bfloat16).view(np.uint16)
    ours = bf16.pack(x)
    subnormal = (np.abs(x) < fp32.MIN_NORMAL) & (x != 0)
    plain = ~np.isnan(x) & ~subnormal
    np.testing.assert_array_equal(ours[plain], theirs[plain])
    assert (ours[np.isnan(x)] == bf16.NAN).all()
    np.testing.assert_array_equal(ours[subnormal], np.where(np.signbit(x[subnormal]), 0x8000, 0))


def test_pack_agrees_with_exact_model() -> None:
    bits = _float32_patterns()[:20_000]
    expected = [exact.to_bf16(int(b)) for b in bits]
    np.testing.assert_array_equal(bf16.pack(fp32.from_bits(bits)), expected)


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        (0x3F808000, 0x3F80),  # tie, even below
        (0x3F818000, 0x3F82),  # tie, even above
        (0x3F808001, 0x3F81),  # just above a tie
        (0x3F817FFF, 0x3F81),  # just below a tie
        (0x7F7F7FFF, 0x7F7F),  # the largest float32 that stays finite
        (0x7F7F8000, 0x7F80),  # overflow
        (0xFF7FFFFF, 0xFF80),
        (0x007FFFFF, 0x0000),  # the largest subnormal
        (0x80000001, 0x8000),
        (0x00800000, 0x0080),  # the smallest normal number
        (0x80000000, 0x8000),
        (0x7F800001, 0x7FC0),  # signalling NaN
        (0xFFFFFFFF, 0x7FC0),  # a NaN that adding would carry out of the word
    ],
)
def test_pack_corners(bits: int, expected: int) -> None:
    assert int(bf16.pack(fp32.from_bits(np.array(bits, np.uint32)))) == expected


def test_round_trip_of_all_patterns() -> None:
    np.testing.assert_array_equal(bf16.pack(bf16.unpack(ALL)), bf16.canonical(ALL))
    np.testing.assert_array_equal(bf16.from_float(bf16.unpack(ALL).astype(np.float64)), bf16.canonical(ALL))


@given(FLOATS32, FLOATS32)
def test_rounding_is_monotonic(x: float, y: float) -> None:
    low, high = bf16.unpack(bf16.pack(np.array(sorted((x, y)), np.float32)))
    assert low <= high


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_from_float_rounds_once(x: float) -> None:
    expected = exact.encode(int(np.signbit(x)), abs(Fraction(x)), exact.BF16)
    assert int(bf16.from_float(np.array(x))) == expected


def test_from_float_does_not_round_through_float32() -> None:
    x = np.array(
        [259 - 2.0**-40, 1 + 2.0**-8 - 2.0**-40, 1 + 2.0**-8 + 2.0**-40, np.inf, np.nan, 1e300, -1e-300]
    )
    assert bf16.from_float(x).tolist() == [
        0x4381,
        0x3F80,
        0x3F81,
        bf16.INF,
        bf16.NAN,
        bf16.INF,
        bf16.NEG_ZERO,
    ]


def test_from_float_at_the_edge_of_the_normal_numbers() -> None:
    """Correctly rounded first, on the subnormals' grid, and only then zero: 1 - 2^-8 of 2^-126 is a tie."""
    x = np.ldexp([1 - 2.0**-8, 1 - 2.0**-7 - 2.0**-9, 1 - 2.0**-8 - 2.0**-20, -1 + 2.0**-9], -126)
    assert bf16.from_float(x).tolist() == [bf16.MIN_NORMAL, 0, 0, bf16.MIN_NORMAL | bf16.NEG_ZERO]
    assert [exact.encode(int(v < 0), abs(Fraction(v)), exact.BF16) for v in x.tolist()] == bf16.from_float(
        x
    ).tolist()


def test_any_shape() -> None:
    for shape in ((), (0,), (2, 3, 4)):
        assert bf16.pack(np.ones(shape, np.float32)).shape == shape
        assert bf16.unpack(np.ones(shape, np.uint16)).shape == shape
        assert bf16.pack(np.ones(shape, np.float32)).dtype == np.uint16
