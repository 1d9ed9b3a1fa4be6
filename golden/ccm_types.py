"""Codes and fields of the compute core's configuration: the source of the package's types too."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from reneta.golden.packed import CfgField, PackedCfg


class Proc(IntEnum):
    """Procedures of an instruction."""

    IDLE = 0
    MXV = 1
    MTXV = 2
    VXV = 3
    MXV_SP = 4
    MTXV_SP = 5
    VXV_SP = 6
    EWISE = 7
    ACC = 8
    MOVE = 9
    DELTA = 10

    @property
    def sparse(self) -> bool:
        """Whether the procedure walks a nonzero list."""
        return self in (Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP)

    @property
    def kind(self) -> Proc:
        """The dense procedure that computes the same thing."""
        return Proc(self - 3) if self.sparse else self


CORE_PROCS = tuple(Proc(code) for code in range(Proc.ACC + 1))
"""What the compute core takes; the others are made of these and of work of other units."""


class Func(IntEnum):
    """Functions applied to results on their way out."""

    NONE = 0
    RELU = 1
    SIGMOID = 2
    TANH = 3


class Mode(IntEnum):
    """Modes of the PE array."""

    PARALLEL = 0
    CASCADE = 1
    ELEMENTWISE = 2


class ErrorCause(IntEnum):
    """Why the machine stopped."""

    NONE = 0
    PROC = 1
    COUNT = 2
    INDEX = 3
    SIZE = 4
    ADDRESS = 5
    AXI = 6


# From the top bit down, as a packed struct lists them.
CCM_CFG_FIELDS = (
    CfgField("proc", lambda _: 4, "procedure; plain bits, as software may write any code"),
    CfgField("func", lambda _: 2, "function on the way out", "dtv1_pkg::func_e"),
    CfgField("drain", lambda _: 1, "VXV: send out and clear the accumulators at the end"),
    CfgField("init", lambda _: 1, "MxV, EWISE: the accumulators start at the addend stream, not at zero"),
    CfgField("neg", lambda _: 1, "EWISE: subtract the product"),
    CfgField("acc", lambda _: 1, "EWISE: sums are in the accumulators"),
    CfgField("cont", lambda _: 1, "MxV, EWISE: go on from what the accumulators hold"),
    CfgField("hold", lambda _: 1, "MxV, EWISE, ACC: the accumulators keep their sums after the results"),
    CfgField("mute", lambda _: 1, "MxV, EWISE: no results; the accumulators keep their sums"),
    CfgField("act_scale", lambda _: 1, "ACC, fxp16: sums of products of two activations"),
    CfgField("lanes", lambda c: c.lane_w, "valid lanes of the last row group, minus one"),
    CfgField("base", lambda c: c.acc_addr_w, "first accumulator word"),
    CfgField("cnt2", lambda c: c.cnt_w, "steps minus one (outermost loop)"),
    CfgField("cnt1", lambda c: c.cnt_w, "columns minus one; sparse: of the whole matrix"),
    CfgField("cnt0", lambda c: c.cnt_w, "row groups minus one (innermost loop)"),
)


@dataclass(frozen=True)
class CcmCfg(PackedCfg):
    """Configuration of the compute core for one instruction (fields as in CCM_CFG_FIELDS)."""

    FIELDS: ClassVar[tuple[CfgField, ...]] = CCM_CFG_FIELDS

    proc: int
    cnt0: int
    cnt1: int
    cnt2: int
    lanes: int
    func: int = Func.NONE
    init: int = 0
    neg: int = 0
    drain: int = 0
    acc: int = 0
    cont: int = 0
    hold: int = 0
    mute: int = 0
    act_scale: int = 0
    base: int = 0
