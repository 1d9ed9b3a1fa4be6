"""Where the vectors and matrices of a delta LSTM layer stand: addresses for its instruction sequences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reneta.compiler.layer_plan import HIGH, LOW, Input, LayerPlan, Sizes, plan_layer, without_padding
from reneta.compiler.parts import Dram, Ref, Smem
from reneta.golden.arrays import Array
from reneta.golden.config import HwConfig
from reneta.golden.layers import GATES
from reneta.golden.lists import LayoutError


@dataclass(frozen=True)
class LstmPlan(LayerPlan):
    """Addresses of a delta LSTM layer; M in the order i, f, o, g.

    Attributes:
        ifo: sequence of the gates i, f, o.
        g: sequence of the gate g.
        c: sequence; where steps are kept, step t + 1 is c[t].
        tc: sequence of tanh(c[t]).
    """

    ifo: int
    g: int
    c: int
    tc: int

    def gate(self, number: int) -> Ref:
        """Gate i, f or o: 0, 1 or 2."""
        return self.seq(self.ifo, number * self.groups * self.room)


@dataclass(frozen=True)
class BackPlan:
    """Addresses of the backward pass of a kept layer.

    Attributes:
        dl: gradients of the loss by h[t], [steps] vectors of units one after another.
        s: vectors y, dcf, dh one behind the other (see golden.layers).
        gh: gradient of h[t-1] by way of Δh; behind it those of ĥ and of x̂.
        r: vectors R_i, R_f, R_o, R_g one behind the other.
        v: vector.
        dc: vector.
        dm: sequence of four gates.
        dx: gradients of x[t], [steps] vectors of inputs one after another.
        wx: gradient of wx in DRAM: parts of `gates_x` gates, each a matrix; float32, or 16 bits in fxp16.
        wh: gradient of wh, in parts of `gates_h` gates.
        bias: gradient of the bias: one column of four gates.
        gates_x: 4, 2 or 1.
        gates_h: 4, 2 or 1.
    """

    dl: int
    s: int
    gh: int
    r: int
    v: int
    dc: int
    dm: int
    dx: int
    wx: int
    wh: int
    bias: int
    gates_x: int
    gates_h: int


def plan_lstm(smem: Smem, dram: Dram, hw: HwConfig, sizes: Sizes, x: Input | None = None) -> LstmPlan:
    """Find room for a layer; without `x` its input gets room, too.

    Raises:
        LayoutError: something does not fit.
    """
    plan = plan_layer(smem, dram, hw, sizes, GATES, x)
    words = plan.groups * plan.room
    return LstmPlan(
        **vars(plan),
        ifo=smem.take(3 * words, LOW),
        g=smem.take(words, HIGH),
        c=smem.take(words, HIGH),
        tc=smem.take(words, HIGH),
    )


def plan_back(smem: Smem, dram: Dram, plan: LstmPlan, dl: int | None = None) -> BackPlan:
    """Find room for the backward pass of a kept layer; `dl` where the loss's gradients stand already.

    Raises:
        LayoutError: something does not fit.
    """
    groups, width = plan.groups, 2 if plan.hw.is_fp else 1
    # The largest first, so that it finds its bank; all others but the next largest are short.
    dm = smem.take(GATES * groups * plan.room, HIGH)
    # What is zero before the last step stands together.
    s = smem.take(5 * groups + plan.across, LOW)
    return BackPlan(
        dl=smem.take(groups * plan.steps, HIGH) if dl is None else dl,
        s=s,
        gh=s + 3 * groups,
        r=smem.take(GATES * groups, LOW),
        v=smem.take(groups, LOW),
        dc=smem.take(groups, HIGH),
        dm=dm,
        dx=smem.take(plan.across * plan.steps, LOW),
        wx=dram.take(GATES * groups * plan.inputs * width),
        wh=dram.take(GATES * groups * plan.units * width),
        bias=dram.take(GATES * groups * width),
        gates_x=_gates_at_once(plan, plan.inputs),
        gates_h=_gates_at_once(plan, plan.units),
    )


def read_gradient(plan: LstmPlan, dram: Array, addr: int, columns: int, gates: int) -> Array:
    """A gradient [4 Nh, columns] in DRAM, in parts of `gates` gates: float32, or int16 in fxp16."""
    dtype, rows = (np.float32 if plan.hw.is_fp else np.int16), gates * plan.groups * plan.hw.num_pe
    size = GATES // gates * columns * rows * np.dtype(dtype).itemsize
    parts = dram[addr : addr + size].view(dtype).reshape(-1, columns, rows)
    found = [without_padding(part.T, plan.units, gates) for part in parts]
    return np.ascontiguousarray(np.concatenate(found))


def _gates_at_once(plan: LstmPlan, columns: int) -> int:
    """Gates whose gradient fits the accumulators."""
    for gates in (4, 2, 1):
        if gates * plan.groups * columns <= plan.hw.acc_words:
            return gates
    raise LayoutError(f"a gradient of {plan.units} x {columns} does not fit {plan.hw.acc_words} accumulators")
