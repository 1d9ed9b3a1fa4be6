"""What the golden machine does with a program, instruction by instruction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from pyuvm import ConfigDB, uvm_component

from reneta.compiler.hazards import footprint
from reneta.compiler.traffic import dram_words_read, operand_words
from reneta.golden import isa
from reneta.golden.arrays import I64, U8, Array
from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.instruction import Instruction
from reneta.golden.isa_types import INSN_BYTES
from reneta.golden.machine import Machine
from reneta.verif.common.base_env import CFG, EnvCfg


class Job(NamedTuple):
    """A program in DRAM.

    Attributes:
        dram: contents of DRAM from address 0 on.
        address: of the first instruction, in bytes.
        length: number of instructions.
    """

    dram: U8
    address: int
    length: int


class Moment(NamedTuple):
    """The machine between two instructions.

    Attributes:
        dram: contents of DRAM, uint8[bytes].
        spm: descriptors [2, MAX_M].
        known: which of them the program has written so far, at list * MAX_M + step.
        fired: elements that the encoder let through so far.
        read: words of DRAM that the instructions so far have read.
        operands: operand words that entered the PE array so far.
    """

    dram: U8
    spm: Array
    known: I64
    fired: int
    read: int
    operands: int


@dataclass(frozen=True)
class Course:
    """A program and its moments.

    Attributes:
        job: the program.
        instructions: as far as they were executed, and the faulty one where its bits can be decoded.
        moments: before each instruction that is not behind an error, and, without one, after the last.
        cause: why the machine stops; NONE where it does not.
    """

    job: Job
    instructions: list[Instruction]
    moments: list[Moment]
    cause: ErrorCause

    @property
    def counter(self) -> int:
        """Instructions that end."""
        return len(self.moments) - 1


class _Machine(Machine):
    """A golden machine that can be given another DRAM."""

    def load(self, dram: U8) -> None:
        """Let this be the DRAM."""
        self._memories.dram = dram


class GoldenHost(uvm_component):
    """A golden machine that goes on from one program to the next, until it is reset."""

    def build_phase(self) -> None:
        """Make the machine."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.hw = cfg.hw
        self.reset()

    def reset(self) -> None:
        """Begin again with zero accumulators and lists at their beginning."""
        self._machine = _Machine(self.hw)

    def run(self, job: Job) -> Course:
        """Execute a program."""
        machine = self._machine
        machine.load(job.dram.copy())
        moments = [self._moment(machine, np.empty(0, np.int64), 0, 0, 0)]
        instructions: list[Instruction] = []
        for number in range(job.length):
            cause = self._step(machine, job, number, instructions, moments)
            if cause is not ErrorCause.NONE:
                return Course(job, instructions, moments, cause)
        return Course(job, instructions, moments, ErrorCause.NONE)

    def _step(
        self,
        machine: Machine,
        job: Job,
        number: int,
        instructions: list[Instruction],
        moments: list[Moment],
    ) -> ErrorCause:
        before = moments[-1]
        address = job.address + INSN_BYTES * number
        try:
            instruction = isa.decode(isa.fetch(machine.dram, address), self.hw)
            instructions.append(instruction)
        except isa.IllegalError as error:
            return error.cause
        entries = self._entries(machine, instruction)
        traced = next(machine.steps(address, 1))
        if traced.error is not ErrorCause.NONE:
            return traced.error
        known = np.union1d(before.known, footprint(instruction, self.hw).lists_written)
        fired = 0
        if instruction.proc == Proc.DELTA:
            fired = machine.descriptor(instruction.list, instruction.step).count
        read = dram_words_read(instruction, entries, self.hw)
        operands = operand_words(instruction, entries)
        moments.append(
            self._moment(machine, known, before.fired + fired, before.read + read, before.operands + operands)
        )
        return ErrorCause.NONE

    @staticmethod
    def _moment(machine: Machine, known: I64, fired: int, read: int, operands: int) -> Moment:
        return Moment(machine.dram.copy(), machine.spm.copy(), known, fired, read, operands)

    @staticmethod
    def _entries(machine: Machine, instruction: Instruction) -> int:
        """Entries of all lists that a sparse procedure takes."""
        if instruction.proc not in list(Proc) or not Proc(instruction.proc).sparse:
            return 0
        steps = range(instruction.step, instruction.step + instruction.cnt2 + 1)
        if steps.stop > machine.hw.max_m:
            return 0
        return sum(machine.descriptor(instruction.list, step).count for step in steps)
