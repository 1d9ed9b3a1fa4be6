"""Triton kernels of the recurrence of a delta LSTM or GRU layer: all steps of a sequence in one launch.

A program owns a few units (all their gates) of a few sequences: it keeps their state in registers and their
slice of the recurrent weights on the chip from the first step to the last. The programs of the same
sequences need each other's Δh in each step, or in the backward pass each other's share of W_h^T dM: they pass
it through global memory and meet at a counter there, so all of them must run at the same time (a cooperative
launch).
Persistent recurrent kernels: Diamos et al., "Persistent RNNs: Stashing Recurrent Weights On-Chip", ICML 2016.

Both cells have four rows of gates in M: i, f, g, o, or r, z, nx, nh.
"""

from __future__ import annotations

# mypy: allow-untyped-decorators
import triton
import triton.language as tl

from reneta.training.layers.triton_functions import (
    arrive,
    await_all,
    encoded,
    encoded_gradient,
    load4,
    load_or_zero,
    rounded,
    sigmoid,
    sigmoid_slope,
    store4,
    tanh,
    tanh_slope,
    weights_by_gate,
)


@triton.jit(do_not_specialize=["m_pitch", "steps", "batch", "first", "batch_tiles"])
def forward_kernel(
    pre: tl.tensor,
    w_hh: tl.tensor,
    h_0: tl.tensor,
    c_0: tl.tensor,
    h_hat_0: tl.tensor,
    m_0: tl.tensor,
    delta: tl.tensor,
    saved: tl.tensor,
    cells: tl.tensor,
    out: tl.tensor,
    h_end: tl.tensor,
    c_end: tl.tensor,
    h_hat_end: tl.tensor,
    m_end: tl.tensor,
    abs_dh: tl.tensor,
    sizes: tl.tensor,
    fired: tl.tensor,
    done: tl.tensor,
    counters: tl.tensor,
    threshold: float,
    m_pitch: tl.tensor,
    steps: tl.tensor,
    batch: tl.tensor,
    first: tl.tensor,
    batch_tiles: tl.tensor,
    lstm: tl.constexpr,
    units: tl.constexpr,
    unit_tiles: tl.constexpr,
    block_units: tl.constexpr,
    block_batch: tl.constexpr,
    chunk: tl.constexpr,
    chunks: tl.constexpr,
    together: tl.constexpr,
    resident: tl.constexpr,
    precision: tl.constexpr,
    bf16: tl.constexpr,
    hard_sigmoid: tl.constexpr,
    hard_tanh: tl.constexpr,
) -> None:
    """All steps forward.

    In: pre = W_x Δx [T, B, gates H], the weights and the state. Out: delta = Δh, out = h [T, B, H], the state
    after the last step, Σ|Δh|, the number fired (added to *fired), and for the backward pass
    saved [T, B, 4 H] = i, f, g, o or r, z, n, M_nh, and of an LSTM cells = c [T, B, H]. `saved` may be `pre`.
    `sizes` has room for a number of each program; `done` is zero, and so is `counters` [batch tiles].
    m_pitch is from row to row of m_0; first, the first tile of the batch that this launch computes, of
    batch_tiles.
    """
    gates: tl.constexpr = 4 if lstm else 3
    unit_tile = tl.program_id(0) % unit_tiles
    batch_tile = first + tl.program_id(0) // unit_tiles
    row = batch_tile * block_batch + tl.arange(0, block_batch)
    unit = unit_tile * block_units + tl.arange(0, block_units)
    here = (row < batch)[:, None] & (unit < units)[None, :]
    at = row[:, None] * units + unit[None, :]
    at_pre = row[:, None] * (gates * units) + unit[None, :]
    at_gates = row[:, None] * (4 * units) + unit[None, :]
    counter = counters + batch_tile

    w: tl.tensor = ()
    if resident:
        for k in tl.static_range(chunks):
            w += (weights_by_gate(w_hh, unit_tile, k * chunk, gates, units, block_units, chunk),)

    h = tl.load(h_0 + at, mask=here, other=0.0)
    h_hat = tl.load(h_hat_0 + at, mask=here, other=0.0)
    c = tl.load(c_0 + at, mask=here, other=0.0) if lstm else h
    m0, m1, m2, m3 = load4(m_0, row[:, None] * m_pitch + unit[None, :], units, here)
    x0 = tl.load(pre + at_pre, mask=here, other=0.0)
    x1 = tl.load(pre + at_pre + units, mask=here, other=0.0)
    x2 = tl.load(pre + at_pre + 2 * units, mask=here, other=0.0)
    x3 = tl.load(pre + at_pre + 3 * units, mask=here, other=0.0) if lstm else x2
    change, h_hat, silent = encoded(h, h_hat, threshold, bf16)
    tl.store(delta + at, change, mask=here)
    arrive(counter)
    total = tl.where(here, tl.abs(change), 0.0)
    count = tl.where(here & (silent == 0), 1, 0)

    for t in range(steps):
        # What all programs of these sequences have stored; past the L1 cache, which does not hear of it.
        await_all(counter, (t + 1) * unit_tiles)
        column = tl.arange(0, chunk)
        minus = tl.zeros([4 * block_units, block_batch], tl.float32)
        for begin in tl.static_range(0, chunks, together):
            changes: tl.tensor = ()
            for k in tl.static_range(begin, min(begin + together, chunks)):
                inside = (row < batch)[:, None] & (k * chunk + column < units)[None, :]
                p = delta + row[:, None] * units + k * chunk + column[None, :]
                changes += (tl.load(p, mask=inside, other=0.0, cache_modifier=".cg"),)
            for k in tl.static_range(begin, min(begin + together, chunks)):
                if resident:
                    part = w[k]
                else:
                    part = weights_by_gate(w_hh, unit_tile, k * chunk, gates, units, block_units, chunk)
                # Subtracted, and the sum in turn from M: Triton would make sums of products a chain, and all
                # but the last link of a chain is computed by each group of four warps once again.
                minus -= tl.dot(part, tl.trans(changes[k - begin]), input_precision=precision)
        even, odd = tl.split(tl.reshape(tl.trans(minus), [block_batch, block_units, 2, 2]))
        p0, p2 = tl.split(even)
        p1, p3 = tl.split(odd)

        m0 += x0 - p0
        m1 += x1 - p1
        if lstm:
            m2 += x2 - p2
            m3 += x3 - p3
            s0 = sigmoid(m0, bf16, hard_sigmoid)
            s1 = sigmoid(m1, bf16, hard_sigmoid)
            s2 = tanh(m2, bf16, hard_tanh)
            s3 = sigmoid(m3, bf16, hard_sigmoid)
            c = rounded(s0 * s2 + s1 * c, bf16)
            h = rounded(s3 * tanh(c, bf16, hard_tanh), bf16)
        else:
            m2 += x2
            m3 -= p2
            s0 = sigmoid(m0, bf16, hard_sigmoid)
            s1 = sigmoid(m1, bf16, hard_sigmoid)
            s3 = rounded(m3, bf16)
            s2 = tanh(m2 + s0 * s3, bf16, hard_tanh)
            h = rounded(s2 - s2 * s1 + s1 * h, bf16)

        # The others wait for the next Δh: everything else comes after it.
        more = here & (t + 1 < steps)
        change, new_h_hat, silent = encoded(h, h_hat, threshold, bf16)
        h_hat = tl.where(more, new_h_hat, h_hat)
        delta += batch * units
        tl.store(delta + at, change, mask=more)
        arrive(counter)
        total += tl.where(more, tl.abs(change), 0.0)
        count += tl.where(more & (silent == 0), 1, 0)
        pre += batch * (gates * units)
        x0 = tl.load(pre + at_pre, mask=more, other=0.0)
        x1 = tl.load(pre + at_pre + units, mask=more, other=0.0)
        x2 = tl.load(pre + at_pre + 2 * units, mask=more, other=0.0)
        x3 = tl.load(pre + at_pre + 3 * units, mask=more, other=0.0) if lstm else x2
        store4(saved, at_gates, units, here, s0, s1, s2, s3)
        if lstm:
            tl.store(cells + at, c, mask=here)
            cells += batch * units
        tl.store(out + at, h, mask=here)
        out += batch * units
        saved += batch * (4 * units)

    tl.store(h_end + at, h, mask=here)
    if lstm:
        tl.store(c_end + at, c, mask=here)
    tl.store(h_hat_end + at, h_hat, mask=here)
    store4(m_end, at_gates, units, here, m0, m1, m2, m3)
    tl.atomic_add(fired, tl.sum(count).to(tl.int64), sem="relaxed")
    # The last program adds up, in an order that does not depend on who it is.
    tl.store(sizes + batch_tile * unit_tiles + unit_tile, tl.sum(total))
    tl.debug_barrier()
    programs = batch_tiles * unit_tiles
    if tl.atomic_add(done, 1, sem="acq_rel") == programs - 1:
        tl.debug_barrier()
        lane = tl.arange(0, 128)
        subtotal = tl.zeros([128], tl.float32)
        for begin in range(0, programs, 128):
            inside = begin + lane < programs
            subtotal += tl.load(sizes + begin + lane, mask=inside, other=0.0, cache_modifier=".cg")
        tl.store(abs_dh, tl.sum(subtotal))


@triton.jit(do_not_specialize=["steps", "batch", "first", "batch_tiles"])
def backward_kernel(
    w_hh: tl.tensor,
    first_carry: tl.tensor,
    delta: tl.tensor,
    saved: tl.tensor,
    carried: tl.tensor,
    g_out: tl.tensor,
    g_h_end: tl.tensor,
    g_c_end: tl.tensor,
    g_h_hat_end: tl.tensor,
    g_m_end: tl.tensor,
    g_abs_dh: tl.tensor,
    g_m: tl.tensor,
    shares: tl.tensor,
    g_h_0: tl.tensor,
    g_c_0: tl.tensor,
    g_h_hat_0: tl.tensor,
    g_m_0: tl.tensor,
    counters: tl.tensor,
    threshold: float,
    steps: tl.tensor,
    batch: tl.tensor,
    first: tl.tensor,
    batch_tiles: tl.tensor,
    lstm: tl.constexpr,
    units: tl.constexpr,
    unit_tiles: tl.constexpr,
    block_units: tl.constexpr,
    block_batch: tl.constexpr,
    chunk: tl.constexpr,
    chunks: tl.constexpr,
    together: tl.constexpr,  # noqa: ARG001 - of forward_kernel
    resident: tl.constexpr,
    precision: tl.constexpr,
    bf16: tl.constexpr,
    hard_sigmoid: tl.constexpr,
    hard_tanh: tl.constexpr,
) -> None:
    """All steps backward.

    In: what forward_kernel left; `carried` is c of an LSTM, h of a GRU [T, B, H], `first_carry` the same
    before the first step; gradients of the outputs, each of which may be None. Out: g_m, the gradient of M at
    each step [T, B, 4 H], rows i, f, g, o or (so that W_x and W_h each meet neighbours) nx, r, z, nh;
    gradients of the first state. `shares` [2, batch tiles, unit tiles, block_batch, H] is for the exchange.
    `counters` [batch tiles] is zero, and zero again afterwards: a graph may be gone through twice.
    """
    gates: tl.constexpr = 4 if lstm else 3
    unit_tile = tl.program_id(0) % unit_tiles
    batch_tile = first + tl.program_id(0) // unit_tiles
    lane = tl.arange(0, block_batch)
    row = batch_tile * block_batch + lane
    unit = unit_tile * block_units + tl.arange(0, block_units)
    here = (row < batch)[:, None] & (unit < units)[None, :]
    at = row[:, None] * units + unit[None, :]
    at_gates = row[:, None] * (4 * units) + unit[None, :]
    counter = counters + batch_tile
    at_share = lane[:, None] * units + unit[None, :]

    w: tl.tensor = ()
    if resident:
        for k in tl.static_range(chunks):
            w += (weights_by_gate(w_hh, unit_tile, k * chunk, gates, units, block_units, chunk),)

    g_h = load_or_zero(g_h_end, at, here)
    g_c = load_or_zero(g_c_end, at, here)
    g_h_hat = load_or_zero(g_h_hat_end, at, here)
    m0 = load_or_zero(g_m_end, at_gates, here)
    m1 = load_or_zero(g_m_end, at_gates + units, here)
    m2 = load_or_zero(g_m_end, at_gates + 2 * units, here)
    m3 = load_or_zero(g_m_end, at_gates + 3 * units, here)
    g_size = 0.0 if g_abs_dh is None else tl.load(g_abs_dh)

    last = (steps - 1).to(tl.int64) * (batch * units)
    delta += last
    carried += last
    saved += 4 * last
    g_m += 4 * last
    change = tl.load(delta + at, mask=here, other=0.0)
    s0, s1, s2, s3 = load4(saved, at_gates, units, here)
    c = tl.load(carried + at, mask=here, other=0.0)
    if g_out is not None:
        g_out += last
        g_h += tl.load(g_out + at, mask=here, other=0.0)

    for i in range(steps):
        # c[t-1] or h[t-1]: of the first step it comes from the state.
        more = here & (i + 1 < steps)
        before = first_carry if i + 1 == steps else carried - batch * units
        c_before = tl.load(before + at, mask=here, other=0.0)
        if lstm:
            tanh_c = tanh(c, bf16, hard_tanh)
            g_c += g_h * s3 * tanh_slope(tanh_c, hard_tanh)
            m0 += g_c * s2 * sigmoid_slope(s0, hard_sigmoid)
            m1 += g_c * c_before * sigmoid_slope(s1, hard_sigmoid)
            m2 += g_c * s0 * tanh_slope(s2, hard_tanh)
            m3 += g_h * tanh_c * sigmoid_slope(s3, hard_sigmoid)
            g_c = g_c * s1
            g_h = tl.zeros_like(g_h)
            by_gate = tl.join(tl.join(m0, m2), tl.join(m1, m3))
        else:
            g_n = g_h * (1.0 - s1) * tanh_slope(s2, hard_tanh)
            m0 += g_n * s3 * sigmoid_slope(s0, hard_sigmoid)
            m1 += g_h * (c_before - s2) * sigmoid_slope(s1, hard_sigmoid)
            m2 += g_n
            m3 += g_n * s0
            g_h = g_h * s1
            by_gate = tl.join(tl.join(m0, m3), tl.join(m1, tl.zeros_like(m1)))
        by_gate = tl.trans(tl.reshape(by_gate, [block_batch, 4 * block_units]))

        # This program's share of W_h^T dM, for all units. Two buffers in turn: who writes the one has seen
        # everybody's arrival of the step before, and with it that the other one has been read.
        exchange = shares + ((i % 2) * batch_tiles + batch_tile).to(tl.int64) * (
            unit_tiles * units * block_batch
        )
        for k in tl.static_range(chunks):
            if resident:
                part = w[k]
            else:
                part = weights_by_gate(w_hh, unit_tile, k * chunk, gates, units, block_units, chunk)
            share = tl.trans(tl.dot(tl.trans(part), by_gate, input_precision=precision))
            column = k * chunk + tl.arange(0, chunk)
            p = exchange + (unit_tile * block_batch + lane)[:, None] * units + column[None, :]
            tl.store(p, share, mask=(column < units)[None, :] & (lane >= 0)[:, None])
        arrive(counter)
        if lstm:
            store4(g_m, at_gates, units, here, m0, m1, m2, m3)
        else:
            store4(g_m, at_gates, units, here, m2, m0, m1, m3)
        g_m -= batch * (4 * units)
        saved -= batch * (4 * units)
        carried -= batch * units
        delta -= batch * units
        s0, s1, s2, s3 = load4(saved, at_gates, units, more)
        next_change = tl.load(delta + at, mask=more, other=0.0)
        c = c_before
        if g_out is not None:
            g_out -= batch * units
            g_h += tl.load(g_out + at, mask=more, other=0.0)

        await_all(counter, (i + 1) * unit_tiles)
        g_change = tl.zeros([block_batch, block_units], tl.float32)
        for k in tl.static_range(unit_tiles):
            p = exchange + k * (block_batch * units) + at_share
            g_change += tl.load(p, mask=here, other=0.0, cache_modifier=".cg")
        g_change += tl.where(change > 0.0, g_size, tl.where(change < 0.0, -g_size, 0.0))
        g_v, g_h_hat = encoded_gradient(g_change, g_h_hat, change, threshold)
        g_h += g_v
        change = next_change

    tl.store(g_h_0 + at, g_h, mask=here)
    if lstm:
        tl.store(g_c_0 + at, g_c, mask=here)
    tl.store(g_h_hat_0 + at, g_h_hat, mask=here)
    store4(g_m_0, at_gates, units, here, m0, m1, m2, m3)

    tl.debug_barrier()
    if tl.atomic_add(counter, 1, sem="acq_rel") == (steps + 1) * unit_tiles - 1:
        tl.store(counter, 0)
