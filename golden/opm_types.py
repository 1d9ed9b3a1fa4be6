"""Codes and fields of the output module's configuration: the source of the package's types too."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from reneta.golden.packed import CfgField, PackedCfg


class OpmMode(IntEnum):
    """What the output module makes of an instruction's results."""

    WORDS = 0
    SUMS = 1
    ENCODE = 2
    SCATTER = 3
    MOVE = 4


# From the top bit down, as a packed struct lists them.
OPM_CFG_FIELDS = (
    CfgField("mode", lambda _: 3, "opm_mode_e; plain bits, as software may write any code"),
    CfgField("to_smem", lambda _: 1, "WORDS, SUMS, MOVE: results go to SMEM"),
    CfgField("to_dram", lambda _: 1, "WORDS, SUMS, MOVE: results go to DRAM"),
    CfgField("wide", lambda _: 1, "WORDS: float32 in two words"),
    CfgField("sparse", lambda _: 1, "SUMS: one after another in list order"),
    CfgField("seq", lambda _: 1, "the SMEM destination is a sequence; else words one after another"),
    CfgField("list", lambda _: 1, "ENCODE: which of the two lists of a step"),
    CfgField("append", lambda _: 1, "ENCODE: the list begins where the last one ended"),
    CfgField("direct", lambda _: 1, "ENCODE: the indices also go straight to the input module"),
    CfgField("lanes", lambda c: c.lane_w, "valid lanes of the last row group, minus one"),
    CfgField("cnt2", lambda c: c.cnt_w, "steps minus one"),
    CfgField("cnt1", lambda c: c.cnt_w, "columns minus one"),
    CfgField("cnt0", lambda c: c.cnt_w, "row groups minus one"),
    CfgField("step", lambda c: c.step_w, "first step"),
    CfgField("stride", lambda c: c.step_w + 1, "steps that a sequence in SMEM has room for"),
    CfgField("theta", lambda c: c.data_w, "ENCODE: threshold"),
    CfgField("head_word", lambda c: c.smem_addr_w, "ENCODE without append: word of the list's first entry"),
    CfgField("head_lane", lambda c: c.lane_w, "ENCODE without append: lane of the list's first entry"),
    CfgField("idx_addr", lambda c: c.smem_addr_w, "ENCODE: region of list indices"),
    CfgField("dst1_addr", lambda c: c.smem_addr_w, "ENCODE: region of list values; SCATTER: state gradient"),
    CfgField("dst_addr", lambda c: c.smem_addr_w, "destination in SMEM; ENCODE: stored state"),
    CfgField("dram_addr", lambda _: 32, "destination in DRAM (bytes)"),
)


@dataclass(frozen=True)
class OpmCfg(PackedCfg):
    """Configuration of the output module for one instruction (fields as in OPM_CFG_FIELDS)."""

    FIELDS: ClassVar[tuple[CfgField, ...]] = OPM_CFG_FIELDS

    mode: int
    cnt0: int = 0
    cnt1: int = 0
    cnt2: int = 0
    lanes: int = 0
    to_smem: int = 0
    to_dram: int = 0
    wide: int = 0
    sparse: int = 0
    seq: int = 0
    list: int = 0
    append: int = 0
    direct: int = 0
    step: int = 0
    stride: int = 0
    theta: int = 0
    head_word: int = 0
    head_lane: int = 0
    idx_addr: int = 0
    dst1_addr: int = 0
    dst_addr: int = 0
    dram_addr: int = 0
