"""bfloat16 as the machine sees it: 16-bit patterns, subnormals as zero, one NaN.

A pattern is the upper half of a float32. All functions take arrays of any shape and are bit-exact; the rules
stand in docs/numerics.md.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from reneta.golden.arrays import F32, F64, U16

ZERO = 0x0000
NEG_ZERO = 0x8000
MIN_NORMAL = 0x0080
ONE = 0x3F80
MAX_FINITE = 0x7F7F
INF = 0x7F80
NEG_INF = 0xFF80
NAN = 0x7FC0

_MAGNITUDE = 0x7FFF
# The last place of a subnormal: no result is finer.
_MIN_QUANTUM_EXP = -133
_PRECISION = 8


def canonical(bits: U16) -> U16:
    """The same numbers with subnormals as zero of their sign and every NaN as NAN."""
    bits = np.asarray(bits, np.uint16)
    magnitude = bits & _MAGNITUDE
    flushed = np.where(magnitude < MIN_NORMAL, bits & NEG_ZERO, bits)
    return np.where(magnitude > INF, np.uint16(NAN), flushed).astype(np.uint16)


def unpack(bits: U16) -> F32:
    """Patterns to float32; exact, but for subnormals, which become zero of their sign."""
    return _table()[np.asarray(bits, np.uint16)]


@cache
def _table() -> F32:
    """The number of each pattern: looking it up is faster than working it out."""
    patterns = np.arange(1 << 16, dtype=np.uint16)
    return (canonical(patterns).astype(np.uint32) << np.uint32(16)).view(np.float32)


def pack(x: F32) -> U16:
    """float32 to patterns: round to nearest even; subnormals to zero of their sign, overflow to infinity."""
    word = np.asarray(x, np.float32).view(np.uint32)
    # Rounding may carry through the exponent up to infinity, as it should; a NaN's payload must not.
    word = np.where(np.isnan(x), np.uint32(NAN << 16), word)
    tie_to_even = (word >> np.uint32(16)) & np.uint32(1)
    rounded = ((word + np.uint32(0x7FFF) + tie_to_even) >> np.uint32(16)).astype(np.uint16)
    # Whether x is subnormal shows before rounding: the largest subnormal would round up to a normal number.
    subnormal = (word & np.uint32(0x7F80_0000)) == 0
    return np.where(subnormal, rounded & NEG_ZERO, rounded).astype(np.uint16)


@np.errstate(all="ignore")
def from_float(x: F64) -> U16:
    """float64 to the nearest patterns in one rounding (a detour through float32 would round twice)."""
    x = np.asarray(x, np.float64)
    _, exponent = np.frexp(x)
    quantum = np.maximum(exponent - _PRECISION, _MIN_QUANTUM_EXP)
    return pack(np.ldexp(np.rint(np.ldexp(x, -quantum)), quantum).astype(np.float32))
