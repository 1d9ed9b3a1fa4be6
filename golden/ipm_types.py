"""Fields of the input module's configuration: what the package's `ipm_cfg_t` lists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from reneta.golden.packed import CfgField, PackedCfg


class Source(IntEnum):
    """Where an operand of EWISE comes from."""

    ZERO = 0
    ONE = 1
    SMEM = 2
    WIDE = 3
    SAME = 4


class Side(IntEnum):
    """What goes past the compute core to the output module."""

    NONE = 0
    VECTOR = 1
    LIST = 2
    RAW = 3


# From the top bit down, as a packed struct lists them.
IPM_CFG_FIELDS = (
    CfgField("proc", lambda _: 4, "procedure; plain bits, as software may write any code"),
    CfgField("src0_dram", lambda _: 1, "the first operand comes from DRAM, else from SMEM"),
    CfgField("list", lambda _: 1, "which of the two lists of a step"),
    CfgField("direct", lambda _: 1, "the indices come from the output module"),
    CfgField("dep", lambda _: 3, "begin when the instruction so many places before has ended; 0: at once"),
    CfgField("side", lambda _: 2, "side_e: what goes to the output module"),
    CfgField("a_src", lambda _: 3, "EWISE: source_e of the first operand"),
    CfgField("b_src", lambda _: 3, "EWISE: source_e of the second operand"),
    CfgField("c_src", lambda _: 3, "EWISE: source_e of the addend"),
    CfgField("a_seq", lambda _: 1, "EWISE: the first operand is a sequence; else words one after another"),
    CfgField("b_seq", lambda _: 1, "EWISE: the same of the second operand"),
    CfgField("c_seq", lambda _: 1, "EWISE: the same of the addend"),
    CfgField("cnt2", lambda c: c.cnt_w, "steps minus one"),
    CfgField("cnt1", lambda c: c.cnt_w, "columns minus one; sparse: of the whole matrix"),
    CfgField("cnt0", lambda c: c.cnt_w, "row groups minus one"),
    CfgField("step", lambda c: c.step_w, "first step"),
    CfgField("stride", lambda c: c.step_w + 1, "steps that the vectors in SMEM have room for"),
    CfgField("src2_addr", lambda c: c.smem_addr_w, "region of list indices; EWISE: addend"),
    CfgField("src1_addr", lambda c: c.smem_addr_w, "second operand, or region of list values"),
    CfgField("src0_addr", lambda c: c.smem_addr_w, "first operand, in SMEM"),
    CfgField("dram_addr", lambda _: 32, "first operand, in DRAM (bytes)"),
)


@dataclass(frozen=True)
class IpmCfg(PackedCfg):
    """Configuration of the input module for one instruction (fields as in IPM_CFG_FIELDS)."""

    FIELDS: ClassVar[tuple[CfgField, ...]] = IPM_CFG_FIELDS

    proc: int
    cnt0: int = 0
    cnt1: int = 0
    cnt2: int = 0
    step: int = 0
    stride: int = 0
    src0_dram: int = 0
    list: int = 0
    direct: int = 0
    dep: int = 0
    side: int = Side.NONE
    a_src: int = Source.ZERO
    b_src: int = Source.ZERO
    c_src: int = Source.ZERO
    a_seq: int = 0
    b_seq: int = 0
    c_seq: int = 0
    src2_addr: int = 0
    src1_addr: int = 0
    src0_addr: int = 0
    dram_addr: int = 0
