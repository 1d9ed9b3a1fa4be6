"""The float32 operations of the bf16 build: exact product, addition, and views of the bits.

Values are numpy float32 arrays of any shape. The operations read subnormal inputs as zero of their sign; what
they return is never subnormal, and if NaN, the pattern NAN.
"""

from __future__ import annotations

import numpy as np

from reneta.golden import bf16
from reneta.golden.arrays import F32, U16, U32

NAN = 0x7FC0_0000
MIN_NORMAL = np.float32(2.0**-126)


def to_bits(x: F32) -> U32:
    """The patterns of float32 values."""
    return np.asarray(x, np.float32).view(np.uint32)


def from_bits(bits: U32) -> F32:
    """The float32 values of patterns, as they are."""
    return np.asarray(bits, np.uint32).view(np.float32)


def flush(x: F32) -> F32:
    """Subnormals to zero of their sign; all else, NaNs' patterns excepted, unchanged."""
    # A product with 0.0 keeps the sign, and a NaN; one with 1.0 changes nothing.
    return np.multiply(x, np.abs(x) >= MIN_NORMAL, dtype=np.float32)


@np.errstate(all="ignore")
def canonical(x: F32) -> F32:
    """The same numbers with subnormals as zero of their sign and every NaN as NAN."""
    return np.where(np.isnan(x), np.uint32(NAN).view(np.float32), flush(np.asarray(x, np.float32)))


@np.errstate(all="ignore")
def product(a: U16, b: U16) -> F32:
    """Products of bf16 patterns: exact, but for too small ones (zero) and too large ones (infinity)."""
    # 8 x 8 significand bits fit float32's 24, so only the exponent's range can be missed. A product just
    # below the smallest normal number is still exact as a subnormal, so numpy rounds none up to normal.
    return canonical(bf16.unpack(a) * bf16.unpack(b))


@np.errstate(all="ignore")
def add(x: F32, y: F32) -> F32:
    """Sums, rounded to nearest even; x + (-x) is +0."""
    # A sum that is subnormal is exact, so flushing after numpy's rounding loses nothing.
    return canonical(flush(np.asarray(x, np.float32)) + flush(np.asarray(y, np.float32)))
