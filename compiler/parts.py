"""Instructions written down in terms of vectors, and room for the vectors in the shared memory."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from reneta.golden.ccm_types import Func, Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source
from reneta.golden.lists import LayoutError, row_groups


class Ref(NamedTuple):
    """An operand or a result of elementwise work: a constant, words one after another, or a sequence."""

    source: Source
    addr: int = 0
    seq: int = 0


ZERO, ONE, SAME = Ref(Source.ZERO), Ref(Source.ONE), Ref(Source.SAME)


def words(addr: int) -> Ref:
    """Words one after another."""
    return Ref(Source.SMEM, addr)


def wide(addr: int) -> Ref:
    """float32 words, two words of memory each, one after another."""
    return Ref(Source.WIDE, addr)


def sequence(addr: int) -> Ref:
    """A sequence, whose step the instruction names."""
    return Ref(Source.SMEM, addr, 1)


class Shape(NamedTuple):
    """Size of a vector, and where in sequences it lies.

    Attributes:
        groups: words.
        lanes: elements of the last word.
        step: step of the sequences.
        stride: steps for which they have room.
    """

    groups: int
    lanes: int
    step: int = 0
    stride: int = 1

    def times(self, count: int) -> Shape:
        """As many such vectors one after another, each padded to whole words."""
        return self._replace(groups=self.groups * count)

    def instruction(self, proc: Proc, **fields: int) -> Instruction:
        """An instruction on such vectors."""
        return Instruction(
            proc,
            cnt0=self.groups - 1,
            lanes=self.lanes - 1,
            step=self.step,
            stride=self.stride,
            note="",
            **fields,
        )

    def ewise(self, a: Ref, b: Ref, c: Ref = ZERO, to: Ref | None = None, **fields: int) -> Instruction:
        """c + a b (fields: neg=1: c - a b) to a destination, or into the accumulators."""
        return self.instruction(
            Proc.EWISE,
            a_src=a.source,
            a_seq=a.seq,
            src0_addr=a.addr,
            b_src=b.source,
            b_seq=b.seq,
            src1_addr=b.addr,
            c_src=c.source,
            c_seq=c.seq,
            src2_addr=c.addr,
            **_destination(to),
            **fields,
        )

    def zero(self, to: Ref) -> Instruction:
        """Zeros."""
        return self.ewise(ZERO, ZERO, to=to)

    def take(self, base: int, to: Ref, func: Func = Func.NONE, **fields: int) -> Instruction:
        """Accumulators from `base` on, through a function, to a destination."""
        return self.instruction(Proc.ACC, base=base, func=func, **_destination(to), **fields)


def _destination(to: Ref | None) -> dict[str, int]:
    if to is None:
        return {}
    return {
        "to_smem": 1,
        "dst0_addr": to.addr,
        "seq": to.seq,
        "wide": int(to.source == Source.WIDE),
    }


def noted(note: str, instruction: Instruction) -> Instruction:
    """The instruction with a note of what it is for."""
    return replace(instruction, note=note)


def shape_of(size: int, hw: HwConfig) -> Shape:
    """The shape of a vector of `size` elements."""
    return Shape(row_groups(size, hw.num_pe), (size - 1) % hw.num_pe + 1)


class Smem:
    """Room in the shared memory, bank by bank.

    Two accesses go at once if they are in different banks, so what an instruction uses together is better
    spread over both.
    """

    def __init__(self, hw: HwConfig) -> None:
        """An empty memory; `taken` says of each address that was given how many words stand there."""
        self.taken: dict[int, int] = {}
        self._bank = hw.smem_words // 2
        self._next = [0, self._bank]

    def take(self, count: int, bank: int) -> int:
        """The address of `count` words, in this bank if there is room, else in the other one.

        Raises:
            LayoutError: there is no room.
        """
        for choice in (bank, 1 - bank):
            addr = self._next[choice]
            if addr + count <= (choice + 1) * self._bank:
                self._next[choice] += count
                self.taken[addr] = count
                return addr
        free = [(number + 1) * self._bank - addr for number, addr in enumerate(self._next)]
        raise LayoutError(
            f"no room for {count} words in SMEM; {free[0]} and {free[1]} words of the banks are free"
        )


class Dram:
    """Room in DRAM, in whole words of the machine."""

    def __init__(self, hw: HwConfig, first: int = 0) -> None:
        """Room from byte `first` on, a multiple of a word's bytes."""
        self._word, self.end = hw.num_pe * hw.data_w // 8, first

    def take(self, count: int) -> int:
        """The address of `count` words."""
        addr = self.end
        self.end += count * self._word
        return addr
