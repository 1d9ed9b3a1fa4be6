"""Fields of the input module's configuration: what the package's `ipm_cfg_t` lists."""

from __future__ import annotations

from dataclasses import dataclass, fields

from reneta.golden.ccm_types import CfgField
from reneta.golden.config import HwConfig

# From the top bit down, as a packed struct lists them.
IPM_CFG_FIELDS = (
    CfgField("proc", lambda _: 4, "procedure; plain bits, as software may write any code"),
    CfgField("src0_dram", lambda _: 1, "the first operand comes from DRAM, else from SMEM"),
    CfgField("list", lambda _: 1, "which of the two lists of a step"),
    CfgField("cnt2", lambda c: c.cnt_w, "steps minus one"),
    CfgField("cnt1", lambda c: c.cnt_w, "columns minus one; sparse: of the whole matrix"),
    CfgField("cnt0", lambda c: c.cnt_w, "row groups minus one"),
    CfgField("step", lambda c: c.step_w, "first step"),
    CfgField("stride", lambda c: c.step_w + 1, "steps that the vectors in SMEM have room for"),
    CfgField("idx_addr", lambda c: c.smem_addr_w, "region of list indices"),
    CfgField("src1_addr", lambda c: c.smem_addr_w, "second operand, or region of list values"),
    CfgField("src0_addr", lambda c: c.smem_addr_w, "first operand, in SMEM"),
    CfgField("dram_addr", lambda _: 32, "first operand, in DRAM (bytes)"),
)


@dataclass(frozen=True)
class IpmCfg:
    """Configuration of the input module for one instruction (fields as in IPM_CFG_FIELDS)."""

    proc: int
    cnt0: int = 0
    cnt1: int = 0
    cnt2: int = 0
    step: int = 0
    stride: int = 0
    src0_dram: int = 0
    list: int = 0
    idx_addr: int = 0
    src1_addr: int = 0
    src0_addr: int = 0
    dram_addr: int = 0

    def pack(self, config: HwConfig) -> int:
        """The packed struct as an integer.

        Raises:
            ValueError: a field does not fit its width.
        """
        word = 0
        for field in IPM_CFG_FIELDS:
            value, width = int(getattr(self, field.name)), field.width(config)
            if not 0 <= value < 1 << width:
                raise ValueError(f"{field.name}={value} does not fit {width} bits")
            word = word << width | value
        return word

    @classmethod
    def unpack(cls, word: int, config: HwConfig) -> IpmCfg:
        """Inverse of pack."""
        values = {}
        for field in reversed(IPM_CFG_FIELDS):
            width = field.width(config)
            values[field.name] = word & (1 << width) - 1
            word >>= width
        return cls(**{f.name: values[f.name] for f in fields(cls)})


def ipm_cfg_width(config: HwConfig) -> int:
    """Bits of the packed configuration."""
    return sum(field.width(config) for field in IPM_CFG_FIELDS)
