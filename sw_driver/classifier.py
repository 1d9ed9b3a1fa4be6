"""The host's part of a training step: linear layers, softmax, cross entropy, their gradients, and SGD.

The machine runs the recurrent layers and makes their gradients; everything here is float64 but the master
weights, which are float32. docs/driver.md says why the split is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reneta.golden.arrays import F32, F64


@dataclass(frozen=True)
class LinearLayer:
    """A linear layer: y = W v + b, negative results zero with `relu`.

    Attributes:
        name: its name.
        w: [R, N].
        bias: [R].
        relu: whether it has one.
    """

    name: str
    w: F64
    bias: F64
    relu: bool


@dataclass(frozen=True)
class Loss:
    """A classifier's result for one h.

    Attributes:
        logits: [C].
        loss: cross entropy of the softmax, -log p(target).
        gradients: of the parameters, [R, N] and [R, 1] by their tensors' names ("cl.w", "cl.bias").
        dl_dh: gradient of the loss by h [H].
    """

    logits: F64
    loss: float
    gradients: dict[str, F64]
    dl_dh: F64


def classify(layers: Sequence[LinearLayer], h: F64, target: int) -> Loss:
    """The loss of h [H] with this class wanted, and all of its gradients.

    Without layers h itself are the logits.
    """
    values = [h]
    for layer in layers:
        result = layer.w @ values[-1] + layer.bias
        values.append(np.maximum(result, 0) if layer.relu else result)
    logits = values[-1]
    shifted = logits - logits.max()
    log_sum = float(np.log(np.exp(shifted).sum()))
    d = np.exp(shifted - log_sum)
    d[target] -= 1
    gradients: dict[str, F64] = {}
    for layer, v, result in zip(layers[::-1], values[-2::-1], values[:0:-1], strict=True):
        if layer.relu:
            d = d * (result > 0)
        gradients[f"{layer.name}.w"] = np.outer(d, v)
        gradients[f"{layer.name}.bias"] = d[:, None]
        d = layer.w.T @ d
    return Loss(logits, log_sum - float(shifted[target]), gradients, d)


def sgd(master: Mapping[str, F32], gradients: Mapping[str, F64], rate: float) -> dict[str, F32]:
    """Master weights behind a step of stochastic gradient descent, in float32.

    A gradient of one column goes to every column: the two biases of a recurrent layer are added up, so each
    has the same gradient.
    """
    step = np.float32(rate)
    return {name: value - step * gradients[name].astype(np.float32) for name, value in master.items()}
