"""Where the vectors and matrices of a delta LSTM layer stand: addresses for its instruction sequences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reneta.compiler.parts import Dram, Ref, Shape, Smem, sequence, shape_of
from reneta.golden.arrays import Array
from reneta.golden.config import HwConfig
from reneta.golden.layers import GATES, LstmWeights
from reneta.golden.lists import LayoutError, pack_matrix, row_groups

LOW, HIGH = 0, 1


@dataclass(frozen=True)
class LstmPlan:
    """Addresses of one layer; words of SMEM, accumulator words, bytes of DRAM.

    A kept layer has its states in sequences with room for `steps` + 1 steps, which the backward pass needs. A
    layer that is not kept has room for one step, which the next one overwrites. Vectors of several gates
    consist of the gates' vectors, each padded to whole words.

    Attributes:
        hw: configuration.
        inputs: Nx.
        units: Nh.
        steps: of a sequence, if it is kept.
        keep: whether all steps' states are kept.
        first: number of the first step in the descriptor memory.
        theta_x: pattern of the inputs' threshold.
        theta_h: pattern of the hidden state's threshold.
        base: first accumulator word: four gates of M, or of its gradient, and one of c behind them.
        x: input sequence, and the steps for which it has room.
        state: x̂ and ĥ, one behind the other.
        lists: regions of indices and values, of x and of h.
        ifo: sequence of the gates i, f, o.
        g: sequence of the gate g.
        c: sequence; step t + 1 is c[t], where steps are kept.
        tc: sequence of tanh(c[t]).
        h: sequence like c.
        ones: a word of ones.
        wx: matrix [4 Nh, Nx] in DRAM.
        wh: matrix [4 Nh, Nh].
        bias: matrix [4 Nh, 2].
    """

    hw: HwConfig
    inputs: int
    units: int
    steps: int
    keep: bool
    first: int
    theta_x: int
    theta_h: int
    base: int
    x: int
    x_room: int
    state: int
    lists: tuple[tuple[int, int], tuple[int, int]]
    ifo: int
    g: int
    c: int
    tc: int
    h: int
    ones: int
    wx: int
    wh: int
    bias: int

    @property
    def room(self) -> int:
        """Steps for which the sequences have room."""
        return self.steps + 1 if self.keep else 1

    @property
    def after(self) -> int:
        """Distance of c[t] from c[t-1] in their sequence."""
        return int(self.keep)

    @property
    def groups(self) -> int:
        """Words of a vector of units."""
        return row_groups(self.units, self.hw.num_pe)

    @property
    def x_hat(self) -> int:
        """Stored state of the inputs."""
        return self.state

    @property
    def h_hat(self) -> int:
        """Stored state of the units."""
        return self.state + row_groups(self.inputs, self.hw.num_pe)

    @property
    def c_base(self) -> int:
        """Accumulators of c."""
        return self.base + GATES * self.groups

    @property
    def end_acc(self) -> int:
        """The first accumulator behind those of this layer."""
        return self.c_base + self.groups

    def step(self, t: int) -> int:
        """The number of step t in the descriptor memory; instructions name it."""
        return self.first + (t if self.keep else 0)

    def shape(self, t: int) -> Shape:
        """The shape of a vector of units at step t."""
        return shape_of(self.units, self.hw)._replace(step=self.step(t), stride=self.room)

    def seq(self, base: int, offset: int = 0) -> Ref:
        """A sequence at `base`, `offset` steps further on than the instruction says.

        Raises:
            LayoutError: it stands too low for the number of the first step.
        """
        if base + offset < self.first:
            raise LayoutError(f"a sequence at word {base} cannot begin with step {self.first}")
        return sequence(base + offset - self.first)

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
        wx: gradient of wx in DRAM: parts of `gates` gates, each a matrix; float32, or 16 bits in fxp16.
        wh: likewise.
        bias: likewise, one column of all four gates.
        gates_x: gates of a part of wx.
        gates_h: gates of a part of wh.
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


@dataclass(frozen=True)
class Input:
    """An input sequence that stands in SMEM already: its address, and the steps for which it has room."""

    addr: int
    room: int


def plan_lstm(
    smem: Smem,
    dram: Dram,
    hw: HwConfig,
    inputs: int,
    units: int,
    steps: int,
    keep: bool = True,
    theta_x: int = 0,
    theta_h: int = 0,
    first: int = 0,
    base: int = 0,
    x: Input | None = None,
) -> LstmPlan:
    """Find room for a layer; see LstmPlan for the arguments. Without `x` its input gets room, too.

    Raises:
        LayoutError: something does not fit.
    """
    groups, across = row_groups(units, hw.num_pe), row_groups(inputs, hw.num_pe)
    room = steps + 1 if keep else 1
    if first + (steps if keep else 1) > hw.max_m:
        raise LayoutError(f"steps {first} .. {first + steps - 1} do not fit into {hw.max_m} descriptors")
    if base + (GATES + 1) * groups > hw.acc_words:
        raise LayoutError(
            f"{(GATES + 1) * groups} accumulators from {base} on do not fit into {hw.acc_words}"
        )
    listed = [row_groups((steps if keep else 1) * size, hw.num_pe) for size in (inputs, units)]
    state = smem.take(across + groups, LOW)
    ones = smem.take(1, LOW)
    regions = [(smem.take(count, LOW), smem.take(count, LOW)) for count in listed]
    if x is None:
        x = Input(smem.take(across * steps, HIGH), steps)
    return LstmPlan(
        hw=hw,
        inputs=inputs,
        units=units,
        steps=steps,
        keep=keep,
        first=first,
        theta_x=theta_x,
        theta_h=theta_h,
        base=base,
        x=x.addr,
        x_room=x.room,
        state=state,
        lists=(regions[0], regions[1]),
        ifo=smem.take(3 * groups * room, LOW),
        g=smem.take(groups * room, HIGH),
        c=smem.take(groups * room, HIGH),
        tc=smem.take(groups * room, HIGH),
        h=smem.take(groups * room, HIGH),
        ones=ones,
        wx=dram.take(GATES * groups * inputs),
        wh=dram.take(GATES * groups * units),
        bias=dram.take(GATES * groups * 2),
    )


def plan_back(smem: Smem, dram: Dram, plan: LstmPlan, dl: int | None = None) -> BackPlan:
    """Find room for the backward pass of a kept layer; `dl` where the loss's gradients stand already.

    Raises:
        LayoutError: something does not fit.
    """
    hw, groups, across = plan.hw, plan.groups, row_groups(plan.inputs, plan.hw.num_pe)
    width = 2 if hw.is_fp else 1
    # The last words are zeroed together before the first step, so they stand together.
    s = smem.take(5 * groups + across, LOW)
    return BackPlan(
        dl=smem.take(groups * plan.steps, HIGH) if dl is None else dl,
        s=s,
        gh=s + 3 * groups,
        r=smem.take(GATES * groups, HIGH),
        v=smem.take(groups, LOW),
        dc=smem.take(groups, HIGH),
        dm=smem.take(GATES * groups * plan.room, HIGH),
        dx=smem.take(across * plan.steps, LOW),
        wx=dram.take(GATES * groups * plan.inputs * width),
        wh=dram.take(GATES * groups * plan.units * width),
        bias=dram.take(GATES * groups * width),
        gates_x=_gates_at_once(plan, plan.inputs),
        gates_h=_gates_at_once(plan, plan.units),
    )


def _gates_at_once(plan: LstmPlan, columns: int) -> int:
    """Gates whose gradient fits the accumulators: 4, 2 or 1."""
    for gates in (4, 2, 1):
        if gates * plan.groups * columns <= plan.hw.acc_words:
            return gates
    raise LayoutError(f"a gradient of {plan.units} x {columns} does not fit {plan.hw.acc_words} accumulators")


def padded_gates(rows: Array, hw: HwConfig, gates: int = GATES) -> Array:
    """Rows of several gates, each gate filled up with zero rows to whole words."""
    parts = np.split(rows, gates)
    padding = [(0, -len(parts[0]) % hw.num_pe), *[(0, 0)] * (rows.ndim - 1)]
    return np.concatenate([np.pad(part, padding) for part in parts])


def without_padding(rows: Array, units: int, gates: int = GATES) -> Array:
    """Inverse of padded_gates."""
    return np.concatenate([part[:units] for part in np.split(rows, gates)])


def weight_images(plan: LstmPlan, weights: LstmWeights) -> list[tuple[int, Array]]:
    """What a layer needs in DRAM: addresses and bytes."""
    places = ((plan.wx, weights.wx), (plan.wh, weights.wh), (plan.bias, weights.bias))
    return [(addr, matrix_bytes(matrix, plan.hw)) for addr, matrix in places]


def read_gradient(plan: LstmPlan, dram: Array, addr: int, columns: int, gates: int) -> Array:
    """A gradient [4 Nh, columns] in DRAM, in parts of `gates` gates: float32, or int16 in fxp16."""
    dtype, rows = (np.float32 if plan.hw.is_fp else np.int16), gates * plan.groups * plan.hw.num_pe
    size = GATES // gates * columns * rows * np.dtype(dtype).itemsize
    parts = dram[addr : addr + size].view(dtype).reshape(-1, columns, rows)
    return np.ascontiguousarray(np.concatenate([without_padding(p.T, plan.units, gates) for p in parts]))


def matrix_bytes(matrix: Array, hw: HwConfig, gates: int = GATES) -> Array:
    """A matrix of several gates as it lies in DRAM: uint8."""
    return pack_matrix(padded_gates(matrix, hw, gates), hw.num_pe).reshape(-1).view(np.uint8)
