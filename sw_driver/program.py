"""Run a program that lies in a machine's DRAM, and read what the machine counted."""

from __future__ import annotations

from typing import NamedTuple

from reneta.golden import isa
from reneta.golden import registers as regs
from reneta.golden.asm import disassemble
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.golden.isa_types import INSN_BYTES
from reneta.golden.registers import Reg
from reneta.sw_driver.device import ALL_INTERRUPTS, Device
from reneta.sw_driver.errors import DeviceError, InterruptTimeoutError, ProgramError, StateError

DEFAULT_TIMEOUT_S = 60.0


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


def read_counters(device: Device) -> Counters:
    """The counters of a machine whose program does not run."""
    values = []
    for name in Counters._fields:
        low, high = (device.read_register(Reg[f"{name.upper()}_{half}"]) for half in ("LO", "HI"))
        values.append(high << 32 | low)
    return Counters(*values)


def start_program(device: Device, address: int, length: int) -> None:
    """Start a program; every interrupt that it brings is enabled, and none is told from before.

    Args:
        device: the machine, in state IDLE.
        address: of the program in DRAM.
        length: number of its instructions.

    Raises:
        StateError: the machine is not IDLE.
    """
    state = device.state
    if state is not MachineState.IDLE:
        raise StateError(
            state, f"{device.name}: no program can start in state {state.name}; reset the machine first"
        )
    device.write_register(Reg.IRQ_STATUS, ALL_INTERRUPTS)
    device.write_register(Reg.IRQ_ENABLE, ALL_INTERRUPTS)
    device.write_register(Reg.PROG_ADDR, address)
    device.write_register(Reg.PROG_LEN, length)
    device.write_register(Reg.CTRL, regs.CTRL_START.bit)


def await_program(device: Device, timeout_s: float) -> MachineState:
    """Wait until a program has ended, going on behind each pause; the state that it leads to.

    Args:
        device: the machine.
        timeout_s: after what is given up, from pause to pause.

    Raises:
        InterruptTimeoutError: there is no end; the message names state and instruction.
    """
    while True:
        try:
            device.wait_interrupt(timeout_s)
        except InterruptTimeoutError:
            raise InterruptTimeoutError(_stuck(device, timeout_s)) from None
        device.write_register(Reg.IRQ_STATUS, ALL_INTERRUPTS)
        state = device.state
        if state is not MachineState.PAUSED:
            return state
        device.write_register(Reg.CTRL, regs.CTRL_RESUME.bit)


def instruction_text(device: Device, counter: int) -> str:
    """Instruction number `counter` of the program that the registers name, as it stands in DRAM now."""
    address = device.read_register(Reg.PROG_ADDR) + counter * INSN_BYTES
    try:
        memory = device.read_dram(address, INSN_BYTES)
    except DeviceError:
        return f"there is no memory at address 0x{address:x}"
    bits = isa.fetch(memory, 0)
    try:
        return disassemble(isa.decode(bits, device.hw))
    except isa.IllegalError as error:
        held = (f"{number}: {word:#x}" for number, word in enumerate(isa.words(bits)) if word)
        return f"{error} (words {', '.join(held)})"


def read_error(device: Device) -> ProgramError:
    """What a machine in state ERROR says."""
    error, counter = device.read_register(Reg.ERROR), device.read_register(Reg.PC)
    cause, unit = ErrorCause(regs.ERROR_CAUSE.of(error)), ErrorUnit(regs.ERROR_UNIT.of(error))
    return ProgramError(cause, unit, counter, instruction_text(device, counter))


def run_program(device: Device, address: int, length: int, timeout_s: float = DEFAULT_TIMEOUT_S) -> Counters:
    """Run a program to its end.

    Args:
        device: the machine, in state IDLE.
        address: of the program in DRAM.
        length: number of its instructions.
        timeout_s: after what is given up, from pause to pause.

    Raises:
        InterruptTimeoutError: it does not end.
        ProgramError: an instruction is faulty.
        StateError: the machine is not IDLE, or somebody stopped the program.
    """
    start_program(device, address, length)
    state = await_program(device, timeout_s)
    if state is MachineState.ERROR:
        raise read_error(device)
    if state is not MachineState.IDLE:
        raise StateError(state, f"{device.name}: the program did not end, the state is {state.name}")
    return read_counters(device)


def _stuck(device: Device, timeout_s: float) -> str:
    """What is to be told of a program that does not end."""
    counter, length = device.read_register(Reg.PC), device.read_register(Reg.PROG_LEN)
    text = instruction_text(device, counter) if counter < length else "all instructions have ended"
    return (
        f"{device.name}: no interrupt within {timeout_s:g} s, the state is {device.state.name}, "
        f"at instruction {counter} of {length}: {text}"
    )
