"""The compute core's procedures on whole matrices, in the order of additions that the contract fixes.

Matrices and vectors hold operands (`Arithmetic.operand_dtype`); each function gives accumulators, which
`Arithmetic.finish` turns into results. R rows, N columns, T steps. The order, written out in
docs/numerics.md: MxV adds by columns ascending, VXV by steps ascending, sparse ones in the order of the
lists; MTxV adds in the trees of the cascade.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reneta.golden.arith import Arithmetic
from reneta.golden.arrays import Array, Bool
from reneta.golden.ccm_types import Proc


class NonzeroList(NamedTuple):
    """One step's list, in order of arrival: the indices of the elements that fired, and their values."""

    indices: Array
    values: Array


def nonzero_lists(fires: Bool, delta: Array) -> list[NonzeroList]:
    """The lists of all steps of an encoded sequence: fires[N, T] and delta[N, T], indices ascending."""
    found = (np.flatnonzero(fires[:, t]) for t in range(fires.shape[1]))
    return [NonzeroList(indices, delta[indices, t]) for t, indices in enumerate(found)]


def mxv(arith: Arithmetic, w: Array, v: Array, c: Array | None = None) -> Array:
    """W v of each step.

    Args:
        arith: the number format.
        w: [R, N].
        v: [N, T].
        c: addends [R, T], as results; none: +0.

    Returns:
        Accumulators [R, T].
    """
    return arith.outer_sum(w.T, v, _start(arith, Proc.MXV, (w.shape[0], v.shape[1]), c))


def mxv_sp(arith: Arithmetic, w: Array, lists: Sequence[NonzeroList], c: Array | None = None) -> Array:
    """As mxv, of the listed columns only; a step with an empty list gives its addend.

    Raises:
        IndexError: a listed column is not in the matrix.
    """
    acc = _start(arith, Proc.MXV, (w.shape[0], len(lists)), c)
    columns = np.ascontiguousarray(w.T)
    for t, (indices, values) in enumerate(lists):
        _check(indices, len(columns))
        acc[:, t : t + 1] = arith.outer_sum(columns[indices], values[:, None], acc[:, t : t + 1])
    return acc


def mtxv(arith: Arithmetic, w: Array, d: Array) -> Array:
    """W transposed times d of each step: w[R, N] and d[R, T] to accumulators [N, T]."""
    return arith.cascade_sum(w, d)


def mtxv_sp(arith: Arithmetic, w: Array, d: Array, indices: Sequence[Array]) -> list[Array]:
    """As mtxv, of the listed columns only: for each step accumulators in the order of its list.

    Raises:
        IndexError: a listed column is not in the matrix.
    """
    sums = []
    for t, listed in enumerate(indices):
        _check(listed, w.shape[1])
        sums.append(arith.cascade_sum(w[:, listed], d[:, t : t + 1])[:, 0])
    return sums


def vxv(arith: Arithmetic, d: Array, v: Array, start: Array | None = None) -> Array:
    """Sum over the steps of the outer products d[R, t] v[N, t].

    Args:
        arith: the number format.
        d: [R, T].
        v: [N, T].
        start: accumulators [R, N] of an earlier part of the sequence; none: +0.

    Returns:
        Accumulators [R, N].
    """
    return arith.outer_sum(d.T, v.T, arith.zero((len(d), len(v))) if start is None else start)


def vxv_sp(
    arith: Arithmetic, d: Array, lists: Sequence[NonzeroList], columns: int, start: Array | None = None
) -> Array:
    """As vxv, with v given as lists: the other columns of [R, columns] stay as they are.

    Raises:
        IndexError: a listed column is not in the matrix.
    """
    acc = arith.zero((len(d), columns)) if start is None else start.copy()
    for t, (indices, values) in enumerate(lists):
        _check(indices, columns)
        # All at once where no column comes twice, as then no sum depends on another.
        once = len(np.unique(indices)) == len(indices)
        for k in [slice(None)] if once else [slice(i, i + 1) for i in range(len(indices))]:
            product = arith.product(d[:, t, None], values[None, k])
            acc[:, indices[k]] = arith.accumulate(acc[:, indices[k]], product)
    return acc


def ewise(arith: Arithmetic, a: Array, b: Array, c: Array | None = None, negate: bool = False) -> Array:
    """c + a b, or c - a b, element by element, as accumulators; c holds results; none: +0."""
    product = arith.product(a, b, negate)
    return arith.accumulate(_start(arith, Proc.EWISE, product.shape, c), product)


def _start(arith: Arithmetic, kind: Proc, shape: tuple[int, ...], c: Array | None) -> Array:
    return arith.zero(shape) if c is None else arith.addend(np.broadcast_to(c, shape), kind)


def _check(indices: Array, size: int) -> None:
    if len(indices) and (indices.min() < 0 or indices.max() >= size):
        raise IndexError(f"list index out of range: {indices.min()} .. {indices.max()}, not 0 .. {size - 1}")
