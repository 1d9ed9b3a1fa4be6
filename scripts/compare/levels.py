"""The forms of a network that are compared: each gives h of all layers and steps, and the logits.

From PyTorch in float32 and PyTorch in the machine's number format, over the golden layer functions, to the
image on the golden machine and on the RTL, streamed step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from reneta.compiler import reference
from reneta.compiler.image_folder import ImageFolder
from reneta.compiler.network import DeltaGru, DeltaLstm, Network
from reneta.compiler.plan import h_name
from reneta.compiler.quantise import Quantised
from reneta.golden.arith import Arithmetic
from reneta.golden.arrays import F64, Array
from reneta.golden.config import HwConfig
from reneta.sw_driver.device import Device
from reneta.sw_driver.session import Session
from reneta.training.formats import BF16, FLOAT, NumberFormat, fixed
from reneta.training.layers import DeltaGRU, DeltaLSTM

TENSOR_H, TENSOR_LOGITS = "h", "logits"


@dataclass(frozen=True)
class Level:
    """A form of the network on an input.

    Attributes:
        name: of the form.
        h: of each recurrent layer by its name, [T, Nh]: real numbers.
        logits: real numbers, [C].
        exact: whether h is made of the machine's operands, bit by bit; then all such levels must be equal.
        exact_logits: the same of the logits. PyTorch adds up linear layers in another order.
    """

    name: str
    h: dict[str, F64]
    logits: F64
    exact: bool
    exact_logits: bool


def machine_format(hw: HwConfig) -> NumberFormat:
    """The number format of a configuration for PyTorch's layers."""
    if hw.is_fp:
        return BF16
    activation, weight = hw.fxp_act_frac, hw.fxp_weight_frac
    return fixed(16 - activation, activation, 16 - weight, weight)


def torch_level(network: Network, x: F64, rounded: NumberFormat, name: str) -> Level:
    """PyTorch's layers. In fixed point in float64, whose sums are exact, else in float32.

    Args:
        network: with float64 weights.
        x: [T, F].
        rounded: the number format; FLOAT for none.
        name: of the level.
    """
    dtype = torch.float32 if rounded.activation is None else torch.float64
    value, h = torch.tensor(x, dtype=dtype).unsqueeze(1), dict[str, F64]()
    with torch.no_grad():
        for layer in network.recurrent:
            value = _torch_layer(layer, rounded, dtype)(value)[0]
            h[layer.name] = _numbers(value[:, 0])
        out = value[-1, 0]
        for linear in network.linear:
            weight, bias = (torch.tensor(part, dtype=dtype) for part in (linear.weight, linear.bias))
            out = nn.functional.linear(out, rounded.weights(weight), rounded.weights(bias))
            out = torch.relu(out) if linear.relu else out
            # Between linear layers, and on the way out of a fixed-point machine, there are activations.
            last = linear is network.linear[-1]
            out = out if last and rounded.activation is None else rounded.activations(out)
    return Level(name, h, _numbers(out), rounded is not FLOAT, False)


def golden_level(quantised: Quantised, x: F64) -> Level:
    """The golden layer functions."""
    arith = quantised.arith
    found = reference.forward(quantised, arith.encode(x))
    names = [layer.name for layer in quantised.network.recurrent]
    h = {name: arith.decode(states.h[:, 1:]).T for name, states in zip(names, found.states, strict=True)}
    decode = arith.decode_result if quantised.network.linear else arith.decode
    return Level("golden layers", h, decode(found.logits), True, True)


def machine_level(device: Device, image: ImageFolder, x: F64, name: str) -> Level:
    """The image on a device, step by step.

    Raises:
        DriverError: a program does not end well.
    """
    session = Session(device)
    session.load(image)
    layers = [layer.name for layer in image.manifest.network.recurrent]
    h: dict[str, list[F64]] = {layer: [] for layer in layers}
    with session.stream() as stream:
        for step in x:
            stream.step(step)
            for layer in layers:
                h[layer].append(session.read(h_name(layer, layer == layers[-1])))
        logits = stream.finish().logits
    return Level(name, {layer: np.array(steps) for layer, steps in h.items()}, logits, True, True)


@dataclass(frozen=True)
class Difference:
    """The first place in which two levels that must be equal are not.

    Attributes:
        levels: names of the two.
        tensor: h or logits.
        layer: of h.
        step: of h.
        element: number of the element.
        bits: its patterns in both, as hexadecimal digits.
        values: the numbers that they stand for.
    """

    levels: tuple[str, str]
    tensor: str
    layer: str
    step: int
    element: int
    bits: tuple[str, str]
    values: tuple[float, float]

    def __str__(self) -> str:
        """One line."""
        where = f"layer {self.layer}, step {self.step}, " if self.tensor == TENSOR_H else ""
        each = (
            f"{name} has 0x{bits} ({value:g})"
            for name, bits, value in zip(self.levels, self.bits, self.values, strict=True)
        )
        return f"{where}tensor {self.tensor}, element {self.element}: {', '.join(each)}"


def first_difference(a: Level, b: Level, arith: Arithmetic) -> Difference | None:
    """Where two levels that must be equal differ first: in the earliest step, there in the lowest layer."""
    if a.exact and b.exact:
        steps = len(next(iter(a.h.values())))
        for step in range(steps):
            for layer in a.h:
                pair = tuple(arith.encode(level.h[layer][step]) for level in (a, b))
                found = _differs(pair, (a, b), arith.decode, TENSOR_H, layer, step)
                if found:
                    return found
    if a.exact_logits and b.exact_logits:
        dtype = arith.result_dtype
        if np.issubdtype(dtype, np.floating):
            pair = tuple(level.logits.astype(dtype) for level in (a, b))
            return _differs(pair, (a, b), arith.decode_result, TENSOR_LOGITS, "", 0)
        pair = tuple(arith.encode(level.logits) for level in (a, b))
        return _differs(pair, (a, b), arith.decode, TENSOR_LOGITS, "", 0)
    return None


def _differs(
    pair: tuple[Array, ...],
    levels: tuple[Level, Level],
    decode: Callable[[Array], F64],
    tensor: str,
    layer: str,
    step: int,
) -> Difference | None:
    """The first element in which two arrays of patterns differ."""
    patterns = [part.view(f"u{part.dtype.itemsize}") for part in pair]
    places = np.flatnonzero(patterns[0] != patterns[1])
    if not len(places):
        return None
    at, digits = int(places[0]), 2 * patterns[0].dtype.itemsize
    bits = tuple(f"{int(part[at]):0{digits}x}" for part in patterns)
    values = tuple(float(decode(part[at : at + 1])[0]) for part in pair)
    names = (levels[0].name, levels[1].name)
    return Difference(names, tensor, layer, step, at, (bits[0], bits[1]), (values[0], values[1]))


def pairs(levels: list[Level]) -> Iterator[tuple[Level, Level]]:
    """Neighbours that must be equal."""
    yield from pairwise(level for level in levels if level.exact)


def _torch_layer(layer: DeltaLstm | DeltaGru, rounded: NumberFormat, dtype: torch.dtype) -> nn.Module:
    make = DeltaLSTM if isinstance(layer, DeltaLstm) else DeltaGRU
    made = make(
        layer.inputs, layer.units, dtype=dtype, thx=layer.theta_x, thh=layer.theta_h, number_format=rounded
    )
    with torch.no_grad():
        for parameter, values in zip(made.parameters(), layer.parameters, strict=True):
            parameter.copy_(torch.tensor(values, dtype=dtype))
    return made


def _numbers(value: Tensor) -> F64:
    return np.asarray(value.double().numpy(), np.float64)
