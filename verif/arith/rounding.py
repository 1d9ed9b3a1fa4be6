"""How a rounding went: coverage of roundings to nearest even, on real numbers that float64 holds exactly."""

from __future__ import annotations

import numpy as np

from reneta.golden.arrays import F64, Array
from reneta.verif.arith.bulk_coverage import choose

ROUNDINGS = ("exact", "below_half", "tie_to_even_down", "tie_to_even_up", "above_half")


def classify_rounding(scaled: F64) -> Array:
    """Index into ROUNDINGS of numbers in units of the last place; towards zero is down."""
    magnitude = np.abs(scaled)
    whole = np.floor(magnitude)
    rest = magnitude - whole
    odd = np.mod(whole, 2) == 1
    return choose(scaled.shape, rest == 0, rest < 0.5, (rest == 0.5) & ~odd, (rest == 0.5) & odd, rest > 0.5)


def binade(x: F64) -> Array:
    """The exponent e of 2^e <= |x| < 2^(e+1)."""
    exponents: Array = np.frexp(x)[1] - 1
    return exponents
