"""A quantised network by the golden layer functions: what every image must give, bit by bit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reneta.compiler.network import Linear
from reneta.compiler.quantise import Quantised, QuantisedLayer
from reneta.golden import layers
from reneta.golden.arith import Arithmetic
from reneta.golden.arrays import Array
from reneta.golden.ccm_types import Func
from reneta.golden.layers import (
    GruStates,
    GruWeights,
    LinearWeights,
    LstmGradients,
    LstmStates,
    LstmWeights,
)


@dataclass(frozen=True)
class Reference:
    """Inference of a sequence.

    Attributes:
        states: of each delta layer.
        logits: result lanes; without linear layers the last h, operands.
    """

    states: tuple[LstmStates | GruStates, ...]
    logits: Array


def forward(quantised: Quantised, x: Array) -> Reference:
    """Inference.

    Args:
        quantised: the network.
        x: [T, F], operands.
    """
    arith, value = quantised.arith, x.T
    states: list[LstmStates | GruStates] = []
    for layer in quantised.layers:
        if isinstance(layer.weights, LinearWeights):
            continue
        states.append(_delta(arith, layer, value))
        value = states[-1].h[:, 1:]
    logits = h = value[:, -1]
    for layer in quantised.layers:
        if isinstance(layer.weights, LinearWeights) and isinstance(layer.layer, Linear):
            func = Func.RELU if layer.layer.relu else Func.NONE
            logits = layers.linear(arith, layer.weights, h, func)
            h = arith.store(logits)
    return Reference(tuple(states), logits)


def backward(quantised: Quantised, reference: Reference, dl_dh: Array) -> list[LstmGradients]:
    """Gradients of a sequence of LSTM layers.

    Args:
        quantised: the network.
        reference: its forward pass.
        dl_dh: the loss's gradients by the top layer's h, [T, Nh], operands.

    Returns:
        Of each layer, the lowest one first.
    """
    gradients: list[LstmGradients] = []
    dl = dl_dh.T
    for number in reversed(range(len(reference.states))):
        weights, states = quantised.layers[number].weights, reference.states[number]
        assert isinstance(weights, LstmWeights)
        assert isinstance(states, LstmStates)
        gradients.insert(0, layers.lstm_backward(quantised.arith, weights, states, dl))
        dl = gradients[0].x
    return gradients


def _delta(arith: Arithmetic, layer: QuantisedLayer, x: Array) -> LstmStates | GruStates:
    theta_x, theta_h = np.array([layer.theta_x, layer.theta_h], np.uint16).view(arith.operand_dtype)
    if isinstance(layer.weights, GruWeights):
        return layers.gru_forward(arith, layer.weights, x, theta_x, theta_h)
    assert isinstance(layer.weights, LstmWeights)
    return layers.lstm_forward(arith, layer.weights, x, theta_x, theta_h)
