"""Number formats of the machine, for training: rounding that passes gradients straight through.

What memory holds (weights, activations) is rounded to bfloat16 or to fixed point; accumulators are float32,
or fixed point as wide as is wanted. Sources: docs/numerics.md; straight-through estimator: Bengio et al.,
"Estimating or Propagating Gradients Through Stochastic Neurons", 2013.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import Function

from reneta.golden import activation, bf16
from reneta.golden.arrays import F64
from reneta.golden.ccm_types import Func

SMALLEST_NORMAL = 2.0**-126
"""Smaller numbers are zero on the machine, in bfloat16 and in float32."""

TABLE_BITS = 16
"""The widest activation: σ and tanh are tables over all its values."""


@dataclass(frozen=True)
class FixedPoint:
    """Two's complement: `integer` bits before the point, the sign among them, and `fraction` behind it."""

    integer: int
    fraction: int

    def __post_init__(self) -> None:
        """Refuse what is no format.

        Raises:
            ValueError: no bits at all, or more than float64 can hold exactly.
        """
        if self.integer < 1 or self.fraction < 0 or self.bits > 52:
            raise ValueError(
                f"Q{self.integer}.{self.fraction} is no fixed-point format: it takes at least 1 integer bit "
                "(the sign), no negative number of fraction bits, and 52 bits in all"
            )

    @property
    def bits(self) -> int:
        """Width in bits."""
        return self.integer + self.fraction

    @property
    def scale(self) -> float:
        """Steps in one: 2 to the fraction bits."""
        return 2.0**self.fraction

    @property
    def low(self) -> int:
        """Smallest number, in steps."""
        return int(-(2 ** (self.bits - 1)))

    @property
    def high(self) -> int:
        """Largest number, in steps."""
        return -self.low - 1


@dataclass(frozen=True)
class NumberFormat:
    """How weights, activations and accumulators are rounded; None: not at all.

    Attributes:
        bf16: weights and activations are bfloat16; the three fixed-point formats are None then.
        activation: of x, h, c, gates, deltas and thresholds.
        weight: of weight matrices and biases.
        accumulator: of M after each step.
    """

    bf16: bool = False
    activation: FixedPoint | None = None
    weight: FixedPoint | None = None
    accumulator: FixedPoint | None = None

    def __post_init__(self) -> None:
        """Refuse mixtures.

        Raises:
            ValueError: bfloat16 and fixed point together, or activations too wide for the tables of σ, tanh.
        """
        if self.bf16 and (self.activation or self.weight or self.accumulator):
            raise ValueError("a number format is bfloat16 or fixed point, not both")
        if self.activation and self.activation.bits > TABLE_BITS:
            raise ValueError(f"activations have {self.activation.bits} bits; the machine has {TABLE_BITS}")

    @property
    def rounds_activations(self) -> bool:
        """Whether activations are rounded at all."""
        return self.bf16 or self.activation is not None

    def activations(self, x: Tensor) -> Tensor:
        """Activations rounded, the gradient passed straight through."""
        return _rounded(x, self.bf16, self.activation)

    def weights(self, x: Tensor) -> Tensor:
        """Weights rounded, the gradient passed straight through."""
        return _rounded(x, self.bf16, self.weight)

    def accumulators(self, x: Tensor) -> Tensor:
        """Accumulators rounded, the gradient passed straight through."""
        return _rounded(x, False, self.accumulator)

    def threshold(self, theta: float) -> float:
        """A threshold as the machine holds it: an activation."""
        return float(self.activations(torch.tensor(theta, dtype=torch.float64)))


FLOAT = NumberFormat()
"""No rounding."""

BF16 = NumberFormat(bf16=True)
"""The machine's bf16 build."""


def fixed(
    aqi: int = 8, aqf: int = 8, wqi: int = 2, wqf: int = 14, mqi: int | None = None, mqf: int | None = None
) -> NumberFormat:
    """Fixed point: integer (sign among them) and fraction bits of activations, weights and accumulators.

    The defaults are the machine's fxp16 build, whose accumulators never overflow and are exact.

    Raises:
        ValueError: no possible format, or only one of mqi and mqf given.
    """
    if (mqi is None) != (mqf is None):
        raise ValueError("mqi and mqf, the accumulator's bits, are given together or not at all")
    accumulator = None if mqi is None or mqf is None else FixedPoint(mqi, mqf)
    return NumberFormat(False, FixedPoint(aqi, aqf), FixedPoint(wqi, wqf), accumulator)


def _rounded(x: Tensor, to_bf16: bool, point: FixedPoint | None) -> Tensor:
    """x in the format, differentiable as if it had not been rounded."""
    if not to_bf16 and point is None:
        return x
    rounded: Tensor = _StraightThrough.apply(x, point)
    return rounded


def round_to(x: Tensor, point: FixedPoint | None) -> Tensor:
    """x to nearest, ties to even, in fixed point (saturated), or in bfloat16 where no point is given."""
    if point is None:
        near = x.to(torch.bfloat16).to(x.dtype)
        # Also what would round up to a normal number.
        return torch.where(x.abs() < SMALLEST_NORMAL, torch.zeros_like(near).copysign(near), near)
    return (x * point.scale).round().clamp(point.low, point.high) / point.scale


class _StraightThrough(Function):
    """Rounding whose derivative counts as one, also where it saturates."""

    @staticmethod
    def forward(_ctx: Any, x: Tensor, point: FixedPoint | None) -> Tensor:
        return round_to(x, point)

    @staticmethod
    def backward(_ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return grads[0], None


@cache
def table(func: Func, hard: bool, point: FixedPoint | None) -> F64:
    """Sigmoid or tanh, or its hard form, of every activation: float64[2^bits], read-only.

    Of bfloat16 (no point) it is indexed by the pattern, of fixed point by the number in steps minus `low`.
    """
    if point is None:
        patterns = np.arange(1 << TABLE_BITS, dtype=np.uint16)
        if hard:
            real = hard_function(func, torch.from_numpy(bf16.unpack(patterns).astype(np.float64)))
            bits = bf16.from_float(real.numpy())
        else:
            bits = activation.bf16_table(func)
        values = bf16.unpack(bits).astype(np.float64)
    else:
        x = torch.arange(point.low, point.high + 1, dtype=torch.float64) / point.scale
        soft = torch.sigmoid if func is Func.SIGMOID else torch.tanh
        values = round_to(hard_function(func, x) if hard else soft(x), point).numpy()
    values.flags.writeable = False
    return values


def hard_function(func: Func, x: Tensor) -> Tensor:
    """Hard sigmoid, x / 4 + 1/2 between 0 and 1, or hard tanh, x between -1 and 1."""
    return (0.25 * x + 0.5).clamp(0, 1) if func is Func.SIGMOID else x.clamp(-1, 1)
