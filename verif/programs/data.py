"""Data for random programs: mostly tame numbers, some of every kind."""

from __future__ import annotations

import numpy as np

from reneta.golden.arith import arithmetic
from reneta.golden.arrays import U16
from reneta.golden.config import HwConfig

# Zeros, subnormals, the least normal number, one, the largest, infinite, NaNs; or the ends of the range.
_CORNERS_FP = np.array([0, 1, 0x7F, 0x80, 0x3F80, 0x7F7F, 0x7F80, 0x7F81, 0x7FC0, 0x7FFF], np.uint16)
_CORNERS_FXP = np.array([0, 1, 2, 0x0100, 0x4000, 0x7FFE, 0x7FFF], np.uint16)
# Thresholds: everything fires, usual ones, nothing fires, and ones that are no distance.
_THETAS_FP = (0, 0, 0x3D80, 0x3E80, 0x3F80, 0x3F80, 0x7F7F, 0x7F80, 0x7FC0, 0x0001, 0xBF80)
_THETAS_FXP = (0, 0, 16, 64, 256, 256, 0x7FFF, 0x8000)


def words(hw: HwConfig, rng: np.random.Generator, count: int, wild: float) -> U16:
    """Words of memory [count, NUM_PE].

    Args:
        hw: configuration.
        rng: where they are drawn from.
        count: number of words.
        wild: share of words with patterns of any kind; the others hold tame numbers and zeros.
    """
    shape = (count, hw.num_pe)
    scale = rng.choice([0.25, 1.0, 4.0], (count, 1))
    numbers = rng.standard_normal(shape) * scale * (rng.random(shape) < 0.9)
    tame = arithmetic(hw).encode(numbers).view(np.uint16)
    corners = _CORNERS_FP if hw.is_fp else _CORNERS_FXP
    corner = rng.choice(corners, shape) ^ (rng.integers(0, 2, shape, dtype=np.uint16) << 15)
    anything = np.where(rng.random(shape) < 0.6, corner, rng.integers(0, 1 << 16, shape, dtype=np.uint16))
    some = (rng.random((count, 1)) < wild) & (rng.random(shape) < 0.5)
    return np.where(some, anything, tame).astype(np.uint16)


def theta(hw: HwConfig, rng: np.random.Generator) -> int:
    """A threshold."""
    return int(rng.choice(_THETAS_FP if hw.is_fp else _THETAS_FXP))
