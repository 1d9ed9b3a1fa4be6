"""bf16 and float32 patterns by class: what tests are made of and coverage counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reneta.golden.arrays import Array
from reneta.verif.arith.bulk_coverage import NONE, choose

KINDS = ("zero", "sub", "min", "normal", "max", "inf", "nan")
# Of operands; negative ones have a minus.
CLASSES = tuple(f"{sign}{kind}" for sign in "+-" for kind in KINDS)
# Of results: subnormal there is none, and a NaN has one sign.
RESULTS = tuple(name for name in CLASSES if not name.endswith("sub") and name != "-nan")


@dataclass(frozen=True)
class FloatFormat:
    """A format with 8 exponent bits: bf16 or float32, as unsigned patterns."""

    fraction: int

    @property
    def width(self) -> int:
        """Bits of a pattern."""
        return self.fraction + 9

    @property
    def dtype(self) -> type[np.unsignedinteger]:
        """Type of the patterns."""
        return np.uint16 if self.width == 16 else np.uint32

    def join(self, sign: Array | int, exponent: Array | int, fraction: Array | int) -> Array:
        """Patterns from their parts (any integers that fit)."""
        whole = np.asarray(sign, np.int64) << (self.width - 1)
        whole = whole | np.asarray(exponent, np.int64) << self.fraction | np.asarray(fraction, np.int64)
        return whole.astype(self.dtype)

    def exponent(self, bits: Array) -> Array:
        """Biased exponents."""
        return (np.asarray(bits, np.int64) >> self.fraction) & 0xFF

    def classify(self, bits: Array) -> Array:
        """Index into CLASSES of each pattern."""
        bits = np.asarray(bits, np.int64)
        magnitude = bits & (1 << self.width - 1) - 1
        smallest, infinity = 1 << self.fraction, 0xFF << self.fraction
        kind = choose(
            bits.shape,
            magnitude == 0,
            magnitude < smallest,
            magnitude == smallest,
            magnitude < infinity - 1,
            magnitude == infinity - 1,
            magnitude == infinity,
            magnitude > infinity,
        )
        classes: Array = kind + len(KINDS) * (bits >> self.width - 1)
        return classes

    def classify_as(self, bits: Array, labels: Sequence[str]) -> Array:
        """Index into `labels`, some of CLASSES, of each pattern; NONE for other classes."""
        table = np.array([labels.index(name) if name in labels else NONE for name in CLASSES])
        classes: Array = table[self.classify(bits)]
        return classes

    def corners(self, exponents: Sequence[int], fractions: Sequence[int]) -> Array:
        """Both signs of zeros, subnormals, infinities, NaNs, and of all these exponents and fractions."""
        top = (1 << self.fraction) - 1
        special = [(0, 0), (0, 1), (0, top), (255, 0), (255, 1), (255, top), (255, 1 << self.fraction - 1)]
        normal = [(exponent, fraction) for exponent in exponents for fraction in fractions]
        ends = [(1, 0), (1, 1), (254, top), (254, top - 1)]
        parts = sorted({*special, *ends, *normal})
        return np.concatenate([self.join(sign, *np.array(parts).T) for sign in (0, 1)])

    def random(self, rng: np.random.Generator, count: int) -> Array:
        """Uniform bit patterns."""
        return rng.integers(0, 1 << self.width, count, dtype=self.dtype)

    def random_between(self, rng: np.random.Generator, count: int, low: int, high: int) -> Array:
        """Random sign and fraction, biased exponents from `low` to `high`."""
        return self.join(
            rng.integers(0, 2, count),
            rng.integers(low, high + 1, count),
            rng.integers(0, 1 << self.fraction, count),
        )


BF16 = FloatFormat(7)
FP32 = FloatFormat(23)
