"""Instruction sequences of a delta GRU layer: addresses and one forward step.

They compute what golden.layers' `gru_forward` says; docs/steps.md shows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reneta.compiler import delta_steps
from reneta.compiler.delta_steps import H, Rows, X, encode_h, encode_x, multiply
from reneta.compiler.layer_plan import HIGH, LOW, Input, LayerPlan, Sizes, plan_layer
from reneta.compiler.parts import SAME, Dram, Smem, noted, wide, words
from reneta.golden.ccm_types import Func
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction

# M_nx, M_r, M_z, M_nh: the rows of the inputs' matrix are n, r, z, of the hidden state's r, z, n.
ROWS = Rows(x=(0, 3), h=(1, 3))


@dataclass(frozen=True)
class GruPlan(LayerPlan):
    """Addresses of a delta GRU layer; M in the order M_nx, r, z, M_nh.

    Attributes:
        rz: sequence of the gates r, z.
        n: sequence.
        m_nx: vector; float32 in two words each in the bf16 build.
        m_nh: vector.
    """

    rz: int
    n: int
    m_nx: int
    m_nh: int


def plan_gru(smem: Smem, dram: Dram, hw: HwConfig, sizes: Sizes, x: Input | None = None) -> GruPlan:
    """Find room for a layer; without `x` its input gets room, too.

    Raises:
        LayoutError: something does not fit.
    """
    plan = plan_layer(smem, dram, hw, sizes, 3, x)
    return GruPlan(
        **vars(plan),
        rz=smem.take(2 * plan.groups * plan.room, LOW),
        n=smem.take(plan.groups * plan.room, HIGH),
        m_nx=smem.take(plan.groups * (2 if hw.is_fp else 1), HIGH),
        m_nh=smem.take(plan.groups, HIGH),
    )


def begin(p: GruPlan) -> Iterator[Instruction]:
    """Before the first step: the states at zero, M at the bias."""
    yield from delta_steps.begin(p)
    yield noted("h = 0", p.shape(0).zero(p.seq(p.h)))


def forward_step(p: GruPlan, t: int, ahead: bool = False) -> Iterator[Instruction]:
    """One step, with Δx[t] encoded already; with `ahead` Δx[t+1] gets encoded where there is time for it."""
    shape, groups = p.shape(t), p.groups
    r, z, n = p.seq(p.rz), p.seq(p.rz, groups * p.room), p.seq(p.n)
    m_nx = wide(p.m_nx) if p.hw.is_fp else words(p.m_nx)
    m_nh = words(p.m_nh)
    yield multiply(p, ROWS, X, t)
    if t:
        yield multiply(p, ROWS, H, t)
    yield noted("M_nx", shape.take(p.base, m_nx, hold=1))
    yield noted("M_nh", shape.take(p.base + 3 * groups, m_nh, hold=1))
    yield noted("r, z = σ(M)", shape.times(2).take(p.base + groups, r, Func.SIGMOID, hold=1))
    if ahead:
        yield encode_x(p, t + 1)
    yield noted("n = tanh(M_nx + r M_nh)", shape.ewise(r, m_nh, m_nx, to=n, func=Func.TANH))
    yield noted("n - z n", shape.ewise(n, z, SAME, neg=1, acc=1, base=p.scratch))
    last = shape.ewise(p.seq(p.h), z, to=p.seq(p.h, p.after), acc=1, cont=1, base=p.scratch)
    yield noted("h = n - z n + z h[t-1]", last)
    if not p.sizes.keep or t + 1 < p.steps:
        yield encode_h(p, t)


def forward(p: GruPlan) -> Iterator[Instruction]:
    """All steps of a sequence whose inputs are there."""
    yield from begin(p)
    yield encode_x(p, 0)
    for t in range(p.steps):
        yield from forward_step(p, t, ahead=t + 1 < p.steps)
