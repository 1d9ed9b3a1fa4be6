"""Fixed-point accumulators by class: what tests are made of and coverage counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reneta.golden import fxp16
from reneta.golden.arrays import I64, Array
from reneta.golden.config import HwConfig
from reneta.verif.arith.bulk_coverage import choose

# An accumulator divided by 2^shift: beyond 16 bits, at the edges, or inside. Only rounding saturates the
# half above the largest; the half below the smallest is rounded to it.
LEVELS = (
    *("far_below", "half_below_min", "min", "negative", "zero", "positive", "max", "half_above_max"),
    "far_above",
)
# What shift_i says.
SHIFTS = ("by_weight", "by_act")


def shifts(hw: HwConfig) -> tuple[int, int]:
    """Places by which shift_i = 0 and 1 shift."""
    return hw.fxp_weight_frac, hw.fxp_act_frac


def for_shifts(hw: HwConfig, labels: Sequence[str]) -> list[str | None]:
    """Labels of both shifts crossed with levels or roundings; None where too few places are shifted out."""
    made: list[str | None] = []
    for name, places in zip(SHIFTS, shifts(hw), strict=True):
        # One place makes no difference below or above a half, and none makes no half at all.
        absent: tuple[str, ...] = ("below_half", "above_half") if places < 2 else ()
        absent += ("half", "tie") if places < 1 else ()
        made += [None if label.startswith(absent) else f"{name}*{label}" for label in labels]
    return made


def classify_level(acc: I64, shift: Array) -> Array:
    """Index into LEVELS of accumulators, each with its shift."""
    low, high = (np.int64(bound) << shift for bound in (fxp16.MIN, fxp16.MAX))
    half = (np.int64(1) << shift) >> 1
    return choose(
        acc.shape,
        acc < low - half,
        acc < low,
        acc == low,
        acc < 0,
        acc == 0,
        acc < high,
        acc == high,
        acc <= high + half,
        acc > high + half,
    )


def around(values: Array, shift: int, width: int) -> Array:
    """Accumulators that are `values` after a shift, and around what is half and one above and below them."""
    unit = 1 << shift
    offsets = {unit * halves // 2 + more for halves in range(-2, 3) for more in (-1, 0, 1)}
    near = (values.astype(np.int64)[:, None] << shift) + np.array(sorted(offsets))
    limit = 1 << width - 1
    return np.unique(np.clip(near, -limit, limit - 1))


def random_accumulators(rng: np.random.Generator, count: int, width: int) -> I64:
    """Two's complement numbers of all magnitudes: every number of significant bits is equally likely."""
    limit = 1 << width - 1
    return rng.integers(-limit, limit, count) >> rng.integers(0, width, count)
