"""What frontends make layers of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reneta.compiler.errors import CompileError
from reneta.compiler.network import DeltaGru, DeltaLstm, Layer, Linear
from reneta.golden.arrays import F64, Array

# ONNX has the gates i, o, f, c and z, r, h; PyTorch i, f, g, o and r, z, n.
_ORDER = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2)}
_KINDS: dict[str, type[DeltaLstm] | type[DeltaGru]] = {"LSTM": DeltaLstm, "GRU": DeltaGru}


def with_relu(layer: Layer | None, name: str) -> Linear:
    """A linear layer followed by a ReLU of this name.

    Raises:
        CompileError: it is no linear layer.
    """
    if not isinstance(layer, Linear):
        raise CompileError(f"{name}: ReLU is supported behind a linear layer only")
    return replace(layer, relu=True)


def with_bias(layer: Layer | None, name: str, bias: F64) -> Linear:
    """A linear layer followed by the addition `name` of a constant.

    Raises:
        CompileError: it is no linear layer, has a ReLU already, or is of another size.
    """
    if not isinstance(layer, Linear) or layer.relu or bias.reshape(-1).shape != layer.bias.shape:
        raise CompileError(f"{name}: Add is supported for the bias of a MatMul only")
    return replace(layer, bias=layer.bias + bias.reshape(-1))


def recurrent_of_onnx(name: str, kind: str, w: Array, r: Array, b: Array | None) -> DeltaLstm | DeltaGru:
    """A layer of ONNX's parameters.

    Args:
        name: of the node.
        kind: LSTM or GRU.
        w: [1, G Nh, Nx].
        r: [1, G Nh, Nh].
        b: [1, 2 G Nh], both biases; None: zeros.

    Raises:
        CompileError: shapes do not fit each other.
    """
    order, rows = _ORDER[kind], r.shape[1] if r.ndim == 3 else 0
    biases = np.zeros((1, 2 * rows)) if b is None else b
    shapes = (
        w.ndim == 3 and w.shape[:2] == (1, rows),
        r.ndim == 3 and len(r) == 1,
        biases.shape == (1, 2 * rows),
    )
    if not all(shapes) or not rows or rows % len(order):
        raise CompileError(f"{name}: the shapes of W, R and B do not fit each other")
    w_ih, w_hh, b_ih, b_hh = (
        np.concatenate([np.split(part, len(order))[gate] for gate in order]).astype(np.float64)
        for part in (w[0], r[0], *np.split(biases[0], 2))
    )
    return _KINDS[kind](name, w_ih, w_hh, b_ih, b_hh)
