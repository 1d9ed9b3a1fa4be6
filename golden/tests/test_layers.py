"""Layers in the machine's arithmetic against PyTorch in float32, forward and backward.

The reference is the delta rule as a differentiable program: Δ = v - v̂ and v̂ = v where an element fires, with
the pattern of what fires taken from the golden model and treated as a constant. So the bounds are about
arithmetic alone: near the threshold bfloat16 and float32 may decide differently. With θ = 0 everything fires
either way, so there torch.nn.LSTM and torch.nn.GRU are the reference, which know nothing of deltas.

The bounds were measured with eight seeds of each size and threshold (the largest errors stand beside them)
and hold with a margin of about two.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import torch

from reneta.golden import layers
from reneta.golden.arith import Arithmetic, arithmetic
from reneta.golden.arrays import F64, Array, Bool
from reneta.golden.ccm_types import Func
from reneta.golden.config import load_config

STEPS = 20
SIZES = [(128, 128), (32, 128), (13, 7), (1, 1), (40, 33)]
THETAS = [0.0, 0.05, 0.2]


class Problem(NamedTuple):
    """A layer as operands, the same numbers as reals, and the input sequence."""

    arith: Arithmetic
    parameters: tuple[F64, F64, F64, F64]
    x: Array
    theta: Array


def problem(name: str, gates: int, inputs: int, units: int, theta: float, seed: int) -> Problem:
    """A random layer as PyTorch initialises it, and a random walk as input."""
    rng = np.random.default_rng(seed)
    arith = arithmetic(load_config(name))
    bound = units**-0.5
    shapes = ((gates * units, inputs), (gates * units, units), (gates * units,), (gates * units,))
    parameters = tuple(
        arith.decode(arith.encode(rng.uniform(-bound, bound, shape), weight=True), weight=True)
        for shape in shapes
    )
    walk = np.cumsum(rng.standard_normal((inputs, STEPS)) * 0.3, axis=1)
    return Problem(
        arith,
        (parameters[0], parameters[1], parameters[2], parameters[3]),
        arith.encode(walk),
        arith.encode(np.array(theta)),
    )


def tensor(x: Array) -> torch.Tensor:
    return torch.tensor(np.ascontiguousarray(x), dtype=torch.float32)


class DeltaRule:
    """Δ of a sequence of tensors [N], differentiable; which elements fire is given: [N, steps]."""

    def __init__(self, fires: Bool) -> None:
        self.fires = torch.tensor(fires)
        self.v_hat = torch.zeros(len(fires))

    def step(self, t: int, v: torch.Tensor) -> torch.Tensor:
        fires = self.fires[:, t]
        delta = torch.where(fires, v - self.v_hat, torch.zeros(()))
        self.v_hat = torch.where(fires, v, self.v_hat)
        return delta


def lstm_reference(
    parameters: list[torch.Tensor], x: torch.Tensor, fires_x: Bool, fires_h: Bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """h and c of all steps, [Nh, T], by the equations of a delta LSTM."""
    w_ih, w_hh, b_ih, b_hh = parameters
    units = w_hh.shape[1]
    rule_x, rule_h = DeltaRule(fires_x), DeltaRule(fires_h)
    m, h, c = b_ih + b_hh, torch.zeros(units), torch.zeros(units)
    hs, cs = [], []
    for t in range(x.shape[1]):
        m = m + w_ih @ rule_x.step(t, x[:, t]) + w_hh @ rule_h.step(t, h)
        i, f, g, o = m.reshape(4, units)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        hs.append(h)
        cs.append(c)
    return torch.stack(hs, 1), torch.stack(cs, 1)


def gru_reference(
    parameters: list[torch.Tensor], x: torch.Tensor, fires_x: Bool, fires_h: Bool
) -> torch.Tensor:
    """h of all steps, [Nh, T], by the equations of a delta GRU."""
    w_ih, w_hh, b_ih, b_hh = parameters
    units = w_hh.shape[1]
    rule_x, rule_h = DeltaRule(fires_x), DeltaRule(fires_h)
    m_x, m_h, h = b_ih, b_hh, torch.zeros(units)
    hs = []
    for t in range(x.shape[1]):
        m_x, m_h = m_x + w_ih @ rule_x.step(t, x[:, t]), m_h + w_hh @ rule_h.step(t, h)
        (x_r, x_z, x_n), (h_r, h_z, h_n) = m_x.reshape(3, units), m_h.reshape(3, units)
        r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
        h = (1 - z) * torch.tanh(x_n + r * h_n) + z * h
        hs.append(h)
    return torch.stack(hs, 1)


def error(arith: Arithmetic, operands: Array, reference: torch.Tensor) -> float:
    """Largest absolute difference."""
    return float(np.abs(arith.decode(operands) - reference.detach().numpy()).max())


def distance(actual: Array, reference: torch.Tensor) -> float:
    """Euclidean distance over the reference's norm; of two zeros: zero."""
    want = reference.detach().numpy()
    norm = float(np.linalg.norm(want))
    return float(np.linalg.norm(np.asarray(actual, np.float64) - want)) / norm if norm else 0.0


# Largest error of h (measured: bf16 0.0061, fxp16 0.0086).
LSTM_H = {"bf16_pe16": 0.0125, "fxp16_pe16": 0.0175}
# Largest error of c, which bf16 rounds in proportion to its size (measured: 0.039, 0.016).
LSTM_C = {"bf16_pe16": 0.08, "fxp16_pe16": 0.035}
# Largest error of h (measured: 0.0061, 0.0072).
GRU_H = {"bf16_pe16": 0.0125, "fxp16_pe16": 0.015}
# Distance of a gradient, relative (measured: wx 0.012, 0.016; wh 0.011, 0.022; bias 0.010, 0.018; x 0.021,
# 0.027). A single unit is not counted: its gradient may nearly vanish.
GRADIENT = {"bf16_pe16": 0.04, "fxp16_pe16": 0.055}

FORMATS = pytest.mark.parametrize("name", sorted(LSTM_H))
SHAPES = pytest.mark.parametrize(("inputs", "units"), SIZES)
THETA = pytest.mark.parametrize("theta", THETAS)


def permuted(rows: torch.Tensor) -> torch.Tensor:
    """Rows by gates i, f, g, o as rows by gates i, f, o, g."""
    i, f, g, o = rows.chunk(4)
    return torch.cat([i, f, o, g])


@FORMATS
@SHAPES
@THETA
def test_lstm_forward_is_near_pytorch(name: str, inputs: int, units: int, theta: float) -> None:
    arith, parameters, x, level = problem(name, 4, inputs, units, theta, seed=1)
    states = layers.lstm_forward(arith, layers.lstm_weights(arith, *parameters), x, level, level)
    real = [tensor(p) for p in parameters]
    h, c = lstm_reference(real, tensor(arith.decode(x)), states.dx.fires, states.dh.fires)
    assert error(arith, states.h[:, 1:], h) < LSTM_H[name]
    assert error(arith, states.c[:, 1:], c) < LSTM_C[name]


@FORMATS
@SHAPES
@THETA
def test_gru_forward_is_near_pytorch(name: str, inputs: int, units: int, theta: float) -> None:
    arith, parameters, x, level = problem(name, 3, inputs, units, theta, seed=1)
    states = layers.gru_forward(arith, layers.gru_weights(arith, *parameters), x, level, level)
    real = [tensor(p) for p in parameters]
    h = gru_reference(real, tensor(arith.decode(x)), states.dx.fires, states.dh.fires)
    assert error(arith, states.h[:, 1:], h) < GRU_H[name]


@FORMATS
@pytest.mark.parametrize("gates", [4, 3])
def test_threshold_zero_is_the_dense_layer_of_pytorch(name: str, gates: int) -> None:
    arith, parameters, x, level = problem(name, gates, 32, 64, 0.0, seed=2)
    dense = (torch.nn.LSTM if gates == 4 else torch.nn.GRU)(32, 64)
    with torch.no_grad():
        for parameter, values in zip(dense.parameters(), parameters, strict=True):
            parameter.copy_(tensor(values))
        h = dense(tensor(arith.decode(x)).T)[0].T
    if gates == 4:
        states = layers.lstm_forward(arith, layers.lstm_weights(arith, *parameters), x, level, level)
        assert error(arith, states.h[:, 1:], h) < LSTM_H[name]
    else:
        gru = layers.gru_forward(arith, layers.gru_weights(arith, *parameters), x, level, level)
        assert error(arith, gru.h[:, 1:], h) < GRU_H[name]


@FORMATS
@pytest.mark.parametrize(("inputs", "units"), [size for size in SIZES if size != (1, 1)])
@THETA
def test_lstm_gradients_are_near_pytorch_autograd(name: str, inputs: int, units: int, theta: float) -> None:
    arith, parameters, x, level = problem(name, 4, inputs, units, theta, seed=3)
    weights = layers.lstm_weights(arith, *parameters)
    states = layers.lstm_forward(arith, weights, x, level, level)
    upstream = arith.encode(np.random.default_rng(4).standard_normal((units, STEPS)))
    gradients = layers.lstm_backward(arith, weights, states, upstream)

    real = [tensor(p).requires_grad_() for p in parameters]
    inputs_real = tensor(arith.decode(x)).requires_grad_()
    h, _ = lstm_reference(real, inputs_real, states.dx.fires, states.dh.fires)
    cost = (h * tensor(arith.decode(upstream))).sum()
    wx, wh, bias, _, dx = torch.autograd.grad(cost, [*real, inputs_real])
    for ours, theirs in (
        (gradients.wx, permuted(wx)),
        (gradients.wh, permuted(wh)),
        (gradients.bias, permuted(bias)),
    ):
        assert distance(arith.decode_result(ours), theirs) < GRADIENT[name]
    assert distance(arith.decode(gradients.x), dx) < GRADIENT[name]


def test_only_what_fired_has_a_gradient() -> None:
    arith, parameters, x, level = problem("bf16_pe16", 4, 24, 24, 0.3, seed=5)
    weights = layers.lstm_weights(arith, *parameters)
    states = layers.lstm_forward(arith, weights, x, level, level)
    upstream = arith.encode(np.random.default_rng(6).standard_normal((24, STEPS)))
    gradients = layers.lstm_backward(arith, weights, states, upstream)
    assert 0 < states.dx.fires.mean() < 1
    assert not gradients.x[~states.dx.fires].any()
    silent = ~states.dh.fires[:, :STEPS].any(axis=1)
    assert silent.any()
    assert not gradients.wh[:, silent].any()
    assert gradients.wh[:, ~silent].any()


def test_forward_bits_do_not_depend_on_the_number_of_lanes() -> None:
    arith, parameters, x, level = problem("bf16_pe16", 4, 13, 7, 0.05, seed=7)
    few = arithmetic(load_config("bf16_pe4"))
    weights = layers.lstm_weights(arith, *parameters)
    one, other = (layers.lstm_forward(a, weights, x, level, level) for a in (arith, few))
    np.testing.assert_array_equal(one.h, other.h)
    np.testing.assert_array_equal(one.c, other.c)


def test_one_step_by_hand() -> None:
    """All weights zero: gates are σ(0) = 1/2 and tanh(bias of g)."""
    arith = arithmetic(load_config("bf16_pe4"))
    bias = np.array([0.0, 0.0, 0.5, 0.0])  # i, f, g, o
    weights = layers.lstm_weights(arith, np.zeros((4, 1)), np.zeros((4, 1)), bias, bias)
    zero = arith.encode(np.zeros(()))
    states = layers.lstm_forward(arith, weights, arith.encode(np.ones((1, 1))), zero, zero)
    g = arith.decode(arith.encode(np.tanh([1.0])))
    c = arith.decode(arith.encode(g / 2))
    np.testing.assert_array_equal(arith.decode(states.gates[:, 0]), [0.5, 0.5, 0.5, *g])
    np.testing.assert_array_equal(arith.decode(states.c[:, 1]), c)
    np.testing.assert_array_equal(states.h[:, 1], arith.encode(arith.decode(arith.encode(np.tanh(c))) / 2))
    assert states.dx.fires.all()
    assert not states.dh.fires[:, 0].any()
    assert states.dh.fires[:, 1].all()


def test_linear_layers_add_the_bias_first_and_columns_ascending() -> None:
    """As in docs/numerics.md: 2^24 + 1 + 1 - 2^24 is 0 in this order, and 2 behind a bias of -2^24."""
    arith = arithmetic(load_config("bf16_pe4"))
    rows, v = np.array([[4096.0, 1, 1, -4096], [4096.0, 1, 1, 0]]), np.array([4096.0, 1, 1, 4096])
    weights = layers.linear_weights(arith, rows, np.array([0.0, -(2.0**24)]))
    found = layers.linear(arith, weights, arith.encode(v))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [0, 2])


@pytest.mark.parametrize(("name", "bound"), [("bf16_pe16", 1e-6), ("fxp16_pe16", 2**-9)])
def test_linear_layers_as_in_floating_point(name: str, bound: float) -> None:
    """Operands are exact here, so only sums (float32) or the result (8 fraction bits) are rounded."""
    arith, rng = arithmetic(load_config(name)), np.random.default_rng(5)
    w, bias, v = (rng.integers(-64, 64, shape) / 64 for shape in ((5, 33), (5,), (33,)))
    weights = layers.linear_weights(arith, w, bias)
    total = w @ v + bias
    for func, wanted in ((Func.NONE, total), (Func.RELU, np.maximum(total, 0))):
        found = arith.decode_result(layers.linear(arith, weights, arith.encode(v), func))
        np.testing.assert_allclose(found, wanted, rtol=0, atol=bound * max(1, np.abs(total).max()))
    assert (total < 0).any()
