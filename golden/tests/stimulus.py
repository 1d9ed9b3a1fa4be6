"""Operands for the tests: corners of the formats and random patterns of several flavours."""

from __future__ import annotations

from itertools import product

import numpy as np

from reneta.golden.arrays import U16, U32, Array

# Exponent fields and mantissas (as fractions of the field's width) whose combinations make the corners.
_EXPONENTS = (0, 1, 2, 23, 24, 63, 64, 103, 104, 119, 120, 125, 126, 127, 128, 150, 151, 190, 253, 254, 255)


def bf16_corners() -> U16:
    """Zeros, subnormals, ones, extremes, infinities and NaNs, of both signs."""
    mantissas = (0x00, 0x01, 0x40, 0x55, 0x7E, 0x7F)
    grid = product((0, 1), _EXPONENTS, mantissas)
    return np.array([s << 15 | e << 7 | m for s, e, m in grid], np.uint16)


def float32_corners() -> U32:
    """The same for float32, with the neighbours of bf16's ties."""
    mantissas = (0, 1, 0x7FFF, 0x8000, 0x8001, 0x17FFF, 0x18000, 0x18001, 0x400000, 0x7F8000, 0x7FFFFF)
    grid = product((0, 1), _EXPONENTS, mantissas)
    return np.array([s << 31 | e << 23 | m for s, e, m in grid], np.uint32)


def pairs(values: Array) -> tuple[Array, Array]:
    """Every value with every value."""
    a, b = np.meshgrid(values, values)
    return a.ravel(), b.ravel()


def operands(rng: np.random.Generator, flavour: str, shape: tuple[int, ...]) -> U16:
    """bf16 patterns.

    `normal`: as in a network; `cancel`: few exponents and mantissas, so that sums cancel; `tiny`: products
    near and below the smallest normal number; `huge`: sums overflow; `any`: every pattern, NaN and infinity
    among them; `zero`: zeros of both signs and small integers.
    """
    sign = rng.integers(0, 2, shape) << 15
    mantissa = rng.integers(0, 128, shape)
    if flavour == "any":
        return rng.integers(0, 1 << 16, shape, dtype=np.uint16)
    if flavour == "zero":
        return np.asarray(sign | rng.choice([0, 0, 0x3F80, 0x4000], shape), np.uint16)
    if flavour == "cancel":
        mantissa &= 0x60
    low, high = {"normal": (110, 130), "cancel": (126, 129), "tiny": (50, 75), "huge": (185, 193)}[flavour]
    exponent = rng.integers(low, high, shape)
    return np.asarray(sign | exponent << 7 | mantissa, np.uint16)


FLAVOURS = ("normal", "cancel", "tiny", "huge", "any", "zero")
