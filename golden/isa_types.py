"""The table of instruction fields: what stands where in the words of an instruction.

Encoder and decoder (golden.isa), the SystemVerilog package, docs/isa.md and the assembler all follow it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.config import HwConfig

WORD_W = 64
WORDS = 8
INSN_W = WORD_W * WORDS
INSN_BYTES = INSN_W // 8

COMPUTE_WORD = 0
CONTINUED = (3, 32)
"""Word and bit from where the compute word's fields go on that do not fit into it."""


@dataclass(frozen=True)
class Bits:
    """A number of bits: how the documents write it, and what it is in a configuration."""

    text: str
    of: Callable[[HwConfig], int]


def _fixed(count: int) -> Bits:
    return Bits(str(count), lambda _: count)


_BIT = _fixed(1)
_DRAM = _fixed(32)
_LANE = Bits("LANE_W", lambda c: c.lane_w)
_IDX = Bits("IDX_W", lambda c: c.idx_w)
_CNT = Bits("CNT_W", lambda c: c.cnt_w)
_STEP = Bits("STEP_W", lambda c: c.step_w)
_STRIDE = Bits("STEP_W + 1", lambda c: c.step_w + 1)
_SMEM = Bits("SMEM_ADDR_W", lambda c: c.smem_addr_w)
_ACC = Bits("ACC_ADDR_W", lambda c: c.acc_addr_w)
_DATA = Bits("DATA_W", lambda c: c.data_w)


@dataclass(frozen=True)
class IsaField:
    """A field of an instruction.

    Attributes:
        name: in the package's insn_t.
        attr: the attribute of Instruction that it holds.
        bits: how many of its bits it holds.
        doc: what it means.
        label: as the format calls it, where that differs from the name.
        shift: the first bit of the attribute that it holds.
        slot: bits that the field takes, where there are more of them; those above are zero.
        above: those above are the low bits of this attribute instead.
        cause: why the machine stops where they are something else.
    """

    name: str
    attr: str
    bits: Bits
    doc: str
    label: str = ""
    shift: int = 0
    slot: Bits | None = None
    above: str = ""
    cause: ErrorCause = ErrorCause.PROC


def _loose(name: str, bits: Bits, slot: int, cause: ErrorCause, doc: str, label: str = "") -> IsaField:
    """A field whose place does not depend on the configuration."""
    return IsaField(name, name, bits, doc, label, slot=_fixed(slot), cause=cause)


def _address(name: str, doc: str, label: str = "") -> IsaField:
    return _loose(name, _SMEM, 16, ErrorCause.ADDRESS, doc, label)


COMPUTE: tuple[IsaField, ...] = (
    IsaField("paus", "pause", _BIT, "the machine pauses after this instruction", "Paus"),
    IsaField("dst0", "to_smem", _BIT, "results go to SMEM", "DST0"),
    IsaField("dst1", "to_dram", _BIT, "results go to DRAM", "DST1"),
    IsaField("src0", "src0_dram", _BIT, "first operand: 1 from DRAM, 0 from SMEM (channel 2)", "SRC0"),
    IsaField("src1", "b_src", _BIT, "EWISE: second operand from SMEM (channel 1)", "SRC1", shift=1),
    IsaField(
        "n1",
        "lanes",
        _LANE,
        "rows minus one: valid lanes of the last group minus one, then low bits of CNT0",
        "N1",
        slot=_IDX,
        above="cnt0",
        cause=ErrorCause.SIZE,
    ),
    IsaField("cnt0", "cnt0", _CNT, "row groups minus one (innermost loop)", "CNT0"),
    IsaField("cnt1", "cnt1", _CNT, "columns minus one", "CNT1"),
    IsaField("cnt2", "cnt2", _CNT, "steps minus one (outermost loop)", "CNT2"),
    IsaField("func", "func", _fixed(2), "function on the way out", "Func"),
    IsaField("t", "step", _STEP, "first step"),
    IsaField("nt", "stride", _STRIDE, "steps for which sequences have room", "Nt"),
    IsaField("proc", "proc", _fixed(4), "procedure", "Proc"),
)
"""The compute word from its bit 0 up, without gaps."""

PLACES: tuple[tuple[int, int, IsaField], ...] = (
    (1, 0, _address("src0_addr", "first operand", "SRC0 address")),
    (1, 16, _address("src1_addr", "second operand, or list values", "SRC1 address")),
    (1, 32, _address("dst0_addr", "destination", "DST0 address")),
    (1, 48, _address("src2_addr", "addend, or list indices", "SRC2 address")),
    (2, 0, IsaField("dram_src", "dram_src", _DRAM, "first operand in DRAM (bytes)", "SRC0 address")),
    (2, 32, IsaField("dram_dst", "dram_dst", _DRAM, "destination in DRAM (bytes)", "DST1 address")),
    (3, 0, IsaField("dep", "dep", _fixed(3), "waits for the instruction so many places before it; 0: none")),
    (3, 3, IsaField("fence", "fence", _BIT, "begins when all before it has ended and is in DRAM")),
    (3, 4, IsaField("a_src", "a_src", _fixed(3), "EWISE: where the first operand comes from")),
    (3, 7, IsaField("a_seq", "a_seq", _BIT, "EWISE: the first operand is a sequence")),
    (3, 8, IsaField("b_one", "b_src", _BIT, "EWISE: the second operand is one")),
    (3, 9, IsaField("b_same", "b_src", _BIT, "EWISE: the second operand is the first", shift=2)),
    (3, 10, IsaField("b_seq", "b_seq", _BIT, "EWISE: the second operand is a sequence")),
    (3, 11, IsaField("spm", "spm", _BIT, "MOVE: descriptors instead of words")),
    (3, 12, IsaField("c_src", "c_src", _fixed(3), "EWISE: where the addend comes from")),
    (3, 15, IsaField("c_seq", "c_seq", _BIT, "EWISE, DELTA: the addend is a sequence")),
    (3, 16, IsaField("neg", "neg", _BIT, "EWISE: subtract the product")),
    (3, 17, IsaField("wide", "wide", _BIT, "results are float32 in two words")),
    (3, 18, IsaField("seq", "seq", _BIT, "the destination is a sequence")),
    (3, 19, IsaField("scatter", "scatter", _BIT, "MTXV_SP: gradients of value and state")),
    (3, 20, IsaField("acc", "acc", _BIT, "EWISE: sums are in the accumulators")),
    (3, 21, IsaField("cont", "cont", _BIT, "go on from what the accumulators hold")),
    (3, 22, IsaField("hold", "hold", _BIT, "the accumulators keep their sums")),
    (3, 23, IsaField("act_scale", "act_scale", _BIT, "ACC, fxp16: sums of products of two activations")),
    (3, 24, IsaField("list", "list", _BIT, "which of a step's two lists")),
    (3, 25, IsaField("append", "append", _BIT, "DELTA: the list begins where the last one ended")),
    (3, 26, IsaField("direct", "direct", _BIT, "indices go straight from a DELTA to its reader")),
    (4, 0, _address("dst1_addr", "DELTA: list values; scatter: state gradient")),
    (4, 16, _address("head_word", "DELTA without append: word of the list's first entry")),
    (4, 32, _loose("base", _ACC, 32, ErrorCause.SIZE, "first accumulator word")),
    (5, 0, IsaField("theta", "theta", _DATA, "DELTA: threshold")),
    (5, 16, _loose("head_lane", _LANE, 16, ErrorCause.ADDRESS, "DELTA without append: lane of that entry")),
)
"""All other fields: word, bit, field. What stands at none of these places is reserved and zero."""
