"""What is dtv1_macc_fxp's own: its kind of array, and its values."""

from __future__ import annotations

import numpy as np

from reneta.golden.arith import Fxp16Arithmetic
from reneta.golden.arrays import I64, Array
from reneta.golden.config import HwConfig
from reneta.verif.arith.bulk_coverage import choose
from reneta.verif.arith.lanes import Lanes
from reneta.verif.arith.macc_env import MaccKind
from reneta.verif.arith.macc_stimulus import Style
from reneta.verif.common.hw import hw_config

# Wide ones need more than 32 bits.
CLASSES = ("wide_negative", "negative", "zero", "positive", "wide_positive")


def classify(x: I64) -> Array:
    """Index into CLASSES."""
    return choose(x.shape, x < -(1 << 31), x < 0, x == 0, x < 1 << 31, x >= 1 << 31)


def kind(hw: HwConfig) -> MaccKind:
    """The fxp16 array, which exists in every configuration."""
    return MaccKind(
        arith=Fxp16Arithmetic(hw),
        operand=Lanes(16, signed=True),
        acc=Lanes(hw.fxp_acc_w, signed=True),
        par_lat=hw.fxp_mul_lat + hw.fxp_add_lat,
        cas_lat=hw.fxp_cas_lat,
        neutral=0,
        classes=CLASSES,
        rare=(),
        classify=classify,
    )


def _random(rng: np.random.Generator, count: int, width: int) -> I64:
    limit = 1 << width - 1
    return rng.integers(-limit, limit, count)


def corners(acc: bool) -> Array:
    """Zero, ones, both ends, powers of two and their neighbours."""
    width = hw_config().fxp_acc_w if acc else 16
    limit = 1 << width - 1
    powers = np.array([1, 1 << width // 2, limit >> 1])
    near = np.concatenate([powers - 1, powers, powers + 1])
    return np.unique(np.concatenate([near, -near, [-limit, -limit + 1, limit - 1]]))


def values(rng: np.random.Generator, shape: tuple[int, int], style: Style, acc: bool) -> Array:
    """Operands, or accumulators, of a style."""
    width = hw_config().fxp_acc_w if acc else 16
    count = shape[0] * shape[1]
    special = corners(acc)
    match style:
        case Style.MODERATE:
            x = _random(rng, count, width * 3 // 4)
        case Style.CANCELLING:
            x = rng.integers(-2, 3, count)
        case Style.FINITE:
            x = np.where(rng.random(count) < 0.3, rng.choice(special, count), _random(rng, count, width))
        case Style.SPIKED:
            spikes = rng.random(count) < 0.5 / shape[1]
            x = np.where(spikes, rng.choice(special, count), _random(rng, count, width * 3 // 4))
        case Style.CORNERS:
            x = rng.choice(special, count)
        case Style.PATTERNS:
            x = _random(rng, count, width)
    return x.reshape(shape)
