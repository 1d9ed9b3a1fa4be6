"""What is known of a random program while it is drawn: the golden machine runs along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from reneta.compiler.hazards import Footprint, footprint
from reneta.golden.arrays import I64, U8, Array
from reneta.golden.ccm import held_words
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction, Units
from reneta.golden.lists import Descriptor
from reneta.golden.machine import Machine
from reneta.golden.opm import Output
from reneta.verif.programs.options import Options
from reneta.verif.programs.space import Space

# Products that an accumulator of the fxp16 build may take with what it holds, with a wide margin.
_FXP_PRODUCT = 1 << 30


class Recorder(Machine):
    """A golden machine that tells which words of SMEM the last instruction has written."""

    def __init__(self, hw: HwConfig, dram: U8) -> None:
        """A machine after reset, with this DRAM."""
        super().__init__(hw, len(dram))
        self.dram[:] = dram
        self.written: I64 = np.empty(0, np.int64)

    def execute(self, instruction: Instruction) -> None:
        """As Machine.execute."""
        self.written = np.empty(0, np.int64)
        super().execute(instruction)

    def entry(self, which: int) -> int:
        """Where an appended list goes on."""
        return self._opm.lists[which].entry

    def handed(self, count: int) -> Array:
        """The next indices on their way from the encoder to their reader."""
        return np.array([*self._memories.direct][:count], np.int64)

    def _store(self, units: Units, output: Output) -> None:
        self.written = np.concatenate([self.written, *(write.addr for write in output.writes)])
        super()._store(units, output)


class Handed(NamedTuple):
    """A list whose indices wait for their reader, and how many they are."""

    list: int
    step: int
    size: int


class Copy(NamedTuple):
    """Descriptors in DRAM.

    Attributes:
        address: of the first one, in bytes.
        words: the descriptors.
        homes: address of the index region of each of their lists.
    """

    address: int
    words: list[int]
    homes: list[int]


@dataclass
class State:
    """A program so far.

    Attributes:
        hw, rng, options, space: what it is drawn with.
        machine: has executed it.
        dram: contents of DRAM before the program.
        program: the instructions.
        marks: what each of them reads and writes.
        homes: address of the index region of each list whose descriptor is there, by list and step.
        handed: lists that were handed over and not read yet, in order.
        copies: descriptors in DRAM that can be loaded.
        stored: byte address of the last word that went to DRAM.
        used: accumulators that the program used, [ACC_WORDS].
        defined: descriptors that are there, at list * MAX_M + step.
        entries: list entries of all steps that each instruction took or, DELTA, made.
        work: cycles so far, about, without the first loads.
        loads: instructions that load memories at the beginning.
    """

    hw: HwConfig
    rng: np.random.Generator
    options: Options
    space: Space
    machine: Recorder
    dram: U8
    program: list[Instruction] = field(default_factory=list)
    marks: list[Footprint] = field(default_factory=list)
    homes: dict[tuple[int, int], int] = field(default_factory=dict)
    handed: list[Handed] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    entries: list[list[int]] = field(default_factory=list)
    work: int = 0
    stored: int = 0
    loads: int = 0

    def __post_init__(self) -> None:
        """Nothing has been used or written."""
        self.used = np.zeros(self.hw.acc_words, np.bool_)
        self.defined = np.zeros(2 * self.hw.max_m, np.bool_)

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        return int(self.rng.integers(limit))

    def chance(self, share: float) -> bool:
        """True in this share of calls."""
        return bool(self.rng.random() < share)

    def one_of(self, choices: Sequence[int]) -> int:
        """One of some numbers."""
        return int(choices[self.below(len(choices))])

    def size(self, limit: int) -> int:
        """A number from 1 to `limit`, the two often."""
        return self.one_of((1, limit, *(1 + self.below(max(limit, 1)) for _ in range(4))))

    @property
    def left(self) -> int:
        """Cycles that the next instruction may take."""
        return max(self.options.work - self.work, 64)

    def descriptors(self, instruction: Instruction) -> list[Descriptor]:
        """Those of all steps of a sparse procedure."""
        steps = range(instruction.step, instruction.step + instruction.cnt2 + 1)
        return [self.machine.descriptor(instruction.list, step) for step in steps]

    def entry_words(self, instruction: Instruction) -> I64:
        """Words of a list region, from its address on, that hold entries of a sparse procedure's lists."""
        parts = [np.empty(0, np.int64)]
        for descriptor in self.descriptors(instruction):
            if descriptor.count:
                first = descriptor.first_entry(self.hw.num_pe)
                parts.append(
                    np.arange(first // self.hw.num_pe, (first + descriptor.count - 1) // self.hw.num_pe + 1)
                )
        return np.unique(np.concatenate(parts))

    def reads(self, instruction: Instruction) -> Footprint:
        """What an instruction reads and writes, list entries that it reads among them."""
        marks = footprint(instruction, self.hw)
        if instruction.proc not in list(Proc) or not Proc(instruction.proc).sparse:
            return marks
        words = self.entry_words(instruction)
        parts = [marks.reads]
        if not instruction.direct:
            parts.append(instruction.src2_addr + words)
        if instruction.proc != Proc.MTXV_SP:
            parts.append(instruction.src1_addr + words)
        return marks._replace(reads=np.concatenate(parts))

    def overflows(self, instruction: Instruction, products: int) -> bool:
        """Whether exact sums that go on from what the accumulators hold might not fit."""
        words = slice(instruction.base, instruction.base + held_words(instruction.units(self.hw).ccm))
        held = self.machine.core.acc[words]
        if self.hw.is_fp or not held.size:
            return False
        return int(np.abs(held).max()) + products * _FXP_PRODUCT >= 1 << (self.hw.fxp_acc_w - 2)

    def add(self, instruction: Instruction) -> None:
        """Execute an instruction and make it the program's next one."""
        marks = self.reads(instruction)
        taken = self._entries(instruction)
        self.machine.execute(instruction)
        sparse = instruction.proc in list(Proc) and Proc(instruction.proc).sparse
        self.defined[marks.lists_written] = True
        if not instruction.moves_descriptors:
            marks = marks._replace(writes=self.machine.written)
            self._use(instruction)
        if instruction.proc == Proc.DELTA:
            made = Handed(
                instruction.list,
                instruction.step,
                self.machine.descriptor(instruction.list, instruction.step).count,
            )
            self.homes[instruction.list, instruction.step] = instruction.src0_addr
            taken = [made.size]
            if instruction.direct:
                self.handed.append(made)
        elif sparse and instruction.direct:
            del self.handed[: instruction.cnt2 + 1]
        if instruction.to_dram and instruction.proc != Proc.IDLE:
            self.stored = instruction.dram_dst
        self.program.append(instruction)
        self.marks.append(marks)
        self.entries.append(taken)
        self.work += cycles(instruction, taken, self.hw)

    def _entries(self, instruction: Instruction) -> list[int]:
        if instruction.proc not in list(Proc) or not Proc(instruction.proc).sparse:
            return []
        return [descriptor.count for descriptor in self.descriptors(instruction)]

    def _use(self, instruction: Instruction) -> None:
        cfg = instruction.units(self.hw).ccm
        if instruction.proc != Proc.MOVE:
            self.used[cfg.base : cfg.base + held_words(cfg)] = True

    def list_indices(self, instruction: Instruction) -> list[Array]:
        """The indices of all steps of a sparse procedure."""
        if instruction.direct:
            counts = [descriptor.count for descriptor in self.descriptors(instruction)]
            return np.split(self.machine.handed(sum(counts)), np.cumsum(counts)[:-1])
        flat = self.machine.smem[instruction.src2_addr :].reshape(-1)
        found = []
        for descriptor in self.descriptors(instruction):
            first = descriptor.first_entry(self.hw.num_pe)
            found.append(flat[first : first + descriptor.count].astype(np.int64))
        return found


def cycles(instruction: Instruction, entries: Sequence[int], hw: HwConfig) -> int:
    """Cycles that an instruction takes, about; `entries` of the lists that it takes or makes."""
    groups, columns, steps = instruction.cnt0 + 1, instruction.cnt1 + 1, instruction.cnt2 + 1
    taken = sum(entries) if Proc(instruction.proc).sparse else columns * steps
    drain = groups * columns if instruction.gives else 0
    match Proc(instruction.proc).kind:
        case Proc.MXV:
            # A sum in float32 cannot be added to in every cycle.
            return 30 + taken * max(groups, 4 if hw.is_fp else 1)
        case Proc.MTXV:
            return 60 + taken * groups
        case Proc.VXV:
            return 30 + taken * groups + drain
        case Proc.EWISE:
            return 30 + 2 * groups * steps
        case Proc.ACC:
            return 30 + groups * columns
        case Proc.MOVE:
            return 80 + (steps if instruction.spm else groups * taken)
        case Proc.DELTA:
            return 60 + 3 * groups
    return 5
