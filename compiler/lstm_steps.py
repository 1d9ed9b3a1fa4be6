"""Instruction sequences of a delta LSTM layer: a forward step, a backward step, the weight gradient.

They compute what golden.layers' `lstm_forward` and `lstm_backward` say. docs/steps.md shows them and what
they cost. The order leaves little to wait for: what needs the instruction before it gets something else in
between where there is anything. `compiler.hazards.with_deps` says what has to wait for what.
"""

from __future__ import annotations

from collections.abc import Iterator

from reneta.compiler import delta_steps
from reneta.compiler.delta_steps import H, Rows, X, encode_h, encode_x, multiply
from reneta.compiler.lstm_plan import BackPlan, LstmPlan
from reneta.compiler.parts import ONE, SAME, ZERO, noted, shape_of, words
from reneta.golden.ccm_types import Func, Proc
from reneta.golden.instruction import Instruction
from reneta.golden.layers import GATES

ROWS = Rows(x=(0, GATES), h=(0, GATES))


def begin(p: LstmPlan) -> Iterator[Instruction]:
    """Before the first step: the states at zero, M at the bias."""
    yield from delta_steps.begin(p)
    yield noted("c = 0", p.shape(0).zero(p.seq(p.c)))


def forward_step(p: LstmPlan, t: int, ahead: bool = False) -> Iterator[Instruction]:
    """One step, with Δx[t] encoded already; with `ahead` Δx[t+1] gets encoded where there is time for it."""
    shape = p.shape(t)
    i, f, o = (p.gate(k) for k in range(3))
    g, tc = p.seq(p.g), p.seq(p.tc)
    yield multiply(p, ROWS, X, t)
    if t:
        yield multiply(p, ROWS, H, t)
    yield noted("i, f, o = σ(M)", shape.times(3).take(p.base, i, Func.SIGMOID, hold=1))
    yield noted("g = tanh(M)", shape.take(p.base + 3 * p.groups, g, Func.TANH, hold=1))
    if ahead:
        yield encode_x(p, t + 1)
    yield noted("i g", shape.ewise(i, g, acc=1, base=p.scratch))
    more = {"acc": 1, "cont": 1, "hold": 1, "base": p.scratch}
    yield noted("c = i g + f c[t-1]", shape.ewise(f, p.seq(p.c), ZERO, p.seq(p.c, p.after), **more))
    yield noted("tc = tanh(c)", shape.take(p.scratch, tc, Func.TANH, act_scale=1))
    yield noted("h = o tc", shape.ewise(o, tc, to=p.seq(p.h, p.after)))
    if not p.sizes.keep or t + 1 < p.steps:
        yield encode_h(p, t)


def forward(p: LstmPlan) -> Iterator[Instruction]:
    """All steps of a sequence whose inputs are there."""
    yield from begin(p)
    yield encode_x(p, 0)
    for t in range(p.steps):
        yield from forward_step(p, t, ahead=t + 1 < p.steps)


def begin_backward(p: LstmPlan, b: BackPlan) -> Iterator[Instruction]:
    """Before the last step's backward step: nothing comes back from later ones."""
    zeros = shape_of((4 * p.groups + p.across) * p.hw.num_pe, p.hw)
    yield noted("dcf = gh = dĥ = dx̂ = 0", zeros.zero(words(b.s + p.groups)))
    yield _slope(p, b, p.steps - 1)


def backward_step(p: LstmPlan, b: BackPlan, t: int) -> Iterator[Instruction]:
    """One step back; `begin_backward` and the steps behind it have run."""
    shape, groups = p.shape(t), p.groups
    i, f, o = (p.gate(k) for k in range(3))
    g, c_before, h_now = p.seq(p.g), p.seq(p.c), p.seq(p.h, p.after)
    y, dcf, dh = (words(b.s + k * groups) for k in range(3))
    rest = [words(b.r + k * groups) for k in range(GATES)]
    dc, state = words(b.dc), {"acc": 1, "hold": 1, "cont": int(t + 1 < p.steps)}
    yield noted("dh = dL/dh + gh", shape.ewise(ONE, words(b.gh), words(b.dl + t * groups), to=dh))
    yield noted("R_i = g - g i", shape.ewise(g, i, SAME, to=rest[0], neg=1))
    yield noted("R_f = c[t-1] - c[t-1] f", shape.ewise(c_before, f, SAME, to=rest[1], neg=1))
    yield noted("dc = dcf + dh v", shape.ewise(dh, words(b.v), dcf, to=dc))
    yield noted("R_o = h - h o", shape.ewise(h_now, o, SAME, to=rest[2], neg=1))
    yield noted("R_g = 1 - g g", shape.ewise(g, SAME, ONE, to=rest[3], neg=1))
    yield noted("dcf = dc f", shape.ewise(dc, f, to=dcf))
    yield noted("y = dc i", shape.ewise(dc, i, to=y))
    if t:
        yield _slope(p, b, t - 1)
    gates = shape.times(3).ewise(y, rest[0], ZERO, p.seq(b.dm), base=p.base, **state)
    yield noted("dM += y R_i, dcf R_f, dh R_o", gates)
    dm_g = p.seq(b.dm, 3 * groups * p.room)
    last = shape.ewise(y, rest[3], ZERO, dm_g, base=p.base + 3 * groups, **state)
    yield noted("dM += y R_g", last)
    if t:
        yield _scatter(p, b, H, t, b.gh, b.gh + groups)
    yield _scatter(p, b, X, t, b.dx + t * p.across, b.gh + 2 * groups)


def backward(p: LstmPlan, b: BackPlan) -> Iterator[Instruction]:
    """All steps back; then dM, which is the gradient of the biases, goes to DRAM."""
    yield from begin_backward(p, b)
    for t in reversed(range(p.steps)):
        yield from backward_step(p, b, t)
    shape = p.shape(0).times(GATES)
    bias = shape.instruction(Proc.ACC, base=p.base, act_scale=1, dram_dst=b.bias, **_out(p))
    yield noted("dM to DRAM: gradient of the biases", bias)


def gradients(p: LstmPlan, b: BackPlan) -> Iterator[Instruction]:
    """The gradients of both matrices to DRAM, by way of all accumulators: no layer may hold any."""
    yield from _gradient(p, b, X, 0, b.gates_x, b.wx)
    # Nothing fired before the first step.
    yield from _gradient(p, b, H, 1, b.gates_h, b.wh)


def _gradient(
    p: LstmPlan, b: BackPlan, which: int, start: int, gates: int, addr: int
) -> Iterator[Instruction]:
    """The gradient of a matrix from step `start` on, in parts of so many gates."""
    columns = p.units if which else p.inputs
    indices, values = p.lists[which]
    size = gates * p.groups * columns * p.hw.num_pe * p.hw.data_w // 8 * (2 if p.hw.is_fp else 1)
    for part in range(GATES // gates):
        shape = p.shape(start).times(gates)
        common = {"cnt1": columns - 1, "dram_dst": addr + part * size, **_out(p)}
        if start == p.steps:
            yield noted("no gradient", shape.instruction(Proc.ACC, act_scale=1, **common))
            continue
        product = shape.instruction(
            Proc.VXV_SP,
            cnt2=p.steps - 1 - start,
            list=which,
            src0_addr=p.seq(b.dm, part * gates * p.groups * p.room).addr,
            src1_addr=values,
            src2_addr=indices,
            **common,
        )
        yield noted("gradient of Wh" if which else "gradient of Wx", product)


def _out(p: LstmPlan) -> dict[str, int]:
    """To DRAM with all the precision there is."""
    return {"to_dram": 1, "wide": int(p.hw.is_fp)}


def _slope(p: LstmPlan, b: BackPlan, t: int) -> Instruction:
    """v of step t."""
    slope = p.shape(t).ewise(p.seq(p.h, p.after), p.seq(p.tc), p.gate(2), to=words(b.v), neg=1)
    return noted("v = o - h tc" if t + 1 == p.steps else "v[t-1] = o - h tc", slope)


def _scatter(p: LstmPlan, b: BackPlan, which: int, t: int, value: int, state: int) -> Instruction:
    """Gradients of a value and of its encoder's state, by way of what fired."""
    shape = p.shape(t).times(GATES)
    scattered = shape.instruction(
        Proc.MTXV_SP,
        cnt1=(p.units if which else p.inputs) - 1,
        src0_dram=1,
        dram_src=p.wh if which else p.wx,
        src0_addr=state,
        src1_addr=p.seq(b.dm).addr,
        src2_addr=p.lists[which][0],
        dst0_addr=value,
        dst1_addr=state,
        list=which,
        scatter=1,
    )
    return noted("gh, dĥ from Whᵀ dM" if which else "dx, dx̂ from Wxᵀ dM", scattered)
