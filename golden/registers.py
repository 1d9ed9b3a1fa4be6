"""Registers of the machine. Generated from rtl/dtv1_regs.rdl by `make package`; do not edit."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Reg(IntEnum):
    """Byte addresses."""

    ID = 0x0000
    VERSION = 0x0004
    ARITH = 0x0008
    SIZES = 0x000C
    SMEM_SIZE = 0x0010
    ACC_SIZE = 0x0014
    CTRL = 0x0020
    STATUS = 0x0024
    PROG_ADDR = 0x0028
    PROG_LEN = 0x002C
    IRQ_STATUS = 0x0030
    IRQ_ENABLE = 0x0034
    ERROR = 0x0038
    PC = 0x003C
    CYCLES_LO = 0x0080
    CYCLES_HI = 0x0084
    MAC_LO = 0x0088
    MAC_HI = 0x008C
    WAIT_DRAM_LO = 0x0090
    WAIT_DRAM_HI = 0x0094
    WAIT_SMEM_LO = 0x0098
    WAIT_SMEM_HI = 0x009C
    WAIT_OUT_LO = 0x00A0
    WAIT_OUT_HI = 0x00A4
    DRAM_READ_LO = 0x00A8
    DRAM_READ_HI = 0x00AC
    DRAM_WRITTEN_LO = 0x00B0
    DRAM_WRITTEN_HI = 0x00B4
    INSTRUCTIONS_LO = 0x00B8
    INSTRUCTIONS_HI = 0x00BC
    FIRED_LO = 0x00C0
    FIRED_HI = 0x00C4
    WAIT_ACC_LO = 0x00C8
    WAIT_ACC_HI = 0x00CC


class Field(NamedTuple):
    """A field of a register: its lowest bit and its width."""

    lsb: int
    width: int

    def of(self, word: int) -> int:
        """The field in a word of its register."""
        return word >> self.lsb & (1 << self.width) - 1

    @property
    def bit(self) -> int:
        """The word in which only the lowest bit of the field is set."""
        return 1 << self.lsb


ID_ID = Field(0, 32)
VERSION_MINOR = Field(0, 16)
VERSION_MAJOR = Field(16, 16)
ARITH_FP = Field(0, 1)
ARITH_ACT_FRAC = Field(4, 4)
ARITH_WEIGHT_FRAC = Field(8, 4)
ARITH_NUM_PE = Field(16, 16)
SIZES_MAX_N = Field(0, 16)
SIZES_MAX_M = Field(16, 16)
SMEM_SIZE_WORDS = Field(0, 32)
ACC_SIZE_WORDS = Field(0, 32)
CTRL_START = Field(0, 1)
CTRL_PAUSE = Field(1, 1)
CTRL_RESUME = Field(2, 1)
CTRL_STEP = Field(3, 1)
CTRL_STOP = Field(4, 1)
CTRL_RESET = Field(5, 1)
STATUS_STATE = Field(0, 3)
PROG_ADDR_ADDR = Field(0, 32)
PROG_LEN_LENGTH = Field(0, 32)
IRQ_STATUS_DONE = Field(0, 1)
IRQ_STATUS_PAUSE = Field(1, 1)
IRQ_STATUS_STOP = Field(2, 1)
IRQ_STATUS_ERROR = Field(3, 1)
IRQ_ENABLE_DONE = Field(0, 1)
IRQ_ENABLE_PAUSE = Field(1, 1)
IRQ_ENABLE_STOP = Field(2, 1)
IRQ_ENABLE_ERROR = Field(3, 1)
ERROR_CAUSE = Field(0, 4)
ERROR_UNIT = Field(8, 4)
PC_PC = Field(0, 32)
CYCLES_LO_VALUE = Field(0, 32)
CYCLES_HI_VALUE = Field(0, 16)
MAC_LO_VALUE = Field(0, 32)
MAC_HI_VALUE = Field(0, 16)
WAIT_DRAM_LO_VALUE = Field(0, 32)
WAIT_DRAM_HI_VALUE = Field(0, 16)
WAIT_SMEM_LO_VALUE = Field(0, 32)
WAIT_SMEM_HI_VALUE = Field(0, 16)
WAIT_OUT_LO_VALUE = Field(0, 32)
WAIT_OUT_HI_VALUE = Field(0, 16)
DRAM_READ_LO_VALUE = Field(0, 32)
DRAM_READ_HI_VALUE = Field(0, 16)
DRAM_WRITTEN_LO_VALUE = Field(0, 32)
DRAM_WRITTEN_HI_VALUE = Field(0, 16)
INSTRUCTIONS_LO_VALUE = Field(0, 32)
INSTRUCTIONS_HI_VALUE = Field(0, 16)
FIRED_LO_VALUE = Field(0, 32)
FIRED_HI_VALUE = Field(0, 16)
WAIT_ACC_LO_VALUE = Field(0, 32)
WAIT_ACC_HI_VALUE = Field(0, 16)

ID_ID_VALUE = 0x44545631
VERSION_MINOR_VALUE = 0x0
VERSION_MAJOR_VALUE = 0x1
SPM_BASE = 0x8000
