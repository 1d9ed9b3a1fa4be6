"""Frontend for PyTorch modules: training's Classifier, Sequential of (Delta)LSTM, (Delta)GRU, Linear, ReLU.

Linear layers take the last step's h, as the Classifier does; so a Sequential of layers is meant like this,
although LSTM and GRU give PyTorch a tuple.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from torch import Tensor, nn

from reneta.compiler.errors import CompileError
from reneta.compiler.frontends.layers import with_relu
from reneta.compiler.network import DeltaGru, DeltaLstm, Layer, Linear, Network
from reneta.golden.arrays import F64
from reneta.training.layers import DeltaGRU, DeltaLSTM
from reneta.training.models import Classifier

KNOWN = "LSTM, GRU, DeltaLSTM, DeltaGRU, Linear, ReLU, Dropout, Sequential and Classifier"


def from_module(
    module: nn.Module, labels: tuple[str, ...] = (), features: dict[str, Any] | None = None
) -> Network:
    """The network of a module.

    Args:
        module: as said above; its parameters are read once, on any device.
        labels: names of the classes, in the order of the outputs.
        features: how its inputs are made (FeatureInfo.to_dict), or None.

    Raises:
        CompileError: a layer or one of its options is not supported; it is named.
    """
    layers: list[Layer] = []
    for name, part in _parts(module, ""):
        if isinstance(part, nn.ReLU):
            layers[-1:] = [with_relu(layers[-1] if layers else None, name)]
        elif isinstance(part, nn.Linear):
            bias = np.zeros(part.out_features) if part.bias is None else numbers(part.bias)
            layers.append(Linear(name, numbers(part.weight), bias))
        elif isinstance(part, nn.LSTM | nn.GRU):
            layers += _recurrent(name, part)
        else:
            raise CompileError(f"{name}: {type(part).__name__} is not supported; known: {KNOWN}")
    return Network(tuple(layers), labels, features)


def numbers(parameter: Tensor) -> F64:
    """A parameter as float64."""
    return np.asarray(parameter.detach().cpu().double().numpy(), np.float64)


def _parts(module: nn.Module, name: str) -> Iterator[tuple[str, nn.Module]]:
    """Layers in the order in which they run, with their names."""
    if isinstance(module, nn.Sequential):
        for key, child in module.named_children():
            yield from _parts(child, f"{name}.{key}" if name else key)
    elif isinstance(module, Classifier):
        prefix = f"{name}." if name else ""
        yield f"{prefix}rnn", module.rnn
        yield f"{prefix}cl", module.cl
    elif not isinstance(module, nn.Dropout | nn.Identity):
        yield name or "model", module


def _recurrent(name: str, part: nn.LSTM | nn.GRU) -> Iterator[Layer]:
    """The layers of an LSTM or GRU."""
    unknown = {
        "bidirectional": part.bidirectional,
        "proj_size": part.proj_size,
        "hard_sigmoid": getattr(part, "hard_sigmoid", False),
        "hard_tanh": getattr(part, "hard_tanh", False),
    }
    for option, used in unknown.items():
        if used:
            raise CompileError(f"{name}: {option} is not supported: the machine cannot do it")
    theta_x, theta_h = (part.thx, part.thh) if isinstance(part, DeltaLSTM | DeltaGRU) else (0.0, 0.0)
    kind = DeltaLstm if isinstance(part, nn.LSTM) else DeltaGru
    for number in range(part.num_layers):
        w_ih, w_hh = (numbers(getattr(part, f"weight_{side}_l{number}")) for side in ("ih", "hh"))
        b_ih, b_hh = (
            numbers(getattr(part, f"bias_{side}_l{number}")) if part.bias else np.zeros(len(w_hh))
            for side in ("ih", "hh")
        )
        yield kind(f"{name}.l{number}", w_ih, w_hh, b_ih, b_hh, theta_x, theta_h)
