"""Random networks, compiled and run on the golden machine against the golden layer functions.

`check_random(hw, seed)` is one of them; the same seed gives the same network. Tests take a few, longer checks
as many as they have time for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reneta.compiler import reference
from reneta.compiler.compile import Compiled, compile_network
from reneta.compiler.image_folder import ImageFolder
from reneta.compiler.image_machine import ImageMachine, ImageRunner
from reneta.compiler.manifest import Tensor
from reneta.compiler.network import DeltaGru, DeltaLstm, Layer, Linear, Network
from reneta.compiler.plan import h_name
from reneta.compiler.reference import Reference
from reneta.golden.arrays import F64, Array
from reneta.golden.config import HwConfig

_THETAS = (0.0, 0.05, 0.2)


class DifferenceError(Exception):
    """An image gives another result than the golden layer functions; the first difference in one line."""


@dataclass(frozen=True)
class Model:
    """A random network with input.

    Attributes:
        network: the network.
        x: sequences one after another, each [T, F].
        train: whether a training step is compiled and checked, too.
    """

    network: Network
    x: tuple[F64, ...]
    train: bool

    def __str__(self) -> str:
        """Sizes in one line."""
        sizes = [f"{type(one).__name__} {one.inputs}x{one.units}" for one in self.network.layers]
        lengths = ", ".join(str(len(x)) for x in self.x)
        return f"{', '.join(sizes)}; steps {lengths}{'; training' if self.train else ''}"


def random_model(rng: np.random.Generator, largest: int, most_layers: int = 3, longest: int = 12) -> Model:
    """A network of 1 to `most_layers` delta layers of up to `largest` units, and up to two linear ones."""
    sizes = [_size(rng, largest) for _ in range(rng.integers(1, most_layers, endpoint=True) + 1)]
    train = bool(rng.integers(2))
    layers: list[Layer] = []
    for number, (inputs, units) in enumerate(pairwise(sizes)):
        kind = DeltaLstm if train or rng.integers(2) else DeltaGru
        rows = kind.gates * units
        shapes = ((rows, inputs), (rows, units), (rows,), (rows,))
        w_ih, w_hh, b_ih, b_hh = (rng.uniform(-1.5, 1.5, shape) * units**-0.5 for shape in shapes)
        layers.append(kind(f"rnn{number}", w_ih, w_hh, b_ih, b_hh, *rng.choice(_THETAS, 2)))
    for number in range(rng.integers(3)):
        inputs, units = layers[-1].units, _size(rng, largest)
        weight, bias = rng.standard_normal((units, inputs)) * inputs**-0.5, rng.standard_normal(units)
        layers.append(Linear(f"linear{number}", weight, bias, relu=bool(rng.integers(2))))
    lengths = rng.integers(1, longest, 2, endpoint=True)
    walks = tuple(np.cumsum(rng.standard_normal((steps, sizes[0])) * 0.3, axis=0) for steps in lengths)
    return Model(Network(tuple(layers)), walks, train)


def check_random(
    hw: HwConfig, seed: int, largest: int = 256, load: Callable[[ImageFolder], ImageRunner] = ImageMachine
) -> Model:
    """Make, compile, run and compare a network.

    Args:
        hw: configuration.
        seed: of all that is random.
        largest: size of a layer.
        load: makes a machine with an image; the golden one where nothing else is said.

    Returns:
        What was checked.

    Raises:
        DifferenceError: a result is another one.
    """
    model = random_model(np.random.default_rng(seed), largest)
    compiled = compile_network(model.network, hw, max(map(len, model.x)), model.train)
    try:
        check_model(compiled, model, load(compiled.image))
    except DifferenceError as error:
        raise DifferenceError(f"seed {seed}, {hw.name}, {model}: {error}") from None
    return model


def check_model(compiled: Compiled, model: Model, machine: ImageRunner) -> None:
    """Run all programs of an image on its sequences, one after another, and compare every bit.

    Raises:
        DifferenceError: a result is another one.
    """
    steps = compiled.plan.steps
    for values in model.x:
        x = compiled.quantised.arith.encode(values)
        check_sequence(compiled, machine, x)
        check_stream(compiled, machine, x)
        if model.train and len(x) == steps:
            check_training(compiled, machine, x)


def check_sequence(compiled: Compiled, machine: ImageRunner, x: Array) -> Reference:
    """Run a sequence [T, F] of operands and compare the logits."""
    padding = [(0, compiled.plan.steps - len(x)), (0, 0)]
    machine.write_operands("x", np.pad(x, padding))
    for program in ("begin", machine.image.sequence(len(x)), "finish"):
        machine.run(program)
    found = reference.forward(compiled.quantised, x)
    _compare(machine, "logits", found.logits)
    return found


def check_stream(compiled: Compiled, machine: ImageRunner, x: Array) -> None:
    """Run a sequence step by step and compare each layer's h, and the logits."""
    found = reference.forward(compiled.quantised, x)
    layers = compiled.quantised.network.recurrent
    machine.run("begin")
    for t, values in enumerate(x):
        machine.write_operands("x_step", values)
        machine.run("stream")
        for layer, states in zip(layers, found.states, strict=True):
            _compare(machine, h_name(layer.name, layer is layers[-1]), states.h[:, t + 1], t)
    machine.run("finish")
    _compare(machine, "logits", found.logits)


def check_training(compiled: Compiled, machine: ImageRunner, x: Array) -> None:
    """Run a training step on a sequence of N steps and compare h and all gradients."""
    found = reference.forward(compiled.quantised, x)
    h = found.states[-1].h[:, 1:].T
    dl_dh = np.random.default_rng(len(x)).standard_normal(h.shape)
    machine.write_operands("x", x)
    machine.run("forward")
    _compare(machine, "h", h)
    machine.write("dl_dh", dl_dh)
    machine.run("backward")
    machine.run("gradients")
    wanted = reference.backward(compiled.quantised, found, machine.read_operands("dl_dh"))
    for layer, gradient in zip(compiled.quantised.network.recurrent, wanted, strict=True):
        for key, values in (("wx", gradient.wx), ("wh", gradient.wh), ("bias", gradient.bias[:, None])):
            _compare(machine, f"{layer.name}.{key}.grad", values)


def _size(rng: np.random.Generator, largest: int) -> int:
    """Small sizes as often as large ones, most of them no multiples of anything; the largest now and then."""
    if rng.random() < 0.05:
        return largest
    return int(np.exp(rng.uniform(0, np.log(largest + 0.999))))


def _compare(machine: ImageRunner, name: str, wanted: Array, step: int | None = None) -> None:
    """Compare a tensor bit by bit."""
    found = machine.read_operands(name)
    bits = machine.image.arith.to_bits if _is_result(machine.image.tensor(name)) else _patterns
    differ = np.argwhere(bits(found) != bits(wanted))
    if len(differ):
        place = tuple(int(number) for number in differ[0])
        at = f" at step {step}" if step is not None else ""
        raise DifferenceError(
            f"{name}{at}, element {list(place)}: {found[place]!r} instead of {wanted[place]!r} "
            f"({len(differ)} of {found.size} differ)"
        )


def _is_result(tensor: Tensor) -> bool:
    return tensor.format == "result"


def _patterns(operands: Array) -> Array:
    return np.ascontiguousarray(operands).view(np.uint16)
