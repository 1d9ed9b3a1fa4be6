"""Delta layers: torch's own layers at threshold 0, the backends against each other, gradients, streaming."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from reneta.training.formats import BF16, FLOAT, FixedPoint, NumberFormat, fixed
from reneta.training.layers import DeltaGRU, DeltaLSTM, DeltaState, native, reference
from reneta.training.layers.sequence import Options, Result, State
from reneta.training.layers.statistics import Counter, total

LAYERS: list[tuple[type[Any], type[Any]]] = [(DeltaLSTM, nn.LSTM), (DeltaGRU, nn.GRU)]
FORMATS = {
    "float": FLOAT,
    "bf16": BF16,
    "fixed": fixed(),
    # So few bits that everything saturates now and then, the accumulator too.
    "coarse": fixed(3, 4, 1, 7, 3, 6),
}


each = pytest.mark.parametrize("delta", [DeltaLSTM, DeltaGRU], ids=["lstm", "gru"])
both = pytest.mark.parametrize(("delta", "plain"), LAYERS, ids=["lstm", "gru"])


def walk(*shape: int, dtype: torch.dtype = torch.float64, seed: int = 0) -> Tensor:
    """Input that moves little from step to step: [T, B, Nx]."""
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(shape, generator=generator, dtype=torch.float64) * 0.3).cumsum(0).to(dtype)


def pair(delta: type[Any], plain: type[Any], *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """A delta layer and torch's layer of the same parameters."""
    torch.manual_seed(1)
    theirs = plain(*args, **kwargs)
    ours = delta(*args, **kwargs)
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def flat(state: Any) -> list[Tensor]:
    """The tensors of a plain state."""
    return [state] if isinstance(state, Tensor) else list(state)


@both
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("backend", ["native", "reference"])
@pytest.mark.parametrize("layers", [1, 3])
def test_threshold_zero_is_torchs_layer(
    delta: type[Any], plain: type[Any], dtype: torch.dtype, backend: str, layers: int
) -> None:
    ours, theirs = pair(delta, plain, 5, 20, layers, dtype=dtype)
    ours.backend = backend
    tolerance = 1e-5 if dtype is torch.float32 else 1e-12
    initial = [(torch.rand(layers, 3, 20, dtype=dtype) - 0.5).requires_grad_() for _ in range(2)]
    results = []
    for layer in (theirs, ours):
        x = walk(12, 3, 5, dtype=dtype).requires_grad_()
        hx = tuple(initial) if plain is nn.LSTM else initial[0]
        out, state = layer(x, hx)
        weigh = torch.linspace(-1, 1, 20, dtype=dtype)
        loss = (out * weigh).sum() + sum((part * weigh).sin().sum() for part in flat(state))
        used = initial if plain is nn.LSTM else initial[:1]
        grads = torch.autograd.grad(loss, [x, *used, *layer.parameters()])
        results.append([out, *flat(state), *grads])
    for want, got in zip(*results, strict=True):
        torch.testing.assert_close(got, want, rtol=0, atol=tolerance)
    assert ours.statistics().sparsity == 0


@both
def test_takes_the_place_of_torchs_layer(delta: type[Any], plain: type[Any]) -> None:
    """Arguments by position, names of parameters, layouts, without bias, without batch."""
    ours, theirs = pair(delta, plain, 4, 6, 2, False, True, 0.0)
    assert isinstance(ours, plain)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    x = walk(3, 5, 4, dtype=torch.float32)  # [B, T, Nx]: batch_first
    for want, got in zip(_outputs(theirs, x), _outputs(ours, x), strict=True):
        torch.testing.assert_close(got, want, rtol=0, atol=1e-6)
    for want, got in zip(_outputs(theirs, x[0]), _outputs(ours, x[0]), strict=True):
        torch.testing.assert_close(got, want, rtol=0, atol=1e-6)
    assert "thx=0.0" in repr(ours)


def _outputs(layer: Any, x: Tensor) -> list[Tensor]:
    out, state = layer(x)
    return [out, *flat(state)]


@both
def test_dropout_lies_between_layers_while_training(delta: type[Any], plain: type[Any]) -> None:
    ours, theirs = pair(delta, plain, 4, 6, 2, dropout=0.5)
    x = walk(5, 2, 4, dtype=torch.float32)
    assert not torch.equal(ours(x)[0], ours(x)[0])
    ours.eval()
    theirs.eval()
    torch.testing.assert_close(ours(x)[0], theirs(x)[0], rtol=0, atol=1e-6)


def problem(is_gru: bool, rounded: NumberFormat, hard: bool, theta: float) -> tuple[list[Tensor], Options]:
    """x, weights and a state in the middle of a sequence, in their format: leaves; and options."""
    generator = torch.Generator().manual_seed(3)

    def rand(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1

    gates, inputs, units, batch = 3 if is_gru else 4, 6, 9, 3
    weights = [rounded.weights(rand(gates * units, size) * 0.6) for size in (inputs, units)]
    cell = 0 if is_gru else units
    states = [rand(batch, size) for size in (units, cell, inputs, units)]
    states = [rounded.activations(state) for state in states]
    m = rounded.accumulators(rand(batch, 4 * units))
    leaves = [rounded.activations(walk(8, batch, inputs)), *weights, *states, m]
    theta = rounded.threshold(theta)
    options = Options(theta, theta, rounded, hard, hard)
    return [leaf.detach().requires_grad_() for leaf in leaves], options


def run(module: Any, is_gru: bool, leaves: list[Tensor], options: Options) -> Result:
    """The layer by a backend."""
    x, w_ih, w_hh, *state = leaves
    function = module.gru if is_gru else module.lstm
    result: Result = function(x, w_ih, w_hh, State(*state), options)
    return result


def weighed(result: Result) -> Tensor:
    """A cost in which every output of a layer counts differently."""
    generator = torch.Generator().manual_seed(4)
    parts = [result.out, *result.state, result.abs_dh]
    return torch.stack(
        [(part * torch.randn(part.shape, generator=generator, dtype=part.dtype)).sum() for part in parts]
    ).sum()


@pytest.mark.parametrize("hard", [False, True], ids=["soft", "hard"])
@pytest.mark.parametrize("theta", [0.0, 0.1, 0.4])
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("is_gru", [False, True], ids=["lstm", "gru"])
def test_skipping_gives_what_autograd_through_the_delta_rule_gives(
    is_gru: bool, name: str, theta: float, hard: bool
) -> None:
    """The operator's own sparse backward pass against autograd, every output and gradient, every format."""
    leaves, options = problem(is_gru, FORMATS[name], hard, theta)
    results = [run(module, is_gru, leaves, options) for module in (reference, native)]
    want, got = results
    assert torch.equal(want.fired, got.fired)
    if theta:
        assert 0 < int(got.fired.sum()) < 8 * 3 * 15, "everything fires, or nothing"
    for ours, theirs in zip(
        (got.out, *got.state, got.abs_dh), (want.out, *want.state, want.abs_dh), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)
    used = [leaf for leaf in leaves if leaf.numel()]
    for ours, theirs in zip(*(torch.autograd.grad(weighed(r), used) for r in (got, want)), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("theta", [0.0, 0.1])
@pytest.mark.parametrize("is_gru", [False, True], ids=["lstm", "gru"])
def test_gradcheck(is_gru: bool, theta: float) -> None:
    """Finite differences, far from the thresholds: what fires must not change with a small step."""
    leaves, options = problem(is_gru, FLOAT, False, theta)
    used = [leaf for leaf in leaves if leaf.numel()]

    def outputs(*values: Tensor) -> tuple[Tensor, ...]:
        found = iter(values)
        full = [next(found) if leaf.numel() else leaf for leaf in leaves]
        result = run(native, is_gru, full, options)
        return tuple(part for part in (result.out, *result.state, result.abs_dh) if part.numel())

    assert torch.autograd.gradcheck(outputs, used, eps=1e-7, atol=1e-5)


def test_a_second_derivative_is_refused() -> None:
    """The operator has none; wrong ones must not come out of it."""
    layer, x = DeltaLSTM(3, 4, backend="native"), torch.ones(2, 1, 3, requires_grad=True)
    (gradient,) = torch.autograd.grad(layer(x)[0].sin().sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


@pytest.mark.parametrize("is_gru", [False, True], ids=["lstm", "gru"])
def test_what_did_not_fire_has_no_gradient(is_gru: bool) -> None:
    """Columns that never fired get none at all, inputs that did not fire get none in that step."""
    leaves, options = problem(is_gru, FLOAT, False, 0.0)
    x, w_ih, w_hh, *state = leaves
    quiet = x.detach().clone()
    quiet[:, :, 2] = 0.05
    state[2] = torch.zeros_like(state[2])
    quiet.requires_grad_()
    options = Options(0.2, 1e9, options.number_format)
    result = run(native, is_gru, [quiet, w_ih, w_hh, *state], options)
    d_x, d_ih, d_hh = torch.autograd.grad(result.out.sum(), [quiet, w_ih, w_hh])
    assert not d_x[:, :, 2].any()
    assert not d_ih[:, 2].any()
    assert d_ih[:, [0, 1, 3, 4, 5]].any(0).all()
    assert not d_hh.any()


@each
@pytest.mark.parametrize("backend", ["native", "reference"])
def test_streaming_is_the_whole_sequence(delta: type[Any], backend: str) -> None:
    """In pieces, with the state handed on: the same outputs and gradients."""
    torch.manual_seed(5)
    layer = delta(4, 7, 2, thx=0.1, thh=0.1, dtype=torch.float64, backend=backend)
    x = walk(10, 3, 4)
    whole, _ = layer(x)
    state = layer.initial_state(3)
    pieces = []
    for piece in (x[:1], x[1:4], x[4:]):
        out, state = layer(piece, state)
        assert isinstance(state, DeltaState)
        pieces.append(out)
    torch.testing.assert_close(torch.cat(pieces), whole, rtol=0, atol=1e-14)
    losses = [whole.sin().sum(), torch.cat(pieces).sin().sum()]
    want, got = (torch.autograd.grad(loss, list(layer.parameters())) for loss in losses)
    for ours, theirs in zip(got, want, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)
    assert not any(part.requires_grad for part in state.detach().layers[0])


@each
def test_threads_change_nothing_but_rounding(delta: type[Any]) -> None:
    layer, x = delta(4, 9, thx=0.1, thh=0.1), walk(6, 5, 4, dtype=torch.float32)
    threads = torch.get_num_threads()
    try:
        found = []
        for count in (1, 3, 3):
            torch.set_num_threads(count)
            out, _ = layer(x)
            found.append((out, torch.autograd.grad(out.sum(), layer.weight_hh_l0)[0]))
    finally:
        torch.set_num_threads(threads)
    for out, gradient in found[1:]:
        assert torch.equal(out, found[0][0])
        torch.testing.assert_close(gradient, found[0][1], rtol=1e-5, atol=1e-6)
    assert torch.equal(found[1][1], found[2][1])


@each
def test_copies_and_pickles_behind_a_forward_pass(delta: type[Any]) -> None:
    layer, x = delta(4, 6, thx=0.1, thh=0.1), walk(5, 2, 4, dtype=torch.float32)
    out, _ = layer(x)
    for made in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(made.regulariser, layer.regulariser)
        assert made.statistics() == layer.statistics()
        assert torch.equal(made(x)[0], out)
    layer.regulariser.backward()


@each
def test_regulariser_and_statistics(delta: type[Any]) -> None:
    layer = delta(4, 8, 2, thx=0.3, thh=0.05)
    x = walk(20, 3, 4, dtype=torch.float32)
    out, _ = layer(x)
    first = layer.statistics()
    assert 0 < first.sparsity_x < 1
    assert 0 < first.sparsity_h < 1
    layer(x)
    assert layer.statistics() == first  # shares, not counts
    layer.reset_statistics()
    assert layer.statistics().sparsity == 0
    # The regulariser is the mean of |Δh|, checked by the rule itself on the first layer's own output.
    single = delta(4, 8, thh=0.05)
    out, _ = single(x)
    h = torch.cat([torch.zeros_like(out[:1]), out[:-1]]).detach()
    h_hat, sums = torch.zeros_like(h[0]), 0.0
    for step in h:
        moved = (step - h_hat).abs() >= 0.05
        sums += float((step - h_hat)[moved].abs().sum())
        h_hat = torch.where(moved, step, h_hat)
    assert single.regulariser.item() == pytest.approx(sums / out.numel(), rel=1e-5)
    gradient = torch.autograd.grad(single.regulariser, single.weight_hh_l0)[0]
    assert gradient.any()


def test_saved_work_by_hand() -> None:
    """Two layers, 10 rows each; the first layer's inputs need no gradient."""
    first, second = Counter(10, x_gradient=False), Counter(10, x_gradient=True)
    first.add(torch.tensor([2, 3]), 4, 8)
    second.add(torch.tensor([1, 0]), 8, 8)
    found = total([first, second])
    assert found.sparsity_x == pytest.approx(1 - 3 / 12)
    assert found.sparsity_h == pytest.approx(1 - 3 / 16)
    assert found.sparsity == pytest.approx(1 - 6 / 28)
    assert found.saved_forward == pytest.approx(1 - (2 + 3 + 1) / (4 + 8 + 8 + 8))
    assert found.saved_backward == pytest.approx(1 - (2 + 2 * 3 + 2 * 1) / (4 + 16 + 16 + 16))


@pytest.fixture
def layer() -> DeltaLSTM:
    return DeltaLSTM(3, 4)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda _: DeltaLSTM(3, 4, bidirectional=True), ValueError, "no bidirectional"),
        (lambda _: DeltaLSTM(3, 4, proj_size=2), ValueError, "no proj_size"),
        (lambda _: DeltaGRU(3, 4, thh=-0.1), ValueError, "thh is -0.1"),
        (lambda _: DeltaGRU(3, 4, backend="fast"), ValueError, "no backend 'fast'"),
        (lambda it: it(torch.zeros(5, 2, 4)), ValueError, r"\[steps, batch, 3\]"),
        (lambda it: it(torch.zeros(0, 2, 3)), ValueError, "at least one step"),
        (lambda it: it(torch.zeros(5, 2, 3), it.initial_state(3)), ValueError, "batch of 3"),
        (lambda it: it(torch.zeros(5, 2, 3).double()), ValueError, "torch.float32.*torch.float64"),
        (lambda it: it(torch.zeros(5, 2, 3), (torch.zeros(1, 2, 3),) * 2), ValueError, r"h is \[2, 3\]"),
        (lambda it: it(nn.utils.rnn.pack_sequence([torch.zeros(2, 3)])), TypeError, "pad the sequences"),
        (lambda _: FixedPoint(0, 4), ValueError, "Q0.4"),
        (lambda _: fixed(10, 10), ValueError, "20 bits"),
        (lambda _: fixed(mqi=4), ValueError, "mqf"),
        (lambda _: NumberFormat(bf16=True, weight=FixedPoint(2, 2)), ValueError, "not both"),
    ],
)
def test_what_is_refused(
    layer: DeltaLSTM, call: Callable[[DeltaLSTM], object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        call(layer)


def test_a_backend_that_cannot_is_refused() -> None:
    x = torch.zeros(2, 1, 3, dtype=torch.bfloat16)
    with pytest.raises(ValueError, match="float32 and float64"):
        DeltaLSTM(3, 4, dtype=torch.bfloat16, backend="native")(x)
    with pytest.raises(ValueError, match="CUDA"):
        DeltaLSTM(3, 4, backend="triton")(x.float())
