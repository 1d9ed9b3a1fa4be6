"""The instruction in the SystemVerilog package: its struct, and what may be wrong with its bits."""

from __future__ import annotations

from collections.abc import Iterator

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.config import HwConfig
from reneta.golden.isa import Placed, layout, masks, words
from reneta.golden.isa_types import INSN_BYTES, INSN_W, WORD_W

_MASKS = {
    ErrorCause.PROC: ("INSN_RESERVED", "Reserved bits of an instruction"),
    ErrorCause.SIZE: ("INSN_PAST_SIZE", "Bits of sizes that are larger than the machine"),
    ErrorCause.ADDRESS: ("INSN_PAST_ADDRESS", "Bits of addresses that are larger than the memories"),
}

# What golden.isa.check says.
_CHECKS = (
    "    // Descriptors move either from DRAM or to DRAM.",
    "    if (insn.proc == PROC_MOVE && insn.spm && (insn.src0 == insn.dst1 || insn.dst0))",
    "      return ERR_PROC;",
    "    // Addresses in DRAM are those of words.",
    "    if (insn.dst1 && insn.dram_dst[LANE_W:0] != '0) return ERR_ADDRESS;",
    "    if (insn.proc inside {PROC_MXV, PROC_MTXV, PROC_MXV_SP, PROC_MTXV_SP, PROC_MOVE}) begin",
    "      if (insn.src0 && insn.dram_src[LANE_W:0] != '0) return ERR_ADDRESS;",
    "    end",
    "    // The last step exists.",
    "    if (32'(insn.t) + 32'(insn.cnt2) >= MAX_M && !(insn.proc inside {PROC_IDLE, PROC_ACC}))",
    "      return ERR_ADDRESS;",
)


def lines(hw: HwConfig) -> list[str]:
    """The part of the package."""
    return [
        *_number("INSN_W", INSN_W, "Bits of an instruction"),
        *_number("INSN_WORD_W", WORD_W, "Bits of a word of an instruction"),
        *_number("INSN_BYTES", INSN_BYTES, "Bytes of an instruction in DRAM, where it is aligned to them"),
        "",
        *_struct(hw),
        "",
        *_masks(hw),
        *_function(hw),
    ]


def _number(name: str, value: int, comment: str) -> list[str]:
    return [f"  // {comment}.", f"  localparam int unsigned {name} = {value};"]


def _logic(width: int) -> str:
    return f"logic [{width - 1}:0]" if width > 1 else "logic"


def _struct(hw: HwConfig) -> Iterator[str]:
    """The fields from the top bit down, with what lies between them."""
    yield "  // An instruction (docs/isa.md)."
    yield "  typedef struct packed {"
    end = INSN_W
    for place in reversed(layout(hw)):
        yield from _gap(place.position + place.slot, end)
        comment = f"word {place.word}, bit {place.lsb}: {place.field.doc}"
        yield f"    // {comment}"
        yield f"    {_logic(place.slot)} {place.field.name};"
        end = place.position
    yield from _gap(0, end)
    yield "  } insn_t;"


def _gap(first: int, end: int) -> Iterator[str]:
    """Reserved bits from `first` up to but not including `end`, a member for each word that they touch."""
    while end > first:
        word = (end - 1) // WORD_W
        low = max(first, word * WORD_W)
        yield f"    {_logic(end - low)} reserved_w{word}_{low % WORD_W};"
        end = low


def _masks(hw: HwConfig) -> Iterator[str]:
    for cause, mask in masks(hw).items():
        name, comment = _MASKS[cause]
        values = [f"    {WORD_W}'h{word:0{WORD_W // 4}x}" for word in reversed(words(mask))]
        yield f"  // {comment}."
        yield f"  localparam logic [INSN_W-1:0] {name} = {{"
        yield ",\n".join(values)
        yield "  };"


def _function(hw: HwConfig) -> Iterator[str]:
    yield ""
    yield "  // Why the machine stops at these bits instead of decoding them; ERR_NONE where it does not."
    yield "  function automatic err_e insn_error(insn_t insn);"
    for cause in masks(hw):
        yield f"    if ((insn & {_MASKS[cause][0]}) != '0) return ERR_{cause.name};"
        for place in layout(hw):
            if place.field.above and place.field.cause == cause and place.slot > place.used:
                yield f"    if ({_repeated(place)}) return ERR_{cause.name};"
    yield from _CHECKS
    yield "    return ERR_NONE;"
    yield "  endfunction"


def _repeated(place: Placed) -> str:
    """Whether the upper bits of a field are not the low bits of the other one that they repeat."""
    high = f"insn.{place.field.name}[{place.slot - 1}:{place.used}]"
    return f"{high} != insn.{place.field.above}[{place.slot - place.used - 1}:0]"
