"""The compiler's own form of a network: delta LSTM and GRU layers, then linear ones, with float64 weights.

Every frontend makes one of these, and all later stages read it. A plain LSTM or GRU is a delta layer whose
thresholds are 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from reneta.compiler.errors import CompileError
from reneta.golden.arrays import F64


@dataclass(frozen=True)
class Recurrent:
    """A delta layer: PyTorch's parameters, rows by gates in PyTorch's order.

    Attributes:
        name: in the model that it comes from.
        w_ih: [G Nh, Nx].
        w_hh: [G Nh, Nh].
        b_ih: [G Nh].
        b_hh: [G Nh].
        theta_x: threshold of the inputs.
        theta_h: threshold of the hidden state.
    """

    gates: ClassVar[int]

    name: str
    w_ih: F64
    w_hh: F64
    b_ih: F64
    b_hh: F64
    theta_x: float = 0.0
    theta_h: float = 0.0

    def __post_init__(self) -> None:
        """Check shapes and numbers.

        Raises:
            CompileError: shapes do not fit each other, a parameter is no number, a threshold is impossible.
        """
        for name, shape in (
            ("w_hh", (self.gates * self.units, self.units)),
            ("w_ih", (self.gates * self.units, self.inputs)),
            ("b_ih", (self.gates * self.units,)),
            ("b_hh", (self.gates * self.units,)),
        ):
            _check(f"{self.name}.{name}", getattr(self, name), shape)
        for name in ("theta_x", "theta_h"):
            theta = getattr(self, name)
            if not 0 <= theta < np.inf:
                raise CompileError(f"{self.name}: {name} is {theta}; a threshold is a number from 0 on")

    @property
    def inputs(self) -> int:
        """Nx."""
        return int(self.w_ih.shape[-1])

    @property
    def units(self) -> int:
        """Nh."""
        return int(self.w_hh.shape[-1])

    @property
    def parameters(self) -> tuple[F64, F64, F64, F64]:
        """In PyTorch's order."""
        return self.w_ih, self.w_hh, self.b_ih, self.b_hh


@dataclass(frozen=True)
class DeltaLstm(Recurrent):
    """A delta LSTM layer: gates i, f, g, o."""

    gates: ClassVar[int] = 4


@dataclass(frozen=True)
class DeltaGru(Recurrent):
    """A delta GRU layer: gates r, z, n."""

    gates: ClassVar[int] = 3


@dataclass(frozen=True)
class Linear:
    """A linear layer, of the last h or of the linear layer before.

    Attributes:
        name: in the model that it comes from.
        weight: [units, inputs].
        bias: [units].
        relu: whether negative results become zero.
    """

    name: str
    weight: F64
    bias: F64
    relu: bool = False

    def __post_init__(self) -> None:
        """Check shapes and numbers.

        Raises:
            CompileError: shapes do not fit each other, or a parameter is no number.
        """
        _check(f"{self.name}.weight", self.weight, (self.units, self.inputs))
        _check(f"{self.name}.bias", self.bias, (self.units,))

    @property
    def inputs(self) -> int:
        """Size of what it takes."""
        return int(self.weight.shape[-1])

    @property
    def units(self) -> int:
        """Size of what it gives."""
        return int(self.bias.shape[0])


Layer = DeltaLstm | DeltaGru | Linear


@dataclass(frozen=True)
class Network:
    """Layers on top of each other.

    Attributes:
        layers: delta layers, then linear ones.
        labels: names of the classes; none where they are not known.
        features: how the inputs are made (training's FeatureInfo.to_dict), or None.
    """

    layers: tuple[Layer, ...]
    labels: tuple[str, ...] = ()
    features: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Check that the layers fit each other.

        Raises:
            CompileError: they do not, there is no delta layer, or one behind a linear layer.
        """
        if not self.recurrent:
            raise CompileError("the network has no LSTM or GRU layer: there is nothing to run step by step")
        for below, above in zip(self.layers, self.layers[1:], strict=False):
            if isinstance(below, Linear) and not isinstance(above, Linear):
                raise CompileError(
                    f"{above.name}: an LSTM or GRU behind the linear layer {below.name} is not supported; "
                    "linear layers take the last step's h only"
                )
            if below.units != above.inputs:
                raise CompileError(
                    f"{above.name} takes {above.inputs} values, {below.name} gives {below.units}"
                )
        if self.labels and len(self.labels) != self.layers[-1].units:
            raise CompileError(
                f"{len(self.labels)} labels for the {self.layers[-1].units} outputs of {self.layers[-1].name}"
            )
        names = [layer.name for layer in self.layers]
        for name in names:
            if names.count(name) > 1:
                raise CompileError(f"two layers are called {name}")

    @property
    def recurrent(self) -> tuple[DeltaLstm | DeltaGru, ...]:
        """The delta layers."""
        return tuple(layer for layer in self.layers if not isinstance(layer, Linear))

    @property
    def linear(self) -> tuple[Linear, ...]:
        """The linear layers."""
        return tuple(layer for layer in self.layers if isinstance(layer, Linear))


def with_thresholds(network: Network, theta_x: float | None, theta_h: float | None) -> Network:
    """The network with other thresholds of all delta layers; None: as they are.

    Raises:
        CompileError: a threshold is impossible.
    """
    layers = tuple(
        layer
        if isinstance(layer, Linear)
        else replace(
            layer,
            theta_x=layer.theta_x if theta_x is None else theta_x,
            theta_h=layer.theta_h if theta_h is None else theta_h,
        )
        for layer in network.layers
    )
    return replace(network, layers=layers)


def _check(name: str, values: F64, shape: tuple[int, ...]) -> None:
    """Check shape and numbers of a parameter."""
    if values.shape != shape or 0 in shape:
        found, wanted = (" x ".join(map(str, sizes)) for sizes in (values.shape, shape))
        raise CompileError(f"{name} is {found}, the layer's other parameters need {wanted}")
    if not np.isfinite(values).all():
        count = int(np.count_nonzero(~np.isfinite(values)))
        raise CompileError(f"{name}: {count} of its {values.size} values are infinite or no numbers")
