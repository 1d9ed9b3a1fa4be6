"""One arithmetic for all code above it: what a PE, its accumulator and the way out do, in either format.

`Arithmetic` names the operations; `Bf16Arithmetic` and `Fxp16Arithmetic` are the two builds of the machine,
and `arithmetic` picks the one of a configuration. All methods work on arrays of any shape, lane by lane.
"""

# ruff: noqa: ARG002  (one interface for two formats: not every argument matters to both)

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from reneta.golden import activation, bf16, bulk, delta, fp32, fxp16
from reneta.golden.arrays import F32, F64, I16, I64, U16, Array
from reneta.golden.ccm_types import Func, Proc
from reneta.golden.config import HwConfig


class Arithmetic(ABC):
    """The number format of one build.

    Operands are what memory holds (16 bits), accumulators what a PE adds up in, results what leaves the core
    and comes in as addends: float32 in the bf16 build, 16 bits in the fxp16 build.
    """

    operand_dtype: ClassVar[type[np.generic]]
    acc_dtype: ClassVar[type[np.generic]]
    result_dtype: ClassVar[type[np.generic]]
    bits_dtype: ClassVar[type[np.unsignedinteger[Any]]]

    def __init__(self, config: HwConfig) -> None:
        """Take the parameters of `config` (its format is the subclass's)."""
        self.config = config

    @abstractmethod
    def product(self, a: Array, b: Array, negate: bool = False) -> Array:
        """Products (negated: of the other sign) of operands, as accumulators."""

    @abstractmethod
    def accumulate(self, acc: Array, product: Array) -> Array:
        """acc + product: the one addition of the machine, of two accumulators."""

    @abstractmethod
    def addend(self, c: Array, kind: Proc) -> Array:
        """Accumulators that start at the result lanes `c`, in a procedure of this kind."""

    @abstractmethod
    def finish(self, acc: Array, func: Func, kind: Proc) -> Array:
        """Result lanes: accumulators on their way out of a procedure of this kind, through a function."""

    @abstractmethod
    def delta(self, v: Array, v_hat: Array, theta: Array) -> delta.Delta:
        """One step of delta encoding of operands in the activation format."""

    @abstractmethod
    def encode(self, x: F64, weight: bool = False) -> Array:
        """The operands nearest to real numbers, in the format of weights or of activations."""

    @abstractmethod
    def decode(self, operands: Array, weight: bool = False) -> F64:
        """The real numbers that operands stand for."""

    @abstractmethod
    def decode_result(self, result: Array) -> F64:
        """The real numbers that result lanes stand for."""

    @abstractmethod
    def store(self, result: Array) -> Array:
        """Result lanes as memory holds them in one element each: operands."""

    @abstractmethod
    def load(self, operands: Array) -> Array:
        """Operands as the result lanes (or addends) that they stand for."""

    def zero(self, shape: tuple[int, ...]) -> Array:
        """Accumulators at +0."""
        return np.zeros(shape, self.acc_dtype)

    def to_bits(self, result: Array) -> Array:
        """Result lanes as unsigned patterns."""
        return np.asarray(result, self.result_dtype).view(self.bits_dtype)

    def from_bits(self, bits: Array) -> Array:
        """Result lanes of unsigned patterns."""
        return np.asarray(bits, self.bits_dtype).view(self.result_dtype)

    def cascade(self, products: Array) -> Array:
        """The sum over row groups and lanes, products[..., G, NUM_PE] to [...], in the adder trees' order."""
        lanes_first = np.moveaxis(products, (-1, -2), (0, 1))
        return bulk.tree(bulk.tree(lanes_first, self.accumulate), self.accumulate)

    def outer_sum(self, a: Array, b: Array, start: Array) -> Array:
        """start[R, C] + sum over k, ascending, of the outer products a[k, R] b[k, C].

        This is the definition; the formats override it with faster ways to the same bits.
        """
        acc = start
        for column, row in zip(a, b, strict=True):
            acc = self.accumulate(acc, self.product(column[:, None], row[None, :]))
        return acc

    def cascade_sum(self, a: Array, b: Array) -> Array:
        """The cascade of a[r, N] b[r, T] over the rows r, to [N, T]; lanes past the last row are +0.

        This is the definition; the formats override it with faster ways to the same bits.
        """
        groups = self.row_groups(self.product(a[:, :, None], b[:, None, :]))
        return self.cascade(np.moveaxis(groups, (0, 1), (-2, -1)))

    def row_groups(self, rows: Array) -> Array:
        """rows[R, ...] as [G, NUM_PE, ...], filled up with +0."""
        num_pe = self.config.num_pe
        groups = -(-rows.shape[0] // num_pe)
        padding = [(0, groups * num_pe - rows.shape[0])] + [(0, 0)] * (rows.ndim - 1)
        return np.pad(rows, padding).reshape(groups, num_pe, *rows.shape[1:])


class Bf16Arithmetic(Arithmetic):
    """bfloat16 operands (uint16 patterns), float32 accumulators and results."""

    operand_dtype = np.uint16
    acc_dtype = np.float32
    result_dtype = np.float32
    bits_dtype = np.uint32

    def product(self, a: U16, b: U16, negate: bool = False) -> F32:
        """Exact products; a negated NaN is the same NaN."""
        product = fp32.product(a, b)
        return fp32.canonical(-product) if negate else product

    def accumulate(self, acc: F32, product: F32) -> F32:
        """float32 sums, rounded to nearest even."""
        return fp32.add(acc, product)

    def addend(self, c: F32, kind: Proc) -> F32:
        """The addend itself."""
        return fp32.canonical(c)

    def finish(self, acc: F32, func: Func, kind: Proc) -> F32:
        """float32 results."""
        return activation.apply_fp(func, acc)

    def delta(self, v: U16, v_hat: U16, theta: U16) -> delta.Delta:
        """Delta encoding of bf16 patterns."""
        return delta.encode_bf16(v, v_hat, theta)

    def encode(self, x: F64, weight: bool = False) -> U16:
        """The nearest bf16 patterns."""
        return bf16.from_float(x)

    def decode(self, operands: U16, weight: bool = False) -> F64:
        """The numbers of bf16 patterns, subnormals as zero."""
        return bf16.unpack(operands).astype(np.float64)

    def decode_result(self, result: F32) -> F64:
        """The float32 numbers."""
        return np.asarray(result, np.float64)

    def store(self, result: F32) -> U16:
        """Rounded to bf16."""
        return bf16.pack(result)

    def load(self, operands: U16) -> F32:
        """The bf16 numbers as float32."""
        return bf16.unpack(operands)

    def outer_sum(self, a: U16, b: U16, start: F32) -> F32:
        """As Arithmetic.outer_sum."""
        return bulk.outer_sum(bf16.unpack(a), bf16.unpack(b), start)

    def cascade_sum(self, a: U16, b: U16) -> F32:
        """As Arithmetic.cascade_sum."""
        return bulk.cascade_sum(self.row_groups(bf16.unpack(a)), self.row_groups(bf16.unpack(b)))


class Fxp16Arithmetic(Arithmetic):
    """16-bit fixed-point operands and results (int16), exact accumulators (int64)."""

    operand_dtype = np.int16
    acc_dtype = np.int64
    result_dtype = np.int16
    bits_dtype = np.uint16

    def product(self, a: I16, b: I16, negate: bool = False) -> I64:
        """Exact products."""
        product = fxp16.product(a, b)
        return -product if negate else product

    def accumulate(self, acc: I64, product: I64) -> I64:
        """Exact sums."""
        return np.add(acc, product)

    def addend(self, c: I16, kind: Proc) -> I64:
        """The addend with the fraction bits of this kind's products."""
        return np.asarray(c, np.int64) << self._shift(kind)

    def finish(self, acc: I64, func: Func, kind: Proc) -> I16:
        """Results in the activation format: rounded half to even, saturated, then the function."""
        return activation.apply_fxp(
            func, fxp16.round_saturate(acc, self._shift(kind)), self.config.fxp_act_frac
        )

    def delta(self, v: I16, v_hat: I16, theta: I16) -> delta.Delta:
        """Delta encoding of fixed-point activations."""
        return delta.encode_fxp16(v, v_hat, theta)

    def encode(self, x: F64, weight: bool = False) -> I16:
        """The nearest fixed-point numbers, saturated."""
        return fxp16.from_float(x, self._frac(weight))

    def decode(self, operands: I16, weight: bool = False) -> F64:
        """The numbers of fixed-point integers."""
        return fxp16.to_float(operands, self._frac(weight))

    def decode_result(self, result: I16) -> F64:
        """The numbers of results, which are activations."""
        return self.decode(result)

    def store(self, result: I16) -> I16:
        """The results: they are operands."""
        return np.asarray(result, np.int16)

    def load(self, operands: I16) -> I16:
        """The operands: they are results."""
        return np.asarray(operands, np.int16)

    def outer_sum(self, a: I16, b: I16, start: I64) -> I64:
        """As Arithmetic.outer_sum."""
        return start + bulk.exact_matmul(a.T, b)

    def cascade_sum(self, a: I16, b: I16) -> I64:
        """As Arithmetic.cascade_sum."""
        return bulk.exact_matmul(a.T, b)

    def _frac(self, weight: bool) -> int:
        return self.config.fxp_weight_frac if weight else self.config.fxp_act_frac

    def _shift(self, kind: Proc) -> int:
        """Fraction bits that a result drops: those of the factor that is not a plain activation."""
        if kind == Proc.IDLE:
            raise ValueError("IDLE has no results")
        return self._frac(weight=kind.kind in (Proc.MXV, Proc.MTXV))


def arithmetic(config: HwConfig) -> Arithmetic:
    """The arithmetic of a configuration."""
    return Bf16Arithmetic(config) if config.is_fp else Fxp16Arithmetic(config)
