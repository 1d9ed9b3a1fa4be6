"""Triton kernels of the inputs' side: delta encoding of a whole sequence, and its gradient.

An element's values over time depend on each other, the elements do not: each program owns a strip of elements
and walks through the steps, a few loads ahead.
"""

from __future__ import annotations

# mypy: allow-untyped-decorators
import triton
import triton.language as tl

from reneta.training.layers.triton_functions import encoded, encoded_gradient


@triton.jit(do_not_specialize=["steps", "size"])
def encode_kernel(
    x: tl.tensor,
    x_hat: tl.tensor,
    delta: tl.tensor,
    x_hat_end: tl.tensor,
    fired: tl.tensor,
    threshold: float,
    steps: tl.tensor,
    size: tl.tensor,
    block: tl.constexpr,
    ahead: tl.constexpr,
    bf16: tl.constexpr,
) -> None:
    """Δ [steps, size] and the last x̂ [size] of x [steps, size]; adds to *fired what fired."""
    at = tl.program_id(0) * block + tl.arange(0, block)
    here = at < size
    v_hat = tl.load(x_hat + at, mask=here, other=0.0)
    count = tl.zeros([block], tl.int32)
    for begin in range(0, steps, ahead):
        values: tl.tensor = ()
        for step in tl.static_range(ahead):
            values += (tl.load(x + at, mask=here & (begin + step < steps), other=0.0),)
            x += size
        for step in tl.static_range(ahead):
            real = here & (begin + step < steps)
            change, new_v_hat, silent = encoded(values[step], v_hat, threshold, bf16)
            tl.store(delta + at, change, mask=real)
            v_hat = tl.where(real, new_v_hat, v_hat)
            count += tl.where(silent | (real == 0), 0, 1)
            delta += size
    tl.store(x_hat_end + at, v_hat, mask=here)
    tl.atomic_add(fired, tl.sum(count).to(tl.int64), sem="relaxed")


@triton.jit(do_not_specialize=["steps", "size"])
def encode_gradient_kernel(
    g_delta: tl.tensor,
    delta: tl.tensor,
    g_x_hat_end: tl.tensor,
    g_x: tl.tensor,
    g_x_hat: tl.tensor,
    threshold: float,
    steps: tl.tensor,
    size: tl.tensor,
    block: tl.constexpr,
    ahead: tl.constexpr,
) -> None:
    """Gradients of x [steps, size] and of the first x̂ [size]; g_x_hat_end may be None."""
    at = tl.program_id(0) * block + tl.arange(0, block)
    here = at < size
    last = (steps - 1).to(tl.int64) * size
    g_delta += last
    delta += last
    g_x += last
    if g_x_hat_end is None:
        g_v_hat = tl.zeros([block], tl.float32)
    else:
        g_v_hat = tl.load(g_x_hat_end + at, mask=here, other=0.0)
    for begin in range(0, steps, ahead):
        loaded: tl.tensor = ()
        for step in tl.static_range(ahead):
            real = here & (begin + step < steps)
            loaded += (
                (tl.load(g_delta + at, mask=real, other=0.0), tl.load(delta + at, mask=real, other=0.0)),
            )
            g_delta -= size
            delta -= size
        for step in tl.static_range(ahead):
            real = here & (begin + step < steps)
            g_v, new = encoded_gradient(loaded[step][0], g_v_hat, loaded[step][1], threshold)
            tl.store(g_x + at, g_v, mask=real)
            g_v_hat = tl.where(real, new, g_v_hat)
            g_x -= size
    tl.store(g_x_hat + at, g_v_hat, mask=here)
