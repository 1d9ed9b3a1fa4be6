"""Parts of the delta layers' Triton kernels: the delta rule, gates, tiles, and where programs meet."""

from __future__ import annotations

# mypy: allow-untyped-decorators
import triton
import triton.language as tl

SMALLEST_NORMAL = tl.constexpr(2.0**-126)


@triton.jit
def rounded(x: tl.tensor, bf16: tl.constexpr) -> tl.tensor:
    """x as memory holds it: bfloat16, to nearest even, subnormal numbers zero; or x itself."""
    if bf16:
        x = x.to(tl.bfloat16).to(tl.float32)
        x = tl.where(tl.abs(x) < SMALLEST_NORMAL, 0.0, x)
    return x


@triton.jit
def encoded(v: tl.tensor, v_hat: tl.tensor, threshold: float, bf16: tl.constexpr) -> tl.tensor:
    """One step of the delta rule: Δ, the new v̂, and which elements stay silent."""
    difference = v - v_hat
    silent = tl.abs(difference) < threshold
    delta = tl.where(silent, 0.0, rounded(difference, bf16))
    return delta, tl.where(silent, v_hat, v), silent


@triton.jit
def encoded_gradient(g_delta: tl.tensor, g_v_hat: tl.tensor, delta: tl.tensor, threshold: float) -> tl.tensor:
    """Gradients of v and of the v̂ before, from those of Δ and of the v̂ after a step.

    What fires has a Δ other than zero, unless the threshold is zero, where everything fires.
    """
    fires = (delta != 0.0) | (threshold <= 0.0)
    g_v = tl.where(fires, g_v_hat + g_delta, 0.0)
    return g_v, tl.where(fires, -g_delta, g_v_hat)


@triton.jit
def sigmoid(x: tl.tensor, bf16: tl.constexpr, hard: tl.constexpr) -> tl.tensor:
    """σ or hard sigmoid of an accumulator, rounded as on the machine."""
    x = rounded(x, bf16)
    y = tl.minimum(tl.maximum(0.25 * x + 0.5, 0.0), 1.0) if hard else tl.sigmoid(x)
    return rounded(y, bf16)


@triton.jit
def tanh(x: tl.tensor, bf16: tl.constexpr, hard: tl.constexpr) -> tl.tensor:
    """Tanh or hard tanh of an accumulator, rounded as on the machine."""
    x = rounded(x, bf16)
    y = tl.minimum(tl.maximum(x, -1.0), 1.0) if hard else 2.0 * tl.sigmoid(2.0 * x) - 1.0
    return rounded(y, bf16)


@triton.jit
def sigmoid_slope(y: tl.tensor, hard: tl.constexpr) -> tl.tensor:
    """Derivative of sigmoid where its value is y."""
    return tl.where((y > 0.0) & (y < 1.0), 0.25, 0.0) if hard else y * (1.0 - y)


@triton.jit
def tanh_slope(y: tl.tensor, hard: tl.constexpr) -> tl.tensor:
    """Derivative of tanh where its value is y."""
    return tl.where(tl.abs(y) < 1.0, 1.0, 0.0) if hard else 1.0 - y * y


@triton.jit
def arrive(counter: tl.tensor) -> None:
    """Tell the others that all that this program has stored may be read."""
    tl.debug_barrier()
    tl.atomic_add(counter, 1, sem="release")


@triton.jit
def await_all(counter: tl.tensor, arrivals: int) -> None:
    """Wait until the counter has reached so many arrivals."""
    while tl.atomic_add(counter, 0, sem="acquire") < arrivals:
        pass
    tl.debug_barrier()


@triton.jit
def load4(p: tl.tensor, at: tl.tensor, pitch: tl.constexpr, mask: tl.tensor) -> tl.tensor:
    """Four gates of a tile, `pitch` apart."""
    return (
        tl.load(p + at, mask=mask, other=0.0),
        tl.load(p + at + pitch, mask=mask, other=0.0),
        tl.load(p + at + 2 * pitch, mask=mask, other=0.0),
        tl.load(p + at + 3 * pitch, mask=mask, other=0.0),
    )


@triton.jit
def store4(
    p: tl.tensor,
    at: tl.tensor,
    pitch: tl.constexpr,
    mask: tl.tensor,
    a: tl.tensor,
    b: tl.tensor,
    c: tl.tensor,
    d: tl.tensor,
) -> None:
    """Four gates of a tile, `pitch` apart."""
    tl.store(p + at, a, mask=mask)
    tl.store(p + at + pitch, b, mask=mask)
    tl.store(p + at + 2 * pitch, c, mask=mask)
    tl.store(p + at + 3 * pitch, d, mask=mask)


@triton.jit
def load_or_zero(p: tl.tensor, at: tl.tensor, mask: tl.tensor) -> tl.tensor:
    """A tile of a gradient, zero where p is None."""
    if p is None:
        return tl.zeros(at.shape, tl.float32)
    else:  # noqa: RET505 - one of the two is compiled
        return tl.load(p + at, mask=mask, other=0.0)


@triton.jit
def weights_by_gate(
    w_hh: tl.tensor,
    unit_tile: tl.tensor,
    begin: tl.constexpr,
    gates: tl.constexpr,
    units: tl.constexpr,
    block_units: tl.constexpr,
    chunk: tl.constexpr,
) -> tl.tensor:
    """Weights of the tile's units, columns `begin` and on: [4 block_units, chunk].

    Unit by unit, four rows each (of a GRU the fourth is zero): a product [·, units, 4] splits into the gates.
    """
    row = tl.arange(0, 4 * block_units)
    unit, gate = unit_tile * block_units + row // 4, row % 4
    column = begin + tl.arange(0, chunk)
    here = ((unit < units) & (gate < gates))[:, None] & (column < units)[None, :]
    return tl.load(w_hh + (gate * units + unit)[:, None] * units + column[None, :], mask=here, other=0.0)
