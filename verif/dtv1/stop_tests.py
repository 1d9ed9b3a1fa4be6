"""Bodies of tests that break a program off: stops, resets, commands in every state."""

from __future__ import annotations

from typing import ClassVar

from reneta.golden import registers as regs
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.control_types import MachineState
from reneta.golden.registers import Reg
from reneta.verif.dtv1.base import (
    ALL_IRQS,
    COMMANDS,
    DONE,
    ERROR,
    FAST,
    PAUSE,
    SHORT,
    SLOW,
    STOP,
    ChipTest,
    legal_values,
)
from reneta.verif.dtv1.course import Course, Job

IDLE, RUN, PAUSED, STOPPED, FAILED = (
    MachineState.IDLE,
    MachineState.RUN,
    MachineState.PAUSED,
    MachineState.STOPPED,
    MachineState.ERROR,
)


class BreakTest(ChipTest):
    """A program that is broken off, and one behind it."""

    options = SHORT
    # Most programs have ended after so many cycles.
    LONGEST: ClassVar[int] = 1000
    TRAFFIC: ClassVar[int] = 2500

    def configure(self) -> None:
        """Also forget what was met: reads (1) and writes (2) under way."""
        super().configure()
        self.met: set[int] = set()

    async def somewhere(self, number: int, kind: int | None = None) -> Course:
        """Begin a program and wait for any time, and then for a while for certain traffic on the bus.

        Args:
            number: of the program in this test.
            kind: 1: with reads under way, 2: with writes; none: as the number says.
        """
        self.draw_stalls((*FAST, *SLOW))
        course = await self.begin(self.job(self.program()))
        # The clearing of the accumulators holds up the first program.
        sweep = self.cfg.hw.acc_words if number == 0 else 0
        await self.clocking.cycles(self.random.randrange(self.LONGEST) + sweep)
        kind = number if kind is None else kind
        wanted, checker = (bool(kind & 1), bool(kind & 2)), self.env.checker
        for _ in range(self.TRAFFIC):
            if (bool(checker.open_reads), bool(checker.open_writes)) == wanted:
                break
            await self.clocking.cycles(1)
        self.met.add(bool(checker.open_reads) + 2 * bool(checker.open_writes))
        self.env.coverage.stop(checker.open_reads, checker.open_writes)
        return course

    async def after(self) -> None:
        """A program that has to run as ever, without many stalls."""
        self.draw_stalls(FAST)
        await self.good()


class StopBody(BreakTest):
    """Stops at any time."""

    COUNT = 6
    # Not every program has reads and writes under way at once; then further ones are stopped.
    MOST: ClassVar[int] = 30

    async def body(self) -> None:
        """Stop, look, reset, run."""
        number = 0
        while number < self.COUNT or (self.missing() and number < self.MOST):
            wanted = number if number < self.COUNT else self.random.choice(self.missing())
            course = await self.somewhere(number, wanted)
            await self.command("stop")
            await self.stopped(course)
            await self.after()
            number += 1

    def missing(self) -> list[int]:
        """Kinds of traffic that no stop has met."""
        return [kind for kind in range(4) if kind not in self.met]

    async def stopped(self, course: Course) -> None:
        """Wait for what becomes of a program that was told to stop."""
        bits = await self.interrupt()
        if bits == PAUSE:
            bits = await self.interrupt() if await self.state() is not PAUSED else bits
        if bits & DONE:
            await self.ended(course)
            return
        if bits == PAUSE:
            await self.command("stop")
            bits = await self.interrupt()
        assert bits & STOP, f"interrupts {bits:#x} after a stop"
        await self.expect(STOPPED)
        assert self.env.checker.idle, "bursts are under way in state STOPPED"
        pc = await self.read(Reg.PC)
        assert pc <= course.job.length, f"PC {pc} of {course.job.length}"
        assert pc == (await self.counters()).instructions, "PC and INSTRUCTIONS differ"
        legal_values(course, self.env.dram.image(len(course.job.dram)), self.cfg.hw.word_bytes)
        # The window still answers.
        await self.env.host.read(regs.SPM_BASE)
        await self.soft_reset()


class SoftResetBody(BreakTest):
    """Resets by command at any time, in a reset, too."""

    COUNT = 6

    async def body(self) -> None:
        """Reset, run."""
        for number in range(self.COUNT):
            course = await self.somewhere(number)
            await self.command("reset")
            if self.random.random() < 0.3:
                await self.clocking.cycles(self.random.randrange(12))
                await self.command("reset")
            await self.reset_ends()
            legal_values(course, self.env.dram.image(len(course.job.dram)), self.cfg.hw.word_bytes)
            # What had happened before it is still told.
            await self.write(Reg.IRQ_STATUS, await self.read(Reg.IRQ_STATUS))
            await self.after()


class HardResetBody(BreakTest):
    """Resets of everything at any time."""

    COUNT = 6

    async def body(self) -> None:
        """Reset, run."""
        for number in range(self.COUNT):
            await self.somewhere(number)
            await self.env.reset()
            await self.expect(IDLE)
            assert not await self.read(Reg.IRQ_STATUS), "interrupts after a reset"
            await self.after()


class CommandBody(ChipTest):
    """Each command in each state, and several at once."""

    options = SHORT
    MEANT: ClassVar[dict[MachineState, tuple[str, ...]]] = {
        IDLE: ("start", "step"),
        RUN: ("pause", "stop"),
        PAUSED: ("resume", "step", "stop"),
        STOPPED: (),
        FAILED: (),
    }

    async def body(self) -> None:
        """What means nothing first, as it leaves the state; then what means something."""
        self.draw_stalls()
        for state, meant in self.MEANT.items():
            await self.bring(state)
            for name in COMMANDS:
                if name not in (*meant, "reset"):
                    self.env.coverage.command(state, name)
                    await self.command(name)
            await self.expect(state)
            if state in (RUN, PAUSED):
                await self.go_on(state)
            for name in meant:
                await self.bring(state)
                self.env.coverage.command(state, name)
                await self.give(name)
            await self.bring(state)
            self.env.coverage.command(state, "reset")
            await self.give("reset")
        for names, means in (
            (("start", "step"), "start"),
            (("reset", "stop", "start"), "reset"),
        ):
            await self.bring(IDLE)
            await self.give(means, names)
        for names, means in ((("pause", "stop"), "stop"), (("stop", "reset", "pause"), "reset")):
            await self.bring(RUN)
            await self.give(means, names)
        for names, means in ((("resume", "step"), "resume"), (("stop", "resume", "step"), "stop")):
            await self.bring(PAUSED)
            await self.give(means, names)

    async def bring(self, state: MachineState) -> None:
        """Bring the machine to a state, from IDLE, STOPPED or ERROR."""
        if await self.state() is not IDLE:
            await self.soft_reset()
        job = self.job(self.program())
        self.stepped = int(state is PAUSED)
        if state is IDLE:
            self.course = self.env.golden.run(job)
            self.env.dram.load(job.dram)
            self.env.forget_reads()
            self.words_written = self.env.axi["w"].monitor.count
            await self.write(Reg.PROG_ADDR, job.address)
            await self.write(Reg.PROG_LEN, job.length)
            await self.write(Reg.IRQ_ENABLE, ALL_IRQS)
        elif state is FAILED:
            await self.begin(Job(job.dram, job.address + 4, job.length))
            assert await self.interrupt() == ERROR, "an error was expected"
            await self.failed(ErrorCause.ADDRESS)
        elif state is STOPPED:
            await self.begin(job)
            await self.command("stop")
            assert await self.interrupt() == STOP, "a stop was expected"
        else:
            self.course = await self.begin(job, "step" if state is PAUSED else "start")
            if state is PAUSED:
                assert await self.interrupt() == PAUSE, "a pause was expected"
        await self.expect(state)

    async def go_on(self, state: MachineState) -> None:
        """Let the program run to its end."""
        if state is PAUSED:
            await self.command("resume")
        await self.finish(self.course)

    async def give(self, means: str, names: tuple[str, ...] = ()) -> None:
        """Give commands, of which one counts, and see that it does what it means."""
        await self.write(Reg.CTRL, sum(COMMANDS[name] for name in names or (means,)))
        match means:
            case "reset":
                await self.reset_ends()
            case "stop":
                bits = await self.interrupt()
                assert bits == STOP, f"interrupts {bits:#x} after a stop"
                await self.expect(STOPPED)
            case "start" | "resume":
                await self.finish(self.course)
            case _:
                bits = await self.interrupt()
                assert bits == PAUSE, f"interrupts {bits:#x} after {means}"
                pc = await self.paused(self.course, means)
                if means == "step":
                    assert pc == self.stepped + 1, f"PC {pc} after a step"
                await self.command("resume")
                await self.finish(self.course)
