"""Reductions of whole matrices at numpy's full speed, with the bits that one addition after another gives.

What makes float32 fast here is to leave out the flushing of subnormals where there can be none. All
operands are multiples of a quantum, the last place of the smallest; so are their products (of the quanta's
product), and so are all sums, for rounding only ever moves a sum to a coarser grid. If that quantum is a
normal number, so is every nonzero product and sum. NaNs need no care underway: they survive every operation
and are made canonical at the end.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reneta.golden import fp32
from reneta.golden.arrays import F32, F64, I16, I64, Array

# Elements of a block of accumulators, which with its products stays in a core's cache.
_BLOCK = 1 << 15

_BF16_FRACTION = 7
_F32_FRACTION = 23
_BIAS = 127
_MIN_EXP = -126


def tree(x: Array, add: Callable[[Array, Array], Array]) -> Array:
    """Reduce the first axis pairwise, level by level; an odd last one passes up unchanged."""
    while len(x) > 1:
        even = len(x) & ~1
        sums = add(x[0:even:2], x[1:even:2])
        x = sums if even == len(x) else np.concatenate([sums, x[even:]])
    total: Array = x[0]
    return total


def _quantum_exp(x: F32, fraction: int) -> int:
    """Exponent (at most) of a power of two that all finite numbers in x are multiples of."""
    exponent = (fp32.to_bits(x) >> np.uint32(_F32_FRACTION)) & np.uint32(0xFF)
    return int(np.min(exponent, where=exponent > 0, initial=0xFE)) - _BIAS - fraction


def never_subnormal(a: F32, b: F32, start: F32 | None = None) -> bool:
    """Whether no sum of products of bf16 numbers a and b (from `start` on) can be subnormal, in any order."""
    products = _quantum_exp(a, _BF16_FRACTION) + _quantum_exp(b, _BF16_FRACTION) >= _MIN_EXP
    return products and (start is None or _quantum_exp(start, _F32_FRACTION) >= _MIN_EXP)


@np.errstate(all="ignore")
def outer_sum(a: F32, b: F32, start: F32) -> F32:
    """start[R, C] + sum over k, ascending, of a[k, R] b[k, C]; a and b hold unpacked bf16 numbers."""
    if b.shape[1] < a.shape[1]:  # the longer side belongs on the inner loop
        return outer_sum(b, a, start.T).T
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
    result = fp32.canonical(start)
    flush = not never_subnormal(a, b, result)
    rows = max(1, _BLOCK // max(1, b.shape[1]))
    for first in range(0, a.shape[1], rows):
        acc = np.ascontiguousarray(result[first : first + rows])
        product = np.empty_like(acc)
        for column, row in zip(a[:, first : first + rows, None], b, strict=True):
            np.multiply(column, row, out=product)
            if flush:
                product = fp32.flush(product)
            np.add(acc, product, out=acc)
            if flush:
                acc = fp32.flush(acc)
        result[first : first + rows] = acc
    return fp32.canonical(result)


@np.errstate(all="ignore")
def cascade_sum(a: F32, b: F32) -> F32:
    """The adder trees' sums of a[G, P, N] b[G, P, T] over lanes and groups, to [N, T]."""
    add = np.add if never_subnormal(a, b) else fp32.add
    groups, lanes, columns = a.shape
    steps = b.shape[2]
    result = np.empty((columns, steps), np.float32)
    width = max(1, _BLOCK // max(1, groups * lanes * steps))
    # Lanes first, as tree reduces the first axis.
    a, b = a.swapaxes(0, 1), b.swapaxes(0, 1)
    for first in range(0, columns, width):
        # Every product meets an addition, which flushes what comes in where there is something to flush.
        products = a[:, :, first : first + width, None] * b[:, :, None, :]
        result[first : first + width] = tree(tree(products, add), add)
    return fp32.canonical(result)


def exact_matmul(a: I16, b: I16) -> I64:
    """a @ b of 16-bit integers, exact: float64 holds every sum of up to 2^23 products of 30 bits."""
    product: F64 = np.asarray(a, np.float64) @ np.asarray(b, np.float64)
    return product.astype(np.int64)
