"""Which implementation computes a layer: the C++ operator, the Triton kernels, or plain PyTorch."""

from __future__ import annotations

from typing import Literal, Protocol, get_args

from torch import Tensor

from reneta.training.layers import native, reference
from reneta.training.layers.sequence import Options, Result, State

Backend = Literal["auto", "reference", "native", "triton"]


class SequenceFunction(Protocol):
    """A layer over a whole sequence, as `sequence` describes."""

    def __call__(self, x: Tensor, w_ih: Tensor, w_hh: Tensor, state: State, options: Options) -> Result:
        """Outputs and the state after the last step."""
        ...


def check(name: str) -> Backend:
    """The name of a backend.

    Raises:
        ValueError: there is none of this name.
    """
    for known in get_args(Backend):
        if name == known:
            backend: Backend = known
            return backend
    raise ValueError(f"there is no backend {name!r}; there are: {', '.join(get_args(Backend))}")


def choose(backend: Backend, options: Options, x: Tensor, units: int, *, is_gru: bool) -> SequenceFunction:
    """The function that computes a layer of this input.

    Args:
        backend: which one; "auto" is the fastest that can.
        options: of the layer.
        x: [T, B, Nx].
        units: H.
        is_gru: GRU or LSTM.

    Raises:
        ValueError: the backend that was asked for cannot compute this.
    """
    if x.is_cuda and backend in ("auto", "triton"):
        # Triton exists only where PyTorch was built for CUDA.
        from reneta.training.layers import triton_backend

        if triton_backend.supports(options, x, units):
            function: SequenceFunction = triton_backend.gru if is_gru else triton_backend.lstm
            return function
    if backend == "triton":
        raise ValueError("the Triton kernels compute float32 and bfloat16 rounding on CUDA, nothing else")
    if backend in ("auto", "native") and native.supports(x) and native.available():
        return native.gru if is_gru else native.lstm
    if backend == "native":
        raise ValueError("the C++ operator computes float32 and float64 on the CPU, where g++ is installed")
    return reference.gru if is_gru else reference.lstm
