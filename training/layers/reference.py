"""The delta layers step by step in plain PyTorch: the reference, for every device, dtype and option.

Autograd goes through the delta rule: where an element fires, Δ = v - v̂ and then v̂ = v; that it fires is a
constant. Sources: Neil et al., "Delta Networks for Optimized Recurrent Network Computation", ICML 2017; the
backward pass that follows: Chen et al., AAAI 2024.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn.functional import linear

from reneta.golden.ccm_types import Func
from reneta.training import formats
from reneta.training.layers.sequence import Options, Result, State


def lstm(x: Tensor, w_ih: Tensor, w_hh: Tensor, state: State, options: Options) -> Result:
    """A delta LSTM layer over a sequence; see `sequence` for the shapes."""
    rounded = options.number_format

    def cell(m: Tensor, _h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        m_i, m_f, m_g, m_o = m.chunk(4, 1)
        i, f, o = (sigmoid(part, options) for part in (m_i, m_f, m_o))
        g = tanh(m_g, options)
        c = rounded.activations(i * g + f * c)
        return rounded.activations(o * tanh(c, options)), c

    def add(m: Tensor, dx: Tensor, dh: Tensor) -> Tensor:
        return m + linear(dx, w_ih) + linear(dh, w_hh)

    return _sequence(x, state, options, add, cell)


def gru(x: Tensor, w_ih: Tensor, w_hh: Tensor, state: State, options: Options) -> Result:
    """A delta GRU layer over a sequence; see `sequence` for the shapes."""
    rounded = options.number_format
    units = w_hh.shape[1]

    def cell(m: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        m_r, m_z, m_nx, m_nh = m.chunk(4, 1)
        r, z = sigmoid(m_r, options), sigmoid(m_z, options)
        m_nh = rounded.activations(m_nh)
        # The machine has M_nx as a result: float32, or an activation in fixed point.
        m_nx = m_nx if rounded.bf16 else rounded.activations(m_nx)
        n = tanh(m_nx + r * m_nh, options)
        return rounded.activations(n - n * z + z * h), c

    def add(m: Tensor, dx: Tensor, dh: Tensor) -> Tensor:
        part_x, part_h = linear(dx, w_ih), linear(dh, w_hh)
        gates = m[:, : 2 * units] + part_x[:, : 2 * units] + part_h[:, : 2 * units]
        m_nx, m_nh = m[:, 2 * units : 3 * units], m[:, 3 * units :]
        return torch.cat([gates, m_nx + part_x[:, 2 * units :], m_nh + part_h[:, 2 * units :]], 1)

    return _sequence(x, state, options, add, cell)


def sigmoid(m: Tensor, options: Options) -> Tensor:
    """σ (or hard) of accumulators, rounded as on the machine; the gradient comes from the rounded output."""
    y: Tensor = _Activation.apply(m, Func.SIGMOID, options.hard_sigmoid, options)
    return y


def tanh(m: Tensor, options: Options) -> Tensor:
    """Tanh (or hard) of accumulators, likewise."""
    y: Tensor = _Activation.apply(m, Func.TANH, options.hard_tanh, options)
    return y


class Encoded(NamedTuple):
    """One step of delta encoding: Δ, the values now passed on, and what fired."""

    delta: Tensor
    v_hat: Tensor
    fires: Tensor


def encode(v: Tensor, v_hat: Tensor, theta: float, options: Options) -> Encoded:
    """Δ of one step; a difference that is not a number fires, so that it is not hidden."""
    difference = v - v_hat
    fires = ~(difference.detach().abs() < theta)
    delta = torch.where(fires, options.number_format.activations(difference), 0.0)
    return Encoded(delta, torch.where(fires, v, v_hat), fires)


def _sequence(
    x: Tensor,
    state: State,
    options: Options,
    add: Callable[[Tensor, Tensor, Tensor], Tensor],
    cell: Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]],
) -> Result:
    """All steps: `add` gives M with the products of Δx and Δh, `cell` the new h and c."""
    h, c, x_hat, h_hat, m = state
    out, abs_dh = [], x.new_zeros(())
    fired = torch.zeros(2, dtype=torch.int64, device=x.device)
    for x_t in x:
        dx, dh = encode(x_t, x_hat, options.thx, options), encode(h, h_hat, options.thh, options)
        x_hat, h_hat = dx.v_hat, dh.v_hat
        m = options.number_format.accumulators(add(m, dx.delta, dh.delta))
        h, c = cell(m, h, c)
        out.append(h)
        abs_dh = abs_dh + dh.delta.abs().sum()
        fired = fired + torch.stack([dx.fires.sum(), dh.fires.sum()])
    return Result(torch.stack(out), State(h, c, x_hat, h_hat, m), abs_dh, fired)


class _Activation(Function):
    """A function on the way out; its derivative is taken from what memory holds, as on the machine."""

    @staticmethod
    def forward(ctx: Any, m: Tensor, func: Func, hard: bool, options: Options) -> Tensor:
        rounded = options.number_format
        if rounded.rounds_activations:
            y = _looked_up(m, func, hard, options)
        elif hard:
            y = formats.hard_function(func, m)
        else:
            y = torch.sigmoid(m) if func is Func.SIGMOID else torch.tanh(m)
        ctx.func, ctx.hard = func, hard
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        (y,) = ctx.saved_tensors
        if ctx.func is Func.SIGMOID:
            slope = 0.25 * ((y > 0) & (y < 1)) if ctx.hard else y * (1 - y)
        else:
            slope = (y.abs() < 1).to(y.dtype) if ctx.hard else 1 - y * y
        return grads[0] * slope, None, None, None


def _looked_up(m: Tensor, func: Func, hard: bool, options: Options) -> Tensor:
    """The correctly rounded function of m rounded to an activation."""
    point = options.number_format.activation
    values = torch.tensor(formats.table(func, hard, point), dtype=m.dtype, device=m.device)
    if point is None:
        index = formats.round_to(m, None).to(torch.bfloat16).view(torch.int16).long() & 0xFFFF
    else:
        index = (formats.round_to(m, point) * point.scale).long() - point.low
    return values[index]
