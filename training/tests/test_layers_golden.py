"""The layers with the machine's number formats give what the golden model gives, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from reneta.golden import activation, bf16, layers
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import F64
from reneta.golden.ccm_types import Func
from reneta.golden.config import load_config
from reneta.training import formats
from reneta.training.formats import BF16, FixedPoint, fixed
from reneta.training.layers import DeltaGRU, DeltaLSTM
from reneta.training.layers import reference as slow
from reneta.training.layers.sequence import Options

# Fixed point needs float64 for its exact sums; bf16 has float32 accumulators.
FORMATS = {"bf16_pe16": (BF16, torch.float32), "fxp16_pe16": (fixed(), torch.float64)}


def real(layer: torch.nn.Module) -> list[F64]:
    """The parameters of a layer of one level, in torch's order."""
    return [p.detach().numpy().astype(np.float64) for p in layer.parameters()]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("theta", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("sizes", [(16, 64), (13, 7), (1, 1)])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_equals_the_golden_layer(name: str, theta: float, sizes: tuple[int, int], kind: str) -> None:
    rounded, dtype = FORMATS[name]
    arith = arithmetic(load_config(name))
    torch.manual_seed(2)
    make = DeltaLSTM if kind == "lstm" else DeltaGRU
    layer = make(*sizes, thx=theta, thh=theta, number_format=rounded, dtype=dtype, backend="native")
    rng = np.random.default_rng(3)
    x = arith.encode(np.cumsum(rng.standard_normal((sizes[0], 40)) * 0.3, axis=1))
    thetas = arith.encode(np.array(theta)), arith.encode(np.array(theta))
    if kind == "lstm":
        lstm_weights = layers.lstm_weights(arith, *real(layer))
        lstm = layers.lstm_forward(arith, lstm_weights, x, *thetas)
        h, fires = lstm.h, (lstm.dx.fires, lstm.dh.fires[:, :-1])
    else:
        gru_weights = layers.gru_weights(arith, *real(layer))
        gru = layers.gru_forward(arith, gru_weights, x, *thetas)
        h, fires = gru.h, (gru.dx.fires, gru.dh.fires[:, :-1])
    out, _ = layer(torch.tensor(arith.decode(x).T, dtype=dtype))
    got = arith.encode(out.detach().numpy().astype(np.float64).T)
    np.testing.assert_array_equal(got, h[:, 1:])
    saved = layer.statistics()
    assert saved.sparsity_x == pytest.approx(1 - fires[0].mean())
    # Before the first step there is no h: the machine has an empty list, the layer a zero, which may fire.
    fires[1][:, 0] = theta == 0
    assert saved.sparsity_h == pytest.approx(1 - fires[1].mean())


def test_bf16_rounding_is_the_golden_one() -> None:
    """Random float32 patterns, ties, subnormals, infinities."""
    rng = np.random.default_rng(4)
    patterns = rng.integers(0, 1 << 32, 1 << 18, dtype=np.uint32)
    patterns[: 1 << 10] = (patterns[: 1 << 10] & 0xFFFF0000) | 0x8000
    patterns[-4:] = [0x00000001, 0x007FFFFF, 0x7F800000, 0xFF7FFFFF]
    x = patterns.view(np.float32)
    got = BF16.activations(torch.from_numpy(x)).numpy()
    want = bf16.unpack(bf16.pack(x))
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want))
    finite = ~np.isnan(want)
    np.testing.assert_array_equal(got[finite].view(np.uint32), want[finite].view(np.uint32))


@pytest.mark.parametrize("func", [Func.SIGMOID, Func.TANH])
def test_functions_are_the_golden_tables(func: Func) -> None:
    """Every activation of both formats, through the function that a step uses."""
    function = slow.sigmoid if func is Func.SIGMOID else slow.tanh
    patterns = np.arange(1 << 16, dtype=np.uint16)
    x = torch.from_numpy(bf16.unpack(patterns))
    got = bf16.pack(function(x, Options(number_format=BF16)).numpy())
    np.testing.assert_array_equal(got, activation.bf16_table(func))
    point = FixedPoint(8, 8)
    steps = patterns.view(np.int16)
    y = function(torch.tensor(steps / point.scale), Options(number_format=fixed()))
    np.testing.assert_array_equal((y.numpy() * point.scale).astype(np.int16), activation.fxp16_table(func, 8))


def test_fixed_point_rounds_half_to_even_and_saturates() -> None:
    point = FixedPoint(3, 1)
    x = torch.tensor([0.25, 0.75, -0.25, -0.75, 1.25, 9.0, -9.0])
    assert formats.round_to(x, point).tolist() == [0.0, 1.0, 0.0, -1.0, 1.0, 3.5, -4.0]


def test_rounding_passes_gradients_straight_through() -> None:
    x = torch.tensor([0.3, 7.0, -20.0], requires_grad=True)
    (fixed(4, 2).activations(x) * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 2.0, 3.0]
