"""float32 product and sum against float64, where rounding once more is harmless, and exact rationals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reneta.golden import bf16, fp32
from reneta.golden.arrays import F32, F64, U16, U32
from reneta.golden.tests import exact, stimulus

BITS16 = st.integers(0, (1 << 16) - 1)
BITS32 = st.integers(0, (1 << 32) - 1)
NAN = fp32.NAN


def _reference(x: F64) -> U32:
    """float64 results as float32 patterns by the contract's rules."""
    with np.errstate(all="ignore"):
        rounded = x.astype(np.float32)
    rounded = np.where(np.abs(x) < 2.0**-126, np.copysign(np.float32(0), rounded), rounded)
    return np.where(np.isnan(x), np.uint32(NAN), rounded.view(np.uint32))


def _flushed(bits: U32) -> F64:
    x = fp32.from_bits(bits).astype(np.float64)
    return np.where(np.abs(x) < 2.0**-126, np.copysign(0.0, x), x)


def _near_pairs(count: int) -> tuple[U32, U32]:
    """Random pairs of float32 patterns, mostly of exponents so close that the mantissas meet."""
    rng = np.random.default_rng(12)
    a = rng.integers(0, 1 << 32, count, dtype=np.uint32)
    exponent = np.clip((a >> 23 & 0xFF).astype(np.int64) + rng.integers(-26, 27, count), 0, 255)
    b = rng.integers(0, 1 << 32, count, dtype=np.uint32) & 0x807FFFFF | (exponent << 23).astype(np.uint32)
    # Sums that cancel to a few units in the last place, the neighbours of the other.
    close = (a ^ 0x80000000) + rng.integers(-3, 4, count).astype(np.uint32)
    return a, np.where(rng.random(count) < 0.2, close, b)


def _product_pairs() -> tuple[U16, U16]:
    """All patterns with a column of corners, corners with corners, and a million random pairs."""
    rng = np.random.default_rng(13)
    random = rng.integers(0, 1 << 16, (2, 1 << 20), dtype=np.uint16)
    patterns, few = np.meshgrid(np.arange(1 << 16, dtype=np.uint16), stimulus.bf16_corners()[::12])
    a, b = zip((patterns.ravel(), few.ravel()), stimulus.pairs(stimulus.bf16_corners()), random, strict=True)
    return np.concatenate(a), np.concatenate(b)


def test_product_agrees_with_float64() -> None:
    a, b = _product_pairs()
    shift = np.uint32(16)
    with np.errstate(all="ignore"):
        expected = _reference(_flushed(a.astype(np.uint32) << shift) * _flushed(b.astype(np.uint32) << shift))
    np.testing.assert_array_equal(fp32.to_bits(fp32.product(a, b)), expected)


def test_sum_agrees_with_float64() -> None:
    corners = stimulus.pairs(stimulus.float32_corners())
    a, b = (np.concatenate(part) for part in zip(corners, _near_pairs(1 << 20), strict=True))
    with np.errstate(all="ignore"):
        expected = _reference(_flushed(a) + _flushed(b))
    np.testing.assert_array_equal(fp32.to_bits(fp32.add(fp32.from_bits(a), fp32.from_bits(b))), expected)


def test_product_agrees_with_exact_model() -> None:
    a, b = (part[::17] for part in stimulus.pairs(stimulus.bf16_corners()))
    expected = [exact.multiply(int(x), int(y)) for x, y in zip(a, b, strict=True)]
    np.testing.assert_array_equal(fp32.to_bits(fp32.product(a, b)), expected)


def test_sum_agrees_with_exact_model() -> None:
    a, b = (part[::41] for part in stimulus.pairs(stimulus.float32_corners()))
    near = _near_pairs(10_000)
    a, b = np.concatenate([a, near[0]]), np.concatenate([b, near[1]])
    expected = [exact.add(int(x), int(y)) for x, y in zip(a, b, strict=True)]
    np.testing.assert_array_equal(fp32.to_bits(fp32.add(fp32.from_bits(a), fp32.from_bits(b))), expected)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (0x0000, 0x8000, 0x80000000),  # 0 * -0
        (0x7F80, 0x0000, NAN),  # inf * 0
        (0x7F80, 0x8001, NAN),  # inf * -subnormal, which is -0
        (0xFF80, 0x3F80, 0xFF800000),  # -inf * 1
        (0x7FFF, 0x3F80, NAN),  # another NaN's payload goes
        (0x0080, 0x3F80, 0x00800000),  # the smallest normal number * 1
        (0x0080, 0xBF7F, 0x80000000),  # just below it, negative
        (0x7F7F, 0x7F7F, 0x7F800000),  # overflow
        (0x7F7F, 0x3F81, 0x7F800000),  # just past the largest
    ],
)
def test_product_corners(a: int, b: int, expected: int) -> None:
    assert int(fp32.to_bits(fp32.product(np.array(a, np.uint16), np.array(b, np.uint16)))) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (0x3F800000, 0xBF800000, 0x00000000),  # 1 - 1 = +0
        (0x80000000, 0x80000000, 0x80000000),  # -0 + -0 = -0
        (0x00000000, 0x80000000, 0x00000000),
        (0x80000000, 0x807FFFFF, 0x80000000),  # -0 + -subnormal
        (0x7F800000, 0xFF800000, NAN),  # inf - inf
        (0x7F800000, 0xFF7FFFFF, 0x7F800000),
        (
            0x7F7FFFFF,
            0x73000000,
            0x7F800000,
        ),  # half a unit in the last place above the largest: a tie, to infinity
        (0x7F7FFFFF, 0x72FFFFFF, 0x7F7FFFFF),
        (0x00800001, 0x80800000, 0x00000000),  # a subnormal difference
        (0x80800001, 0x00800000, 0x80000000),
        (0x3F800000, 0x33800000, 0x3F800000),  # tie, even below
        (0x3F800001, 0x33800000, 0x3F800002),  # tie, even above
        (0x3F800000, 0x33800001, 0x3F800001),  # sticky bit above the tie
        (0xFFC12345, 0x3F800000, NAN),
    ],
)
def test_sum_corners(a: int, b: int, expected: int) -> None:
    x, y = (fp32.from_bits(np.array(v, np.uint32)) for v in (a, b))
    assert int(fp32.to_bits(fp32.add(x, y))) == expected


def _value(bits: int) -> F32:
    return fp32.from_bits(np.array(bits, np.uint32))


@given(BITS32, BITS32)
def test_sum_commutes(a: int, b: int) -> None:
    assert fp32.to_bits(fp32.add(_value(a), _value(b))) == fp32.to_bits(fp32.add(_value(b), _value(a)))


@given(BITS32)
def test_minus_zero_is_the_identity_of_the_sum(a: int) -> None:
    total = fp32.add(_value(a), np.array(-0.0, np.float32))
    assert fp32.to_bits(total) == fp32.to_bits(fp32.canonical(_value(a)))


@given(BITS16, BITS16)
def test_product_commutes_and_has_one_as_identity(a: int, b: int) -> None:
    x, y, one = (np.array(v, np.uint16) for v in (a, b, bf16.ONE))
    assert fp32.to_bits(fp32.product(x, y)) == fp32.to_bits(fp32.product(y, x))
    assert fp32.to_bits(fp32.product(x, one)) == fp32.to_bits(bf16.unpack(x))


@given(BITS32, BITS32)
def test_results_are_canonical(a: int, b: int) -> None:
    total = fp32.add(_value(a), _value(b))
    assert fp32.to_bits(total) == fp32.to_bits(fp32.canonical(total))
    assert np.isnan(total) or total == 0 or abs(float(total)) >= 2.0**-126
