"""The network: (delta) LSTM or GRU layers and one linear layer that tells the class from the last state."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import torch
from torch import Tensor, nn

from reneta.training.formats import FLOAT, FixedPoint, NumberFormat
from reneta.training.layers import DeltaGRU, DeltaLSTM, Statistics
from reneta.training.options import RNN_TYPES, OptionError, Options

Layers = nn.LSTM | nn.GRU
GATES = {"LSTM": 4, "GRU": 3}
FORGET_GATE = 1
"""Its place among an LSTM's gates: i, f, g, o."""


@dataclass(frozen=True)
class NetworkConfig:
    """What a network is, apart from its classes.

    Attributes:
        rnn_type: "LSTM" or "GRU".
        delta: whether its layers are delta layers; the attributes from thx on are theirs only.
        input_size: features of a frame: F.
        rnn_size: units of each layer: H.
        rnn_layers: number of layers.
        rnn_dropout: dropout between the layers.
        thx: threshold of the inputs.
        thh: threshold of the hidden states.
        number_format: how weights, activations and accumulators are rounded.
        hard_sigmoid: x / 4 + 1/2 between 0 and 1 instead of σ.
        hard_tanh: x between -1 and 1 instead of tanh.
    """

    rnn_type: str
    delta: bool
    input_size: int
    rnn_size: int
    rnn_layers: int = 1
    rnn_dropout: float = 0.0
    thx: float = 0.0
    thh: float = 0.0
    number_format: NumberFormat = FLOAT
    hard_sigmoid: bool = False
    hard_tanh: bool = False

    @classmethod
    def of(cls, options: Options, delta: bool, input_size: int) -> Self:
        """The network that the options ask for.

        Raises:
            OptionError: no number format can be so.
        """
        common = cls(
            options.rnn_type,
            delta,
            input_size,
            options.rnn_size,
            options.rnn_layers,
            options.rnn_dropout,
        )
        if not delta:
            return common
        return cls(
            **{name: getattr(common, name) for name in _COMMON},
            thx=options.thx,
            thh=options.thh,
            number_format=number_format(options),
            hard_sigmoid=options.use_hardsigmoid,
            hard_tanh=options.use_hardtanh,
        )

    @property
    def name(self) -> str:
        """Short name, for folders and tables: deltalstm-1x128-x0.1-h0.1-bf16."""
        parts = [f"{'delta' if self.delta else ''}{self.rnn_type.lower()}-{self.rnn_layers}x{self.rnn_size}"]
        if self.rnn_dropout:
            parts.append(f"dropout{self.rnn_dropout:g}")
        if self.delta:
            parts += [f"x{self.thx:g}", f"h{self.thh:g}"]
        parts += self.roundings
        parts += [name for name, hard in (("hs", self.hard_sigmoid), ("ht", self.hard_tanh)) if hard]
        return "-".join(parts)

    @property
    def roundings(self) -> list[str]:
        """Parts of the name that tell the number format."""
        rounded = self.number_format
        points = {"a": rounded.activation, "w": rounded.weight, "m": rounded.accumulator}
        fixed = [f"{name}{point.integer}.{point.fraction}" for name, point in points.items() if point]
        return ["bf16"] if rounded.bf16 else fixed

    def to_dict(self) -> dict[str, Any]:
        """As plain numbers, strings and dicts."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The reverse of to_dict.

        Raises:
            KeyError: something is missing.
            TypeError: something has another type, or there is more than is known.
            ValueError: a value is impossible.
        """
        if data["rnn_type"] not in RNN_TYPES:
            raise ValueError(f"rnn_type {data['rnn_type']!r}")
        for name in ("input_size", "rnn_size", "rnn_layers"):
            if not isinstance(data[name], int) or data[name] < 1:
                raise ValueError(f"{name} {data[name]!r}")
        points = dict(data["number_format"])
        for name in ("activation", "weight", "accumulator"):
            points[name] = points[name] and FixedPoint(**points[name])
        return cls(**{**data, "number_format": NumberFormat(**points)})


_COMMON = tuple(entry.name for entry in fields(NetworkConfig))[:6]


def number_format(options: Options) -> NumberFormat:
    """Number format of a delta network.

    Raises:
        OptionError: no format can be so.
    """
    accumulator = (options.mqi, options.mqf)
    if options.bw_acc:
        fraction = options.aqf + options.wqf
        accumulator = (options.bw_acc - fraction, fraction)
    try:
        return NumberFormat(
            bf16=options.bf16,
            activation=FixedPoint(options.aqi, options.aqf) if options.qa else None,
            weight=FixedPoint(options.wqi, options.wqf) if options.qw else None,
            accumulator=FixedPoint(*accumulator) if any(accumulator) else None,
        )
    except ValueError as error:
        raise OptionError(f"options of the number format (--aqi to --mqf): {error}") from None


class Classifier(nn.Module):
    """Layers `rnn`, and `cl`, which makes the logits of h of the last frame of each utterance."""

    def __init__(self, config: NetworkConfig, classes: int) -> None:
        """Make it with random parameters.

        Args:
            config: the network.
            classes: number of classes: C.
        """
        super().__init__()
        self.config = config
        self.rnn = _layers(config)
        self.cl = nn.Linear(config.rnn_size, classes)
        self._initialise()

    def forward(self, features: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Logits, and the regulariser: mean |Δh|, a scalar (0 without delta layers).

        Args:
            features: [T, B, F], time first; what lies behind an utterance's length is not looked at.
            lengths: frames of each utterance, [B].

        Returns:
            Logits [B, C], and the regulariser.
        """
        logits = self.classify(self.embed(features, lengths))
        if isinstance(self.rnn, DeltaLSTM | DeltaGRU):
            return logits, self.rnn.regulariser
        return logits, logits.new_zeros(())

    def embed(self, features: Tensor, lengths: Tensor) -> Tensor:
        """h of the top layer after the last frame of each utterance, [B, H]."""
        out, _ = self.rnn(features)
        last: Tensor = out[lengths - 1, torch.arange(len(lengths), device=out.device)]
        return last

    def classify(self, h: Tensor) -> Tensor:
        """Logits [B, C] of h [B, H], in the network's number format; they stay accumulators."""
        rounded = self.config.number_format
        products = nn.functional.linear(h, rounded.weights(self.cl.weight), rounded.weights(self.cl.bias))
        return rounded.accumulators(products)

    def reset_statistics(self) -> None:
        """Count fired elements anew from here on."""
        if isinstance(self.rnn, DeltaLSTM | DeltaGRU):
            self.rnn.reset_statistics()

    def statistics(self) -> Statistics | None:
        """Sparsity and saved operations since the last reset; None without delta layers."""
        return self.rnn.statistics() if isinstance(self.rnn, DeltaLSTM | DeltaGRU) else None

    def _initialise(self) -> None:
        """Gate by gate as published: Xavier for what multiplies the features, else orthogonal; biases 0.

        The biases of an LSTM's forget gate are 1: the class is told after the last frame, which is far from
        the word. Without them, an LSTM takes several times as many epochs.
        """
        for name, parameter in self.rnn.named_parameters():
            gates = parameter.data.chunk(GATES[self.config.rnn_type])
            if "bias" in name:
                nn.init.zeros_(parameter)
                if self.config.rnn_type == "LSTM":
                    nn.init.ones_(gates[FORGET_GATE])
                continue
            for gate in gates:
                if name == "weight_ih_l0":
                    nn.init.xavier_uniform_(gate)
                else:
                    nn.init.orthogonal_(gate)
        nn.init.xavier_uniform_(self.cl.weight)
        nn.init.zeros_(self.cl.bias)


def _layers(config: NetworkConfig) -> Layers:
    sizes = (config.input_size, config.rnn_size, config.rnn_layers)
    if not config.delta:
        plain: type[Layers] = nn.LSTM if config.rnn_type == "LSTM" else nn.GRU
        return plain(*sizes, dropout=config.rnn_dropout)
    delta = DeltaLSTM if config.rnn_type == "LSTM" else DeltaGRU
    return delta(
        *sizes,
        dropout=config.rnn_dropout,
        thx=config.thx,
        thh=config.thh,
        number_format=config.number_format,
        hard_sigmoid=config.hard_sigmoid,
        hard_tanh=config.hard_tanh,
    )
