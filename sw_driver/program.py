"""Run a program that lies in a machine's DRAM, and read what the machine counted."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from reneta.golden import registers as regs
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.golden.registers import Reg

ALL_INTERRUPTS = (
    regs.IRQ_ENABLE_DONE.bit
    | regs.IRQ_ENABLE_PAUSE.bit
    | regs.IRQ_ENABLE_STOP.bit
    | regs.IRQ_ENABLE_ERROR.bit
)


class Port(Protocol):
    """What is needed of a machine."""

    def read_register(self, address: int) -> int:
        """Read a register."""

    def write_register(self, address: int, value: int) -> None:
        """Write a register."""

    def run_until_interrupt(self, max_cycles: int) -> int:
        """Wait for the interrupt; raises an exception where it does not come."""


class ProgramError(Exception):
    """A program was stopped by an error.

    Attributes:
        cause: why.
        unit: who found it.
        counter: number of the faulty instruction.
    """

    def __init__(self, cause: ErrorCause, unit: ErrorUnit, counter: int) -> None:
        """The message says all."""
        super().__init__(f"instruction {counter}: {cause.name}, found by {unit.name}")
        self.cause, self.unit, self.counter = cause, unit, counter


class Counters(NamedTuple):
    """Performance counters of a program, in cycles, words, instructions and elements (docs/ctl.md)."""

    cycles: int
    mac: int
    wait_dram: int
    wait_smem: int
    wait_out: int
    dram_read: int
    dram_written: int
    instructions: int
    fired: int
    wait_acc: int


def read_counters(port: Port) -> Counters:
    """The counters of a machine whose program does not run."""
    values = []
    for name in Counters._fields:
        low, high = (port.read_register(Reg[f"{name.upper()}_{half}"]) for half in ("LO", "HI"))
        values.append(high << 32 | low)
    return Counters(*values)


def start_program(port: Port, address: int, length: int) -> None:
    """Start a program; every interrupt that it brings is enabled, and none is told from before.

    Args:
        port: the machine, in state IDLE.
        address: of the program in DRAM.
        length: number of its instructions.

    Raises:
        RuntimeError: the machine is not IDLE.
    """
    state = _state(port)
    if state is not MachineState.IDLE:
        raise RuntimeError(f"the machine is in state {state.name}, not IDLE")
    port.write_register(Reg.IRQ_STATUS, ALL_INTERRUPTS)
    port.write_register(Reg.IRQ_ENABLE, ALL_INTERRUPTS)
    port.write_register(Reg.PROG_ADDR, address)
    port.write_register(Reg.PROG_LEN, length)
    port.write_register(Reg.CTRL, regs.CTRL_START.bit)


def await_program(port: Port, max_cycles: int) -> MachineState:
    """Wait until a program has ended, going on behind each pause; the state that it leads to.

    Args:
        port: the machine.
        max_cycles: for what is given up, from pause to pause.
    """
    while True:
        port.run_until_interrupt(max_cycles)
        port.write_register(Reg.IRQ_STATUS, ALL_INTERRUPTS)
        state = _state(port)
        if state is not MachineState.PAUSED:
            return state
        port.write_register(Reg.CTRL, regs.CTRL_RESUME.bit)


def read_error(port: Port) -> ProgramError:
    """What a machine in state ERROR says."""
    error = port.read_register(Reg.ERROR)
    cause, unit = ErrorCause(regs.ERROR_CAUSE.of(error)), ErrorUnit(regs.ERROR_UNIT.of(error))
    return ProgramError(cause, unit, port.read_register(Reg.PC))


def run_program(port: Port, address: int, length: int, max_cycles: int) -> Counters:
    """Run a program to its end.

    Args:
        port: the machine, in state IDLE.
        address: of the program in DRAM.
        length: number of its instructions.
        max_cycles: for what is given up, from pause to pause.

    Raises:
        ProgramError: an instruction is faulty.
        RuntimeError: the machine is not IDLE, or somebody stopped the program.
    """
    start_program(port, address, length)
    state = await_program(port, max_cycles)
    if state is MachineState.ERROR:
        raise read_error(port)
    if state is not MachineState.IDLE:
        raise RuntimeError(f"the program did not end: the machine is in state {state.name}")
    return read_counters(port)


def _state(port: Port) -> MachineState:
    return MachineState(port.read_register(Reg.STATUS))
