"""The chip in the fast simulation: programs, errors of the DRAM, broken rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from reneta.golden import registers
from reneta.golden.arrays import U8
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.config import HwConfig
from reneta.golden.control_types import MachineState
from reneta.golden.registers import Reg
from reneta.sw_driver.example import Example
from reneta.sw_driver.fast_sim import (
    FastSim,
    Library,
    MemoryTiming,
    NoInterruptError,
    RegisterError,
    Resp,
    SimulationError,
)

LIMIT = 200_000
ALL_INTERRUPTS = 0xF


@pytest.fixture(scope="module")
def expected(example: Example) -> U8:
    return example.expected()


@pytest.fixture
def sim(library: Library, example: Example) -> Iterator[FastSim]:
    with FastSim(library, example.dram.copy()) as made:
        yield made


def start(sim: FastSim, example: Example) -> None:
    sim.write_register(Reg.PROG_ADDR, example.address)
    sim.write_register(Reg.PROG_LEN, example.length)
    sim.write_register(Reg.IRQ_ENABLE, ALL_INTERRUPTS)
    sim.write_register(Reg.CTRL, registers.CTRL_START.bit)


def error_of(sim: FastSim) -> ErrorCause:
    """The cause of the stop that an interrupt has told."""
    assert sim.read_register(Reg.IRQ_STATUS) == registers.IRQ_STATUS_ERROR.bit
    assert registers.STATUS_STATE.of(sim.read_register(Reg.STATUS)) == MachineState.ERROR
    return ErrorCause(registers.ERROR_CAUSE.of(sim.read_register(Reg.ERROR)))


@pytest.mark.parametrize(
    ("timing", "seed"),
    [
        (MemoryTiming(), 1),
        (MemoryTiming(read_latency=1, write_latency=1), 2),
        (MemoryTiming(read_latency=150, write_latency=90, read_rate=0.3, write_rate=0.6), 3),
        (MemoryTiming(reads=1, writes=1), 4),
        (MemoryTiming(stall=0.5), 5),
        (MemoryTiming(read_latency=3, stall=0.9), 6),
    ],
)
def test_program(library: Library, example: Example, expected: U8, timing: MemoryTiming, seed: int) -> None:
    with FastSim(library, example.dram.copy(), seed, timing) as sim:
        start(sim, example)
        cycles = sim.run_until_interrupt(LIMIT)
        assert 0 < cycles <= sim.cycles
        assert sim.read_register(Reg.IRQ_STATUS) == registers.IRQ_STATUS_DONE.bit
        assert registers.STATUS_STATE.of(sim.read_register(Reg.STATUS)) == MachineState.IDLE
        assert sim.bus_idle
        assert sim.words_read == sim.read_register(Reg.DRAM_READ_LO)
        assert sim.words_written == sim.read_register(Reg.DRAM_WRITTEN_LO)
        np.testing.assert_array_equal(sim.dram, expected)


def test_a_slow_memory_takes_longer(library: Library, example: Example) -> None:
    def cycles(timing: MemoryTiming) -> int:
        with FastSim(library, example.dram.copy(), timing=timing) as sim:
            start(sim, example)
            return sim.run_until_interrupt(LIMIT)

    fast = cycles(MemoryTiming())
    assert fast == cycles(MemoryTiming())
    for slow in (
        MemoryTiming(read_latency=100),
        MemoryTiming(write_latency=200),
        MemoryTiming(read_rate=0.25),
        MemoryTiming(write_rate=0.05),
        MemoryTiming(reads=1),
        MemoryTiming(stall=0.4),
    ):
        assert cycles(slow) > fast, slow


def test_a_seed_repeats_a_run(library: Library, example: Example) -> None:
    """Several chips at a time, cycle by cycle."""
    timing = MemoryTiming(stall=0.5)
    sims = [FastSim(library, example.dram.copy(), seed, timing) for seed in (7, 7, 8)]
    for sim in sims:
        start(sim, example)
    for _ in range(50):
        for sim in sims:
            sim.run(100)
        assert sims[0].words_read == sims[1].words_read
        np.testing.assert_array_equal(sims[0].dram, sims[1].dram)
    cycles = [sim.cycles + sim.run_until_interrupt(LIMIT) for sim in sims]
    assert cycles[0] == cycles[1] != cycles[2]


def test_error_answers_to_reads_stop_the_program(sim: FastSim, example: Example) -> None:
    sim.add_error_range(0, 64, Resp.SLVERR)
    start(sim, example)
    sim.run_until_interrupt(LIMIT)
    assert error_of(sim) is ErrorCause.AXI


def test_error_answers_to_writes_stop_the_program(sim: FastSim, example: Example, expected: U8) -> None:
    place = int(np.flatnonzero(expected != example.dram)[0])
    sim.add_error_range(place, place + 1, Resp.DECERR)
    start(sim, example)
    sim.run_until_interrupt(LIMIT)
    assert error_of(sim) is ErrorCause.AXI
    assert sim.dram[place] == example.dram[place]


def test_a_program_past_the_end_of_dram(sim: FastSim, example: Example) -> None:
    sim.write_register(Reg.IRQ_ENABLE, ALL_INTERRUPTS)
    sim.write_register(Reg.PROG_ADDR, -(-len(example.dram) // 64) * 64)
    sim.write_register(Reg.PROG_LEN, 1)
    sim.write_register(Reg.CTRL, registers.CTRL_START.bit)
    sim.run_until_interrupt(LIMIT)
    assert error_of(sim) in (ErrorCause.AXI, ErrorCause.ADDRESS)


def test_a_reset_leads_out_of_an_error(sim: FastSim, example: Example, expected: U8) -> None:
    sim.add_error_range(0, 64)
    start(sim, example)
    sim.run_until_interrupt(LIMIT)
    sim.reset()
    sim.clear_error_ranges()
    assert not sim.interrupt
    start(sim, example)
    sim.run_until_interrupt(LIMIT)
    np.testing.assert_array_equal(sim.dram, expected)


def test_no_interrupt(sim: FastSim) -> None:
    with pytest.raises(NoInterruptError, match=r"^no interrupt within 1000 cycles$"):
        sim.run_until_interrupt(1000)


def test_registers_are_read_and_written(sim: FastSim) -> None:
    assert sim.read_register(Reg.ID) == registers.ID_ID_VALUE
    sim.set_memory_timing(MemoryTiming(stall=0.7))
    for value in (0x1234_5640, 0, 0xFFFF_FFC0):
        sim.write_register(Reg.PROG_ADDR, value)
        assert sim.read_register(Reg.PROG_ADDR) == value
    sim.write_register(Reg.PROG_ADDR, 0, strobes=0b0100)
    assert sim.read_register(Reg.PROG_ADDR) == 0xFF00_FFC0


@pytest.mark.parametrize("address", [2, -4, 1 << 16])
def test_addresses_that_are_no_registers(sim: FastSim, address: int) -> None:
    with pytest.raises(ValueError, match="is not the address of a register"):
        sim.read_register(address)


def test_dram_is_the_callers(library: Library) -> None:
    dram = np.zeros(4096, np.uint8)
    with FastSim(library, dram) as sim:
        assert sim.dram is dram
    with pytest.raises(ValueError, match=r"^the simulation is closed$"):
        sim.run(1)
    for wrong in (np.zeros(4096, np.uint16), np.zeros(8192, np.uint8)[::2], np.zeros(0, np.uint8), 12):
        with pytest.raises(ValueError, match="DRAM"):
            FastSim(library, wrong)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (1, r"^cycle \d+: dtv1\.sv:\d+: Assertion failed in dtv1\.dtv1: .*all is lost$"),
        (2, r"^cycle \d+: AR: the burst of 256 words at 0x00000ffc does not begin at a word$"),
        (3, r"^cycle \d+: a register does not answer$"),
        (4, r"^cycle \d+: AXI4-Lite R: an answer to no read$"),
    ],
)
def test_broken_rules_are_told(rogue: Library, fault: int, says: str) -> None:
    with FastSim(rogue) as sim:
        with pytest.raises(SimulationError, match=says):
            break_rule(sim, fault)
        with pytest.raises(SimulationError, match=says):
            sim.run(1)
        with pytest.raises(SimulationError, match=says):
            sim.read_register(Reg.ID)
        sim.reset()
        sim.run(10)


def break_rule(sim: FastSim, fault: int) -> None:
    sim.write_register(Reg.ID, fault)
    sim.run(10)


def test_a_valid_during_the_reset_is_told(rogue: Library) -> None:
    with FastSim(rogue) as sim:
        sim.write_register(Reg.ID, 5)
        with pytest.raises(SimulationError, match=r"^cycle \d+: a valid is high during the reset$"):
            sim.reset()


def test_error_answers_of_registers(rogue: Library) -> None:
    with (
        FastSim(rogue) as sim,
        pytest.raises(RegisterError, match=r"^write of the register at 0x0004: SLVERR$"),
    ):
        sim.write_register(Reg.VERSION, 6)


def test_a_configuration_instead_of_a_library(
    hw: HwConfig, monkeypatch: pytest.MonkeyPatch, rogue: Library
) -> None:
    monkeypatch.setattr("reneta.sw_driver.fast_sim.simulation.build_library", lambda _: rogue)
    with FastSim(hw) as sim:
        assert sim.hw == hw
        assert len(sim.dram) == 1 << 20


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("read_latency", 0),
        ("writes", 0),
        ("read_rate", 0.0),
        ("write_rate", 1.5),
        ("stall", 1.0),
        ("stall", -0.1),
    ],
)
def test_impossible_timings(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        replace(MemoryTiming(), **{name: type(getattr(MemoryTiming(), name))(value)})
