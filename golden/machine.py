"""The golden machine: memories, accumulators, and instructions executed one after another.

After each instruction every memory holds what the RTL's holds when that instruction has ended. What overlaps
there does not show here: `Instruction.dep` says what has to wait, and this model always waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TextIO

import numpy as np

from reneta.golden import isa
from reneta.golden.arrays import U16, Array
from reneta.golden.asm import disassemble
from reneta.golden.ccm import CcmError, check_config
from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction, Units
from reneta.golden.ipm_types import Side
from reneta.golden.isa_types import INSN_BYTES
from reneta.golden.lists import Descriptor
from reneta.golden.machine_core import Core
from reneta.golden.machine_memory import MachineError, Memories, StuckError
from reneta.golden.machine_reads import Reader
from reneta.golden.opm import Opm, Output

__all__ = ["Machine", "MachineError", "StuckError", "Traced"]


class Traced(NamedTuple):
    """What became of an instruction of a program in DRAM.

    Attributes:
        number: its place in the program, from 0 on.
        instruction: the instruction, or what is wrong with the bits that stand there instead.
        error: why the machine stopped at it; NONE where it did not.
    """

    number: int
    instruction: Instruction | str
    error: ErrorCause = ErrorCause.NONE

    def __str__(self) -> str:
        """A line of a trace."""
        stop = "" if self.error is ErrorCause.NONE else f"  <- stops: {self.error.name}"
        text = self.instruction if isinstance(self.instruction, str) else disassemble(self.instruction)
        return f"{self.number:6}  {text}{stop}"


class Machine:
    """One machine.

    Attributes:
        hw: its configuration.
        core: the compute core; `core.acc` are the accumulators [ACC_WORDS, NUM_PE].
    """

    def __init__(self, hw: HwConfig, dram_bytes: int = 0) -> None:
        """A machine after reset, with all memories zero.

        Args:
            hw: its configuration.
            dram_bytes: size of the DRAM, a multiple of the word's bytes.
        """
        self.hw = hw
        self._memories = Memories(
            smem=np.zeros((hw.smem_words, hw.num_pe), np.uint16),
            spm=np.zeros((2, hw.max_m), np.uint32),
            dram=np.zeros(dram_bytes, np.uint8),
        )
        self.core = Core(hw)
        self._reader = Reader(hw, self._memories)
        self._opm = Opm(hw)
        self._decoded: dict[Instruction, Units] = {}

    @property
    def smem(self) -> U16:
        """The shared memory, to read and write: uint16[SMEM_WORDS, NUM_PE]."""
        return self._memories.smem

    @property
    def spm(self) -> Array:
        """The descriptor memory: uint32[2, MAX_M], a word for each step of each of the two lists."""
        return self._memories.spm

    @property
    def dram(self) -> Array:
        """The DRAM from address 0 on: uint8[bytes]."""
        return self._memories.dram

    @property
    def words_written(self) -> int:
        """Words of DRAM that instructions have written so far."""
        return self._memories.written

    def reset(self) -> None:
        """What the command `reset` does: accumulators at zero, lists at their beginning; memories stay."""
        self.core, self._opm = Core(self.hw), Opm(self.hw)
        self._memories.direct.clear()

    def descriptor(self, which: int, step: int) -> Descriptor:
        """The descriptor of a step of list 0 or 1."""
        return Descriptor.decode(int(self.spm[which, step]), self.hw)

    def run(self, program: Iterable[Instruction]) -> None:
        """Execute instructions one after another.

        Raises:
            MachineError: see execute; the instructions before it have been executed.
        """
        for instruction in program:
            self.execute(instruction)

    def run_image(self, address: int, length: int, trace: TextIO | None = None) -> None:
        """Execute a program that lies in DRAM.

        Args:
            address: of its first instruction, in bytes, a multiple of an instruction's.
            length: number of instructions.
            trace: where to write a line for each instruction.

        Raises:
            MachineError: with the number of the instruction; those before it have been executed.
        """
        for traced in self.steps(address, length):
            if trace is not None:
                trace.write(f"{traced}\n")
            if traced.error is not ErrorCause.NONE:
                raise MachineError(traced.error, traced.number)

    def steps(self, address: int, length: int) -> Iterator[Traced]:
        """The same one by one: each instruction when it has been executed.

        The one at which the machine stops is the last one; its `error` says why. Instructions with `pause`
        are like all others here.
        """
        for number in range(length):
            traced = self._step(number, address + INSN_BYTES * number)
            yield traced
            if traced.error is not ErrorCause.NONE:
                return

    def _step(self, number: int, address: int) -> Traced:
        try:
            instruction = isa.decode(isa.fetch(self.dram, address), self.hw)
        except isa.IllegalError as error:
            return Traced(number, str(error), error.cause)
        try:
            self.execute(instruction)
        except MachineError as error:
            return Traced(number, instruction, error.cause)
        return Traced(number, instruction)

    def execute(self, instruction: Instruction) -> None:
        """Execute one instruction.

        Raises:
            MachineError: as the RTL would stop. What the instruction may have written before is not said.
        """
        units = self._decoded.get(instruction)
        if units is None:
            try:
                isa.check(instruction, self.hw)
            except isa.IllegalError as error:
                raise MachineError(error.cause) from None
            units = self._decoded[instruction] = instruction.units(self.hw)
        if instruction.moves_descriptors:
            self._memories.move_descriptors(instruction, self.hw)
            return
        try:
            check_config(self.hw, units.ccm)
        except CcmError as error:
            raise MachineError(error.cause) from None
        output = self._output(units)
        if output.error is not ErrorCause.NONE:
            raise MachineError(output.error)
        self._store(units, output)

    def _store(self, units: Units, output: Output) -> None:
        """Carry out what an instruction writes."""
        output.store(self.smem)
        if output.descriptor is not None:
            self.spm[units.opm.list, units.opm.step] = output.descriptor.encode(self.hw)
        self._memories.direct.extend(output.indices)
        if output.dram is not None:
            self._memories.store_dram(units.opm.dram_addr, output.dram)

    def _output(self, units: Units) -> Output:
        """What the output module makes of the instruction."""
        ipm, ccm, opm = units
        match Proc(ipm.proc):
            case Proc.MXV | Proc.MXV_SP:
                return self._opm.run(opm, self.core.mxv(ccm, self._reader.columns(ipm, ccm.lanes)))
            case Proc.MTXV | Proc.MTXV_SP:
                return self._mtxv(units)
            case Proc.VXV | Proc.VXV_SP:
                d, lists = self._reader.vectors(ipm, ccm.lanes), self._reader.lists(ipm)
                return self._opm.run(opm, self.core.vxv(ccm, d, lists))
            case Proc.EWISE:
                a, b, c, side0, side1 = self._reader.operands(ipm, ccm.lanes)
                return self._opm.run(opm, self.core.ewise(ccm, a, b, c), side0, side1)
            case Proc.ACC:
                return self._opm.run(opm, self.core.take(ccm))
            case Proc.MOVE:
                nothing = np.zeros((0, self.hw.num_pe), np.uint16)
                return self._opm.run(opm, nothing, self._reader.moved(ipm))
        return Output()

    def _mtxv(self, units: Units) -> Output:
        ipm, ccm, opm = units
        steps = self._reader.columns(ipm, ccm.lanes)
        sums = self.core.mtxv(ccm, steps)
        if ipm.side != Side.LIST:
            return self._opm.run(opm, sums)
        if not ipm.src0_dram:
            raise MachineError(ErrorCause.PROC)
        indices = steps[0].indices
        return self._opm.run(opm, sums, self._reader.elements_of(ipm, indices), indices)
