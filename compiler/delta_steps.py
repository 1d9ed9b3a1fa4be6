"""What the steps of every delta layer have in common: encoding, and the matrices that its lists drive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from reneta.compiler.layer_plan import LayerPlan
from reneta.compiler.parts import ONE, ZERO, Ref, noted, shape_of, words
from reneta.golden.ccm_types import Proc
from reneta.golden.instruction import Instruction
from reneta.golden.layers import GATES

X, H = 0, 1
"""The two lists of a step: of Δx, and of the Δh of the step before."""


class Rows(NamedTuple):
    """Where the rows of a layer's two matrices stand in M: first gate and number of gates."""

    x: tuple[int, int]
    h: tuple[int, int]


def begin(p: LayerPlan) -> Iterator[Instruction]:
    """Before the first step: encoders' states at zero, M at the bias."""
    yield noted("1", shape_of(p.hw.num_pe, p.hw).ewise(ZERO, ZERO, ONE, to=words(p.ones)))
    zeros = shape_of((p.across + p.groups) * p.hw.num_pe, p.hw).zero(words(p.state))
    yield noted("x̂ = ĥ = 0", zeros)
    shape = shape_of(p.units, p.hw).times(GATES)
    fields = {"cnt1": 1, "src0_dram": 1, "dram_src": p.bias, "src1_addr": p.ones, "base": p.base}
    yield noted("M = b_ih + b_hh", shape.instruction(Proc.MXV, **fields))


def encode_x(p: LayerPlan, t: int) -> Instruction:
    """Δx[t]."""
    # The instruction's step is the descriptor's; in the input sequence it may be another one.
    offset = t - p.step(t) + p.sizes.first if p.x.room > 1 else 0
    shape = shape_of(p.inputs, p.hw)._replace(step=p.step(t), stride=p.x.room)
    fields = _encoded(p, X, t, p.seq(p.x.addr, offset), p.x_hat)
    return noted("Δx", shape.instruction(Proc.DELTA, theta=p.sizes.theta_x, **fields))


def encode_h(p: LayerPlan, t: int) -> Instruction:
    """Δh[t], into the list of step t + 1."""
    shape = p.shape(t)._replace(step=p.step(t + 1))
    fields = _encoded(p, H, t, p.seq(p.h), p.h_hat)
    return noted("Δh", shape.instruction(Proc.DELTA, theta=p.sizes.theta_h, **fields))


def multiply(p: LayerPlan, rows: Rows, which: int, t: int) -> Instruction:
    """M += W Δ of step t."""
    first, gates = rows[which]
    indices, values = p.lists[which]
    shape = p.shape(t).times(gates)
    product = shape.instruction(
        Proc.MXV_SP,
        cnt1=(p.units if which else p.inputs) - 1,
        src0_dram=1,
        dram_src=p.wh if which else p.wx,
        src1_addr=values,
        src2_addr=indices,
        list=which,
        cont=1,
        base=p.base + first * p.groups,
    )
    return noted("M += Wh Δh[t-1]" if which else "M += Wx Δx", product)


def _encoded(p: LayerPlan, which: int, t: int, v: Ref, v_hat: int) -> dict[str, int]:
    """Fields of the encoding of a vector into one of the lists."""
    indices, values = p.lists[which]
    return {
        "list": which,
        "append": int(p.sizes.keep and t > 0),
        "c_seq": 1,
        "src0_addr": indices,
        "src1_addr": v_hat,
        "src2_addr": v.addr,
        "dst0_addr": v_hat,
        "dst1_addr": values,
    }
