"""Instruction sequences of a delta LSTM layer: a forward step, a backward step, the weight gradient.

They compute what golden.layers' `lstm_forward` and `lstm_backward` say. docs/steps.md shows them and
what they cost. The order leaves little to wait for: what needs the instruction before it gets something else
in between where there is anything. `compiler.hazards.with_deps` says what has to wait for what.
"""

from __future__ import annotations

from collections.abc import Iterator

from reneta.compiler.lstm_plan import BackPlan, LstmPlan
from reneta.compiler.parts import ONE, SAME, ZERO, Ref, shape_of, words
from reneta.golden.ccm_types import Func, Proc
from reneta.golden.instruction import Instruction
from reneta.golden.layers import GATES
from reneta.golden.lists import row_groups

X, H = 0, 1
"""The two lists of a step: of Δx, and of the Δh of the step before."""


def begin(p: LstmPlan) -> Iterator[Instruction]:
    """Before the first step: the states at zero, M at the bias."""
    size = row_groups(p.inputs, p.hw.num_pe) + p.groups
    yield shape_of(p.hw.num_pe, p.hw).ewise(ZERO, ZERO, ONE, to=words(p.ones))
    yield shape_of(size * p.hw.num_pe, p.hw).zero(words(p.state))
    yield p.shape(0).zero(p.seq(p.c))
    yield (
        shape_of(p.units, p.hw)
        .times(GATES)
        .instruction(Proc.MXV, cnt1=1, src0_dram=1, dram_src=p.bias, src1_addr=p.ones, base=p.base)
    )


def encode_x(p: LstmPlan, t: int) -> Instruction:
    """Δx[t]."""
    # The instruction's step is that of the descriptor; the sequence's may be another one.
    offset = t - p.step(t) + p.first if p.x_room > 1 else 0
    return _encode(p, X, t, p.step(t), p.seq(p.x, offset), p.x_hat)


def forward_step(p: LstmPlan, t: int, ahead: bool = False) -> Iterator[Instruction]:
    """One step, with Δx[t] encoded already; with `ahead` Δx[t+1] gets encoded where there is time for it."""
    shape = p.shape(t)
    c_now, h_now = p.seq(p.c, p.after), p.seq(p.h, p.after)
    i, f, o = (p.gate(k) for k in range(3))
    g, tc = p.seq(p.g), p.seq(p.tc)
    yield _multiply(p, X, t)
    if t:
        yield _multiply(p, H, t)
    yield shape.times(3).take(p.base, i, Func.SIGMOID, hold=1)
    yield shape.take(p.base + 3 * p.groups, g, Func.TANH, hold=1)
    if ahead:
        yield encode_x(p, t + 1)
    yield shape.ewise(i, g, acc=1, base=p.c_base)
    yield shape.ewise(f, p.seq(p.c), to=c_now, acc=1, cont=1, hold=1, base=p.c_base)
    yield shape.take(p.c_base, tc, Func.TANH, act_scale=1)
    yield shape.ewise(o, tc, to=h_now)
    if not p.keep or t + 1 < p.steps:
        yield _encode(p, H, t, p.step(t + 1), p.seq(p.h), p.h_hat)


def forward(p: LstmPlan) -> Iterator[Instruction]:
    """All steps of a sequence whose inputs are there."""
    yield from begin(p)
    yield encode_x(p, 0)
    for t in range(p.steps):
        yield from forward_step(p, t, ahead=t + 1 < p.steps)


def backward_step(p: LstmPlan, b: BackPlan, t: int) -> Iterator[Instruction]:
    """One step back; `begin_backward` and the steps after it have run."""
    shape, groups = p.shape(t), p.groups
    i, f, o = (p.gate(k) for k in range(3))
    g, c_before, h_now = p.seq(p.g), p.seq(p.c), p.seq(p.h, p.after)
    y, dcf, dh = (words(b.s + k * groups) for k in range(3))
    rest = [words(b.r + k * groups) for k in range(GATES)]
    dc, state = words(b.dc), {"acc": 1, "hold": 1, "cont": int(t + 1 < p.steps)}
    yield shape.ewise(ONE, words(b.gh), words(b.dl + t * groups), to=dh)
    yield shape.ewise(g, i, SAME, to=rest[0], neg=1)
    yield shape.ewise(c_before, f, SAME, to=rest[1], neg=1)
    yield shape.ewise(dh, words(b.v), dcf, to=dc)
    yield shape.ewise(h_now, o, SAME, to=rest[2], neg=1)
    yield shape.ewise(g, SAME, ONE, to=rest[3], neg=1)
    yield shape.ewise(dc, f, to=dcf)
    yield shape.ewise(dc, i, to=y)
    if t:
        yield _slope(p, b, t - 1)
    yield shape.times(3).ewise(y, rest[0], ZERO, p.seq(b.dm), base=p.base, **state)
    dm_g = p.seq(b.dm, 3 * groups * p.room)
    yield shape.ewise(y, rest[3], ZERO, dm_g, base=p.base + 3 * groups, **state)
    if t:
        yield _scatter(p, b, H, t, b.gh, b.gh + groups)
    across = row_groups(p.inputs, p.hw.num_pe)
    yield _scatter(p, b, X, t, b.dx + t * across, b.gh + 2 * groups)


def begin_backward(p: LstmPlan, b: BackPlan) -> Iterator[Instruction]:
    """Before the last step's backward step: nothing comes back from later ones."""
    size = 4 * p.groups + row_groups(p.inputs, p.hw.num_pe)
    yield shape_of(size * p.hw.num_pe, p.hw).zero(words(b.s + p.groups))
    yield _slope(p, b, p.steps - 1)


def backward(p: LstmPlan, b: BackPlan) -> Iterator[Instruction]:
    """All steps back; then dM, which is the gradient of the biases, goes to DRAM."""
    yield from begin_backward(p, b)
    for t in reversed(range(p.steps)):
        yield from backward_step(p, b, t)
    out = {"to_dram": 1, "wide": int(p.hw.is_fp)}
    shape = p.shape(0).times(GATES)
    yield shape.instruction(Proc.ACC, base=p.base, act_scale=1, dram_dst=b.bias, **out)


def gradients(p: LstmPlan, b: BackPlan) -> Iterator[Instruction]:
    """The gradients of both matrices to DRAM, by way of all accumulators: no layer may hold any."""
    out = {"to_dram": 1, "wide": int(p.hw.is_fp)}
    for which, columns, gates, start, addr in (
        (X, p.inputs, b.gates_x, 0, b.wx),
        (H, p.units, b.gates_h, 1, b.wh),
    ):
        size = gates * p.groups * columns * p.hw.num_pe * p.hw.data_w // 8 * (1 + out["wide"])
        for part in range(GATES // gates):
            shape = p.shape(start).times(gates)
            common = {"cnt1": columns - 1, "dram_dst": addr + part * size, **out}
            if start == p.steps:
                # Nothing fired before the first step: zeros.
                yield shape.instruction(Proc.ACC, act_scale=1, **common)
                continue
            indices, values = p.lists[which]
            yield shape.instruction(
                Proc.VXV_SP,
                cnt2=p.steps - 1 - start,
                list=which,
                src0_addr=p.seq(b.dm, part * gates * p.groups * p.room).addr,
                src1_addr=values,
                src2_addr=indices,
                **common,
            )


def _encode(p: LstmPlan, which: int, t: int, step: int, v: Ref, v_hat: int) -> Instruction:
    """DELTA of a vector at step t into the list of `step`."""
    size, stride, theta = (p.inputs, p.x_room, p.theta_x) if which == X else (p.units, p.room, p.theta_h)
    indices, values = p.lists[which]
    return (
        shape_of(size, p.hw)
        ._replace(step=step, stride=stride)
        .instruction(
            Proc.DELTA,
            list=which,
            append=int(p.keep and t > 0),
            theta=theta,
            c_seq=1,
            src0_addr=indices,
            src1_addr=v_hat,
            src2_addr=v.addr,
            dst0_addr=v_hat,
            dst1_addr=values,
        )
    )


def _multiply(p: LstmPlan, which: int, t: int) -> Instruction:
    """M += W Δ."""
    indices, values = p.lists[which]
    return (
        p.shape(t)
        .times(GATES)
        .instruction(
            Proc.MXV_SP,
            cnt1=(p.inputs if which == X else p.units) - 1,
            src0_dram=1,
            dram_src=p.wx if which == X else p.wh,
            src1_addr=values,
            src2_addr=indices,
            list=which,
            cont=1,
            base=p.base,
        )
    )


def _slope(p: LstmPlan, b: BackPlan, t: int) -> Instruction:
    """v of step t."""
    return p.shape(t).ewise(p.seq(p.h, p.after), p.seq(p.tc), p.gate(2), to=words(b.v), neg=1)


def _scatter(p: LstmPlan, b: BackPlan, which: int, t: int, value: int, state: int) -> Instruction:
    """Gradients of a value and of its encoder's state, by way of what fired."""
    return (
        p.shape(t)
        .times(GATES)
        .instruction(
            Proc.MTXV_SP,
            cnt1=(p.inputs if which == X else p.units) - 1,
            src0_dram=1,
            dram_src=p.wx if which == X else p.wh,
            src0_addr=state,
            src1_addr=p.seq(b.dm).addr,
            src2_addr=p.lists[which][0],
            dst0_addr=value,
            dst1_addr=state,
            list=which,
            scatter=1,
        )
    )
