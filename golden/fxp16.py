"""16-bit fixed point: exact products, wide sums, round half to even, saturation.

Operands and results are int16 arrays of any shape (two's complement), accumulators int64, which hold every
sum that the machine's FXP_ACC_W bits hold. Where the binary point stands is the caller's business: an
integer q with `frac` fraction bits means q / 2^frac.
"""

from __future__ import annotations

import numpy as np

from reneta.golden.arrays import F64, I16, I64

MIN = -(1 << 15)
MAX = (1 << 15) - 1


def product(a: I16, b: I16) -> I64:
    """Exact 32-bit products."""
    return np.multiply(a, b, dtype=np.int64)


def saturate(x: I64) -> I16:
    """The nearest 16-bit integers."""
    return np.clip(x, MIN, MAX).astype(np.int16)


def round_saturate(acc: I64, shift: int) -> I16:
    """acc / 2^shift, rounded half to even, saturated to 16 bits."""
    acc = np.asarray(acc, np.int64)
    if shift == 0:
        return saturate(acc)
    odd = (acc >> shift) & 1
    return saturate((acc + ((1 << (shift - 1)) - 1 + odd)) >> shift)


def from_float(x: F64, frac: int) -> I16:
    """The nearest fixed-point numbers, half to even, saturated.

    Raises:
        ValueError: a NaN, which fixed point cannot say.
    """
    if np.isnan(x).any():
        raise ValueError("fixed point has no NaN")
    return np.clip(np.rint(np.ldexp(np.asarray(x, np.float64), frac)), MIN, MAX).astype(np.int16)


def to_float(x: I16, frac: int) -> F64:
    """The numbers that fixed-point integers stand for; exact."""
    return np.ldexp(np.asarray(x, np.float64), -frac)
