"""Functions on the way out: none, ReLU, sigmoid and tanh, correctly rounded in both formats.

Sigmoid and tanh come from tables over all 65,536 operands, computed in float64 and rounded once. That this
gives the correctly rounded result for every operand is shown by the tests, with arbitrary precision.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from reneta.golden import bf16, fp32, fxp16
from reneta.golden.arrays import F32, F64, I16, U16
from reneta.golden.ccm_types import Func

_PATTERNS = np.arange(1 << 16, dtype=np.uint16)


def _sigmoid(x: F64) -> F64:
    return 1.0 / (1.0 + np.exp(-x))


_REAL: dict[Func, Callable[[F64], F64]] = {Func.SIGMOID: _sigmoid, Func.TANH: np.tanh}


@cache
@np.errstate(all="ignore")
def bf16_table(func: Func) -> U16:
    """Sigmoid or tanh of every bf16 pattern: uint16[65536], indexed by the pattern, read-only."""
    table = bf16.from_float(_REAL[func](bf16.unpack(_PATTERNS).astype(np.float64)))
    table.flags.writeable = False
    return table


@cache
@np.errstate(all="ignore")
def fxp16_table(func: Func, frac: int) -> I16:
    """Sigmoid or tanh of every fixed-point number: int16[65536], indexed by its pattern, read-only."""
    x = fxp16.to_float(_PATTERNS.view(np.int16), frac)
    table = fxp16.from_float(_REAL[func](x), frac)
    table.flags.writeable = False
    return table


def apply_bf16(func: Func, bits: U16) -> U16:
    """The function of bf16 patterns; NONE changes no bit."""
    bits = np.asarray(bits, np.uint16)
    if func == Func.NONE:
        return bits
    if func == Func.RELU:
        x = bf16.canonical(bits)
        return np.where(x & bf16.NEG_ZERO, np.uint16(bf16.ZERO), x)
    return bf16_table(func)[bits]


def apply_fp(func: Func, x: F32) -> F32:
    """The function of float32 results; sigmoid and tanh round to bf16 first and give a bf16 number.

    NONE changes no bit.
    """
    x = np.asarray(x, np.float32)
    if func == Func.NONE:
        return x
    if func == Func.RELU:
        x = fp32.canonical(x)
        return np.where(np.signbit(x), np.float32(0.0), x)
    return bf16.unpack(bf16_table(func)[bf16.pack(x)])


def apply_fxp(func: Func, x: I16, frac: int) -> I16:
    """The function of fixed-point numbers with `frac` fraction bits, in the same format."""
    x = np.asarray(x, np.int16)
    if func == Func.NONE:
        return x
    if func == Func.RELU:
        return np.maximum(x, np.int16(0))
    return fxp16_table(func, frac)[x.view(np.uint16)]
