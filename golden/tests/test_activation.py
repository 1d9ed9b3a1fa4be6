"""Sigmoid and tanh of every operand in both formats against arbitrary precision; ReLU; the way out."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy.special import expit

from reneta.golden import activation, bf16, fp32, fxp16
from reneta.golden.arrays import F64
from reneta.golden.ccm_types import Func
from reneta.golden.tests import exact, stimulus

ALL = np.arange(1 << 16, dtype=np.uint16)
CURVES = (Func.SIGMOID, Func.TANH)
DEFAULT_FRAC = 8
# Results this close (in units of the last place) to a rounding boundary are looked at in arbitrary precision.
NEAR = 1e-4


def _precise(func: Func, x: float) -> Fraction:
    """The function to about 200 bits: no result but those of 0 is as close as that to a rounding boundary."""
    with mpmath.workprec(200):
        y = mpmath.tanh(x) if func == Func.TANH else 1 / (1 + mpmath.exp(-mpmath.mpf(x)))
        sign, mantissa, exponent, _ = y._mpf_
        # Exponents run to -10^38; 2^-1000 is small enough for zero and small enough to write out.
        return Fraction(-int(mantissa) if sign else int(mantissa)) * Fraction(2) ** max(int(exponent), -1000)


def _close(func: Func, x: F64) -> F64:
    """The function in scipy's float64."""
    return np.asarray(expit(x) if func == Func.SIGMOID else 2 * expit(2 * x) - 1, np.float64)


@pytest.mark.parametrize("func", CURVES)
def test_bf16_is_correctly_rounded_on_all_inputs(func: Func) -> None:
    x = bf16.unpack(ALL)
    finite = np.isfinite(x)
    expected = np.zeros(len(ALL), np.int64)
    for i in np.flatnonzero(finite):
        y = _precise(func, float(x[i]))
        # Of a negative argument, and of -0, tanh is negative, even if it is zero; sigmoid never is.
        sign = int(np.signbit(x[i])) if func == Func.TANH else 0
        expected[i] = exact.encode(sign, abs(y), exact.BF16)
    np.testing.assert_array_equal(activation.apply_bf16(func, ALL)[finite], expected[finite])
    limits = {Func.SIGMOID: (bf16.ZERO, bf16.ONE), Func.TANH: (0xBF80, bf16.ONE)}[func]
    assert tuple(activation.apply_bf16(func, np.array([bf16.NEG_INF, bf16.INF], np.uint16))) == limits
    assert (activation.apply_bf16(func, ALL[np.isnan(x)]) == bf16.NAN).all()


@pytest.mark.parametrize("func", CURVES)
def test_fxp16_is_correctly_rounded_on_all_inputs(func: Func) -> None:
    q = ALL.view(np.int16)
    expected = [exact.fixed(_precise(func, int(v) / 2**DEFAULT_FRAC) * 2**DEFAULT_FRAC) for v in q]
    np.testing.assert_array_equal(activation.apply_fxp(func, q, DEFAULT_FRAC), expected)


@pytest.mark.parametrize("func", CURVES)
@pytest.mark.parametrize("frac", range(16))
def test_fxp16_of_every_format(func: Func, frac: int) -> None:
    q = ALL.view(np.int16)
    scaled = np.ldexp(_close(func, np.ldexp(q.astype(np.float64), -frac)), frac)
    expected = np.clip(np.rint(scaled), fxp16.MIN, fxp16.MAX)
    for i in np.flatnonzero(np.abs(np.abs(scaled - np.floor(scaled)) - 0.5) < NEAR):
        expected[i] = exact.fixed(_precise(func, int(q[i]) / 2**frac) * 2**frac)
    np.testing.assert_array_equal(activation.apply_fxp(func, q, frac), expected)


def test_zero_and_symmetry() -> None:
    zeros = np.array([bf16.ZERO, bf16.NEG_ZERO, 0x0001, 0x8001], np.uint16)  # the last two: subnormals
    assert activation.apply_bf16(Func.TANH, zeros).tolist() == [0, 0x8000, 0, 0x8000]
    assert activation.apply_bf16(Func.SIGMOID, zeros).tolist() == [0x3F00] * 4
    tanh = activation.bf16_table(Func.TANH)
    numbers = ALL[:0x7F81]
    np.testing.assert_array_equal(tanh[numbers | 0x8000], tanh[numbers] | 0x8000)
    tanh_fxp = activation.fxp16_table(Func.TANH, DEFAULT_FRAC)
    np.testing.assert_array_equal(tanh_fxp[0x8001:], -tanh_fxp[1:0x8000][::-1])


@pytest.mark.parametrize("func", CURVES)
def test_tables_are_monotonic(func: Func) -> None:
    ascending = np.concatenate([ALL[0xFF80:0x7FFF:-1], ALL[:0x7F81]])  # -inf .. -0, +0 .. +inf
    assert (np.diff(bf16.unpack(activation.apply_bf16(func, ascending))) >= 0).all()
    q = np.sort(ALL.view(np.int16))
    assert (np.diff(activation.apply_fxp(func, q, DEFAULT_FRAC).astype(int)) >= 0).all()


@pytest.mark.parametrize("func", CURVES)
def test_way_out_rounds_to_bf16_first(func: Func) -> None:
    x = fp32.from_bits(stimulus.float32_corners())
    expected = activation.bf16_table(func)[bf16.pack(x)].astype(np.uint32) << 16
    np.testing.assert_array_equal(fp32.to_bits(activation.apply_fp(func, x)), expected)


def test_none_changes_no_bit() -> None:
    bits = stimulus.float32_corners()
    np.testing.assert_array_equal(fp32.to_bits(activation.apply_fp(Func.NONE, fp32.from_bits(bits))), bits)
    np.testing.assert_array_equal(activation.apply_bf16(Func.NONE, ALL), ALL)
    np.testing.assert_array_equal(activation.apply_fxp(Func.NONE, ALL.view(np.int16), 8), ALL.view(np.int16))


def test_relu() -> None:
    x = np.array([-1.0, -0.0, 0.0, 2.5, -np.inf, np.inf, np.nan, -np.nan, 1e-40, -1e-40], np.float32)
    expected = [0, 0, 0, 0x40200000, 0, 0x7F800000, fp32.NAN, fp32.NAN, 0, 0]
    assert fp32.to_bits(activation.apply_fp(Func.RELU, x)).tolist() == expected
    np.testing.assert_array_equal(
        activation.apply_bf16(Func.RELU, ALL), bf16.pack(activation.apply_fp(Func.RELU, bf16.unpack(ALL)))
    )
    q = ALL.view(np.int16)
    np.testing.assert_array_equal(activation.apply_fxp(Func.RELU, q, 8), np.where(q > 0, q, 0))
