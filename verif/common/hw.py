"""What a running test knows from outside: the hardware configuration, and random generators from the seed."""

from __future__ import annotations

import os
import random
import zlib
from functools import cache

import cocotb
import numpy as np

from reneta.golden.config import HwConfig, load_config

CONFIG_VARIABLE = "RENETA_CONFIG"


@cache
def hw_config() -> HwConfig:
    """The configuration that the simulation was built for."""
    return load_config(os.environ[CONFIG_VARIABLE])


def rng(*salt: object) -> random.Random:
    """A generator that depends on the seed, the test's name (cocotb mixes it in) and `salt` only."""
    return random.Random(f"{cocotb.RANDOM_SEED}:{salt}")


def np_rng(*salt: object) -> np.random.Generator:
    """The same for numpy, whose global state cocotb does not seed."""
    return np.random.default_rng([cocotb.RANDOM_SEED, zlib.crc32(repr(salt).encode())])
