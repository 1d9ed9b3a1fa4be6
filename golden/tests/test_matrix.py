"""Whole-matrix reductions: fast paths against the definition, that against the exact model, the lists."""

from __future__ import annotations

import numpy as np
import pytest

from reneta.golden import bulk, fp32, matrix
from reneta.golden.arith import Arithmetic, arithmetic
from reneta.golden.arrays import F32, Array
from reneta.golden.bf16 import unpack
from reneta.golden.ccm_types import Func, Proc
from reneta.golden.config import load_config
from reneta.golden.matrix import NonzeroList
from reneta.golden.tests import exact, stimulus

BF16 = arithmetic(load_config("bf16_pe4"))
FXP16 = arithmetic(load_config("fxp16_pe4"))
BOTH = pytest.mark.parametrize("arith", [BF16, FXP16], ids=["bf16", "fxp16"])
FLAVOURS = pytest.mark.parametrize("flavour", stimulus.FLAVOURS)
# R, N, T: one, not multiples of the four lanes, odd numbers of groups, each side the longest once.
SIZES = pytest.mark.parametrize("size", [(1, 1, 1), (3, 5, 2), (13, 4, 7), (20, 33, 6), (9, 6, 40)])


def _operands(arith: Arithmetic, flavour: str, *shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(sum(sum(s) for s in shapes))
    return [stimulus.operands(rng, flavour, shape).view(arith.operand_dtype) for shape in shapes]


def _float32(*values: float) -> F32:
    return np.array(values, np.float32)


def _equal(actual: Array, expected: Array) -> None:
    """Equal patterns: signs of zeros and NaNs count."""
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    if actual.dtype == np.float32:
        actual, expected = fp32.to_bits(actual), fp32.to_bits(expected)
    np.testing.assert_array_equal(actual, expected)


@BOTH
@FLAVOURS
@SIZES
def test_fast_paths_give_the_defined_bits(
    arith: Arithmetic, flavour: str, size: tuple[int, int, int]
) -> None:
    r, n, t = size
    a, b = _operands(arith, flavour, (n, r), (n, t))
    (c,) = _operands(arith, flavour, (r, t))
    for start in (arith.zero((r, t)), arith.product(c, c), -arith.zero((r, t))):
        _equal(arith.outer_sum(a, b, start), Arithmetic.outer_sum(arith, a, b, start))
    _equal(arith.cascade_sum(a, b), Arithmetic.cascade_sum(arith, a, b))


@pytest.mark.parametrize("flavour", ["normal", "tiny"])
def test_fast_paths_in_several_blocks(flavour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_BLOCK", 64)
    w, v, d = _operands(BF16, flavour, (37, 19), (19, 11), (37, 11))
    _equal(
        BF16.outer_sum(w.T, v, BF16.zero((37, 11))), Arithmetic.outer_sum(BF16, w.T, v, BF16.zero((37, 11)))
    )
    _equal(BF16.cascade_sum(w, d), Arithmetic.cascade_sum(BF16, w, d))


def test_the_quantum_decides_on_flushing() -> None:
    """Last places of 2^-63 make products that are multiples of 2^-126; one place finer is too fine."""
    coarse, fine = _float32(2.0**-56, 0, np.inf, np.nan), _float32(2.0**-57, 1)
    assert bulk.never_subnormal(coarse, coarse)
    assert not bulk.never_subnormal(coarse, fine)
    assert bulk.never_subnormal(coarse, coarse, _float32(2.0**-103, 0))
    assert not bulk.never_subnormal(coarse, coarse, _float32(2.0**-104))
    normal, tiny = (unpack(_operands(BF16, flavour, (50, 50))[0]) for flavour in ("normal", "tiny"))
    assert bulk.never_subnormal(normal, normal)
    assert not bulk.never_subnormal(tiny, tiny)


def test_flushing_matters_in_the_tests_above() -> None:
    """Plain float32 gives other bits for `tiny` operands, so a flush left out would be seen."""
    a, b = _operands(BF16, "tiny", (33, 20), (33, 6))
    plain = np.zeros((20, 6), np.float32)
    for column, row in zip(unpack(a), unpack(b), strict=True):
        plain += column[:, None] * row
    assert (fp32.to_bits(plain) != fp32.to_bits(BF16.outer_sum(a, b, BF16.zero((20, 6))))).any()


@FLAVOURS
def test_bf16_mxv_adds_by_columns(flavour: str) -> None:
    w, v, c = _operands(BF16, flavour, (5, 7), (7, 3), (5, 3))
    acc = matrix.mxv(BF16, w, v, unpack(c))
    for r, t in np.ndindex(5, 3):
        total = int(fp32.to_bits(unpack(c[r, t])))
        for j in range(7):
            total = exact.add(total, exact.multiply(int(w[r, j]), int(v[j, t])))
        assert int(fp32.to_bits(acc[r, t])) == total


@FLAVOURS
@pytest.mark.parametrize("rows", [1, 4, 11, 20])
def test_bf16_mtxv_adds_in_trees(flavour: str, rows: int) -> None:
    w, d = _operands(BF16, flavour, (rows, 3), (rows, 2))
    acc = matrix.mtxv(BF16, w, d)
    for j, t in np.ndindex(3, 2):
        products = [exact.multiply(int(x), int(y)) for x, y in zip(w[:, j], d[:, t], strict=True)]
        products += [0] * (-rows % 4)
        groups = [exact.tree(products[g : g + 4]) for g in range(0, len(products), 4)]
        assert int(fp32.to_bits(acc[j, t])) == exact.tree(groups)


@FLAVOURS
def test_bf16_vxv_adds_by_steps(flavour: str) -> None:
    d, v = _operands(BF16, flavour, (4, 9), (3, 9))
    acc = matrix.vxv(BF16, d, v)
    for r, j in np.ndindex(4, 3):
        total = 0
        for t in range(9):
            total = exact.add(total, exact.multiply(int(d[r, t]), int(v[j, t])))
        assert int(fp32.to_bits(acc[r, j])) == total


def test_worked_example_of_the_documentation() -> None:
    w, v = BF16.encode(np.array([4096.0, 1, 1, -4096])), BF16.encode(np.array([4096.0, 1, 1, 4096]))
    order = np.array([0, 3, 1, 2])
    assert matrix.mxv(BF16, w[None, :], v[:, None])[0, 0] == 0
    assert matrix.mtxv(BF16, w[:, None], v[:, None])[0, 0] == 1
    assert matrix.mxv_sp(BF16, w[None, :], [NonzeroList(order, v[order])])[0, 0] == 2


def test_sparse_keeps_a_negative_zero_that_dense_loses() -> None:
    w, v = np.full((1, 1), 0x3F80, np.uint16), np.zeros((1, 1), np.uint16)
    c = np.full((1, 1), -0.0, np.float32)
    nothing = NonzeroList(np.array([], np.int64), np.array([], np.uint16))
    assert not np.signbit(matrix.mxv(BF16, w, v, c))[0, 0]
    assert np.signbit(matrix.mxv_sp(BF16, w, [nothing], c))[0, 0]


def test_fxp16_is_exact_in_any_order() -> None:
    w, v, d = _operands(FXP16, "any", (21, 10), (10, 4), (21, 4))
    wide = [x.astype(object) for x in (w, v, d)]
    c = d // 3
    config = FXP16.config
    np.testing.assert_array_equal(
        matrix.mxv(FXP16, w, v, c), wide[0] @ wide[1] + c.astype(object) * 2**config.fxp_weight_frac
    )
    np.testing.assert_array_equal(matrix.mtxv(FXP16, w, d), wide[0].T @ wide[2])
    np.testing.assert_array_equal(matrix.vxv(FXP16, d, v), wide[2] @ wide[1].T)


def test_fxp16_accumulators_hold_the_largest_sums() -> None:
    """The longest sum of the largest products, with the largest addend, fits the machine's accumulator."""
    config = load_config("fxp16_pe16")
    low = np.full((1, 4 * config.max_n), -(1 << 15), np.int16)
    addend = np.full((1, 1), (1 << 15) - 1, np.int16)
    largest = int(matrix.mxv(arithmetic(config), low, low.T, addend)[0, 0])
    assert largest == 4 * config.max_n * (1 << 30) + ((1 << 15) - 1 << config.fxp_weight_frac)
    assert largest < 1 << config.fxp_acc_w - 1


def _sparse(arith: Arithmetic, flavour: str) -> tuple[Array, Array, Array, list[NonzeroList], Array]:
    """w[R, N], d[R, T], deltas[N, T], +0 where none fired, their lists (one empty, one full), addends."""
    w, d, v, c = _operands(arith, flavour, (10, 8), (10, 5), (8, 5), (10, 5))
    fires = np.random.default_rng(3).random((8, 5)) < [0.5, 0.0, 1.0, 0.2, 0.7]
    deltas = np.where(fires, v, 0).astype(v.dtype)
    addends = arith.finish(arith.product(c, c), Func.NONE, Proc.MXV)
    return w, d, deltas, matrix.nonzero_lists(fires, deltas), addends


def test_nonzero_lists() -> None:
    fires = np.array([[True, False], [False, False], [True, False]])
    first, second = matrix.nonzero_lists(fires, np.array([[7, 1], [8, 2], [9, 3]], np.int16))
    assert (first.indices.tolist(), first.values.tolist()) == ([0, 2], [7, 9])
    assert (len(second.indices), len(second.values)) == (0, 0)


@BOTH
@pytest.mark.parametrize("flavour", ["normal", "cancel", "tiny"])
def test_sparse_equals_dense_with_zeros(arith: Arithmetic, flavour: str) -> None:
    """Leaving out finite columns times +0 changes no sum (a sum of +0 and -0, too, is +0)."""
    w, d, deltas, lists, c = _sparse(arith, flavour)
    _equal(matrix.mxv_sp(arith, w, lists, c), matrix.mxv(arith, w, deltas, c))
    _equal(matrix.mxv_sp(arith, w, lists), matrix.mxv(arith, w, deltas))
    _equal(matrix.vxv_sp(arith, d, lists, 8), matrix.vxv(arith, d, deltas))
    dense = matrix.mtxv(arith, w, d)
    for t, sums in enumerate(matrix.mtxv_sp(arith, w, d, [step.indices for step in lists])):
        _equal(sums, dense[lists[t].indices, t])


@BOTH
def test_an_empty_list_gives_the_addend(arith: Arithmetic) -> None:
    w, d, _, lists, c = _sparse(arith, "normal")
    empty = [NonzeroList(lists[1].indices, lists[1].values)] * 5
    _equal(matrix.mxv_sp(arith, w, empty, c), arith.addend(c, Proc.MXV))
    _equal(matrix.mxv_sp(arith, w, empty), arith.zero((10, 5)))
    _equal(matrix.vxv_sp(arith, d, empty, 8), arith.zero((10, 8)))
    assert [len(s) for s in matrix.mtxv_sp(arith, w, d, [step.indices for step in empty])] == [0] * 5


@BOTH
def test_sparse_order_is_the_lists_order(arith: Arithmetic) -> None:
    """Lists need be neither ascending nor free of repetitions: products are added as they arrive."""
    w, d, values = _operands(arith, "cancel", (10, 8), (10, 1), (9,))
    indices = np.array([5, 2, 2, 7, 0, 5, 1, 2, 3])
    mxv, vxv = arith.zero((10, 1)), arith.zero((10, 8))
    for j, value in zip(indices, values, strict=True):
        mxv[:, 0] = arith.accumulate(mxv[:, 0], arith.product(w[:, j], value))
        vxv[:, j] = arith.accumulate(vxv[:, j], arith.product(d[:, 0], value))
    lists = [NonzeroList(indices, values)]
    _equal(matrix.mxv_sp(arith, w, lists), mxv)
    _equal(matrix.vxv_sp(arith, d, lists, 8), vxv)


@BOTH
def test_vxv_goes_on_from_accumulators(arith: Arithmetic) -> None:
    w, d, deltas, lists, _ = _sparse(arith, "cancel")
    first = matrix.vxv(arith, d[:, :2], deltas[:, :2])
    before = first.copy()
    _equal(matrix.vxv(arith, d[:, 2:], deltas[:, 2:], first), matrix.vxv(arith, d, deltas))
    _equal(matrix.vxv_sp(arith, d[:, 2:], lists[2:], 8, first), matrix.vxv_sp(arith, d, lists, 8))
    _equal(first, before)
    assert w.shape == (10, 8)


@BOTH
@pytest.mark.parametrize("bad", [-1, 8])
def test_indices_out_of_range_are_refused(arith: Arithmetic, bad: int) -> None:
    w, d, values = _operands(arith, "normal", (10, 8), (10, 1), (2,))
    lists = [NonzeroList(np.array([0, bad]), values)]
    with pytest.raises(IndexError, match="out of range"):
        matrix.mxv_sp(arith, w, lists)
    with pytest.raises(IndexError, match="out of range"):
        matrix.vxv_sp(arith, d, lists, 8)
    with pytest.raises(IndexError, match="out of range"):
        matrix.mtxv_sp(arith, w, d, [lists[0].indices])


@BOTH
@FLAVOURS
@pytest.mark.parametrize("negate", [False, True])
def test_ewise(arith: Arithmetic, flavour: str, negate: bool) -> None:
    a, b, c = _operands(arith, flavour, (200,), (200,), (200,))
    addends = arith.finish(arith.product(c, c), Func.NONE, Proc.EWISE)
    acc, alone = matrix.ewise(arith, a, b, addends, negate), matrix.ewise(arith, a, b, negate=negate)
    for i in range(200):
        if arith is FXP16:
            product = int(a[i]) * int(b[i]) * (-1) ** negate
            assert int(acc[i]) == (int(addends[i]) << FXP16.config.fxp_act_frac) + product
            assert int(alone[i]) == product
        else:
            product = exact.multiply(int(a[i]), int(b[i]), negate)
            assert int(fp32.to_bits(acc[i])) == exact.add(int(fp32.to_bits(addends[i])), product)
            assert int(fp32.to_bits(alone[i])) == exact.add(0, product)
