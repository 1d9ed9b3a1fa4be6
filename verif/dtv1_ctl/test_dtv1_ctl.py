"""Tests of dtv1_ctl."""

from __future__ import annotations

from itertools import pairwise

import pyuvm

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.golden.instruction import Instruction
from reneta.golden.isa_types import INSN_BYTES
from reneta.verif.common.analysis import spoil
from reneta.verif.dtv1_ctl.base import ControlTest
from reneta.verif.dtv1_ctl.coverage import COMMANDS, TOGETHER
from reneta.verif.dtv1_ctl.engine import Fault
from reneta.verif.dtv1_ctl.lost import LostTest
from reneta.verif.dtv1_ctl.predictor import ProgramModel
from reneta.verif.dtv1_ctl.program import PROGRAMS
from reneta.verif.dtv1_ctl.progress import AHEAD

IDLE, RUN, PAUSED, STOPPED, ERROR, RESET = MachineState


@pyuvm.test()
class RunTest(ControlTest):
    """Programs of all kinds of length, one after another without a reset, from any place in a DRAM word."""

    async def body(self) -> None:
        """Rounds with other stalls."""
        for length in (0, 1, 2, 3, 0, 15, 16, 17, 18, 40, 1, 5):
            self.pace()
            await self.run_program(self.generator.program(length))
        for place in range(4):
            await self.run_program(self.generator.program(7), PROGRAMS + place * INSN_BYTES)
            await self.run_program(self.generator.program(8), PROGRAMS + place * INSN_BYTES)


@pyuvm.test()
class RandomTest(ControlTest):
    """Programs of everything, with the host at the descriptor memory."""

    async def body(self) -> None:
        """Pauses are ended at once; in the end all has been answered."""
        host = self.start_host()
        for _ in range(12):
            self.pace()
            shares = (self.random.choice((0.0, 0.1, 0.4)) for _ in range(3))
            await self.run_program(self.generator.program(self.random.randint(1, 30), *shares))
        await self.end_host(host)


@pyuvm.test()
class RateTest(ControlTest):
    """Fetched instructions are dispatched without gaps and wait for none that has not ended; 16 are ahead."""

    async def body(self) -> None:
        """An engine that takes nothing, then everything, and lets nothing end meanwhile."""
        engine, hw = self.env.engine, self.cfg.hw
        self.pace(lazy=0.0, slow=1)
        engine.room, engine.frozen = 0, True
        words, insns = max(1, INSN_BYTES // hw.word_bytes), max(1, hw.word_bytes // INSN_BYTES)
        ahead = AHEAD * insns
        await self.start(self.generator.program(3 * ahead), PROGRAMS)
        await self.clocking.cycles(40 * AHEAD)
        deepest = self.env.checker.progress.deepest
        assert deepest >= AHEAD, f"{deepest} blocks are fetched ahead, and there is room for {AHEAD}"
        engine.room = 1000
        moments: list[int] = []
        while len(moments) < 3 * ahead:
            if self.env.dispatch.monitor.count > len(moments):
                moments.append(self.clocking.now())
            await self.clocking.cycles(1)
        gaps = [late - early for early, late in pairwise(moments[:ahead])]
        assert max(gaps) <= words, f"gaps of {max(gaps)} cycles, not of {words}"
        engine.frozen = False
        await self.finish()


@pyuvm.test()
class FenceTest(ControlTest):
    """Instructions with a fence, and moves, wait for all before them and for the answers of their writes."""

    async def body(self) -> None:
        """Every kind of neighbours; slow answers."""
        env = self.env
        for round_ in range(6):
            self.pace(lazy=(0.0, 0.3)[round_ % 2], slow=(30, 5)[round_ % 2])
            env.engine.writes, env.mover.latency = 0.9, 60
            await self.run_program(self.generator.program(12, moves=0.2, fences=0.5))
        held = env.checker.progress.held
        assert held == {"fence, instructions", "fence, writes", "move, instructions", "move, writes"}, held


@pyuvm.test()
class MoveTest(ControlTest):
    """Moves of 1 to many descriptors, in both directions; what was stored is loaded again."""

    async def body(self) -> None:
        """Each count, with and without stalls, with the host at the other half of the memory."""
        make, hw = self.generator.move, self.cfg.hw
        whole, all_ = hw.num_pe // 2, self.generator.steps
        counts = sorted({1, 2, 3, whole, whole + 1, 2 * whole, 3 * whole - 1, all_ - 1, all_})
        for lazy in (0.0, 0.5):
            self.pace(lazy=lazy, slow=10)
            host = self.start_host(most=3)
            for store in (False, True):
                await self.run_program([make(count, store) for count in counts])
            for count in counts[::2]:
                there, back = make(count, True), make(count, False)
                back = Instruction(**{**vars(back), "dram_src": there.dram_dst})
                await self.run_program([there, back, self.generator.unit(), there])
            await self.end_host(host)


@pyuvm.test()
class PauseTest(ControlTest):
    """Pauses at random times, behind marked instructions, and behind every single one."""

    async def body(self) -> None:
        """Each in several rounds, with an engine that is slow to take what is offered, too."""
        for round_ in range(16):
            self.pace()
            self.env.engine.lazy = (0.0, 0.9)[round_ % 2]
            await self.start(self.generator.program(20, moves=0.2, fences=0.1))
            for _ in range(4):
                await self.clocking.cycles(self.random.randint(0, 60))
                await self.command("pause")
                if await self.until(PAUSED, IDLE) == IDLE:
                    break
                await self.clocking.cycles(self.random.choice((0, 3, 60)))
                await self.command("resume")
                await self.clocking.cycles(1)
            await self.finish()
        for pauses in (0.3, 1.0):
            await self.run_program(self.generator.program(10, moves=0.3, pauses=pauses))
        for how in (("step",), ("start",)):
            self.pace()
            await self.step_through(12, how)
        await self.pause_at_end()

    async def pause_at_end(self) -> None:
        """Pauses at every moment of a short program: it pauses or has ended, and the next one runs."""
        self.pace(lazy=0.0, slow=1)
        # So that all take equally long.
        self.env.engine.reads = self.env.engine.writes = 0.0
        await self.run_program(self.generator.program(1))
        begun = self.clocking.now()
        await self.run_program(self.generator.program(1))
        length = self.clocking.now() - begun
        for delay in range(length):
            await self.start(self.generator.program(1))
            await self.clocking.cycles(delay)
            await self.command("pause")
            await self.finish()
            await self.start(self.generator.program(1))
            await self.until(IDLE)

    async def step_through(self, length: int, how: tuple[str, ...]) -> None:
        """Steps to the end; the first instruction has a mark, so that it is a pause either way."""
        first = self.generator.unit(pause=1)
        await self.start([first, *self.generator.program(length - 1, moves=0.3, fences=0.2)], how=how)
        for number in range(1, length + 1):
            await self.until(PAUSED)
            assert int(self.cfg.dut.pc_o.value) == number
            await self.clocking.cycles(self.random.choice((0, 40)))
            await self.command("step")
            await self.clocking.cycles(1)
        await self.until(IDLE)


@pyuvm.test()
class StopTest(ControlTest):
    """Stops at random times and in pauses; only a reset leads out, and then all works."""

    async def body(self) -> None:
        """The window answers meanwhile."""
        for round_ in range(16):
            self.pace()
            self.env.engine.lazy = (0.0, 0.9)[round_ % 2]
            moves, pauses = (0.0, 0.7, 0.3)[round_ % 3], (0.0, 0.3)[round_ % 4 == 3]
            await self.start(self.generator.program(30, moves=moves, pauses=pauses))
            await self.clocking.cycles(self.random.randint(0, 200))
            if round_ % 4 == 3:
                await self.until(PAUSED, IDLE)
            if self.state == IDLE:
                continue
            await self.command("stop")
            await self.until(STOPPED)
            await self.access()
            await self.clocking.cycles(100)
            await self.reset_machine()
            if round_ % 3 == 0:
                await self.run_program(self.generator.program(5, moves=0.3))


@pyuvm.test()
class IllegalTest(ControlTest):
    """Instructions that are refused, first, in the middle and last; programs at an address that is none."""

    async def body(self) -> None:
        """Every kind; what stands before has ended, what stands behind never begins."""
        env = self.env
        for number, fault in enumerate(self.generator.faults * 2):
            self.pace()
            env.engine.writes = 0.8
            before = self.generator.program((0, 1, 6, 18)[number % 4], moves=0.1, pauses=0.1)
            behind = self.generator.program(self.random.choice((0, 3)))
            program: list[int | Instruction] = [*before, self.generator.illegal(fault), *behind]
            await self.start(program, how=(self.random.choice(("start", "step")),))
            await self.finish(ERROR)
            await self.access()
            await self.clocking.cycles(60)
            await self.reset_machine()
            if number % 3 == 0:
                await self.run_program(self.generator.program(4))
        for bit in range(6):
            self.put(self.generator.program(2), PROGRAMS)
            await self.start(self.generator.program(2), PROGRAMS)
            await self.finish()
            self.cfg.dut.prog_addr_i.value = PROGRAMS | 1 << bit
            self.cfg.dut.prog_len_i.value = bit % 3
            await self.command("start")
            await self.clocking.cycles(1)
            if await self.until(ERROR, IDLE) == ERROR:
                await self.reset_machine()


@pyuvm.test()
class FaultTest(ControlTest):
    """Errors of the engine's units, with later instructions under way and earlier writes not answered."""

    async def body(self) -> None:
        """Each unit, at any instruction."""
        engine = self.env.engine
        units = [unit for unit in ErrorUnit if ErrorUnit.CTL < unit < ErrorUnit.READ]
        for unit in units * 2:
            self.pace()
            engine.writes, self.env.mover.latency = 0.8, 40
            cause = self.random.choice([cause for cause in ErrorCause if cause])
            engine.faults = {self.random.randrange(12): Fault(cause, unit)}
            await self.start(self.generator.program(12, pauses=0.1))
            await self.finish(ERROR)
            await self.clocking.cycles(60)
            await self.reset_machine()
            engine.faults = {}
        await self.run_program(self.generator.program(5))


@pyuvm.test()
class BusErrorTest(LostTest):
    """Reads that fail, of the fetch, of the engine and of moves; writes that fail."""

    async def body(self) -> None:
        """Each kind several times; the program counter is that of the first one without its words."""
        for round_ in range(8):
            for kind in (
                self.lost_program,
                self.lost_program,
                self.lost_words,
                self.lost_load,
                self.lost_write,
            ):
                self.pace(lazy=(0.0, None)[round_ % 2])
                await kind()
                await self.clocking.cycles(60)
                await self.reset_machine()
                self.env.mover.no_errors()
                self.env.engine.starving = set()
            await self.run_program(self.generator.program(3, moves=0.3))


@pyuvm.test()
class ResetTest(ControlTest):
    """Resets by the host from every state, in the middle of everything."""

    async def body(self) -> None:
        """Then a program runs; also resets that come twice, and with a hole in the bus."""
        for round_ in range(24):
            self.pace()
            moves, pauses = (0.0, 0.7, 0.3)[round_ % 3], (0.0, 0.3)[round_ % 2]
            host = self.start_host()
            await self.start(self.generator.program(30, moves=moves, pauses=pauses))
            await self.clocking.cycles(self.random.randint(0, 150))
            if round_ % 4 == 1:
                await self.command("stop")
                await self.clocking.cycles(self.random.choice((0, 1, 2, 80)))
            await self.command("reset")
            if round_ % 3 == 1:
                await self.clocking.cycles(self.random.randint(0, 4))
                await self.command("reset")
            await self.clocking.cycles(1)
            await self.until(IDLE)
            if round_ % 4 < 2:
                await self.run_program(self.generator.program(5, moves=0.2))
            await self.end_host(host)
        await self.reset_machine()


@pyuvm.test()
class HardResetTest(ControlTest):
    """The reset pin, at any time; then programs run."""

    async def body(self) -> None:
        """Several times."""
        for round_ in range(10):
            self.pace()
            host = self.start_host()
            await self.start(self.generator.program(30, moves=0.3, pauses=0.1))
            await self.clocking.cycles(self.random.randint(0, 150))
            if round_ % 3 == 1:
                await self.command(self.random.choice(("stop", "reset")))
                await self.clocking.cycles(self.random.randint(0, 10))
            host.cancel()
            self.cfg.dut.host_req_i.value = 0
            await self.env.reset()
            await self.clocking.cycles(3)
            await self.run_program(self.generator.program(5, moves=0.2))


@pyuvm.test()
class CommandTest(ControlTest):
    """Every command in every state, and commands written together."""

    async def body(self) -> None:
        """Those that mean nothing have no effect."""
        self.pace(lazy=0.1, slow=10)
        for state in MachineState:
            for names in self.commands_in(state):
                await self.bring_to(state)
                await self.command(*names)
                await self.clocking.cycles(2)
                if state != RUN and self.state == RUN and "step" in names:
                    await self.until(PAUSED, IDLE, STOPPED)
                await self.clocking.cycles(self.random.randint(0, 8))
        await self.bring_to(IDLE)

    @staticmethod
    def commands_in(state: MachineState) -> list[tuple[str, ...]]:
        """What is tried in a state."""
        together = [tuple(names.split("+")) for where, names in TOGETHER if where == state.name]
        return [(name,) for name in COMMANDS] + together


@pyuvm.test()
class CounterTest(ControlTest):
    """Counters through runs, pauses, errors and resets (the checker looks at them in every eighth cycle)."""

    async def body(self) -> None:
        """They stand still in every state but RUN, whatever the engine does."""
        await self.run_program(self.generator.program(60, moves=0.1, pauses=0.1))
        for end in (STOPPED, ERROR, PAUSED):
            program = [*self.generator.program(20), *self.generator.program(5, pauses=1.0)]
            self.env.engine.faults = {15: Fault(ErrorCause.INDEX, ErrorUnit.SRG0)} if end == ERROR else {}
            await self.start(program)
            await self.clocking.cycles(60)
            if end == STOPPED:
                await self.command("stop")
            await self.until(end)
            await self.clocking.cycles(300)
            await self.reset_machine()
            await self.clocking.cycles(20)


class WrongField(ProgramModel):
    """Forgets the output module's configuration of one instruction in eight."""

    def announce(self, cfg: tuple[int, int, int]) -> tuple[int, int, int]:
        """Some are wrong."""
        ipm, ccm, opm = super().announce(cfg)
        return ipm, ccm, opm ^ (ipm & 7 == 0)


@pyuvm.test(expect_fail=True)
class BrokenModelTest(ControlTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        spoil(ProgramModel, WrongField)

    async def body(self) -> None:
        """Enough instructions."""
        await self.run_program(self.generator.program(100))
