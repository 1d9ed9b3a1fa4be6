"""The format-neutral arithmetic: one contract for both formats, the cascade's order, the ways in and out."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reneta.golden import activation, fp32
from reneta.golden.arith import Arithmetic, Bf16Arithmetic, Fxp16Arithmetic, arithmetic
from reneta.golden.arrays import Array
from reneta.golden.ccm_types import Func, Proc
from reneta.golden.config import load_config
from reneta.golden.tests import exact, stimulus

BF16 = arithmetic(load_config("bf16_pe4"))
FXP16 = arithmetic(load_config("fxp16_pe4"))
BOTH = pytest.mark.parametrize("arith", [BF16, FXP16], ids=["bf16", "fxp16"])
KINDS = (Proc.MXV, Proc.MTXV, Proc.VXV, Proc.EWISE)


def _operands(arith: Arithmetic, shape: tuple[int, ...], seed: int = 1) -> Array:
    patterns = np.random.default_rng(seed).integers(0, 1 << 16, shape, dtype=np.uint16)
    return patterns.view(arith.operand_dtype)


def test_arithmetic_of_a_configuration() -> None:
    assert isinstance(BF16, Bf16Arithmetic)
    assert isinstance(FXP16, Fxp16Arithmetic)


@BOTH
@pytest.mark.parametrize("shape", [(), (0,), (3, 2, 5)])
def test_shapes_and_types(arith: Arithmetic, shape: tuple[int, ...]) -> None:
    a, b = _operands(arith, shape), _operands(arith, shape, 2)
    acc = arith.accumulate(arith.zero(shape), arith.product(a, b))
    result = arith.finish(acc, Func.TANH, Proc.MXV)
    bits = arith.to_bits(result)
    assert {np.shape(x) for x in (acc, result, bits)} == {shape}
    assert acc.dtype == arith.acc_dtype
    assert result.dtype == arith.result_dtype
    assert bits.dtype == arith.bits_dtype
    np.testing.assert_array_equal(arith.to_bits(arith.from_bits(bits)), bits)
    assert arith.addend(result, Proc.EWISE).dtype == arith.acc_dtype


@BOTH
@pytest.mark.parametrize("kind", KINDS)
def test_addend_alone_comes_out_unchanged(arith: Arithmetic, kind: Proc) -> None:
    c = arith.finish(arith.product(_operands(arith, (999,)), _operands(arith, (999,), 2)), Func.NONE, kind)
    np.testing.assert_array_equal(
        arith.to_bits(arith.finish(arith.addend(c, kind), Func.NONE, kind)), arith.to_bits(c)
    )


@pytest.mark.parametrize("kind", [*KINDS, Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP])
@given(acc=st.integers(-(1 << 42), (1 << 42) - 1))
def test_fxp16_finish_by_kind(kind: Proc, acc: int) -> None:
    config = FXP16.config
    weights = kind in (Proc.MXV, Proc.MTXV, Proc.MXV_SP, Proc.MTXV_SP)
    shift = config.fxp_weight_frac if weights else config.fxp_act_frac
    rounded = exact.fixed(Fraction(acc, 1 << shift))
    assert int(FXP16.finish(np.array(acc), Func.NONE, kind)) == rounded
    for func in Func:
        expected = activation.apply_fxp(func, np.array(rounded, np.int16), config.fxp_act_frac)
        assert FXP16.finish(np.array(acc), func, kind) == expected


def test_idle_has_no_results() -> None:
    with pytest.raises(ValueError, match="IDLE"):
        FXP16.finish(np.array(0), Func.NONE, Proc.IDLE)


@BOTH
def test_negated_product(arith: Arithmetic) -> None:
    a, b = _operands(arith, (5000,)), _operands(arith, (5000,), 2)
    negated = arith.product(a, b, negate=True)
    if arith is FXP16:
        np.testing.assert_array_equal(negated, -arith.product(a, b))
    else:
        expected = [exact.multiply(int(x), int(y), negate=True) for x, y in zip(a, b, strict=True)]
        np.testing.assert_array_equal(fp32.to_bits(negated), expected)


@pytest.mark.parametrize("groups", range(1, 10))
@pytest.mark.parametrize("lanes", [2, 4, 16])
@pytest.mark.parametrize("flavour", ["normal", "cancel", "any"])
def test_bf16_cascade_is_the_tree_over_lanes_then_groups(groups: int, lanes: int, flavour: str) -> None:
    rng = np.random.default_rng(groups * lanes)
    a, b = (stimulus.operands(rng, flavour, (3, groups, lanes)) for _ in "ab")
    products = BF16.product(a, b)
    expected = [
        exact.tree([exact.tree([int(p) for p in group]) for group in column])
        for column in fp32.to_bits(products)
    ]
    np.testing.assert_array_equal(fp32.to_bits(BF16.cascade(products)), expected)


def test_fxp16_cascade_is_the_exact_sum() -> None:
    products = FXP16.product(_operands(FXP16, (6, 5, 4)), _operands(FXP16, (6, 5, 4), 2))
    np.testing.assert_array_equal(FXP16.cascade(products), products.sum(axis=(1, 2)))


@BOTH
@pytest.mark.parametrize("weight", [False, True])
def test_encode_and_decode(arith: Arithmetic, weight: bool) -> None:
    x = np.array([0.0, 1.0, -1.5, 0.25, 0.0078125])
    np.testing.assert_array_equal(arith.decode(arith.encode(x, weight), weight), x)


@BOTH
@pytest.mark.parametrize("kind", KINDS)
def test_results_mean_what_was_computed(arith: Arithmetic, kind: Proc) -> None:
    """2.5 * -0.75 + 0.5, whatever the format: weights where the kind multiplies weights."""
    a = arith.encode(np.array([2.5]))
    b = arith.encode(np.array([-0.75]), weight=kind in (Proc.MXV, Proc.MTXV))
    c = arith.finish(arith.addend(arith.zero((1,)).astype(arith.result_dtype), kind), Func.SIGMOID, kind)
    result = arith.finish(arith.accumulate(arith.addend(c, kind), arith.product(a, b)), Func.NONE, kind)
    assert arith.decode_result(result).tolist() == [2.5 * -0.75 + 0.5]
