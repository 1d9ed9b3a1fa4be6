"""Delta layers on a CUDA device, through Triton kernels: the whole sequence in a few launches.

The inputs' side is batched over time (one kernel encodes x, one matrix product makes W_x Δx of all steps),
the recurrence is one kernel forward and one backward, and the weights' gradients are one matrix product each.
Triton comes with PyTorch's CUDA builds only: it is imported when a layer first runs on such a device.

Products are TF32 where nn.LSTM's would be (torch.backends.cudnn), and float32 otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from reneta.training.layers.sequence import Options, Result, State

BLOCK_UNITS = 16
"""Units of a program: with their four gates 64 rows of weights, the tensor core's M."""

BLOCKS_BATCH = (8, 16, 32, 64)
"""Sequences of a program: as few as keep all programs on the device at once."""

STRIP, AHEAD = 128, 8
"""Elements of x that a program encodes, and the steps it loads ahead."""

TF32_CAPABILITY = 8
"""First compute capability with TF32. The kernels have run on 9 (Hopper); for 8, 10 and 12 they compile."""

ALIGNMENT = 16
"""Bytes, of the widest load."""

RESERVED = 16 * 1024
"""Bytes of shared memory left for what changes its layout."""


def supports(options: Options, x: Tensor, units: int) -> bool:
    """Whether the kernels can run a layer of so many units on x [T, B, Nx]; otherwise the reference does.

    They take float32 on a CUDA device, without rounding or with bf16's, and so many units as fit on the
    device at once: 16 for each of its multiprocessors.
    """
    if not x.is_cuda or x.dtype != torch.float32 or x.numel() == 0:
        return False
    if torch.version.cuda is None or find_spec("triton") is None:
        return False
    device = _device(x.device.index)
    rounded = options.number_format
    rounds = rounded.activation is not None or rounded.accumulator is not None
    fits = -(-units // BLOCK_UNITS) <= device.multiprocessors
    return fits and not rounds and device.capability >= TF32_CAPABILITY


def lstm(x: Tensor, w_ih: Tensor, w_hh: Tensor, state: State, options: Options) -> Result:
    """A delta LSTM layer over a sequence; see `sequence` for the shapes."""
    out, h, c, x_hat, h_hat, m, abs_dh, fired = _Layer.apply(x, w_ih, w_hh, *state, options, True)
    return Result(out, State(h, c, x_hat, h_hat, m), abs_dh, fired)


def gru(x: Tensor, w_ih: Tensor, w_hh: Tensor, state: State, options: Options) -> Result:
    """A delta GRU layer over a sequence; see `sequence` for the shapes."""
    parts = (x, w_ih, w_hh, state.h, None, *state[2:])
    out, h, _, x_hat, h_hat, m, abs_dh, fired = _Layer.apply(*parts, options, False)
    return Result(out, State(h, state.c, x_hat, h_hat, m), abs_dh, fired)


class _Device(NamedTuple):
    """What the tiling depends on."""

    multiprocessors: int
    shared_memory: int
    capability: int


@cache
def _device(index: int) -> _Device:
    properties: Any = torch.cuda.get_device_properties(index)
    memory = properties.shared_memory_per_block_optin
    return _Device(properties.multi_processor_count, memory, properties.major)


def _allows_tf32() -> bool:
    """Whether nn.LSTM and nn.GRU may use TF32 here."""
    rnn: Any = torch.backends.cudnn.rnn
    return bool(rnn.fp32_precision == "tf32")


class _Tiles(NamedTuple):
    """How the recurrence is laid out over programs.

    Attributes:
        unit_tiles: programs that share the units of the same sequences.
        batch_tiles: groups of sequences.
        at_once: of these, how many run in one launch.
        block_batch: sequences of each.
        chunk: columns of weights that one product takes.
        chunks: how many of them.
        together: for how many of them a program loads Δh at once.
        resident: whether a program keeps its weights in shared memory.
        warps: of each program, forward.
        warps_back: backward.
    """

    unit_tiles: int
    batch_tiles: int
    at_once: int
    block_batch: int
    chunk: int
    chunks: int
    together: int
    resident: bool
    warps: int
    warps_back: int


@cache
def _tiles(device: _Device, batch: int, units: int, tf32: bool) -> _Tiles:
    unit_tiles = -(-units // BLOCK_UNITS)
    room = device.multiprocessors // unit_tiles
    block_batch = next((block for block in BLOCKS_BATCH if -(-batch // block) <= room), BLOCKS_BATCH[-1])
    batch_tiles = -(-batch // block_batch)
    chunk = min(128, max(16, 1 << (units - 1).bit_length()))
    chunks = -(-units // chunk)
    # Products of float32 are made of TF32's from two parts of each operand.
    bytes_each = chunk * (4 if tf32 else 8)
    memory = device.shared_memory - RESERVED
    weights = 4 * BLOCK_UNITS * chunks * bytes_each
    resident = weights + block_batch * bytes_each <= memory
    together = (memory - (weights if resident else 4 * BLOCK_UNITS * bytes_each)) // (
        block_batch * bytes_each
    )
    return _Tiles(
        unit_tiles=unit_tiles,
        batch_tiles=batch_tiles,
        at_once=min(room, batch_tiles),
        block_batch=block_batch,
        chunk=chunk,
        chunks=chunks,
        together=max(1, min(chunks, together)) if resident else 1,
        resident=resident,
        warps=8 if block_batch > 32 else 4,
        warps_back=8 if block_batch > 8 else 4,
    )


@contextmanager
def _products(tf32: bool) -> Iterator[None]:
    """Matrix products in the recurrence's precision: the flag is the process's, so it is set back at once.

    They are told where to write (`out`), which also keeps them out of autocast's reach.
    """
    matmul = torch.backends.cuda.matmul
    before = matmul.fp32_precision
    matmul.fp32_precision = "tf32" if tf32 else "ieee"
    try:
        yield
    finally:
        matmul.fp32_precision = before


class _Layer(Function):
    """A layer over a sequence with its backward pass; the last two arguments are the options and `lstm`."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        w_ih: Tensor,
        w_hh: Tensor,
        h_0: Tensor,
        c_0: Tensor | None,
        x_hat_0: Tensor,
        h_hat_0: Tensor,
        m_0: Tensor,
        options: Options,
        lstm: bool,
    ) -> tuple[Tensor | None, ...]:
        from reneta.training.layers import triton_encode, triton_recurrence

        x, w_ih, w_hh, h_0, x_hat_0, h_hat_0 = map(_plain, (x, w_ih, w_hh, h_0, x_hat_0, h_hat_0))
        c_0 = None if c_0 is None else _plain(c_0)
        # The bias, the same for all sequences, need not be copied for each.
        m_0, m_pitch = (m_0, 0) if m_0.stride() == (0, 1) else (_plain(m_0), m_0.shape[1])
        steps, batch, inputs = x.shape
        units, size = w_hh.shape[1], batch * inputs
        tf32 = _allows_tf32()
        tiles = _tiles(_device(x.device.index), batch, units, tf32)
        counters = x.new_zeros(3 + 2 * tiles.batch_tiles, dtype=torch.int64)
        fired, done, counters = counters[:2], counters[2:], counters[3:]

        delta_x, x_hat = torch.empty_like(x), torch.empty_like(x_hat_0)
        with torch.cuda.device(x.device), _products(tf32):
            _run(
                triton_encode.encode_kernel, -(-size // STRIP), 4,
                (x, x_hat_0, delta_x, x_hat, fired, options.thx, steps, size),
                (STRIP, AHEAD, options.number_format.bf16),
            )  # fmt: skip
            pre = x.new_empty(steps * batch, w_ih.shape[0])
            torch.mm(delta_x.view(-1, inputs), w_ih.t(), out=pre)

            out = x.new_empty(steps, batch, units)
            delta_h, cells = torch.empty_like(out), torch.empty_like(out) if lstm else None
            saved = pre if lstm else x.new_empty(steps, batch, 4 * units)
            h, h_hat, m = torch.empty_like(h_0), torch.empty_like(h_0), x.new_empty(batch, 4 * units)
            c = torch.empty_like(h_0) if lstm else None
            sizes, abs_dh = x.new_empty(tiles.batch_tiles * tiles.unit_tiles), x.new_empty(())
            _recur(
                triton_recurrence.forward_kernel, tiles.warps, tiles, units, tf32, options, lstm,
                (pre, w_hh, h_0, c_0, h_hat_0, m_0, delta_h, saved, cells, out, h, c, h_hat, m, abs_dh, sizes,
                 fired[1:], done, counters, options.thh, m_pitch, steps, batch),
            )  # fmt: skip
        carried, first = (cells, c_0) if lstm else (out, h_0)
        ctx.save_for_backward(w_ih, w_hh, delta_x, delta_h, saved, carried, first)
        ctx.options, ctx.lstm, ctx.tf32, ctx.tiles = options, lstm, tf32, tiles
        ctx.counters = counters[tiles.batch_tiles :]
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(fired)
        return out, h, c, x_hat, h_hat, m, abs_dh, fired

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        from reneta.training.layers import triton_encode, triton_recurrence

        g_out, g_h_end, g_c_end, g_x_hat_end, g_h_hat_end, g_m_end, g_abs_dh = (
            None if g is None else _plain(g) for g in grads[:7]
        )
        w_ih, w_hh, delta_x, delta_h, saved, carried, first = ctx.saved_tensors
        tiles, options, lstm = ctx.tiles, ctx.options, ctx.lstm
        (steps, batch, units), inputs = delta_h.shape, delta_x.shape[2]
        g_m = torch.empty_like(saved).view(steps * batch, 4 * units)
        g_h, g_h_hat, g_m_0 = (
            torch.empty_like(first),
            torch.empty_like(first),
            first.new_empty(batch, 4 * units),
        )
        g_c = torch.empty_like(first) if lstm else None
        shares = first.new_empty(2, tiles.batch_tiles, tiles.unit_tiles, tiles.block_batch, units)
        needs_x, needs_w_ih, needs_w_hh, _, _, needs_x_hat = ctx.needs_input_grad[:6]
        g_x = g_x_hat = g_w_ih = g_w_hh = None
        with torch.cuda.device(first.device), _products(ctx.tf32):
            _recur(
                triton_recurrence.backward_kernel, tiles.warps_back, tiles, units, ctx.tf32, options, lstm,
                (w_hh, first, delta_h, saved, carried, g_out, g_h_end, g_c_end, g_h_hat_end, g_m_end,
                 g_abs_dh, g_m, shares, g_h, g_c, g_h_hat, g_m_0, ctx.counters, options.thh, steps, batch),
            )  # fmt: skip
            # A GRU's rows of g_m are nx, r, z, nh; W_x has r, z, n.
            of_x = g_m if lstm else g_m[:, : 3 * units]
            if needs_x or needs_x_hat:
                g_delta, g_x = torch.empty_like(delta_x), torch.empty_like(delta_x)
                g_x_hat = first.new_empty(batch, inputs)
                torch.mm(of_x, w_ih if lstm else w_ih.roll(units, 0), out=g_delta.view(-1, inputs))
                _run(
                    triton_encode.encode_gradient_kernel, -(-batch * inputs // STRIP), 4,
                    (g_delta, delta_x, g_x_hat_end, g_x, g_x_hat, options.thx, steps, batch * inputs),
                    (STRIP, AHEAD),
                )  # fmt: skip
            if needs_w_ih:
                g_w_ih = torch.empty_like(w_ih)
                torch.mm(of_x.t(), delta_x.view(-1, inputs), out=g_w_ih)
                g_w_ih = g_w_ih if lstm else g_w_ih.roll(-units, 0)
            if needs_w_hh:
                g_w_hh = torch.empty_like(w_hh)
                torch.mm((g_m if lstm else g_m[:, units:]).t(), delta_h.view(-1, units), out=g_w_hh)
        return g_x, g_w_ih, g_w_hh, g_h, g_c, g_x_hat, g_h_hat, g_m_0, None, None


def _plain(x: Tensor) -> Tensor:
    """x contiguous, beginning where the kernels' widest loads may."""
    x = x.contiguous()
    return x.clone() if x.data_ptr() % ALIGNMENT else x


def _recur(
    kernel: Any,
    warps: int,
    tiles: _Tiles,
    units: int,
    tf32: bool,
    options: Options,
    lstm: bool,
    arguments: tuple[Any, ...],
) -> None:
    """Run a recurrence, in as many launches as the batch needs."""
    constants = (
        lstm, units, tiles.unit_tiles, BLOCK_UNITS, tiles.block_batch, tiles.chunk, tiles.chunks,
        tiles.together, tiles.resident, "tf32" if tf32 else "tf32x3",
        options.number_format.bf16, options.hard_sigmoid, options.hard_tanh,
    )  # fmt: skip
    for first in range(0, tiles.batch_tiles, tiles.at_once):
        programs = min(tiles.at_once, tiles.batch_tiles - first) * tiles.unit_tiles
        here = (*arguments, first, tiles.batch_tiles)
        _run(kernel, programs, warps, here, constants, launch_cooperative_grid=True)


_compiled: dict[tuple[Any, ...], Any] = {}
"""Kernels by all that they were compiled for."""


def _run(
    kernel: Any,
    programs: int,
    warps: int,
    arguments: tuple[Any, ...],
    constants: tuple[Any, ...],
    **launch: bool,
) -> None:
    """Launch a kernel. Triton's own search for what it has compiled takes longer than the launch itself."""
    absent = tuple(argument is None for argument in arguments)
    key = (id(kernel), torch.cuda.current_device(), warps, constants, absent)
    compiled = _compiled.get(key)
    if compiled is None:
        _compiled[key] = kernel[(programs,)](
            *arguments, *constants, num_warps=warps, num_stages=1, enable_fp_fusion=False, **launch
        )
    else:
        compiled[(programs, 1, 1)](*arguments, *constants)
