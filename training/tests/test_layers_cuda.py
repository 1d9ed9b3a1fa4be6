"""The delta layers on a CUDA device, against the reference in float64 and against PyTorch's own layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from reneta.training.formats import BF16, FLOAT, NumberFormat, fixed
from reneta.training.layers import reference
from reneta.training.layers.reference import Encoded
from reneta.training.layers.sequence import Options, Result, State

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

CUDA = "cuda"
CELLS = ("lstm", "gru")
F32, TF32 = 2e-5, 1e-2
"""Largest error, of the largest value, where products are float32, and where they are TF32."""


class Inputs(NamedTuple):
    """What a layer takes; all leaves."""

    x: Tensor
    w_ih: Tensor
    w_hh: Tensor
    state: State

    def cast(self, dtype: torch.dtype) -> Inputs:
        def leaf(part: Tensor) -> Tensor:
            return part.detach().to(dtype).requires_grad_()

        state = State._make(leaf(part) for part in self.state)
        return Inputs(leaf(self.x), leaf(self.w_ih), leaf(self.w_hh), state)

    def leaves(self) -> dict[str, Tensor]:
        parts = {"x": self.x, "w_ih": self.w_ih, "w_hh": self.w_hh} | self.state._asdict()
        return {name: part for name, part in parts.items() if part.numel()}


class Sizes(NamedTuple):
    steps: int
    batch: int
    inputs: int
    units: int


@pytest.fixture(params=[False, True], ids=["f32", "tf32"])
def tolerance(request: pytest.FixtureRequest) -> Iterator[float]:
    """Runs the test with TF32 off and on; the error to allow."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = request.param
    yield TF32 if request.param else F32
    torch.backends.cudnn.allow_tf32 = before


def backend(cell: str) -> Callable[[Tensor, Tensor, Tensor, State, Options], Result]:
    pytest.importorskip("triton")
    from reneta.training.layers import triton_backend

    return triton_backend.lstm if cell == "lstm" else triton_backend.gru


def make_inputs(cell: str, sizes: Sizes, number_format: NumberFormat = FLOAT) -> Inputs:
    """Random inputs that walk, weights as at the start of training, and a state that no zeros can hide in."""
    generator = torch.Generator(CUDA).manual_seed(sum(sizes))
    steps, batch, inputs, units = sizes
    rows = 4 if cell == "lstm" else 3

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=CUDA, dtype=torch.float64) * 2 - 1

    walk = uniform(steps, batch, inputs).cumsum(0) * 0.3
    weights = [uniform(rows * units, size) * units**-0.5 for size in (inputs, units)]
    state = [uniform(batch, size) * 0.5 for size in (units, units, inputs, units, 4 * units)]
    if cell == "gru":
        state[1] = state[1][:, :0]
    made = (number_format.activations(part.float().double()) for part in (walk, *weights, *state))
    x, w_ih, w_hh, *parts = made
    return Inputs(x, w_ih, w_hh, State._make(parts))


def outputs(result: Result) -> dict[str, Tensor]:
    parts = {"out": result.out, "abs_dh": result.abs_dh} | result.state._asdict()
    return {name: part for name, part in parts.items() if part.numel()}


def loss(result: Result, with_size: bool) -> Tensor:
    """A scalar that every output has a part in; `abs_dh` only if asked for."""
    generator = torch.Generator(CUDA).manual_seed(7)
    total = torch.zeros((), device=CUDA, dtype=torch.float64)
    for name, part in outputs(result).items():
        if name == "abs_dh" and not with_size:
            continue
        weights = torch.randn(part.shape, generator=generator, device=CUDA, dtype=torch.float64)
        total = total + (part.double() * weights).sum()
    return total


def gradients(result: Result, inputs: Inputs, with_size: bool = True) -> dict[str, Tensor]:
    leaves = inputs.leaves()
    return dict(zip(leaves, torch.autograd.grad(loss(result, with_size), list(leaves.values())), strict=True))


def assert_close(made: dict[str, Tensor], expected: dict[str, Tensor], tolerance: float) -> None:
    assert made.keys() == expected.keys()
    for name, part in expected.items():
        error = (made[name].double() - part).abs().max() / (1 + part.abs().max())
        assert error < tolerance, f"{name}: {error:.1e}"


def decided_as(result: Result, options: Options, margin: float) -> Callable[..., Encoded]:
    """The reference's `encode`, told by the kernels' Δ what fires.

    It checks that they may decide so: where they differ from the rule in float64, the difference must be
    within `margin` of the threshold.
    """
    assert result.out.grad_fn is not None
    _, _, delta_x, delta_h, *_ = result.out.grad_fn.saved_tensors  # type: ignore[attr-defined]
    decisions = iter([part for pair in zip(delta_x, delta_h, strict=True) for part in pair])

    def encode(v: Tensor, v_hat: Tensor, theta: float, options: Options) -> Encoded:
        difference = v - v_hat
        fires = (next(decisions) != 0) | (theta <= 0)
        wrong = fires == (difference.detach().abs() < theta)
        assert not (wrong & ((difference.detach().abs() - theta).abs() > margin)).any()
        delta = torch.where(fires, options.number_format.activations(difference), 0.0)
        return Encoded(delta, torch.where(fires, v, v_hat), fires)

    assert options.thx >= 0
    return encode


SIZES = (
    Sizes(1, 1, 1, 1),
    Sizes(3, 1, 13, 16),
    Sizes(7, 5, 3, 20),
    Sizes(20, 33, 16, 129),
    Sizes(60, 32, 16, 128),
    Sizes(12, 200, 8, 100),
    Sizes(10, 70, 24, 300),
    Sizes(12, 256, 32, 512),
    Sizes(6, 130, 40, 700),
    Sizes(4, 130, 5, 1100),
)


@pytest.mark.parametrize("theta", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("cell", CELLS)
def test_same_as_the_reference(
    cell: str, sizes: Sizes, theta: float, tolerance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Options(theta, theta)
    made = make_inputs(cell, sizes)
    ours, theirs = made.cast(torch.float32), made.cast(torch.float64)
    result = backend(cell)(*ours, options)
    monkeypatch.setattr(reference, "encode", decided_as(result, options, tolerance))
    expected = getattr(reference, cell)(*theirs, options)
    assert_close(outputs(result), outputs(expected), tolerance)
    assert result.fired.tolist() == expected.fired.tolist()
    # Where nothing is silent, Δ goes through zero, and there the slope of |Δ| is anything.
    with_size = theta > 0
    assert_close(gradients(result, ours, with_size), gradients(expected, theirs, with_size), tolerance)


@pytest.mark.parametrize("options", [
    Options(0.1, 0.1, hard_sigmoid=True, hard_tanh=True),
    Options(BF16.threshold(0.1), BF16.threshold(0.1), BF16),
    Options(BF16.threshold(0.1), BF16.threshold(0.1), BF16, hard_sigmoid=True, hard_tanh=True),
], ids=["hard", "bf16", "hard-bf16"])  # fmt: skip
@pytest.mark.parametrize("cell", CELLS)
def test_hard_functions_and_bf16(cell: str, options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    """In bf16 a sum that is rounded the other way moves a value by one place of eight bits."""
    number_format = options.number_format
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    made = make_inputs(cell, Sizes(20, 33, 16, 72), number_format)
    ours, theirs = made.cast(torch.float32), made.cast(torch.float64)
    result = backend(cell)(*ours, options)
    near = 2e-2 if number_format.bf16 else F32
    monkeypatch.setattr(reference, "encode", decided_as(result, options, near))
    expected = getattr(reference, cell)(*theirs, options)
    assert_close(outputs(result), outputs(expected), near)
    assert_close(gradients(result, ours), gradients(expected, theirs), 3 * near)
    if number_format.bf16:
        kept = torch.cat([result.out.flatten(), result.state.h_hat.flatten()])
        assert torch.equal(kept, number_format.activations(kept))
        same = result.out.double() == expected.out
        assert same.double().mean() > 0.97


@pytest.mark.parametrize("cell", CELLS)
def test_same_as_pytorchs_layer(cell: str, tolerance: float) -> None:
    steps, batch, inputs, units = sizes = Sizes(60, 32, 16, 128)
    torch.manual_seed(1)
    layer: nn.LSTM | nn.GRU = (nn.LSTM if cell == "lstm" else nn.GRU)(inputs, units, device=CUDA)
    weights = [layer.get_parameter(f"{name}_l0") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    w_ih, w_hh, b_ih, b_hh = weights
    x = torch.randn(steps, batch, inputs, device=CUDA, requires_grad=True)
    g_out = torch.randn(steps, batch, units, device=CUDA)
    expected = layer(x)[0]
    leaves = [x, *weights]
    expected_gradients = torch.autograd.grad(expected, leaves, g_out)

    if cell == "lstm":
        m = b_ih + b_hh
    else:
        split = 2 * units
        m = torch.cat([b_ih[:split] + b_hh[:split], b_ih[split:], b_hh[split:]])
    zeros = [torch.zeros(batch, size, device=CUDA) for size in (units, units, inputs, units)]
    state = State._make([*zeros, m.expand(batch, -1)])
    made = backend(cell)(x, w_ih, w_hh, state, Options()).out
    assert_close({"out": made}, {"out": expected.double()}, tolerance)
    for part, wanted in zip(torch.autograd.grad(made, leaves, g_out), expected_gradients, strict=True):
        assert_close({"gradient": part}, {"gradient": wanted.double()}, tolerance)
    assert sizes.units == made.shape[2]


@pytest.mark.parametrize("sizes", [Sizes(60, 32, 16, 128), Sizes(30, 250, 20, 500)], ids=str)
@pytest.mark.parametrize("cell", CELLS)
def test_every_run_gives_the_same_bits(cell: str, sizes: Sizes) -> None:
    """A program that reads what another has not stored yet would show here."""
    inputs = make_inputs(cell, sizes).cast(torch.float32)

    def run() -> list[Tensor]:
        result = backend(cell)(*inputs, Options(0.1, 0.1))
        return [*outputs(result).values(), *gradients(result, inputs).values()]

    first = run()
    for _ in range(20):
        assert all(torch.equal(a, b) for a, b in zip(first, run(), strict=True))


@pytest.mark.parametrize("cell", CELLS)
def test_in_two_halves(cell: str) -> None:
    """A sequence in two calls, the state handed on, is the sequence in one."""
    inputs = make_inputs(cell, Sizes(10, 9, 6, 40)).cast(torch.float32)
    options = Options(0.1, 0.1)
    whole = backend(cell)(*inputs, options)
    one = backend(cell)(inputs.x[:4], inputs.w_ih, inputs.w_hh, inputs.state, options)
    two = backend(cell)(inputs.x[4:], inputs.w_ih, inputs.w_hh, one.state, options)
    joined = Result(torch.cat([one.out, two.out]), two.state, one.abs_dh + two.abs_dh, one.fired + two.fired)
    assert_close(outputs(joined), outputs(whole), 1e-6)
    assert joined.fired.tolist() == whole.fired.tolist()
    assert_close(gradients(joined, inputs), gradients(whole, inputs), TF32)


def test_gradients_that_nobody_wants() -> None:
    """Only the weights learn, and only the last output counts."""
    made = make_inputs("lstm", Sizes(9, 5, 6, 40)).cast(torch.float32)
    x, state = made.x.detach(), State._make(part.detach() for part in made.state)
    alone = backend("lstm")(x, made.w_ih, made.w_hh, state, Options(0.1, 0.1))
    weights = [made.w_ih, made.w_hh]
    result = torch.autograd.grad(alone.state.h.sum(), weights)
    full = backend("lstm")(*made, Options(0.1, 0.1))
    for part, wanted in zip(result, torch.autograd.grad(full.out[-1].sum(), weights), strict=True):
        assert_close({"gradient": part}, {"gradient": wanted.double()}, 1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_twice_through_a_graph(cell: str) -> None:
    made = make_inputs(cell, Sizes(9, 20, 6, 40)).cast(torch.float32)
    total, leaves = loss(backend(cell)(*made, Options(0.1, 0.1)), True), list(made.leaves().values())
    first = torch.autograd.grad(total, leaves, retain_graph=True)
    second = torch.autograd.grad(total, leaves)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("cell", CELLS)
def test_autocast_changes_nothing(cell: str) -> None:
    made = make_inputs(cell, Sizes(9, 20, 6, 40)).cast(torch.float32)

    def run() -> list[Tensor]:
        result = backend(cell)(*made, Options(0.1, 0.1))
        return [*outputs(result).values(), *gradients(result, made).values()]

    plain = run()
    with torch.autocast(CUDA):
        assert all(torch.equal(a, b) for a, b in zip(plain, run(), strict=True))


def test_in_a_cuda_graph() -> None:
    """The whole step can be recorded once and played again with other inputs."""
    made = make_inputs("lstm", Sizes(9, 20, 6, 40)).cast(torch.float32)
    weights, options, x = [made.w_ih, made.w_hh], Options(0.1, 0.1), made.x.detach().clone()

    def run() -> list[Tensor]:
        result = backend("lstm")(x, *made[1:], options)
        return [result.out, *torch.autograd.grad(result.out.sum(), weights)]

    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        run()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        recorded = run()
    x.copy_(x.flip(0))
    graph.replay()
    assert all(torch.equal(a, b) for a, b in zip(recorded, run(), strict=True))


def test_what_is_not_a_number_stays_visible() -> None:
    """A NaN fires, goes through the layer, and holds up no program that waits for it."""
    made = make_inputs("lstm", Sizes(9, 5, 6, 40)).cast(torch.float32)
    x = made.x.detach().clone()
    x[3, 2, 1] = torch.nan
    out = backend("lstm")(x, *made[1:], Options(0.1, 0.1)).out
    assert out[3:, 2].isnan().all()
    assert not out[:, :2].isnan().any()


def test_what_the_kernels_take() -> None:
    pytest.importorskip("triton")
    from reneta.training.layers.triton_backend import supports

    x = torch.zeros(2, 3, 4, device=CUDA)
    assert supports(Options(), x, 128)
    assert supports(Options(number_format=BF16, hard_tanh=True), x, 128)
    assert not supports(Options(number_format=fixed()), x, 128)
    assert not supports(Options(), x.double(), 128)
    assert not supports(Options(), x.cpu(), 128)
    assert not supports(Options(), x[:0], 128)
    multiprocessors = torch.cuda.get_device_properties(0).multi_processor_count
    assert not supports(Options(), x, 16 * multiprocessors + 1)
