"""The golden machine behind the register map of the chip.

It executes a program at the moment of the command that starts it, so nobody ever sees it in state RUN, and
`pause` and `stop` find nothing to break off there; a step, and an instruction with `Paus`, pause it as they
pause the chip. One exception: an instruction that would wait for ever leaves it in RUN, where `stop` and
`reset` mean what they do on the chip.

Counters of instructions, operands, DRAM words and fired elements are the chip's; CYCLES is what
compiler.cycles predicts, and waits are 0. The unit of an error is CTL or READ where control finds it, and
NOBODY elsewhere, as this machine has no units that could run ahead of each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from reneta.compiler.cycles import CycleModel, DramTiming, Executed
from reneta.compiler.traffic import dram_words_read, list_counts, operand_words, program_bytes
from reneta.golden import registers as regs
from reneta.golden.arrays import U8
from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.config import HwConfig
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.golden.instruction import Instruction
from reneta.golden.machine import Machine, StuckError, Traced
from reneta.golden.registers import Reg
from reneta.sw_driver.device import ALL_INTERRUPTS, Device, checked_register
from reneta.sw_driver.errors import InterruptTimeoutError

_WORD = 0xFFFF_FFFF


@dataclass
class _Program:
    """A program that was started.

    Attributes:
        address: of its first instruction, in bytes.
        length: number of instructions.
        steps: those that are still to be executed.
        model: predicts the cycles.
        waiting: executed ones that the model has not seen yet, with the lengths of their lists.
        ended: how many were executed.
        fired: elements that fired.
        mac: operand words.
        read: words of DRAM, without the program's own.
        written: words of DRAM.
    """

    address: int
    length: int
    steps: Iterator[Traced]
    model: CycleModel
    waiting: list[Executed] = field(default_factory=list)
    ended: int = 0
    fired: int = 0
    mac: int = 0
    read: int = 0
    written: int = 0


class GoldenDevice(Device):
    """A golden machine with its DRAM.

    Attributes:
        machine: the machine, whose memories may be looked at.
    """

    def __init__(self, hw: HwConfig, dram_bytes: int, timing: DramTiming | None = None) -> None:
        """A machine after reset, all memories zero.

        Args:
            hw: its configuration.
            dram_bytes: size of the DRAM.
            timing: of the DRAM whose cycles are predicted.
        """
        self.machine, self.name = Machine(hw, dram_bytes), f"golden {hw.name}"
        self._timing = timing or DramTiming()
        self._registers = dict.fromkeys((Reg.PROG_ADDR, Reg.PROG_LEN, Reg.IRQ_STATUS, Reg.IRQ_ENABLE), 0)
        self._facts = {
            Reg.ID: regs.ID_ID_VALUE,
            Reg.VERSION: regs.VERSION_MAJOR_VALUE << regs.VERSION_MAJOR.lsb | regs.VERSION_MINOR_VALUE,
            Reg.ARITH: int(hw.is_fp) << regs.ARITH_FP.lsb
            | hw.fxp_act_frac << regs.ARITH_ACT_FRAC.lsb
            | hw.fxp_weight_frac << regs.ARITH_WEIGHT_FRAC.lsb
            | hw.num_pe << regs.ARITH_NUM_PE.lsb,
            Reg.SIZES: hw.max_n << regs.SIZES_MAX_N.lsb | hw.max_m << regs.SIZES_MAX_M.lsb,
            Reg.SMEM_SIZE: hw.smem_words,
            Reg.ACC_SIZE: hw.acc_words,
        }
        self._reset()

    @property
    def dram_bytes(self) -> int:
        """Size of the DRAM."""
        return len(self.machine.dram)

    def read_register(self, address: int) -> int:
        """Read a register."""
        if checked_register(address) >= regs.SPM_BASE:
            place = self._descriptor(address)
            return 0 if place is None else int(self.machine.spm[place])
        if address in self._facts:
            return self._facts[Reg(address)]
        if address in self._registers:
            return self._registers[Reg(address)]
        if Reg.CYCLES_LO <= address <= Reg.WAIT_ACC_HI:
            return self._counter(Reg(address))
        known = {
            Reg.STATUS: self._state,
            Reg.ERROR: self._cause << regs.ERROR_CAUSE.lsb | self._unit << regs.ERROR_UNIT.lsb,
            Reg.PC: self._program.ended,
        }
        return int(known[Reg(address)]) if address in known else 0

    def write_register(self, address: int, value: int) -> None:
        """Write a register; a command that starts a program executes it."""
        value &= _WORD
        if checked_register(address) >= regs.SPM_BASE:
            place = self._descriptor(address)
            if place is not None:
                self.machine.spm[place] = value & (1 << self.machine.hw.desc_w) - 1
        elif address == Reg.CTRL:
            self._command(value)
        elif address == Reg.IRQ_STATUS:
            self._registers[Reg.IRQ_STATUS] &= ~value
        elif address == Reg.IRQ_ENABLE:
            self._registers[Reg.IRQ_ENABLE] = value & ALL_INTERRUPTS
        elif address in self._registers:
            self._registers[Reg(address)] = value

    def wait_interrupt(self, timeout_s: float) -> None:
        """See Device; as everything has happened already, nobody has to wait for what has not.

        Raises:
            InterruptTimeoutError: the interrupt is low.
        """
        if not self._registers[Reg.IRQ_STATUS] & self._registers[Reg.IRQ_ENABLE]:
            raise InterruptTimeoutError(f"{self.name}: no interrupt within {timeout_s:g} s")

    def close(self) -> None:
        """There is nothing to let go of."""

    def _memory(self) -> U8:
        return self.machine.dram

    def _descriptor(self, address: int) -> tuple[int, int] | None:
        """List and step of a word of the window; none past the last one."""
        which, step = divmod((address - regs.SPM_BASE) // 4, 1 << self.machine.hw.step_w)
        return (which, step) if which < 2 and step < self.machine.hw.max_m else None

    def _reset(self) -> None:
        self._state, self._cause, self._unit = MachineState.IDLE, ErrorCause.NONE, ErrorUnit.NOBODY
        self._program = self._begin(0, 0)
        self.machine.reset()

    def _begin(self, address: int, length: int) -> _Program:
        model = CycleModel(self.machine.hw, self._timing)
        return _Program(address, length, self.machine.steps(address, length), model)

    def _command(self, bits: int) -> None:
        """In the order in which one goes before the other."""
        idle, paused = self._state is MachineState.IDLE, self._state is MachineState.PAUSED
        if bits & regs.CTRL_RESET.bit:
            self._reset()
        elif bits & regs.CTRL_STOP.bit and (paused or self._state is MachineState.RUN):
            self._enter(MachineState.STOPPED, regs.IRQ_STATUS_STOP)
        elif bits & (regs.CTRL_START.bit | regs.CTRL_STEP.bit) and idle:
            address, length = self._registers[Reg.PROG_ADDR], self._registers[Reg.PROG_LEN]
            self._program = self._begin(address, length)
            self._run(one=not bits & regs.CTRL_START.bit)
        elif bits & (regs.CTRL_RESUME.bit | regs.CTRL_STEP.bit) and paused:
            self._run(one=not bits & regs.CTRL_RESUME.bit)

    def _run(self, one: bool) -> None:
        """Execute instructions up to the next pause, an error or the end."""
        program, self._state = self._program, MachineState.RUN
        while program.ended < program.length:
            written = self.machine.words_written
            try:
                traced = next(program.steps)
            except StuckError:
                return
            if traced.error is not ErrorCause.NONE:
                self._fail(traced)
                return
            assert isinstance(traced.instruction, Instruction)
            self._count(program, traced.instruction)
            program.written += self.machine.words_written - written
            if one or traced.instruction.pause:
                self._enter(MachineState.PAUSED, regs.IRQ_STATUS_PAUSE)
                return
        self._enter(MachineState.IDLE, regs.IRQ_STATUS_DONE)

    def _count(self, program: _Program, instruction: Instruction) -> None:
        counts = list_counts(self.machine, instruction)
        program.ended += 1
        program.waiting.append(Executed(instruction, counts))
        program.mac += operand_words(instruction, sum(counts))
        program.read += dram_words_read(instruction, sum(counts), self.machine.hw)
        program.fired += sum(counts) if instruction.proc == Proc.DELTA else 0

    def _fail(self, traced: Traced) -> None:
        self._cause, self._unit = traced.error, ErrorUnit.NOBODY
        if not isinstance(traced.instruction, Instruction):
            # It was not even decoded: nobody could fetch it, or control refuses it.
            self._unit = ErrorUnit.READ if traced.error is ErrorCause.AXI else ErrorUnit.CTL
        self._enter(MachineState.ERROR, regs.IRQ_STATUS_ERROR)

    def _enter(self, state: MachineState, interrupt: regs.Field) -> None:
        self._state = state
        self._registers[Reg.IRQ_STATUS] |= interrupt.bit

    def _counter(self, register: Reg) -> int:
        program, hw = self._program, self.machine.hw
        name, half = register.name.rsplit("_", 1)
        value = 0
        match name:
            case "CYCLES":
                value = self._cycles()
            case "MAC":
                value = program.mac
            case "DRAM_READ":
                fetched = program_bytes(program.address, program.length, hw) if program.length else ()
                value = len(fetched) // hw.word_bytes + program.read
            case "DRAM_WRITTEN":
                value = program.written
            case "INSTRUCTIONS":
                value = program.ended
            case "FIRED":
                value = program.fired
        return value >> 32 & 0xFFFF if half == "HI" else value & _WORD

    def _cycles(self) -> int:
        """Predicted cycles of what has ended."""
        program = self._program
        for item in program.waiting:
            program.model.feed(item)
        program.waiting.clear()
        return program.model.cycles if program.ended else 0
