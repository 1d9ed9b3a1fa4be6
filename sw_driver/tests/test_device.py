"""What every device has to do, tested on the golden machine and on the verilated RTL alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from reneta.compiler.image import moves, place_programs, stores
from reneta.golden import registers as regs
from reneta.golden.arrays import U8
from reneta.golden.asm import disassemble
from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.config import HwConfig
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.golden.instruction import Instruction
from reneta.golden.registers import Reg
from reneta.sw_driver.device import ALL_INTERRUPTS, Device
from reneta.sw_driver.devices.fast_sim import FastSimDevice
from reneta.sw_driver.devices.golden import GoldenDevice
from reneta.sw_driver.errors import (
    DeviceError,
    InterruptTimeoutError,
    MismatchError,
    ProgramError,
    StateError,
)
from reneta.sw_driver.example import Example
from reneta.sw_driver.fast_sim import FastSim, Library
from reneta.sw_driver.program import Counters, read_counters, run_program, start_program

DRAM_BYTES = 1 << 16
SHORT_S, LONG_S = 0.3, 60.0
WORDS = 24


class Copy:
    """A program that moves words to SMEM and back to another place in DRAM, an instruction each."""

    def __init__(self, hw: HwConfig, device: Device) -> None:
        self.data = np.random.default_rng(3).integers(0, 1 << 16, (WORDS, hw.num_pe), np.uint16)
        self.target = self.data.nbytes
        load, store = moves(hw, WORDS, 0, 5), stores(hw, WORDS, 5, self.target, dep=1)
        self.program = [*load, *store]
        self.entry = put(device, hw, self.program, 2 * self.target, [(0, self.data)])

    def arrived(self, device: Device) -> bool:
        found = device.read_dram(self.target, self.data.nbytes)
        return bool(np.array_equal(found, self.data.reshape(-1).view(np.uint8)))


def put(
    device: Device,
    hw: HwConfig,
    program: Sequence[Instruction],
    end: int,
    data: Sequence[tuple[int, np.ndarray]] = (),
) -> tuple[int, int]:
    """A program behind its data in the device's DRAM."""
    dram, (entry,) = place_programs(hw, [program], data, end)
    device.write_dram(0, dram)
    return entry


def test_reset_values(device: Device) -> None:
    wanted = {Reg.ID: regs.ID_ID_VALUE, Reg.VERSION: regs.VERSION_MAJOR_VALUE << 16}
    for register in Reg:
        if register in (Reg.ARITH, Reg.SIZES, Reg.SMEM_SIZE, Reg.ACC_SIZE):
            continue
        assert device.read_register(register) == wanted.get(register, 0), register.name


def test_the_configuration_is_read(device: Device, hw: HwConfig) -> None:
    assert device.hw == hw
    device.require(hw)
    other = hw.model_copy(update={"name": "other", "num_pe": 8, "max_m": 128})
    with pytest.raises(MismatchError, match="num_pe is 4, not 8, max_m is 256, not 128") as caught:
        device.require(other)
    assert "\n" not in str(caught.value)
    device.require(hw.model_copy(update={"name": "else", "fxp_act_frac": 3}))


def test_registers_keep_what_is_written_where_they_may(device: Device) -> None:
    for register, mask in (
        (Reg.PROG_ADDR, 0xFFFF_FFFF),
        (Reg.PROG_LEN, 0xFFFF_FFFF),
        (Reg.IRQ_ENABLE, ALL_INTERRUPTS),
    ):
        for value in (0xFFFF_FFFF, 0x1234_5678, 0):
            device.write_register(register, value)
            assert device.read_register(register) == value & mask
    for register in (Reg.ID, Reg.SIZES, Reg.STATUS, Reg.PC, Reg.MAC_LO, Reg.ERROR):
        before = device.read_register(register)
        device.write_register(register, ~before & 0xFFFF_FFFF)
        assert device.read_register(register) == before
    assert device.read_register(0x0040) == 0
    assert device.read_register(Reg.CTRL) == 0


@pytest.mark.parametrize("address", [2, -4, 1 << 16])
def test_addresses_that_are_no_registers(device: Device, address: int) -> None:
    with pytest.raises(DeviceError, match="is not the address of a register"):
        device.read_register(address)
    with pytest.raises(DeviceError, match="is not the address of a register"):
        device.write_register(address, 0)


def test_dram_is_read_and_written(device: Device) -> None:
    assert device.dram_bytes == DRAM_BYTES
    data = np.arange(300, dtype=np.uint16)
    device.write_dram(13, data)
    device.write_dram(DRAM_BYTES - 3, b"end")
    assert device.read_dram(13, 600).tobytes() == data.tobytes()
    assert device.read_dram(DRAM_BYTES - 3, 3).tobytes() == b"end"
    copy = device.read_dram(13, 4)
    copy[:] = 7
    assert device.read_dram(13, 4).tobytes() == data.tobytes()[:4]


@pytest.mark.parametrize(("address", "size"), [(DRAM_BYTES - 2, 3), (-1, 2), (1 << 32, 1)])
def test_bytes_that_are_not_in_the_dram(device: Device, address: int, size: int) -> None:
    with pytest.raises(DeviceError, match=r"are not in its DRAM of 0x10000 bytes$"):
        device.read_dram(address, size)
    with pytest.raises(DeviceError, match=r"are not in its DRAM of 0x10000 bytes$"):
        device.write_dram(address, bytes(size))


def test_the_window_of_the_descriptor_memory(device: Device, hw: HwConfig) -> None:
    places = [regs.SPM_BASE + 4 * word for word in (0, 1, hw.max_m - 1, hw.max_m, 2 * hw.max_m - 1)]
    for number, place in enumerate(places):
        device.write_register(place, 0xFFFF_FFF0 | number)
    mask = (1 << hw.desc_w) - 1
    for number, place in enumerate(places):
        assert device.read_register(place) == (0xFFFF_FFF0 | number) & mask
    past = regs.SPM_BASE + 4 * 2 * hw.max_m
    device.write_register(past, 5)
    assert device.read_register(past) == 0


def test_a_program_runs(device: Device, hw: HwConfig) -> None:
    copy = Copy(hw, device)
    assert not copy.arrived(device)
    counters = run_program(device, *copy.entry, LONG_S)
    assert copy.arrived(device)
    assert device.read_register(Reg.PC) == counters.instructions == len(copy.program)
    assert counters.dram_written == WORDS
    assert counters.dram_read == WORDS + 64 * len(copy.program) // hw.word_bytes
    assert counters.cycles > 2 * WORDS
    assert counters == read_counters(device)


def test_counters_are_those_of_the_rtl(library: Library, example: Example) -> None:
    """All but cycles, which the golden device predicts, and waits, which it does not know."""
    found: list[Counters] = []
    sim = FastSim(library, len(example.dram))
    sim.run(library.hw.acc_words)  # until the accumulators are zero, for which a first program would wait
    for device in (GoldenDevice(library.hw, len(example.dram)), FastSimDevice(sim)):
        with device:
            device.write_dram(0, example.dram)
            found.append(run_program(device, example.address, example.length, LONG_S))
            np.testing.assert_array_equal(device.read_dram(0, len(example.dram)), example.expected())
    known = {"wait_dram": 0, "wait_smem": 0, "wait_out": 0, "wait_acc": 0}
    assert found[0]._replace(cycles=0) == found[1]._replace(cycles=0, **known)
    assert found[0].fired > 0
    assert abs(found[0].cycles / found[1].cycles - 1) < 0.1


def test_an_empty_program_ends(device: Device) -> None:
    counters = run_program(device, 0, 0, LONG_S)
    assert counters == Counters(*[0] * len(Counters._fields))


def test_interrupts_are_enabled_told_and_cleared(device: Device, hw: HwConfig) -> None:
    copy = Copy(hw, device)
    device.write_register(Reg.IRQ_ENABLE, ALL_INTERRUPTS & ~regs.IRQ_ENABLE_DONE.bit)
    device.write_register(Reg.PROG_ADDR, copy.entry[0])
    device.write_register(Reg.PROG_LEN, copy.entry[1])
    device.write_register(Reg.CTRL, regs.CTRL_START.bit)
    with pytest.raises(InterruptTimeoutError, match=r"no interrupt within 0\.3 s$"):
        device.wait_interrupt(SHORT_S)
    assert device.read_register(Reg.IRQ_STATUS) == regs.IRQ_STATUS_DONE.bit
    device.write_register(Reg.IRQ_ENABLE, ALL_INTERRUPTS)
    device.wait_interrupt(LONG_S)
    device.wait_interrupt(LONG_S)
    device.write_register(Reg.IRQ_STATUS, ALL_INTERRUPTS & ~regs.IRQ_STATUS_DONE.bit)
    device.wait_interrupt(LONG_S)
    device.write_register(Reg.IRQ_STATUS, regs.IRQ_STATUS_DONE.bit)
    with pytest.raises(InterruptTimeoutError):
        device.wait_interrupt(SHORT_S)


def test_pause_and_step(device: Device, hw: HwConfig) -> None:
    """An instruction with Paus; then steps up to the end, which is a pause too."""
    copy = Copy(hw, device)
    paused = [replace(copy.program[0], pause=1), *copy.program[1:]]
    entry = put(device, hw, paused, 2 * copy.target, [(0, copy.data)])
    start_program(device, *entry)
    device.wait_interrupt(LONG_S)
    assert device.read_register(Reg.IRQ_STATUS) == regs.IRQ_STATUS_PAUSE.bit
    assert device.state is MachineState.PAUSED
    assert device.read_register(Reg.PC) == 1
    assert not copy.arrived(device)
    for number in range(2, len(paused) + 1):
        device.write_register(Reg.IRQ_STATUS, ALL_INTERRUPTS)
        device.write_register(Reg.CTRL, regs.CTRL_STEP.bit)
        device.wait_interrupt(LONG_S)
        assert device.state is MachineState.PAUSED
        assert device.read_register(Reg.PC) == number
    assert copy.arrived(device)
    device.write_register(Reg.CTRL, regs.CTRL_RESUME.bit)
    device.wait_interrupt(LONG_S)
    assert device.read_register(Reg.STATUS) == MachineState.IDLE
    device.write_register(Reg.CTRL, regs.CTRL_RESUME.bit)
    assert device.read_register(Reg.STATUS) == MachineState.IDLE


def test_run_program_goes_on_behind_pauses(device: Device, hw: HwConfig) -> None:
    copy = Copy(hw, device)
    paused = [replace(one, pause=1) for one in copy.program]
    entry = put(device, hw, paused, 2 * copy.target, [(0, copy.data)])
    run_program(device, *entry, LONG_S)
    assert copy.arrived(device)


def test_stop_in_a_pause(device: Device, hw: HwConfig) -> None:
    copy = Copy(hw, device)
    device.write_register(Reg.PROG_ADDR, copy.entry[0])
    device.write_register(Reg.PROG_LEN, copy.entry[1])
    device.write_register(Reg.IRQ_ENABLE, ALL_INTERRUPTS)
    device.write_register(Reg.CTRL, regs.CTRL_STEP.bit)
    device.wait_interrupt(LONG_S)
    device.write_register(Reg.IRQ_STATUS, ALL_INTERRUPTS)
    device.write_register(Reg.CTRL, regs.CTRL_STOP.bit)
    device.wait_interrupt(LONG_S)
    assert device.read_register(Reg.IRQ_STATUS) == regs.IRQ_STATUS_STOP.bit
    assert device.state is MachineState.STOPPED
    with pytest.raises(StateError, match="no program can start in state STOPPED; reset the machine first"):
        run_program(device, *copy.entry, LONG_S)
    device.reset()
    assert device.read_register(Reg.IRQ_STATUS) == 0
    run_program(device, *copy.entry, LONG_S)
    assert copy.arrived(device)


def test_an_interrupt_from_before_ends_no_program(device: Device, hw: HwConfig) -> None:
    copy = Copy(hw, device)
    start_program(device, *copy.entry)
    device.wait_interrupt(LONG_S)
    assert device.read_register(Reg.IRQ_STATUS) == regs.IRQ_STATUS_DONE.bit
    device.write_dram(copy.target, np.zeros(copy.data.nbytes, np.uint8))
    run_program(device, *copy.entry, LONG_S)
    assert copy.arrived(device)


def test_an_error_has_cause_place_and_instruction(device: Device, hw: HwConfig) -> None:
    copy = Copy(hw, device)
    wrong = Instruction(Proc.EWISE, cnt2=hw.max_m - 1, step=1)
    entry = put(device, hw, [*copy.program, wrong], 2 * copy.target, [(0, copy.data)])
    with pytest.raises(ProgramError) as caught:
        run_program(device, *entry, LONG_S)
    error = caught.value
    assert (error.cause, error.unit) == (ErrorCause.ADDRESS, ErrorUnit.CTL)
    assert error.counter == len(copy.program)
    assert str(error) == f"instruction {error.counter}: ADDRESS, found by CTL: {error.instruction}"
    assert "there is no step 256" in error.instruction
    assert copy.arrived(device)
    assert device.state is MachineState.ERROR
    device.reset()
    assert device.read_register(Reg.ERROR) == 0
    assert device.read_register(Reg.PC) == 0
    run_program(device, *copy.entry, LONG_S)


def test_an_error_of_a_unit(device: Device, hw: HwConfig) -> None:
    copy = Copy(hw, device)
    wrong = replace(copy.program[-1], dram_dst=DRAM_BYTES, dep=0)
    entry = put(device, hw, [copy.program[0], wrong], 2 * copy.target, [(0, copy.data)])
    with pytest.raises(ProgramError) as caught:
        run_program(device, *entry, LONG_S)
    assert caught.value.cause is ErrorCause.AXI
    assert caught.value.counter in (1, 2)  # a write is refused when its instruction may have ended
    if caught.value.counter == 1:
        assert caught.value.instruction == disassemble(wrong)


def test_a_program_outside_of_the_dram(device: Device) -> None:
    with pytest.raises(ProgramError, match=r"^instruction 0: AXI, found by READ: there is no memory at"):
        run_program(device, DRAM_BYTES, 1, LONG_S)
    device.reset()
    with pytest.raises(ProgramError, match=r"^instruction 0: ADDRESS, found by CTL: "):
        run_program(device, 32, 1, LONG_S)


def test_what_waits_for_ever_is_told_and_can_be_stopped(device: Device, hw: HwConfig) -> None:
    copy = Copy(hw, device)
    device.write_register(regs.SPM_BASE, 1)
    waits = Instruction(Proc.MXV_SP, src0_dram=1, direct=1, to_smem=1, note="")
    entry = put(device, hw, [*copy.program, waits], 2 * copy.target, [(0, copy.data)])
    wanted = rf"no interrupt within 0\.3 s, the state is RUN, at instruction 2 of 3: {disassemble(waits)}$"
    with pytest.raises(InterruptTimeoutError, match=wanted):
        run_program(device, *entry, SHORT_S)
    device.write_register(Reg.CTRL, regs.CTRL_STOP.bit)
    device.wait_interrupt(LONG_S)
    assert device.state is MachineState.STOPPED
    device.reset()
    run_program(device, *copy.entry, LONG_S)
    assert copy.arrived(device)


def test_a_reset_keeps_memories_and_zeroes_accumulators(device: Device, hw: HwConfig) -> None:
    copy = Copy(hw, device)
    held = Instruction(Proc.EWISE, a_src=1, b_src=1, acc=1, lanes=hw.num_pe - 1, note="")
    take = Instruction(Proc.ACC, lanes=hw.num_pe - 1, to_dram=1, wide=1, hold=1, note="")
    # One in the accumulators, behind the copy; then what they hold goes to DRAM.
    fill = [*copy.program, held]
    target = -(-(2 * copy.target) // 64) * 64
    first = put(device, hw, fill, target + 64, [(0, copy.data)])
    behind = first[0] + 64 * len(fill)
    device.write_register(regs.SPM_BASE + 8, 77)
    run_program(device, *first, LONG_S)
    assert _taken(device, hw, replace(take, dram_dst=target), behind, target).tolist() == [1.0] * hw.num_pe
    device.reset()
    assert device.read_register(Reg.PROG_ADDR) == behind
    assert device.read_register(Reg.INSTRUCTIONS_LO) == 0
    assert device.read_register(regs.SPM_BASE + 8) == 77
    assert _taken(device, hw, replace(take, dram_dst=target), behind, target).tolist() == [0.0] * hw.num_pe
    store = [*stores(hw, WORDS, 5, copy.target)]
    device.write_dram(copy.target, np.zeros(copy.data.nbytes, np.uint8))
    _run_at(device, hw, store, behind)
    assert copy.arrived(device)


def test_a_reset_forgets_indices_on_their_way(device: Device, hw: HwConfig) -> None:
    """A DELTA hands over indices that nobody takes; a reader behind the reset does not get them."""
    encode = Instruction(
        Proc.DELTA, lanes=hw.num_pe - 1, direct=1, src2_addr=1, dst0_addr=2, dst1_addr=3, note=""
    )
    take = Instruction(Proc.MXV_SP, cnt1=hw.num_pe - 1, src0_dram=1, direct=1, to_smem=1, note="")
    run_program(device, *put(device, hw, [encode], 0), LONG_S)
    device.reset()
    with pytest.raises(InterruptTimeoutError):
        run_program(device, *put(device, hw, [take], 0), SHORT_S)
    device.reset()
    run_program(device, *put(device, hw, [encode, replace(take, dep=1)], 0), LONG_S)


def _taken(device: Device, hw: HwConfig, take: Instruction, place: int, target: int) -> np.ndarray:
    device.write_dram(target, np.full(64, 0x5A, np.uint8))
    _run_at(device, hw, [take], place)
    return device.read_dram(target, 4 * hw.num_pe).view(np.float32)


def _run_at(device: Device, hw: HwConfig, program: Sequence[Instruction], place: int) -> None:
    dram, (entry,) = place_programs(hw, [program], [], place)
    code: U8 = dram[entry[0] :]
    device.write_dram(entry[0], code[: 64 * len(program)])
    run_program(device, *entry, LONG_S)


def test_another_thing_at_the_address(hw: HwConfig) -> None:
    class Stranger(GoldenDevice):
        """A golden machine with another ID."""

        def read_register(self, address: int) -> int:
            value = super().read_register(address)
            return {Reg.ID: 0xDEAD_BEEF}.get(Reg(address), value)

    class Newer(GoldenDevice):
        """A golden machine of a later version."""

        def read_register(self, address: int) -> int:
            return 9 << 16 if address == Reg.VERSION else super().read_register(address)

    class Impossible(GoldenDevice):
        """A machine without PEs."""

        def read_register(self, address: int) -> int:
            return 1 if address == Reg.ARITH else super().read_register(address)

    for kind, says in (
        (Stranger, "no DTV1 machine: ID holds 0xdeadbeef"),
        (Newer, "a machine of version 9; this driver knows 1"),
        (Impossible, "no possible machine"),
    ):
        with pytest.raises(DeviceError, match=says):
            _ = kind(hw, DRAM_BYTES).hw
