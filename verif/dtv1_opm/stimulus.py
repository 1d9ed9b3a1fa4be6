"""Results and thresholds of every kind: tame ones, corners, neighbours of the threshold."""

from __future__ import annotations

import numpy as np

from reneta.golden.arrays import U16, Array, Bool
from reneta.golden.config import HwConfig

_F32_INF = 0x7F80_0000
_F32_SIGN = np.uint32(1 << 31)
_F32_CORNERS = np.array(
    [
        *(0, 1, 0x007F_FFFF, 0x0080_0000, 0x0080_0001, 0x3F80_0000, 0x3F80_8000, 0x3F81_8000),
        *(0x7F7F_7FFF, 0x7F7F_8000, 0x7F7F_FFFF, _F32_INF, 0x7F80_0001, 0x7FC0_0000, 0x7FFF_FFFF),
    ],
    np.uint32,
)
_FXP_CORNERS = np.array([0, 1, 0x7FFE, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x0100], np.uint16)
_BF16_CORNERS = np.array([0, 1, 0x7F, 0x80, 0x3F80, 0x7F7F, 0x7F80, 0x7FC0], np.uint16)

# Thresholds that are tried on purpose: nothing, subnormal, least, usual, largest, infinite, NaN, negative.
FP_THETAS = (0, 1, 0x7F, 0x80, 0x3DCD, 0x3F80, 0x7F7F, 0x7F80, 0x7F81, 0x7FC0, 0x8000, 0xBF80, 0xFFC0)
FXP_THETAS = (0, 1, 2, 26, 256, 0x7FFE, 0x7FFF, 0x8000, 0xFFFF)


def limit_of(theta: int, hw: HwConfig) -> int:
    """The least magnitude, as a pattern of a result, that reaches a threshold."""
    if not hw.is_fp:
        return theta if theta < 0x8000 else 0
    return theta << 16 if 0x80 <= theta <= 0x7F80 else 0


class Values:
    """Draws patterns."""

    def __init__(self, hw: HwConfig, rng: np.random.Generator) -> None:
        """Args: configuration; where the patterns are drawn from."""
        self.hw, self.rng = hw, rng

    def results(self, shape: tuple[int, ...]) -> Array:
        """Results, each lane tame, a tie of the rounding, a corner, or anything."""
        rng = self.rng
        kind = rng.integers(0, 4, shape)
        tame = (rng.standard_normal(shape) * 4).astype(np.float32)
        if not self.hw.is_fp:
            any_bits = rng.integers(0, 1 << 16, shape, dtype=np.uint16)
            numbers = (tame * 256).astype(np.int16).view(np.uint16)
            return np.select([kind == 0, kind == 1], [rng.choice(_FXP_CORNERS, shape), numbers], any_bits)
        upper = rng.integers(0, 1 << 16, shape, dtype=np.uint32) << np.uint32(16)
        tie = upper | rng.choice(np.array([0, 0x7FFF, 0x8000, 0x8001], np.uint32), shape)
        corner = rng.choice(_F32_CORNERS, shape) | rng.integers(0, 2, shape, dtype=np.uint32) << np.uint32(31)
        any_bits = rng.integers(0, 1 << 32, shape, dtype=np.uint32)
        return np.select([kind == 0, kind == 1, kind == 2], [corner, tie, tame.view(np.uint32)], any_bits)

    def elements(self, shape: tuple[int, ...]) -> U16:
        """Elements of memory: anything, and corners."""
        corners = _BF16_CORNERS if self.hw.is_fp else _FXP_CORNERS
        corner = self.rng.choice(corners, shape) ^ (self.rng.integers(0, 2, shape, dtype=np.uint16) << 15)
        any_bits = self.rng.integers(0, 1 << 16, shape, dtype=np.uint16)
        return np.where(self.rng.random(shape) < 0.3, corner, any_bits).astype(np.uint16)

    def theta(self) -> int:
        """A threshold: one of the special ones, or any."""
        special = FP_THETAS if self.hw.is_fp else FXP_THETAS
        if self.rng.random() < 0.5:
            return int(self.rng.choice(special))
        # Any that can be a distance.
        return int(self.rng.integers(0, 0x7F81 if self.hw.is_fp else 0x8000))

    def differences(self, fires: Bool, theta: int) -> Array:
        """Patterns that reach the threshold exactly where they are to, where that is possible at all."""
        return self._floats(fires, theta) if self.hw.is_fp else self._fixed(fires, theta)

    def _floats(self, fires: Bool, theta: int) -> Array:
        rng, shape = self.rng, fires.shape
        limit = limit_of(theta, self.hw)
        above = np.minimum(limit + rng.choice([0, 1, 2], shape), _F32_INF)
        higher = rng.integers(limit, _F32_INF + 1, shape)
        special = rng.choice([_F32_INF, 0x7FC0_0000], shape)
        kind = rng.random(shape)
        high = np.select([kind < 0.4, kind < 0.9], [above, higher], special)
        low = np.where(kind < 0.4, limit - rng.choice([1, 2], shape), rng.integers(0, max(limit, 1), shape))
        low = np.where(kind > 0.9, 0, low)
        magnitude = np.where(fires | (limit == 0), high, np.maximum(low, 0)).astype(np.uint32)
        signed: Array = magnitude | rng.integers(0, 2, shape, dtype=np.uint32) << np.uint32(31)
        return signed

    def _fixed(self, fires: Bool, theta: int) -> Array:
        rng, shape = self.rng, fires.shape
        kind, sign = rng.random(shape), rng.choice([-1, 1], shape)
        limit = limit_of(theta, self.hw)
        above = limit + rng.choice([0, 1], shape)
        high = np.select([kind < 0.4, kind < 0.9], [above, rng.integers(limit, 1 << 15, shape)], 1 << 15)
        low = np.where(kind < 0.4, limit - 1, rng.integers(0, max(limit, 1), shape))
        number = sign * np.where(fires | (limit == 0), high, np.maximum(low, 0))
        pattern: Array = np.clip(number, -(1 << 15), (1 << 15) - 1).astype(np.int16).view(np.uint16)
        return pattern
