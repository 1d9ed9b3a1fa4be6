"""What a layer computes over a whole sequence: the types that every backend shares.

T steps, B sequences side by side, Nx inputs, H units; time comes first. A backend offers

    lstm(x [T, B, Nx], w_ih [4 H, Nx], w_hh [4 H, H], state, options) -> Result
    gru(x [T, B, Nx], w_ih [3 H, Nx], w_hh [3 H, H], state, options) -> Result

differentiable in x, the weights and all of the state. docs/training.md has the equations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

from reneta.training.formats import FLOAT, NumberFormat


@dataclass(frozen=True)
class Options:
    """What is the same for all steps of a layer.

    Attributes:
        thx: threshold of the inputs, already in the number format.
        thh: threshold of the hidden state, likewise.
        number_format: what is rounded, and how.
        hard_sigmoid: x / 4 + 1/2 between 0 and 1 instead of σ.
        hard_tanh: x between -1 and 1 instead of tanh.
    """

    thx: float = 0.0
    thh: float = 0.0
    number_format: NumberFormat = FLOAT
    hard_sigmoid: bool = False
    hard_tanh: bool = False


class State(NamedTuple):
    """What goes from one step to the next.

    Attributes:
        h: hidden state, [B, H].
        c: cell state, [B, H]; of a GRU: [B, 0].
        x_hat: inputs as last passed on, [B, Nx].
        h_hat: hidden state as last passed on, [B, H].
        m: sums of all products so far and the bias, [B, 4 H]; rows i, f, g, o, of a GRU r, z, nx, nh.
    """

    h: Tensor
    c: Tensor
    x_hat: Tensor
    h_hat: Tensor
    m: Tensor


class Result(NamedTuple):
    """A layer's outputs.

    Attributes:
        out: hidden state after each step, [T, B, H].
        state: after the last step.
        abs_dh: Σ|Δh| over all steps, sequences and units: a scalar.
        fired: how many elements of Δx and of Δh fired, int64 [2]; without gradient.
    """

    out: Tensor
    state: State
    abs_dh: Tensor
    fired: Tensor


def check(x: Tensor, w_ih: Tensor, w_hh: Tensor, state: State, *, is_gru: bool) -> None:
    """Check that a layer's arguments belong together; backends read memory by these sizes.

    Raises:
        ValueError: a shape, dtype or device is another one than x and the weights demand.
    """
    (_, batch, inputs), units = x.shape, w_hh.shape[1]
    sizes = (units, 0 if is_gru else units, inputs, units, 4 * units)
    rows = (3 if is_gru else 4) * units
    wanted = {"w_ih": (w_ih, (rows, inputs)), "w_hh": (w_hh, (rows, units))}
    wanted |= {
        name: (part, (batch, size)) for name, part, size in zip(State._fields, state, sizes, strict=True)
    }
    for name, (tensor, shape) in wanted.items():
        if tuple(tensor.shape) != shape:
            raise ValueError(f"{name} is {list(tensor.shape)}, it must be {list(shape)}")
        if tensor.dtype != x.dtype or tensor.device != x.device:
            raise ValueError(
                f"{name} is {tensor.dtype} on {tensor.device}, the input {x.dtype} on {x.device}; "
                "bring both to the same"
            )
