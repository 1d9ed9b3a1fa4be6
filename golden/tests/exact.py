"""An independent model of the contract: scalars, exact rational numbers, no numpy arithmetic, no golden code.

It is slow and plain on purpose. A binary format here has 8 exponent bits and `frac` fraction bits: 7 in
bfloat16, 23 in float32. A decoded number is its sign and its magnitude, a Fraction or infinity; None is NaN.
"""

from __future__ import annotations

import math
from fractions import Fraction

BF16 = 7
F32 = 23

Number = tuple[int, Fraction | float] | None


def nan(frac: int) -> int:
    """The one NaN."""
    return 0xFF << frac | 1 << frac - 1


def decode(bits: int, frac: int) -> Number:
    """What a pattern means, subnormals being zero."""
    sign, exponent, mantissa = bits >> frac + 8, bits >> frac & 0xFF, bits & (1 << frac) - 1
    if exponent == 0xFF:
        return None if mantissa else (sign, math.inf)
    if exponent == 0:
        return sign, Fraction(0)
    return sign, Fraction(1 << frac | mantissa) * Fraction(2) ** (exponent - 127 - frac)


def encode(sign: int, magnitude: Fraction | float, frac: int) -> int:
    """The nearest pattern, ties to even; subnormal results become zero."""
    infinity = 0xFF << frac
    if magnitude == math.inf:
        return sign << frac + 8 | infinity
    magnitude = Fraction(magnitude)
    exponent = floor_log2(magnitude) if magnitude else -126
    places = round(magnitude / Fraction(2) ** (max(exponent, -126) - frac))  # Fraction rounds half to even
    if places < 1 << frac:
        return sign << frac + 8
    # A carry to 2^(frac+1) runs into the exponent by itself.
    return sign << frac + 8 | min((max(exponent, -126) + 126 << frac) + places, infinity)


def floor_log2(x: Fraction) -> int:
    """The exponent of x > 0."""
    guess = x.numerator.bit_length() - x.denominator.bit_length()
    return guess if Fraction(2) ** guess <= x else guess - 1


def multiply(a: int, b: int, negate: bool = False) -> int:
    """The float32 pattern of the product of two bf16 patterns."""
    x, y = decode(a, BF16), decode(b, BF16)
    if x is None or y is None or {x[1], y[1]} == {0, math.inf}:
        return nan(F32)
    magnitude = math.inf if math.inf in (x[1], y[1]) else x[1] * y[1]
    if magnitude < Fraction(2) ** -126:
        magnitude = Fraction(0)
    return encode(x[0] ^ y[0] ^ negate, magnitude, F32)


def add(a: int, b: int) -> int:
    """The float32 pattern of the sum of two float32 patterns."""
    x, y = decode(a, F32), decode(b, F32)
    if x is None or y is None:
        return nan(F32)
    if math.inf in (x[1], y[1]):
        if x[1] == y[1] and x[0] != y[0]:
            return nan(F32)
        return encode(x[0] if x[1] == math.inf else y[0], math.inf, F32)
    total = Fraction(x[1]) * (-1) ** x[0] + Fraction(y[1]) * (-1) ** y[0]
    sign = x[0] & y[0] if x[1] == y[1] == 0 else int(total < 0)
    return encode(sign, abs(total), F32)


def to_bf16(a: int) -> int:
    """The bf16 pattern of a float32 pattern."""
    x = decode(a, F32)
    return nan(BF16) if x is None else encode(*x, BF16)


def tree(terms: list[int]) -> int:
    """The pairwise sum of float32 patterns over neighbours, an odd last one passing up."""
    if len(terms) == 1:
        return terms[0]
    pairs = [terms[i : i + 2] for i in range(0, len(terms), 2)]
    return tree([add(*pair) if len(pair) == 2 else pair[0] for pair in pairs])


def fixed(x: Fraction) -> int:
    """The nearest 16-bit integer, ties to even."""
    return min(max(round(x), -(1 << 15)), (1 << 15) - 1)
