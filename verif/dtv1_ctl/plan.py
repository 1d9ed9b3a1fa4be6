"""What a program in DRAM must become: dispatches, moves, fetches (docs/ctl.md, docs/isa.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from reneta.golden import isa
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.config import HwConfig
from reneta.golden.datamover import command
from reneta.golden.instruction import Instruction
from reneta.golden.isa_types import INSN_BYTES

_DESC_BYTES, _DESC_BITS = 4, 32
ADDRESSES = 1 << 32


@dataclass(frozen=True)
class Move:
    """A move of descriptors: the entries of the descriptor memory, the words in DRAM."""

    store: bool
    entries: tuple[int, ...]
    addresses: tuple[int, ...]

    def command(self, hw: HwConfig) -> int:
        """What the data mover is asked for."""
        return command(self.addresses[0], len(self.addresses) * hw.word_bytes)


@dataclass(frozen=True)
class Step:
    """One instruction: for the engine (its configurations), a move, or why it is refused."""

    number: int
    cfg: tuple[int, int, int] | None = None
    move: Move | None = None
    cause: ErrorCause = ErrorCause.NONE
    fence: bool = False
    pause: bool = False


@dataclass(frozen=True)
class Plan:
    """A program: its steps up to the first one that is refused, and what is fetched for it.

    Attributes:
        length: instructions that the program says it has.
        aligned: its address may be one of a program.
        blocks: address of each piece that is fetched.
        block_bytes: the size of these.
        first: place of the first instruction in the first block.
    """

    length: int
    aligned: bool
    steps: tuple[Step, ...]
    blocks: tuple[int, ...]
    block_bytes: int
    first: int

    @property
    def block_insns(self) -> int:
        """Instructions of a block."""
        return self.block_bytes // INSN_BYTES

    def block_of(self, number: int) -> int:
        """In which block an instruction lies."""
        return (self.first + number) // self.block_insns

    def step(self, number: int) -> Step | None:
        """An instruction, where the program has one of this number that anybody could know of."""
        return self.steps[number] if number < len(self.steps) else None

    def fetches(self) -> list[int]:
        """Commands of the fetch."""
        return [command(address, self.block_bytes) for address in self.blocks]


EMPTY = Plan(0, True, (), (), INSN_BYTES, 0)


def move_of(instruction: Instruction, hw: HwConfig) -> Move:
    """Where the descriptors of a move are."""
    count = instruction.cnt2 + 1
    first = instruction.list << hw.step_w | instruction.step
    words = -(-count * _DESC_BYTES // hw.word_bytes)
    start = instruction.dram_dst if instruction.to_dram else instruction.dram_src
    return Move(
        bool(instruction.to_dram),
        tuple(range(first, first + count)),
        tuple((start + word * hw.word_bytes) % ADDRESSES for word in range(words)),
    )


def plan_of(address: int, length: int, read: Callable[[int], int], hw: HwConfig) -> Plan:
    """The program of `length` instructions at `address`; `read` gives the word at an address."""
    block = max(hw.word_bytes, INSN_BYTES)
    if address % INSN_BYTES:
        return Plan(length, False, (), (), block, 0)
    start = address - address % block
    count = -(-(address - start + length * INSN_BYTES) // block) if length else 0
    blocks = tuple((start + number * block) % ADDRESSES for number in range(count))
    steps = []
    for number in range(length):
        steps.append(_step(number, _bits((address + number * INSN_BYTES) % ADDRESSES, read, hw), hw))
        if steps[-1].cause:
            break
    return Plan(length, True, tuple(steps), blocks, block, (address - start) // INSN_BYTES)


def _bits(address: int, read: Callable[[int], int], hw: HwConfig) -> int:
    """The instruction at an address."""
    inside = address % hw.word_bytes
    words = range(address - inside, address + INSN_BYTES, hw.word_bytes)
    joined = sum(read(word) << 8 * hw.word_bytes * place for place, word in enumerate(words))
    return joined >> 8 * inside & (1 << 8 * INSN_BYTES) - 1


def _step(number: int, bits: int, hw: HwConfig) -> Step:
    try:
        instruction = isa.decode(bits, hw)
    except isa.IllegalError as error:
        return Step(number, cause=error.cause)
    fence, pause = bool(instruction.fence), bool(instruction.pause)
    if instruction.moves_descriptors:
        return Step(number, move=move_of(instruction, hw), fence=fence, pause=pause)
    ipm, ccm, opm = (cfg.pack(hw) for cfg in instruction.units(hw))
    return Step(number, cfg=(ipm, ccm, opm), fence=fence, pause=pause)


@dataclass
class Contents:
    """DRAM words and descriptors as a program leaves them: what moves change, over what was there."""

    hw: HwConfig
    dram: Callable[[int], int]
    descriptors: Callable[[int], int]
    words: dict[int, int] = field(default_factory=dict)
    entries: dict[int, int] = field(default_factory=dict)

    def word(self, address: int) -> int:
        """A word of DRAM."""
        return self.words[address] if address in self.words else self.dram(address)

    def entry(self, place: int) -> int:
        """A descriptor."""
        return self.entries[place] if place in self.entries else self.descriptors(place)

    def carry_out(self, move: Move) -> list[int]:
        """Do a move; the words that it writes."""
        per_word = self.hw.word_bytes // _DESC_BYTES
        written = []
        for number, address in enumerate(move.addresses):
            places = move.entries[number * per_word : (number + 1) * per_word]
            if move.store:
                parts = (self.entry(place) << _DESC_BITS * k for k, place in enumerate(places))
                self.words[address] = sum(parts)
                written.append(self.words[address])
            else:
                word = self.word(address)
                for k, place in enumerate(places):
                    self.entries[place] = word >> _DESC_BITS * k & (1 << self.hw.desc_w) - 1
        return written
