"""Instructions as bits: encoder, decoder, program images. docs/isa.md is the description.

An instruction is eight words of 64 bits, in memory the low byte of word 0 first. Here it is also one integer
of 512 bits, word 0 lowest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from reneta.golden.arrays import U8
from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.isa_types import (
    COMPUTE,
    COMPUTE_WORD,
    CONTINUED,
    INSN_BYTES,
    INSN_W,
    PLACES,
    WORD_W,
    WORDS,
    IsaField,
)


class IllegalError(ValueError):
    """Bits that are no instruction; `cause` is why the machine stops."""

    def __init__(self, cause: ErrorCause, text: str) -> None:
        """Refuse for `cause`."""
        super().__init__(text)
        self.cause = cause


class Placed(NamedTuple):
    """A field in one configuration.

    Attributes:
        field: the field.
        word: its word.
        lsb: its lowest bit there.
        slot: bits that it takes.
        used: bits that it uses.
    """

    field: IsaField
    word: int
    lsb: int
    slot: int
    used: int

    @property
    def position(self) -> int:
        """Its lowest bit in the whole instruction."""
        return WORD_W * self.word + self.lsb

    @property
    def excess(self) -> int:
        """Mask, in the whole instruction, of the bits that it takes and does not use."""
        return (1 << self.slot) - (1 << self.used) << self.position


@lru_cache
def layout(hw: HwConfig) -> tuple[Placed, ...]:
    """All fields, in the order of their bits.

    The fields of the compute word follow each other. From the first one on that does not end within it, they
    go on at another place.
    """
    placed = [_placed(field, word, lsb, hw) for word, lsb, field in PLACES]
    word, lsb = COMPUTE_WORD, 0
    for field in COMPUTE:
        here = _placed(field, word, lsb, hw)
        if lsb + here.slot > WORD_W:
            word, lsb = CONTINUED
            here = _placed(field, word, lsb, hw)
        placed.append(here)
        lsb += here.slot
    return tuple(sorted(placed, key=lambda place: place.position))


def _placed(field: IsaField, word: int, lsb: int, hw: HwConfig) -> Placed:
    used = field.bits.of(hw)
    return Placed(field, word, lsb, field.slot.of(hw) if field.slot else used, used)


@lru_cache
def widths(hw: HwConfig) -> dict[str, int]:
    """Bits of each attribute of an instruction."""
    bits: dict[str, int] = {}
    for place in layout(hw):
        end = place.field.shift + place.used
        bits[place.field.attr] = max(bits.get(place.field.attr, 0), end)
    return bits


@lru_cache
def masks(hw: HwConfig) -> dict[ErrorCause, int]:
    """Bits of an instruction that are zero, for each cause with which the machine stops where they are not.

    Where several causes apply, the first one is told.
    """
    taken = sum((1 << place.slot) - 1 << place.position for place in layout(hw))
    zeros = {ErrorCause.PROC: (1 << INSN_W) - 1 ^ taken, ErrorCause.SIZE: 0, ErrorCause.ADDRESS: 0}
    for place in layout(hw):
        if not place.field.above:
            zeros[place.field.cause] |= place.excess
    return zeros


class _Codec(NamedTuple):
    """What encoder and decoder need of the layout, in the form in which they are fast.

    Attributes:
        ends: attribute, and the first number that does not fit.
        moves: attribute, its mask, and by how much that moves up to its place.
        repeats: attribute, where its low bits are repeated, mask of that place, cause where they are not.
    """

    ends: tuple[tuple[str, int], ...]
    moves: tuple[tuple[str, int, int], ...]
    repeats: tuple[tuple[str, int, int, ErrorCause], ...]


@lru_cache
def _codec(hw: HwConfig) -> _Codec:
    places = layout(hw)
    return _Codec(
        tuple((attr, 1 << width) for attr, width in widths(hw).items()),
        tuple((p.field.attr, (1 << p.used) - 1 << p.field.shift, p.position - p.field.shift) for p in places),
        tuple((p.field.above, p.position + p.used, p.excess, p.field.cause) for p in places if p.field.above),
    )


def encode(instruction: Instruction, hw: HwConfig) -> int:
    """The bits of an instruction.

    Raises:
        ValueError: an attribute does not fit its width.
    """
    codec, values = _codec(hw), vars(instruction)
    for attr, end in codec.ends:
        if not 0 <= values[attr] < end:
            raise ValueError(f"{attr}={values[attr]} is not within 0 to {end - 1}")
    bits = 0
    for attr, mask, move in codec.moves:
        bits |= (int(values[attr]) & mask) << move
    for attr, lsb, mask, _ in codec.repeats:
        bits |= int(values[attr]) << lsb & mask
    return bits


def decode(bits: int, hw: HwConfig) -> Instruction:
    """The instruction of 512 bits; of codes that mean nothing it is the units' business to refuse them.

    Raises:
        IllegalError: as masks says, SIZE where N1 and CNT0 do not agree, and what check says.
    """
    codec = _codec(hw)
    values: dict[str, int] = dict.fromkeys(widths(hw), 0)
    for attr, mask, move in codec.moves:
        values[attr] |= bits >> move & mask
    wrong = {cause: bits & mask for cause, mask in masks(hw).items()}
    for attr, lsb, mask, cause in codec.repeats:
        wrong[cause] |= (bits ^ values[attr] << lsb) & mask
    for cause, found in wrong.items():
        if found:
            number, word = next((number, word) for number, word in enumerate(words(found)) if word)
            raise IllegalError(cause, f"no instruction: bits {word:#x} of word {number} are wrong")
    instruction = Instruction(**values, note="")
    check(instruction, hw)
    return instruction


DRAM_READERS = (Proc.MXV, Proc.MTXV, Proc.MXV_SP, Proc.MTXV_SP, Proc.MOVE)
"""Procedures whose first operand may come from DRAM."""
_WITHOUT_STEPS = (Proc.IDLE, Proc.ACC)


def check(instruction: Instruction, hw: HwConfig) -> None:
    """Refuse what control refuses although every field fits.

    Raises:
        IllegalError: PROC for descriptors that move from and to DRAM, nowhere, or to SMEM; ADDRESS for an
            address in DRAM that is not a word's, and for a step that does not exist.
    """
    src0_dram, to_dram, proc = bool(instruction.src0_dram), bool(instruction.to_dram), instruction.proc
    if instruction.moves_descriptors and (src0_dram == to_dram or instruction.to_smem):
        raise IllegalError(ErrorCause.PROC, "descriptors move either from DRAM or to DRAM")
    for used, name in ((to_dram, "dram_dst"), (src0_dram and proc in DRAM_READERS, "dram_src")):
        address = int(getattr(instruction, name))
        if used and address % hw.word_bytes:
            raise IllegalError(ErrorCause.ADDRESS, f"{name}={address:#x} is no word's address")
    last = instruction.step + instruction.cnt2
    if proc not in _WITHOUT_STEPS and last >= hw.max_m:
        raise IllegalError(ErrorCause.ADDRESS, f"there is no step {last}")


def words(bits: int) -> tuple[int, ...]:
    """The eight words of an instruction."""
    return tuple(bits >> WORD_W * number & (1 << WORD_W) - 1 for number in range(WORDS))


def from_words(parts: Sequence[int]) -> int:
    """Inverse of words.

    Raises:
        ValueError: these are not eight words of 64 bits.
    """
    if len(parts) != WORDS or not all(0 <= part < 1 << WORD_W for part in parts):
        raise ValueError(f"an instruction is {WORDS} words of {WORD_W} bits")
    return sum(int(part) << WORD_W * number for number, part in enumerate(parts))


def image(program: Iterable[Instruction], hw: HwConfig) -> U8:
    """A program as it lies in DRAM: uint8[64 * instructions].

    Raises:
        ValueError: an attribute does not fit its width.
    """
    data = b"".join(encode(instruction, hw).to_bytes(INSN_BYTES, "little") for instruction in program)
    return np.frombuffer(data, np.uint8)


def fetch(memory: U8, address: int) -> int:
    """The bits of the instruction at a byte address.

    Raises:
        IllegalError: ADDRESS, where there can be none; AXI, where there is no memory.
    """
    if address % INSN_BYTES:
        raise IllegalError(ErrorCause.ADDRESS, f"there is no instruction at address {address:#x}")
    if not 0 <= address <= len(memory) - INSN_BYTES:
        raise IllegalError(ErrorCause.AXI, f"there is no memory at address {address:#x}")
    return int.from_bytes(memory[address : address + INSN_BYTES].tobytes(), "little")
