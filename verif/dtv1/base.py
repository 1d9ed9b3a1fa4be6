"""What the tests of dtv1 share: programs, how they are run, and what is compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

import numpy as np
from cocotb.triggers import ClockCycles, First, RisingEdge

from reneta.compiler.traffic import program_bytes
from reneta.golden import registers as regs
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.golden.registers import Reg
from reneta.sw_driver.program import Counters
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import np_rng, rng
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1.course import Course, Job
from reneta.verif.dtv1.env import AXI, ChipCfg, ChipEnv
from reneta.verif.programs.generator import Program, generate
from reneta.verif.programs.options import SMALL, Options

DONE, PAUSE, STOP, ERROR = (
    field.bit
    for field in (
        regs.IRQ_STATUS_DONE,
        regs.IRQ_STATUS_PAUSE,
        regs.IRQ_STATUS_STOP,
        regs.IRQ_STATUS_ERROR,
    )
)
ALL_IRQS = DONE | PAUSE | STOP | ERROR
COMMANDS = {
    "start": regs.CTRL_START.bit,
    "pause": regs.CTRL_PAUSE.bit,
    "resume": regs.CTRL_RESUME.bit,
    "step": regs.CTRL_STEP.bit,
    "stop": regs.CTRL_STOP.bit,
    "reset": regs.CTRL_RESET.bit,
}
FAST = (Stall.NONE, Stall.NONE, Stall.LIGHT)
SLOW = (Stall.HEAVY, Stall.BURST, Stall.STARVED)
# Shorter than SMALL: an error, a stop or a pause needs no more behind it.
SHORT = replace(SMALL, instructions=14, work=700, words=60)
# Cycles for which nothing may come; heavy stalls and the clearing of the accumulators are among them.
PATIENCE = 60_000
_RESET_PATIENCE = 4000


class ChipTest(BaseTest):
    """A host with programs."""

    env_type = ChipEnv
    cfg_type = ChipCfg
    env: ChipEnv
    cfg: ChipCfg
    timeout_cycles = 2_000_000
    faulty: ClassVar[bool] = False
    options: ClassVar[Options] = SMALL

    def configure(self) -> None:
        """Choose the DRAM, make the generators."""
        self.cfg.faulty = self.faulty
        self.random = rng("test")
        self._drawn = 0

    # Programs.

    def program(self, options: Options | None = None) -> Program:
        """A random program."""
        self._drawn += 1
        return generate(self.cfg.hw, np_rng("program", self._drawn), options or self.options)

    @staticmethod
    def job(program: Program) -> Job:
        """The program as it lies in DRAM."""
        return Job(program.dram, program.address, len(program.instructions))

    # The host.

    async def read(self, register: Reg) -> int:
        """Read a register."""
        return await self.env.host.read(register)

    async def write(self, register: Reg, value: int) -> None:
        """Write a register."""
        await self.env.host.write(register, value)

    async def command(self, name: str) -> None:
        """Write a command."""
        await self.write(Reg.CTRL, COMMANDS[name])

    async def state(self) -> MachineState:
        """The machine's state."""
        return MachineState(await self.read(Reg.STATUS))

    async def expect(self, state: MachineState) -> None:
        """Demand a state.

        Raises:
            AssertionError: the machine is in another one.
        """
        found = await self.state()
        assert found is state, f"state {found.name}, not {state.name}"

    async def interrupt(self) -> int:
        """Wait for the interrupt; which bits are set. They are cleared, and the interrupt falls.

        Raises:
            AssertionError: none comes.
        """
        irq = self.cfg.dut.irq_o
        if not irq.value:
            await First(RisingEdge(irq), ClockCycles(self.cfg.dut.clk_i, PATIENCE))
        assert irq.value, "no interrupt comes"
        # Each of them says that all is in memory, or that nothing more will be written.
        assert not self.env.checker.open_writes, "an interrupt comes before all writes are answered"
        bits = await self.read(Reg.IRQ_STATUS)
        await self.write(Reg.IRQ_STATUS, bits)
        await self.clocking.cycles(2)
        assert not irq.value, "the interrupt does not fall"
        return bits

    async def counters(self) -> Counters:
        """All performance counters."""
        values = []
        for name in Counters._fields:
            low, high = [await self.read(Reg[f"{name.upper()}_{half}"]) for half in ("LO", "HI")]
            values.append(high << 32 | low)
        return Counters(*values)

    async def begin(self, job: Job, command: str = "start") -> Course:
        """Start a program; what the golden machine makes of it."""
        course = self.env.golden.run(job)
        self.env.dram.load(job.dram)
        self.env.forget_reads()
        await self.launch(job, command)
        return course

    async def launch(self, job: Job, command: str = "start") -> None:
        """Start a program that is in DRAM."""
        await self.write(Reg.PROG_ADDR, job.address)
        await self.write(Reg.PROG_LEN, job.length)
        await self.write(Reg.IRQ_ENABLE, ALL_IRQS)
        self.words_written = self.env.axi["w"].monitor.count
        await self.command(command)

    async def soft_reset(self) -> None:
        """Reset the machine by command; the golden one, too."""
        await self.command("reset")
        await self.reset_ends()

    async def reset_ends(self) -> None:
        """Wait for the end of a reset.

        Raises:
            AssertionError: it does not come.
        """
        for _ in range(_RESET_PATIENCE):
            if await self.state() is MachineState.IDLE:
                break
        await self.expect(MachineState.IDLE)
        assert await self.read(Reg.ERROR) == 0, "an error is left after a reset"
        assert self.env.checker.idle, "bursts are under way after a reset"
        self.env.golden.reset()

    # What has to come of it.

    async def finish(self, course: Course) -> None:
        """Let a program that has been started run to its end, over its pauses, and compare everything."""
        while True:
            bits = await self.interrupt()
            if bits != PAUSE:
                break
            await self.paused(course, "Paus")
            await self.command("resume")
        assert bits == DONE, f"interrupts {bits:#x} at the end of a program"
        await self.ended(course)

    async def ended(self, course: Course) -> None:
        """Judge a program that has ended."""
        await self.expect(MachineState.IDLE)
        length = course.job.length
        assert course.cause is ErrorCause.NONE, "the program has an error"
        pc = await self.read(Reg.PC)
        assert pc == length, f"PC {pc} after {length} instructions"
        assert self.env.checker.idle, "bursts are under way after the end"
        self.env.compare_dram(course, length)
        await self.env.compare_descriptors(course, length)
        self.judge_counters(course, await self.counters())
        self.env.coverage.program(course)

    def judge_counters(self, course: Course, counters: Counters) -> None:
        """Compare the counters of a program that has ended.

        Raises:
            AssertionError: one is wrong.
        """
        last, hw = course.moments[-1], self.cfg.hw
        fetched = len(program_bytes(course.job.address, course.job.length, hw)) // hw.word_bytes
        written = self.env.axi["w"].monitor.count - self.words_written
        exact = {
            "instructions": course.job.length,
            "fired": last.fired,
            "dram_read": fetched + last.read,
            "dram_written": written,
            "mac": last.operands,
        }
        found = {name: getattr(counters, name) for name in exact}
        assert found == exact, f"counters {found}, not {exact}"
        assert len(self.env.reads) == counters.dram_read, "other words were read than counted"
        waits = counters.wait_dram + counters.wait_smem + counters.wait_out + counters.wait_acc
        assert counters.mac + waits <= counters.cycles, f"more cycles than all in {counters}"

    async def paused(self, course: Course, kind: str) -> int:
        """Judge a pause; the number of the next instruction."""
        await self.expect(MachineState.PAUSED)
        pc = await self.read(Reg.PC)
        assert pc <= course.counter, f"paused behind instruction {pc}, the faulty one is {course.counter}"
        if kind == "Paus":
            assert course.instructions[pc - 1].pause, f"instruction {pc - 1} is no reason for a pause"
        self.env.compare_dram(course, pc)
        await self.env.compare_descriptors(course, pc, 4)
        self.env.coverage.pause(kind)
        return pc

    async def failed(self, cause: ErrorCause) -> tuple[int, ErrorUnit]:
        """Judge state and registers after an error; PC and who found it."""
        await self.expect(MachineState.ERROR)
        error = await self.read(Reg.ERROR)
        found = ErrorCause(regs.ERROR_CAUSE.of(error))
        assert found is cause, f"cause {found.name}, not {cause.name}"
        unit = ErrorUnit(regs.ERROR_UNIT.of(error))
        assert unit is not ErrorUnit.NOBODY, "nobody has found the error"
        assert self.env.checker.idle, "bursts are under way in state ERROR"
        self.env.coverage.error(found, unit)
        return await self.read(Reg.PC), unit

    async def good(self, options: Options | None = None) -> None:
        """Run a random program."""
        course = await self.begin(self.job(self.program(options)))
        await self.finish(course)

    def draw_stalls(self, profiles: Iterable[Stall] = FAST) -> None:
        """Draw a profile for each channel."""
        choices = tuple(profiles)
        for channel in (*AXI, "host"):
            self.env.set_stalls(channel, self.random.choice(choices))


def legal_values(course: Course, image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], width: int) -> None:
    """Demand that each word of DRAM holds what it held at some moment of the program.

    Raises:
        AssertionError: one holds something else.
    """
    words = image[: len(image) // width * width].reshape(-1, width)
    known = np.zeros(len(words), np.bool_)
    for moment in course.moments:
        then = moment.dram[: len(words) * width].reshape(-1, width)
        known |= (words == then).all(axis=1)
    wrong = np.flatnonzero(~known)
    assert not len(wrong), f"{len(wrong)} words of DRAM were never so, the first at 0x{wrong[0] * width:x}"
