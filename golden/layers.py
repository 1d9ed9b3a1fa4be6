"""Delta LSTM and delta GRU layers in the machine's arithmetic, written from their equations.

What a program for the machine must give bit by bit, and an opinion on it that knows nothing of instructions.
Each function says where it rounds: `store` is a value that memory holds in one element (bf16, or 16-bit fixed
point), everything else stays an accumulator (float32, or exact).

Sources: delta networks: Neil et al., "Delta Networks for Optimized Recurrent Network Computation", ICML 2017.
Sparse backpropagation through time: Chen et al., AAAI 2024: the columns of a weight matrix that the forward
step used are the only ones that its backward step and its weight gradient need.

Arrays are [size, T], element by step, as everywhere in the golden model. Nx inputs, Nh units, T steps.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reneta.golden import matrix
from reneta.golden.arith import Arithmetic
from reneta.golden.arrays import F64, Array, Bool
from reneta.golden.ccm_types import Func, Proc

GATES = 4
"""Gate vectors of a layer's state M, in an LSTM and in a GRU."""


class LstmWeights(NamedTuple):
    """Weights of a delta LSTM layer: operands in the weight format, rows by gates i, f, o, g.

    Attributes:
        wx: [4 Nh, Nx].
        wh: [4 Nh, Nh].
        bias: [4 Nh, 2], the columns b_ih and b_hh.
    """

    wx: Array
    wh: Array
    bias: Array


class GruWeights(NamedTuple):
    """Weights of a delta GRU layer: operands in the weight format.

    Attributes:
        wx: [3 Nh, Nx], rows by gates n, r, z.
        wh: [3 Nh, Nh], rows by gates r, z, n.
        bias: [4 Nh, 2], rows M_nx, r, z, M_nh; the columns b_ih (zero for M_nh) and b_hh (zero for M_nx).
    """

    wx: Array
    wh: Array
    bias: Array


class LinearWeights(NamedTuple):
    """Weights of a linear layer: operands in the weight format.

    Attributes:
        w: [R, N].
        bias: [R].
    """

    w: Array
    bias: Array


class Fired(NamedTuple):
    """An encoded sequence: fires and delta of each element and step, [N, steps]; delta holds operands."""

    fires: Bool
    delta: Array


class LstmStates(NamedTuple):
    """What the forward pass leaves behind; operands.

    Attributes:
        dx: Δx of each step, [Nx, T].
        dh: [Nh, T + 1]; column t is Δh of the step before t, so nothing fires in column 0.
        gates: σ(M_i), σ(M_f), σ(M_o), tanh(M_g), [4 Nh, T].
        c: [Nh, T + 1]; column t + 1 is c[t], column 0 zero.
        tc: tanh(c[t]), [Nh, T].
        h: [Nh, T + 1]; column t + 1 is h[t], column 0 zero.
    """

    dx: Fired
    dh: Fired
    gates: Array
    c: Array
    tc: Array
    h: Array


class LstmGradients(NamedTuple):
    """Gradients of the cost.

    Attributes:
        wx: [4 Nh, Nx], result lanes (float32, or 16-bit fixed point in the activation format).
        wh: [4 Nh, Nh], likewise.
        bias: [4 Nh], likewise; the gradient of b_ih and of b_hh.
        x: [Nx, T], operands.
        m: of M at each step, as memory holds it: [4 Nh, T], operands.
    """

    wx: Array
    wh: Array
    bias: Array
    x: Array
    m: Array


class GruStates(NamedTuple):
    """What the forward pass of a delta GRU leaves behind; dx, dh and h as in LstmStates.

    Attributes:
        gates: r and z, [2 Nh, T], operands.
        n: [Nh, T], operands.
    """

    dx: Fired
    dh: Fired
    gates: Array
    n: Array
    h: Array


def lstm_weights(arith: Arithmetic, w_ih: F64, w_hh: F64, b_ih: F64, b_hh: F64) -> LstmWeights:
    """Weights from PyTorch's parameters of an LSTM layer (gate order i, f, g, o)."""
    parts = [swap_gates(part) for part in (w_ih, w_hh, np.stack([b_ih, b_hh], axis=1))]
    return LstmWeights(*(arith.encode(part, weight=True) for part in parts))


def swap_gates(rows: F64) -> F64:
    """Rows of an LSTM's parameter from PyTorch's gate order (i, f, g, o) to the machine's, and back."""
    return _gates(rows, (0, 1, 3, 2))


def gru_weights(arith: Arithmetic, w_ih: F64, w_hh: F64, b_ih: F64, b_hh: F64) -> GruWeights:
    """Weights from PyTorch's parameters of a GRU layer (gate order r, z, n)."""
    nothing = np.zeros(len(w_hh) // 3)
    b_x = np.concatenate([_gates(b_ih, (2, 0, 1)), nothing])
    b_h = np.concatenate([nothing, b_hh])
    parts = (_gates(w_ih, (2, 0, 1)), w_hh, np.stack([b_x, b_h], axis=1))
    return GruWeights(*(arith.encode(part, weight=True) for part in parts))


def linear_weights(arith: Arithmetic, weight: F64, bias: F64) -> LinearWeights:
    """Weights from PyTorch's parameters of a linear layer."""
    return LinearWeights(arith.encode(weight, weight=True), arith.encode(bias, weight=True))


def linear(arith: Arithmetic, weights: LinearWeights, v: Array, func: Func = Func.NONE) -> Array:
    """A linear layer: the bias, then W's columns, indices ascending, each times its element of v.

    The sum is an accumulator, +0 + bias at first; what comes out are results, which a next layer takes as
    memory holds them (`store`).

    Args:
        arith: the number format.
        weights: the layer.
        v: [N], operands.
        func: on the way out.

    Returns:
        Result lanes [R].
    """
    acc = _Cell(arith).bias(weights.bias[:, None])
    total = arith.outer_sum(weights.w.T, v[:, None], acc[:, None])[:, 0]
    return arith.finish(total, func, Proc.MXV)


def lstm_forward(
    arith: Arithmetic, weights: LstmWeights, x: Array, theta_x: Array, theta_h: Array
) -> LstmStates:
    """Forward pass of a delta LSTM layer from the zero state.

    M stays an accumulator over all steps: (+0 + b_ih) + b_hh, then for each step the fired columns of Wx,
    indices ascending, then those of Wh. c[t] = store((+0 + i g) + f c[t-1]); tanh takes the stored c;
    h[t] = store(o tanh c).

    Args:
        arith: the number format.
        weights: the layer.
        x: [Nx, T], operands.
        theta_x: threshold of the inputs, an operand.
        theta_h: threshold of the hidden state, an operand.
    """
    units, steps = weights.wh.shape[1], x.shape[1]
    cell = _Cell(arith)
    dx, dh = _Encoder(arith, len(x), steps, theta_x), _Encoder(arith, units, steps + 1, theta_h)
    gates, tc = cell.blank(GATES * units, steps), cell.blank(units, steps)
    c, h = cell.blank(units, steps + 1), cell.blank(units, steps + 1)
    m = cell.bias(weights.bias)
    for t in range(steps):
        m = cell.columns(m, weights.wx, dx.step(t, x[:, t]))
        m = cell.columns(m, weights.wh, dh.listed(t))
        gates[: 3 * units, t] = cell.out(m[: 3 * units], Func.SIGMOID, Proc.MXV)
        gates[3 * units :, t] = cell.out(m[3 * units :], Func.TANH, Proc.MXV)
        i, f, o, g = gates[:, t].reshape(GATES, units)
        acc = cell.plus(cell.plus(arith.zero(i.shape), i, g), f, c[:, t])
        c[:, t + 1] = cell.out(acc)
        tc[:, t] = cell.out(acc, Func.TANH)
        h[:, t + 1] = cell.multiply(o, tc[:, t])
        dh.step(t + 1, h[:, t + 1])
    return LstmStates(dx.fired, dh.fired, gates, c, tc, h)


def lstm_backward(arith: Arithmetic, weights: LstmWeights, states: LstmStates, dl_dh: Array) -> LstmGradients:
    """Backward pass through time, by the sparse rule, of a sequence that `lstm_forward` computed.

    For each step, last one first, with dh the gradient of h[t], and so on; every line is stored:

        dh = dL/dh[t] + gh                  v = o - h tc          ( = o (1 - tanh² c))
        dc = dcf + dh v                     dcf = dc f            (c's carry to the step before)
        y = dc i
        R_i = g - g i     R_f = c[t-1] - c[t-1] f     R_o = h - h o     R_g = 1 - g g

    so that dM_i += y R_i, dM_f += dcf R_f, dM_o += dh R_o, dM_g += y R_g are the derivatives through σ and
    tanh with two roundings each. dM stays an accumulator from step to step; the products with the weights and
    the weight gradients take its stored value. Where an element of Δ fired, r is its column of W times dM (a
    result, by the cascade over the rows of all gates, each padded to whole words): the gradient of the value
    is store(s + r) and that of the encoder's state before becomes s = store(-r). Elsewhere the gradient of
    the value is zero, and s stays.

    Args:
        arith: the number format.
        weights: the layer.
        states: of the forward pass.
        dl_dh: the loss's own gradient of h[t], [Nh, T], operands.
    """
    units, steps = weights.wh.shape[1], dl_dh.shape[1]
    cell = _Cell(arith)
    dm = arith.zero((GATES * units,))
    dm_out, dx = cell.blank(GATES * units, steps), cell.blank(weights.wx.shape[1], steps)
    gh, h_hat, dcf = (cell.blank(units) for _ in range(3))
    x_hat = cell.blank(len(dx))
    for t in reversed(range(steps)):
        i, f, o, g = states.gates[:, t].reshape(GATES, units)
        c_before, tc, h = states.c[:, t], states.tc[:, t], states.h[:, t + 1]
        dh = cell.multiply(cell.one, gh, dl_dh[:, t])
        v = cell.multiply(h, tc, o, negate=True)
        dc = cell.multiply(dh, v, dcf)
        dcf, y = cell.multiply(dc, f), cell.multiply(dc, i)
        rest = [cell.multiply(a, b, a, negate=True) for a, b in ((g, i), (c_before, f), (h, o))]
        rest.append(cell.multiply(g, g, np.full_like(g, cell.one), negate=True))
        dm = cell.plus(dm, np.concatenate([y, dcf, dh, y]), np.concatenate(rest))
        dm_out[:, t] = cell.out(dm)
        dx[:, t], x_hat = cell.scatter(weights.wx, dm_out[:, t], states.dx.fires[:, t], x_hat)
        gh, h_hat = cell.scatter(weights.wh, dm_out[:, t], states.dh.fires[:, t], h_hat)
    return LstmGradients(
        wx=cell.gradient(dm_out, states.dx),
        wh=cell.gradient(dm_out, Fired(*(part[:, :steps] for part in states.dh))),
        bias=arith.finish(dm, Func.NONE, Proc.EWISE),
        x=dx,
        m=dm_out,
    )


def gru_forward(
    arith: Arithmetic, weights: GruWeights, x: Array, theta_x: Array, theta_h: Array
) -> GruStates:
    """Forward pass of a delta GRU layer from the zero state.

    M_nx, M_r, M_z, M_nh stay accumulators as in the LSTM. n = tanh(M_nx + r M_nh) with M_nh stored and M_nx a
    result (float32 in the bf16 build); h[t] = store((n - z n) + z h[t-1]).

    Args:
        arith: the number format.
        weights: the layer.
        x: [Nx, T], operands.
        theta_x: threshold of the inputs, an operand.
        theta_h: threshold of the hidden state, an operand.
    """
    units, steps = weights.wh.shape[1], x.shape[1]
    cell = _Cell(arith)
    dx, dh = _Encoder(arith, len(x), steps, theta_x), _Encoder(arith, units, steps + 1, theta_h)
    gates, n = cell.blank(2 * units, steps), cell.blank(units, steps)
    h = cell.blank(units, steps + 1)
    m = cell.bias(weights.bias)
    for t in range(steps):
        m[: 3 * units] = cell.columns(m[: 3 * units], weights.wx, dx.step(t, x[:, t]))
        m[units:] = cell.columns(m[units:], weights.wh, dh.listed(t))
        gates[:, t] = cell.out(m[units : 3 * units], Func.SIGMOID, Proc.MXV)
        r, z = gates[:, t].reshape(2, units)
        m_nx = arith.finish(m[:units], Func.NONE, Proc.MXV)
        m_nh = cell.out(m[3 * units :], Func.NONE, Proc.MXV)
        n[:, t] = cell.out(cell.plus(arith.addend(m_nx, Proc.EWISE), r, m_nh), Func.TANH)
        acc = cell.plus(arith.addend(arith.load(n[:, t]), Proc.EWISE), n[:, t], z, negate=True)
        h[:, t + 1] = cell.out(cell.plus(acc, h[:, t], z))
        dh.step(t + 1, h[:, t + 1])
    return GruStates(dx.fired, dh.fired, gates, n, h)


def _gates(rows: F64, order: tuple[int, ...]) -> F64:
    """The rows of a parameter with its gates in another order."""
    parts = np.split(np.asarray(rows, np.float64), len(order))
    return np.concatenate([parts[gate] for gate in order])


class _Encoder:
    """Delta encoding of a sequence, step by step, with its state v̂."""

    def __init__(self, arith: Arithmetic, size: int, steps: int, theta: Array) -> None:
        self.arith, self.theta = arith, theta
        self.v_hat = np.zeros(size, arith.operand_dtype)
        self.fired = Fired(np.zeros((size, steps), np.bool_), np.zeros((size, steps), arith.operand_dtype))

    def step(self, t: int, v: Array) -> matrix.NonzeroList:
        """Encode v as step t; its list."""
        fires, delta, self.v_hat = self.arith.delta(v, self.v_hat, self.theta)
        self.fired.fires[:, t], self.fired.delta[:, t] = fires, delta
        return self.listed(t)

    def listed(self, t: int) -> matrix.NonzeroList:
        """The list of step t."""
        indices = np.flatnonzero(self.fired.fires[:, t])
        return matrix.NonzeroList(indices, self.fired.delta[indices, t])


class _Cell:
    """The operations of the layers on vectors."""

    def __init__(self, arith: Arithmetic) -> None:
        self.arith = arith
        self.one = arith.encode(np.ones(1))[0]

    def blank(self, *shape: int) -> Array:
        """Operands at zero."""
        return np.zeros(shape, self.arith.operand_dtype)

    def bias(self, bias: Array) -> Array:
        """M before the first step: the sum of the bias columns, an accumulator."""
        ones = np.full((bias.shape[1], 1), self.one)
        return matrix.mxv(self.arith, bias, ones)[:, 0]

    def columns(self, acc: Array, w: Array, listed: matrix.NonzeroList) -> Array:
        """acc plus the listed columns of w, each times its value, one after another."""
        columns = w.T[listed.indices]
        return self.arith.outer_sum(columns, listed.values[:, None], acc[:, None])[:, 0]

    def plus(self, acc: Array, a: Array, b: Array, negate: bool = False) -> Array:
        """acc + a b, or acc - a b."""
        return self.arith.accumulate(acc, self.arith.product(a, b, negate))

    def out(self, acc: Array, func: Func = Func.NONE, kind: Proc = Proc.EWISE) -> Array:
        """An accumulator, of products of this kind, through a function into memory."""
        return self.arith.store(self.arith.finish(acc, func, kind))

    def multiply(self, a: Array, b: Array, c: Array | None = None, negate: bool = False) -> Array:
        """c + a b, or c - a b, stored; without c: +0 + a b."""
        addend = None if c is None else self.arith.load(c)
        return self.out(matrix.ewise(self.arith, a, b, addend, negate))

    def scatter(self, w: Array, dm: Array, fires: Bool, s: Array) -> tuple[Array, Array]:
        """Gradients of a value and of the encoder's state before it, from dM; s: of the state after it."""
        listed = np.flatnonzero(fires)
        sums = self.arith.cascade_sum(self._padded(w[:, listed]), self._padded(dm[:, None]))[:, 0]
        r = self.arith.finish(sums, Func.NONE, Proc.MTXV)
        value, state = self.blank(len(s)), s.copy()
        value[listed] = self.out(self.plus(self.arith.addend(r, Proc.EWISE), self.one, s[listed]))
        state[listed] = self.out(self.arith.product(self.one, self.arith.store(r), negate=True))
        return value, state

    def gradient(self, dm: Array, fired: Fired) -> Array:
        """The weight gradient: dM times Δ transposed, summed over the steps in ascending order; results."""
        lists = matrix.nonzero_lists(fired.fires, fired.delta)
        acc = matrix.vxv_sp(self.arith, dm, lists, len(fired.fires))
        return self.arith.finish(acc, Func.NONE, Proc.VXV)

    def _padded(self, rows: Array) -> Array:
        """Rows of all gates, each gate filled up with zero rows to whole words of lanes."""
        padding = -(len(rows) // GATES) % self.arith.config.num_pe
        gates = (np.pad(gate, [(0, padding), (0, 0)]) for gate in np.split(rows, GATES))
        return np.concatenate(list(gates))
