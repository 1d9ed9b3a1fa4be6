"""Quantisation: a network's weights and thresholds as the machine's operands, and the error of that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from reneta.compiler.errors import CompileError
from reneta.compiler.network import DeltaLstm, Layer, Linear, Network
from reneta.golden import layers as golden
from reneta.golden.arith import Arithmetic
from reneta.golden.arrays import F64, Array
from reneta.golden.layers import GruWeights, LinearWeights, LstmWeights


class Row(NamedTuple):
    """A tensor's quantisation error.

    Attributes:
        tensor: its name, with PyTorch's names of parameters.
        elements: their number.
        largest: absolute value.
        largest_error: absolute value.
        rms_error: root of the mean square.
        saturated: elements beyond the format's range.
        zeroed: elements that became zero without having been.
    """

    tensor: str
    elements: int
    largest: float
    largest_error: float
    rms_error: float
    saturated: int
    zeroed: int


@dataclass(frozen=True)
class QuantisedLayer:
    """A layer with its operands.

    Attributes:
        layer: as it was.
        weights: operands in the machine's order of gates.
        theta_x: pattern of the inputs' threshold (delta layers).
        theta_h: pattern of the hidden state's threshold.
    """

    layer: Layer
    weights: LstmWeights | GruWeights | LinearWeights
    theta_x: int = 0
    theta_h: int = 0


@dataclass(frozen=True)
class Quantised:
    """A network in a number format.

    Attributes:
        network: as it was.
        arith: the format.
        layers: with their operands.
        report: a row for each tensor.
    """

    network: Network
    arith: Arithmetic
    layers: tuple[QuantisedLayer, ...]
    report: tuple[Row, ...]


def quantise(network: Network, arith: Arithmetic) -> Quantised:
    """Round all parameters to the nearest operands.

    Raises:
        CompileError: bf16: a parameter is too large for any finite operand.
    """
    layers = tuple(_layer(layer, arith) for layer in network.layers)
    report = tuple(
        _row(name, values, arith, weight)
        for layer in network.layers
        for name, values, weight in _tensors(layer)
    )
    for row in report:
        if arith.config.is_fp and row.saturated:
            raise CompileError(
                f"{row.tensor}: {row.saturated} values are too large for bf16, up to {row.largest:g}"
            )
    return Quantised(network, arith, layers, report)


def _layer(layer: Layer, arith: Arithmetic) -> QuantisedLayer:
    if isinstance(layer, Linear):
        return QuantisedLayer(layer, golden.linear_weights(arith, layer.weight, layer.bias))
    thetas = arith.encode(np.array([layer.theta_x, layer.theta_h])).view(np.uint16)
    make = golden.lstm_weights if isinstance(layer, DeltaLstm) else golden.gru_weights
    return QuantisedLayer(layer, make(arith, *layer.parameters), int(thetas[0]), int(thetas[1]))


def _tensors(layer: Layer) -> Iterator[tuple[str, F64, bool]]:
    """Names, values, and whether they are in the format of weights."""
    if isinstance(layer, Linear):
        yield f"{layer.name}.weight", layer.weight, True
        yield f"{layer.name}.bias", layer.bias, True
        return
    for name in ("w_ih", "w_hh", "b_ih", "b_hh"):
        yield f"{layer.name}.{name}", getattr(layer, name), True
    yield f"{layer.name}.theta_x", np.array([layer.theta_x]), False
    yield f"{layer.name}.theta_h", np.array([layer.theta_h]), False


def _row(name: str, values: F64, arith: Arithmetic, weight: bool) -> Row:
    operands = arith.encode(values, weight=weight)
    found = arith.decode(operands, weight=weight)
    with np.errstate(invalid="ignore"):
        errors = np.abs(found - values)
    return Row(
        tensor=name,
        elements=values.size,
        largest=float(np.abs(values).max()),
        largest_error=float(errors.max()),
        rms_error=float(np.sqrt(np.mean(errors**2))),
        saturated=int(np.count_nonzero(_beyond(values, operands, arith, weight))),
        zeroed=int(np.count_nonzero((found == 0) & (values != 0))),
    )


def _beyond(values: F64, operands: Array, arith: Arithmetic, weight: bool) -> Array:
    """Which values are beyond the format's range."""
    if arith.config.is_fp:
        return np.isinf(arith.decode(operands))
    info = np.iinfo(np.int16)
    low, high = arith.decode(np.array([info.min, info.max], np.int16), weight=weight)
    return np.asarray((values < low) | (values > high))
