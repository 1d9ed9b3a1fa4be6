"""What the golden machine remembers outside of its accumulators, and its accesses to DRAM."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from reneta.golden.arrays import U16, Array
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.lists import row_groups

_SPACE = 1 << 32


class MachineError(Exception):
    """The machine stops.

    Attributes:
        cause: why.
        counter: number of the instruction in its program, from 0 on, where it is one of a program in DRAM.
    """

    def __init__(self, cause: ErrorCause, counter: int | None = None) -> None:
        """Stop for `cause`."""
        where = "" if counter is None else f" at instruction {counter}"
        super().__init__(f"the machine stops{where}: {cause.name}")
        self.cause, self.counter = cause, counter


class StuckError(ValueError):
    """The machine would wait for ever."""


@dataclass
class Memories:
    """What the machine remembers outside of its accumulators.

    Attributes:
        smem: patterns [SMEM_WORDS, NUM_PE].
        spm: words of the descriptor memory [2, MAX_M].
        dram: bytes from address 0 on.
        direct: indices on their way from the output module to the input module.
        written: words of DRAM that were written.
    """

    smem: U16
    spm: Array
    dram: Array
    direct: deque[int] = field(default_factory=deque)
    written: int = 0

    @property
    def num_pe(self) -> int:
        """Elements of a word."""
        return int(self.smem.shape[1])

    def dram_words(self, address: int, numbers: Array) -> U16:
        """Words of DRAM, copied.

        Args:
            address: in bytes, that of word 0.
            numbers: of the wanted words.

        Raises:
            MachineError: AXI, there is no memory.
        """
        memory, places = self._dram(address, numbers)
        return np.asarray(memory[places], np.uint16)

    def store_dram(self, address: int, words: U16) -> None:
        """Write words [n, NUM_PE] one after another from a byte address on.

        Raises:
            MachineError: AXI, there is no memory; then nothing is written.
        """
        memory, places = self._dram(address, np.arange(len(words)))
        memory[places] = words
        self.written += len(words)

    def _dram(self, address: int, numbers: Array) -> tuple[U16, Array]:
        """DRAM as words [n, NUM_PE], and which of them are meant. Addresses go on at zero."""
        width = 2 * self.num_pe
        memory = self.dram[: len(self.dram) // width * width].view(np.uint16).reshape(-1, self.num_pe)
        places = (address // width + numbers) % (_SPACE // width)
        if places.size and int(places.max()) >= len(memory):
            raise MachineError(ErrorCause.AXI)
        return memory, places

    def move_descriptors(self, instruction: Instruction, hw: HwConfig) -> None:
        """A MOVE of descriptors, a little-endian word of 32 bits each in DRAM.

        Raises:
            MachineError: AXI, there is no memory.
        """
        steps = slice(instruction.step, instruction.step + instruction.cnt2 + 1)
        count = instruction.cnt2 + 1
        numbers = np.arange(row_groups(2 * count, self.num_pe))
        if instruction.src0_dram:
            words = self.dram_words(instruction.dram_src, numbers).reshape(-1).view("<u4")[:count]
            self.spm[instruction.list, steps] = words & (1 << hw.desc_w) - 1
        else:
            packed = np.zeros(len(numbers) * self.num_pe // 2, "<u4")
            packed[:count] = self.spm[instruction.list, steps]
            self.store_dram(instruction.dram_dst, packed.view(np.uint16).reshape(-1, self.num_pe))
