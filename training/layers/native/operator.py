"""The C++ operator as a differentiable function of PyTorch: arguments, memory for results, gradients."""

from __future__ import annotations

import ctypes
import warnings
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from reneta.golden.ccm_types import Func
from reneta.training import formats
from reneta.training.formats import FixedPoint
from reneta.training.layers.native.build import NativeBuildError, library
from reneta.training.layers.sequence import Options, Result, State

NONE, TO_BF16, TO_FIXED = range(3)
"""Kinds of rounding, as problem.h's `Rounding` has them."""


class _Quantizer(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_int32 if name == "rounding" else ctypes.c_double)
        for name in ("rounding", "scale", "low", "high")
    ]


_POINTERS = (
    *("sigmoid_table", "tanh_table", "x", "w_x", "w_h", "h0", "c0", "x_hat0", "h_hat0", "m0"),
    *("out", "cell", "gates", "tanh_c", "dx", "dh", "fires_x", "fires_h"),
    *("c_n", "x_hat_n", "h_hat_n", "m_n", "abs_dh", "fired"),
    *("g_out", "g_c_n", "g_x_hat_n", "g_h_hat_n", "g_m_n"),
)
_GRADIENTS = ("d_x", "d_w_x", "d_w_h", "d_h0", "d_c0", "d_x_hat0", "d_h_hat0", "d_m0")


class _Problem(ctypes.Structure):
    """problem.h's `Problem`, field by field."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in ("steps", "batch", "inputs", "units", "threads")),
        *((name, ctypes.c_int32) for name in ("is_gru", "hard_sigmoid", "hard_tanh")),
        *((name, ctypes.c_double) for name in ("theta_x", "theta_h")),
        *((name, _Quantizer) for name in ("activation", "accumulator")),
        *((name, ctypes.c_void_p) for name in _POINTERS),
        ("g_abs_dh", ctypes.c_double),
        *((name, ctypes.c_void_p) for name in _GRADIENTS),
    ]


@cache
def available() -> bool:
    """Whether the operator can be used; where it cannot be compiled, that is told once."""
    try:
        library()
    except NativeBuildError as error:
        warnings.warn(f"delta layers run slowly, step by step: {error}", stacklevel=2)
        return False
    return True


def supports(x: Tensor) -> bool:
    """Whether the operator takes such an input: float32 or float64 on the CPU."""
    return x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64)


def lstm(x: Tensor, w_ih: Tensor, w_hh: Tensor, state: State, options: Options) -> Result:
    """A delta LSTM layer over a sequence; see `sequence` for the shapes."""
    return _layer(x, w_ih, w_hh, state, options, is_gru=False)


def gru(x: Tensor, w_ih: Tensor, w_hh: Tensor, state: State, options: Options) -> Result:
    """A delta GRU layer over a sequence; see `sequence` for the shapes."""
    return _layer(x, w_ih, w_hh, state, options, is_gru=True)


def _layer(x: Tensor, w_ih: Tensor, w_hh: Tensor, state: State, options: Options, *, is_gru: bool) -> Result:
    out, c_n, x_hat, h_hat, m, abs_dh, fired = _Layer.apply(x, w_ih, w_hh, *state, options, is_gru)
    return Result(out, State(out[-1], c_n, x_hat, h_hat, m), abs_dh, fired)


def _quantizer(to_bf16: bool, point: FixedPoint | None) -> _Quantizer:
    if point is None:
        return _Quantizer(TO_BF16 if to_bf16 else NONE)
    return _Quantizer(TO_FIXED, point.scale, point.low, point.high)


@cache
def _table(func: Func, hard: bool, point: FixedPoint | None, dtype: torch.dtype) -> Tensor:
    return torch.tensor(formats.table(func, hard, point), dtype=dtype)


def _problem(x: Tensor, w_x: Tensor, options: Options, is_gru: bool, arrays: dict[str, Tensor]) -> _Problem:
    """The problem with all its arrays, which the caller keeps alive."""
    steps, batch, inputs = x.shape
    rounded = options.number_format
    tables = {}
    if rounded.rounds_activations:
        kinds = {
            "sigmoid_table": (Func.SIGMOID, options.hard_sigmoid),
            "tanh_table": (Func.TANH, options.hard_tanh),
        }
        tables = {name: _table(*kind, rounded.activation, x.dtype) for name, kind in kinds.items()}
    pointers = {name: array.data_ptr() for name, array in (arrays | tables).items()}
    return _Problem(
        steps=steps,
        batch=batch,
        inputs=inputs,
        units=w_x.shape[1] // (3 if is_gru else 4),
        threads=torch.get_num_threads(),
        is_gru=is_gru,
        hard_sigmoid=options.hard_sigmoid,
        hard_tanh=options.hard_tanh,
        theta_x=options.thx,
        theta_h=options.thh,
        activation=_quantizer(rounded.bf16, rounded.activation),
        accumulator=_quantizer(False, rounded.accumulator),
        **pointers,
    )


def _call(name: str, dtype: torch.dtype, problem: _Problem) -> None:
    suffix = "f32" if dtype is torch.float32 else "f64"
    library()[f"delta_rnn_{name}_{suffix}"](ctypes.byref(problem))


class _Layer(Function):
    """One layer; the backward pass is delta_rnn.cpp's own, not autograd's."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        w_ih: Tensor,
        w_hh: Tensor,
        h0: Tensor,
        c0: Tensor,
        x_hat0: Tensor,
        h_hat0: Tensor,
        m0: Tensor,
        options: Options,
        is_gru: bool,
    ) -> tuple[Tensor, ...]:
        steps, batch, inputs = x.shape
        units = w_hh.shape[1]
        given = {"x": x, "w_x": w_ih.t(), "w_h": w_hh.t(), "h0": h0, "c0": c0, "x_hat0": x_hat0}
        given |= {"h_hat0": h_hat0, "m0": m0}
        given = {name: array.detach().contiguous() for name, array in given.items()}
        shapes = {
            "out": (steps, batch, units),
            "cell": (steps, batch, units),
            "gates": (steps, batch, (3 if is_gru else 4) * units),
            "tanh_c": (0,) if is_gru else (steps, batch, units),
            "dx": (steps, batch, inputs),
            "dh": (steps, batch, units),
            "c_n": (batch, 0 if is_gru else units),
            "x_hat_n": (batch, inputs),
            "h_hat_n": (batch, units),
            "m_n": (batch, 4 * units),
            "abs_dh": (batch,),
        }
        made = {name: x.new_empty(shape) for name, shape in shapes.items()}
        made |= {f"fires_{v}": torch.empty(shapes[f"d{v}"], dtype=torch.uint8) for v in "xh"}
        made["fired"] = torch.empty((batch, 2), dtype=torch.int64)
        problem = _problem(given["x"], given["w_x"], options, is_gru, given | made)
        _call("forward", x.dtype, problem)
        fired = made["fired"].sum(0)
        ctx.options, ctx.is_gru = options, is_gru
        names = ("out", "cell", "gates", "tanh_c", "dx", "dh", "fires_x", "fires_h")
        ctx.names = (*given, *names)
        ctx.save_for_backward(*given.values(), *(made[name] for name in names))
        ctx.mark_non_differentiable(fired)
        results = (made[name] for name in ("out", "c_n", "x_hat_n", "h_hat_n", "m_n"))
        return (*results, made["abs_dh"].sum(), fired)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        arrays = dict(zip(ctx.names, ctx.saved_tensors, strict=True))
        names = ("g_out", "g_c_n", "g_x_hat_n", "g_h_hat_n", "g_m_n")
        coming = {name: grad.contiguous() for name, grad in zip(names, grads[:5], strict=True)}
        # Elements of x that did not fire have gradient zero, and weights of columns that never fired.
        results = ("x", "w_x", "w_h", "h0", "c0", "x_hat0", "h_hat0", "m0")
        made = {f"d_{name}": torch.zeros_like(arrays[name]) for name in results}
        problem = _problem(arrays["x"], arrays["w_x"], ctx.options, ctx.is_gru, arrays | coming | made)
        problem.g_abs_dh = float(grads[5])
        _call("backward", arrays["x"].dtype, problem)
        d_x, d_w_x, d_w_h, *d_state = made.values()
        return d_x, d_w_x.t(), d_w_h.t(), *d_state, None, None
