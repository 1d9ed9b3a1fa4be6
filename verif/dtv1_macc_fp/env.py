"""What is dtv1_macc_fp's own: its kind of array, and its values."""

from __future__ import annotations

import numpy as np

from reneta.golden import bf16
from reneta.golden.arith import Bf16Arithmetic
from reneta.golden.arrays import Array
from reneta.golden.config import HwConfig
from reneta.verif.arith.floats import BF16, FP32, RESULTS
from reneta.verif.arith.lanes import Lanes
from reneta.verif.arith.macc_env import MaccKind
from reneta.verif.arith.macc_stimulus import Style


def kind(hw: HwConfig) -> MaccKind:
    """The bf16 array, which exists in every configuration."""
    return MaccKind(
        arith=Bf16Arithmetic(hw),
        operand=Lanes(16),
        acc=Lanes(32),
        par_lat=hw.fp_mul_lat + hw.fp_add_lat,
        cas_lat=hw.fp_cas_lat,
        neutral=-0.0,
        classes=RESULTS,
        rare=("+min", "-min", "+max", "-max"),
        classify=lambda bits: FP32.classify_as(bits, RESULTS),
    )


def corners(acc: bool) -> Array:
    """Zeros, subnormals, ends of the range, infinities, NaNs, and numbers around one."""
    return FP32.corners((64, 127, 190), (0, 1)) if acc else BF16.corners((63, 127, 190), (0, 0x7F))


def values(rng: np.random.Generator, shape: tuple[int, int], style: Style, acc: bool) -> Array:
    """Patterns of operands, or of accumulators, of a style."""
    form = FP32 if acc else BF16
    count = shape[0] * shape[1]
    special = corners(acc)
    finite = special[form.exponent(special) < 0xFF]
    match style:
        case Style.MODERATE:
            bits = form.random_between(rng, count, 121, 133)
        case Style.CANCELLING:
            bits = bf16.from_float(rng.integers(-2, 3, count).astype(np.float64)).astype(form.dtype)
            bits <<= form.width - 16
        case Style.FINITE:
            bits = np.where(
                rng.random(count) < 0.3, rng.choice(finite, count), form.random_between(rng, count, 1, 254)
            )
        case Style.SPIKED:
            spikes = rng.random(count) < 0.5 / shape[1]
            bits = np.where(spikes, rng.choice(special, count), form.random_between(rng, count, 121, 133))
        case Style.CORNERS:
            bits = rng.choice(special, count)
        case Style.PATTERNS:
            bits = form.random(rng, count)
    return bits.reshape(shape)
