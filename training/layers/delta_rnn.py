"""`DeltaLSTM` and `DeltaGRU`: modules that take the place of torch.nn.LSTM and torch.nn.GRU.

Same arguments, parameters and state_dict; added are thresholds, number formats and what came of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from reneta.training.formats import FLOAT, NumberFormat
from reneta.training.layers import backend as backends
from reneta.training.layers.sequence import Options, State, check
from reneta.training.layers.statistics import Counter, Statistics, total


@cache
def _options(thx: float, thh: float, rounded: NumberFormat, hard_sigmoid: bool, hard_tanh: bool) -> Options:
    """A layer's options with its thresholds in the number format; remembered, as every call needs them."""
    return Options(rounded.threshold(thx), rounded.threshold(thh), rounded, hard_sigmoid, hard_tanh)


def _stacked(parts: list[Tensor]) -> Tensor:
    """One part for each layer, stacked; of a single layer without a copy."""
    return parts[0].unsqueeze(0) if len(parts) == 1 else torch.stack(parts)


class DeltaState(NamedTuple):
    """All that a stack of delta layers remembers from one step to the next: a state for each layer."""

    layers: tuple[State, ...]

    def detach(self) -> DeltaState:
        """The same numbers, without gradients: for truncated backpropagation through time."""
        return DeltaState(tuple(State(*(part.detach() for part in state)) for state in self.layers))


class _DeltaRNN(nn.RNNBase, ABC):
    """What the LSTM and the GRU have in common."""

    gates: ClassVar[int]
    is_gru: ClassVar[bool]

    def set_up_delta(
        self,
        thx: float,
        thh: float,
        number_format: NumberFormat,
        hard_sigmoid: bool,
        hard_tanh: bool,
        backend: str,
    ) -> None:
        """Take what a delta layer has beside torch's arguments.

        Raises:
            ValueError: negative thresholds, or options of torch's layers that delta layers do not have.
        """
        for name, unknown in (("bidirectional", self.bidirectional), ("proj_size", bool(self.proj_size))):
            if unknown:
                raise ValueError(f"a delta layer has no {name}")
        for name, theta in (("thx", thx), ("thh", thh)):
            if not theta >= 0:
                raise ValueError(f"{name} is {theta}; a threshold is 0 or more")
        self.thx, self.thh = thx, thh
        self.number_format = number_format
        self.hard_sigmoid, self.hard_tanh = hard_sigmoid, hard_tanh
        self.backend = backends.check(backend)
        self.regulariser = torch.zeros(())
        self.reset_statistics()

    def reset_statistics(self) -> None:
        """Forget what was counted."""
        rows = self.gates * self.hidden_size
        self._counters = [Counter(rows, x_gradient=layer > 0) for layer in range(self.num_layers)]

    def statistics(self) -> Statistics:
        """Sparsity and saved work of all sequences since the last reset."""
        return total(self._counters)

    def initial_state(self, batch: int) -> DeltaState:
        """The state before the first step of `batch` sequences: zeros, and the biases in M."""
        like = self._parameter("weight_hh", 0)
        zeros = like.new_zeros((self.num_layers, batch, self.hidden_size))
        cells = like.new_zeros((self.num_layers, batch, 0 if self.is_gru else self.hidden_size))
        return self._state_from(zeros, cells)

    def __getstate__(self) -> dict[str, Any]:
        """What copy and pickle take: the last regulariser without its graph, which neither can take."""
        return {**super().__getstate__(), "regulariser": self.regulariser.detach()}

    def extra_repr(self) -> str:
        """torch's own arguments and the delta layer's."""
        return f"{super().extra_repr()}, thx={self.thx}, thh={self.thh}, number_format={self.number_format}"

    def _state_from(self, h: Tensor, c: Tensor) -> DeltaState:
        """The state with these h and c, [layers, B, ·], of which nothing has been passed on yet."""
        batch = h.shape[1]
        states = []
        for layer in range(self.num_layers):
            w_ih = self._parameter("weight_ih", layer)
            m = self._bias(layer).expand(batch, -1)
            x_hat, h_hat = w_ih.new_zeros((batch, w_ih.shape[1])), torch.zeros_like(h[layer])
            states.append(State(h[layer], c[layer], x_hat, h_hat, m))
        return DeltaState(tuple(states))

    def _bias(self, layer: int) -> Tensor:
        """M before the first step, [4 H]."""
        if not self.bias:
            return self._parameter("weight_hh", layer).new_zeros(4 * self.hidden_size)
        rounded = self.number_format.weights
        b_ih, b_hh = (rounded(self._parameter(f"bias_{side}", layer)) for side in ("ih", "hh"))
        if not self.is_gru:
            return b_ih + b_hh
        gates = 2 * self.hidden_size
        return torch.cat([b_ih[:gates] + b_hh[:gates], b_ih[gates:], b_hh[gates:]])

    def _parameter(self, name: str, layer: int) -> Tensor:
        parameter: Tensor = getattr(self, f"{name}_l{layer}")
        return parameter

    def _run(self, x: Tensor, state: DeltaState) -> tuple[Tensor, DeltaState]:
        """All layers over x, [T, B, Nx]."""
        rounded = self.number_format
        options = _options(self.thx, self.thh, rounded, self.hard_sigmoid, self.hard_tanh)
        function = backends.choose(self.backend, options, x, self.hidden_size, is_gru=self.is_gru)
        after, penalties = [], []
        for layer, (before, counter) in enumerate(zip(state.layers, self._counters, strict=True)):
            if layer and self.dropout:
                x = dropout(x, self.dropout, self.training)
            w_ih, w_hh = (rounded.weights(self._parameter(f"weight_{side}", layer)) for side in ("ih", "hh"))
            # In the format already, unless they come from outside.
            h, c, x_hat, h_hat = (rounded.activations(part) for part in before[:-1])
            before = State(h, c, x_hat, h_hat, before.m)
            check(x, w_ih, w_hh, before, is_gru=self.is_gru)
            result = function(rounded.activations(x), w_ih, w_hh, before, options)
            steps = x.shape[0] * x.shape[1]
            counter.add(result.fired, steps * x.shape[2], steps * self.hidden_size)
            after.append(result.state)
            penalties.append(result.abs_dh / (steps * self.hidden_size))
            x = result.out
        self.regulariser = _stacked(penalties).mean()
        return x, DeltaState(tuple(after))

    def _forward(self, x: Tensor, hx: Any) -> tuple[Tensor, DeltaState, bool]:
        """Outputs in the input's layout, the state after them, whether there is a batch dimension."""
        if not isinstance(x, Tensor):
            raise TypeError(
                f"{type(self).__name__} takes a tensor, not {type(x).__name__}: pad the sequences"
            )
        if x.dim() not in (2, 3) or x.shape[-1] != self.input_size:
            raise ValueError(
                f"{type(self).__name__} takes [steps, batch, {self.input_size}] (or without batch), "
                f"not {list(x.shape)}"
            )
        batched = x.dim() == 3
        if not batched:
            x = x.unsqueeze(1)
        elif self.batch_first:
            x = x.transpose(0, 1)
        if x.shape[0] == 0:
            raise ValueError("a sequence has at least one step")
        if isinstance(hx, DeltaState):
            state = hx
        elif hx is None:
            state = self.initial_state(x.shape[1])
        else:
            state = self._state_from(*self._plain(hx, batched))
        batch = state.layers[0].h.shape[0]
        if len(state.layers) != self.num_layers or batch != x.shape[1]:
            raise ValueError(
                f"the state is of {len(state.layers)} layers and a batch of {batch}; "
                f"needed are {self.num_layers} and {x.shape[1]}"
            )
        out, after = self._run(x, state)
        if not batched:
            out = out.squeeze(1)
        elif self.batch_first:
            out = out.transpose(0, 1)
        return out, after, batched

    @abstractmethod
    def _plain(self, hx: Any, batched: bool) -> tuple[Tensor, Tensor]:
        """h and c, [layers, B, ·], from what torch's layer takes as its initial state."""


class DeltaLSTM(_DeltaRNN, nn.LSTM):
    """Delta LSTM in place of torch.nn.LSTM; equations in docs/training.md."""

    gates = 4
    is_gru = False

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
        *,
        thx: float = 0.0,
        thh: float = 0.0,
        number_format: NumberFormat = FLOAT,
        hard_sigmoid: bool = False,
        hard_tanh: bool = False,
        backend: str = "auto",
    ) -> None:
        """Make the layers with torch's own initial parameters.

        Args:
            input_size: inputs Nx.
            hidden_size: units H of each layer.
            num_layers: layers one above the other.
            bias: whether there are biases.
            batch_first: inputs and outputs are [B, T, ·] instead of [T, B, ·].
            dropout: of the outputs of all layers but the last one, while training.
            bidirectional: not available; here so that torch's positional arguments mean the same.
            proj_size: likewise.
            device: of the parameters.
            dtype: of the parameters.
            thx: threshold of Δx, of all layers; 0 lets everything fire.
            thh: threshold of Δh.
            number_format: what is rounded, and how.
            hard_sigmoid: x / 4 + 1/2 between 0 and 1 in place of σ.
            hard_tanh: x between -1 and 1 in place of tanh.
            backend: "auto", "reference", "native" or "triton".

        Raises:
            ValueError: an option that a delta layer does not have, or a negative threshold.
        """
        nn.LSTM.__init__(
            self,
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            proj_size,
            device=device,
            dtype=dtype,
        )
        self.set_up_delta(thx, thh, number_format, hard_sigmoid, hard_tanh, backend)

    # torch's forward has overloads for packed sequences, which this one refuses.
    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Any]:  # type: ignore[override]
        """Run a sequence.

        Args:
            input: [T, B, Nx], or [B, T, Nx] where batch_first, or [T, Nx].
            hx: (h, c), [layers, B, H] each; or a DeltaState, to go on where a sequence stopped; None: zeros.

        Returns:
            The last layer's h after each step, and the state after the last one: a DeltaState where hx is
            one, else (h, c).

        Raises:
            TypeError: the input is a packed sequence.
            ValueError: wrong shapes.
        """
        out, state, batched = self._forward(input, hx)
        if isinstance(hx, DeltaState):
            return out, state
        h, c = (_stacked([getattr(layer, part) for layer in state.layers]) for part in ("h", "c"))
        return out, (h, c) if batched else (h.squeeze(1), c.squeeze(1))

    def _plain(self, hx: Any, batched: bool) -> tuple[Tensor, Tensor]:
        h, c = hx
        return (h, c) if batched else (h.unsqueeze(1), c.unsqueeze(1))


class DeltaGRU(_DeltaRNN, nn.GRU):
    """Delta GRU in place of torch.nn.GRU; equations in docs/training.md."""

    gates = 3
    is_gru = True

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        thx: float = 0.0,
        thh: float = 0.0,
        number_format: NumberFormat = FLOAT,
        hard_sigmoid: bool = False,
        hard_tanh: bool = False,
        backend: str = "auto",
    ) -> None:
        """Make the layers with torch's own initial parameters; arguments and errors as of DeltaLSTM."""
        nn.GRU.__init__(
            self,
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device=device,
            dtype=dtype,
        )
        self.set_up_delta(thx, thh, number_format, hard_sigmoid, hard_tanh, backend)

    # Overloads, as of the LSTM.
    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Any]:  # type: ignore[override]
        """Run a sequence; as DeltaLSTM's, where the plain state is h alone, [layers, B, H]."""
        out, state, batched = self._forward(input, hx)
        if isinstance(hx, DeltaState):
            return out, state
        h = _stacked([layer.h for layer in state.layers])
        return out, h if batched else h.squeeze(1)

    def _plain(self, hx: Any, batched: bool) -> tuple[Tensor, Tensor]:
        h = hx if batched else hx.unsqueeze(1)
        return h, h.new_zeros((*h.shape[:2], 0))
