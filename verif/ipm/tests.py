"""Tests that all units of the input module share; each unit's module makes them its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import cocotb
from cocotb.task import Task

from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.ipm import Unit, walk_cycles, wanted
from reneta.golden.ipm_types import Side, Source
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import np_rng, rng
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import StreamAgent
from reneta.verif.ipm.env import UnitEnv
from reneta.verif.ipm.program import ANY, SPARSE, VECTOR_WORK, WALKED, Generator, Instruction, Limits

# Beats for one stream.
Feed = tuple[StreamAgent, Iterable[Beat]]


class IpmUnitTest(BaseTest):
    """Runs `traffic` for each unit of the environment, each from a reset."""

    env: UnitEnv
    profiles: ClassVar[tuple[Stall, ...]] = (Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST)

    def configure(self) -> None:
        """Make the generator."""
        self.draw = Generator(self.cfg.hw, np_rng("instructions"))

    async def body(self) -> None:
        """One unit after the other."""
        for unit in self.env.units:
            self.unit = unit
            self.env.use(unit)
            await self.env.reset()
            await self.traffic()

    async def traffic(self) -> None:
        """What happens to one unit."""
        raise NotImplementedError

    def feeds(self, program: Sequence[Instruction]) -> list[Feed]:
        """What goes into the unit for these instructions; subclasses add their own streams."""
        hw = self.cfg.hw
        feeds: list[Feed] = [
            (self.env.cfgs, [(one.cfg.pack(hw),) for one in program]),
            (self.env.descs, [(d.encode(hw),) for one in program for d in one.descriptors]),
        ]
        if self.env.idxs is not None:
            indices = [(index,) for one in program for index in one.indices_for(self.unit)]
            feeds.append((self.env.idxs, indices))
        return feeds

    def start(self, program: Sequence[Instruction]) -> list[Task[Any]]:
        """Begin to send; the tasks end when the drivers have taken everything."""
        return [cocotb.start_soon(agent.send(beats)) for agent, beats in self.feeds(program)]

    async def run(self, program: Sequence[Instruction]) -> None:
        """Send everything and wait for what it gives; nothing may be left, and there is no error."""
        for task in self.start(program):
            await task
        await self.env.drain()
        left = [name for name, agent in self.env.streams.items() if not agent.idle]
        assert not left, f"the unit did not take all of {', '.join(left)}"
        assert not self.env.predictor.pending, "the unit took more than it needs"
        self.check_error(ErrorCause.NONE)

    def check_error(self, cause: ErrorCause) -> None:
        """Compare the error output."""
        actual = int(self.cfg.dut.err_o.value)
        assert actual == cause, f"err_o is {actual}, not {cause!r}"

    def many(self, count: int, limits: Limits | None = None) -> list[Instruction]:
        """Random instructions."""
        return [self.draw.draw(limits or Limits()) for _ in range(count)]

    def stall_all(self, profiles: Sequence[Stall]) -> None:
        """Draw a profile for each stream."""
        choose = rng("profiles", self.clocking.now())
        for agent in self.env.streams.values():
            agent.set_stalls(choose.choice(profiles))


class ProcedureBody(IpmUnitTest):
    """Every code of a procedure, with operands from DRAM and from SMEM, without stalls."""

    async def traffic(self) -> None:
        """Each alone, then each between others."""
        for proc in range(16):
            for dram in (0, 1):
                await self.run(self.many(6, Limits(procs=(proc,), dram=(dram,))))
        mixed = [self.draw.draw(Limits(procs=(proc,))) for proc in 3 * list(range(16))]
        await self.run(mixed)


class RandomBody(IpmUnitTest):
    """Random instructions, each stream under a profile of its own that changes now and then."""

    async def traffic(self) -> None:
        """Several bursts."""
        for _ in range(10):
            self.stall_all(self.profiles)
            await self.run(self.many(40))


class StarvedBody(IpmUnitTest):
    """One stream after another brings or takes something only now and then."""

    async def traffic(self) -> None:
        """Each stream in turn, then all."""
        short = Limits(words=30)
        for agent in self.env.streams.values():
            self.stall_all((Stall.NONE,))
            agent.set_stalls(Stall.STARVED)
            await self.run(self.many(12, short))
        self.stall_all((Stall.STARVED,))
        await self.run(self.many(8, short))


class SizeBody(IpmUnitTest):
    """The largest matrices and lists, and many steps with nothing, one and everything in their lists."""

    async def traffic(self) -> None:
        """All procedures."""
        hw, make = self.cfg.hw, self.draw.make
        self.stall_all((Stall.NONE, Stall.LIGHT))
        for dram in (0, 1):
            wide = [make(proc, 2, hw.max_n, dram=dram) for proc in WALKED]
            tall = [make(proc, min(hw.max_groups, 1 << hw.cnt_w), 2, dram=dram) for proc in WALKED]
            # As many steps as there are.
            wide += [make(proc, 1, 3, hw.max_m, dram=dram) for proc in VECTOR_WORK for _ in range(3)]
            full = [make(proc, 1, hw.max_n, counts=[hw.max_n], dram=dram) for proc in SPARSE]
            await self.run([*wide, *tall, *full])
            for counts in ([0] * 40, [1] * 40, [5] * 10, [0, 5, 0, 0, 1, 5, 0] * 4, [0] * hw.max_m):
                await self.run([make(p, 1, 5, len(counts), counts, dram) for p in SPARSE])


class ResetBody(IpmUnitTest):
    """Resets in the middle of anything; afterwards the unit knows nothing of what was before."""

    async def traffic(self) -> None:
        """Traffic, a reset at a random moment, traffic that must be right."""
        for _ in range(10):
            self.stall_all((Stall.NONE, Stall.LIGHT, Stall.BURST))
            tasks = self.start(self.many(30))
            await self.clocking.cycles(self.draw.below(400))
            for task in tasks:
                task.cancel()
            await self.env.reset()
            await self.run(self.many(10))


class ThroughputBody(IpmUnitTest):
    """Without stalls a long random program takes exactly the predicted cycles (golden `walk_cycles`)."""

    # Procedures of the timed programs.
    procs: ClassVar[tuple[int, ...]] = ANY

    @property
    def measured(self) -> StreamAgent:
        """The output stream whose beats are timed."""
        raise NotImplementedError

    def connect_phase(self) -> None:
        """Note the cycle of every beat."""
        self.beats: list[int] = []
        timer = AnalysisImp("timer", self, lambda _: self.beats.append(self.clocking.now()))
        self.measured.ap.connect(timer)

    async def traffic(self) -> None:
        """Any program; one of empty and short lists; one with instructions of one beat each."""
        await self.measure(self.many(400, Limits(words=40, procs=self.procs)))
        few = Limits(groups=1, columns=2, words=6, procs=tuple(p for p in self.procs if p in SPARSE))
        await self.measure(self.many(400, few))
        ones = [self.draw.make(p, 1, 1, counts=[1], dram=d) for p in WALKED for d in (0, 1)]
        single = [one for one in ones if self.taken(one)]
        await self.measure(single * 20)

    def taken(self, one: Instruction) -> bool:
        """Whether an instruction is the unit's business."""
        return wanted(self.unit, one.cfg)

    async def measure(self, program: Sequence[Instruction]) -> None:
        """Run between two marks, of one beat each."""
        mark = self.mark()
        sequence = [mark, *program, mark]
        cycles = sum(walk_cycles(self.unit, one.cfg, one.counts) for one in sequence[:-1])
        self.beats.clear()
        await self.run(sequence)
        taken = self.beats[-1] - self.beats[0]
        self.logger.info("%d beats in %d cycles, predicted %d", len(self.beats), taken + 1, cycles + 1)
        assert taken == cycles, f"{taken} cycles between first and last beat, predicted {cycles}"

    def mark(self) -> Instruction:
        """An instruction that gives one beat."""
        dram = int(self.unit is Unit.DRAM)
        return self.draw.make(Proc.MXV_SP, 1, 1, counts=[1], dram=dram)


class ErrorBody(IpmUnitTest):
    """Each error stops the unit with its cause, after all that was complete; a reset brings it back."""

    async def traffic(self) -> None:
        """A count that is too large, in the first and in a later step, of each procedure."""
        for proc in SPARSE:
            for good_steps in (0, 3):
                for columns in (1, 6):
                    await self.stop(self.bad_count(proc, columns, good_steps), ErrorCause.COUNT)
        await self.more()

    async def more(self) -> None:
        """Hook: further errors."""

    def bad_count(self, proc: int, columns: int, good_steps: int) -> Instruction:
        """A list that is longer than the matrix is wide, by one or by much."""
        counts = [self.draw.below(columns + 1) for _ in range(good_steps + 1)]
        one = self.draw.make(proc, 2, columns, good_steps + 1, counts, self.draw.below(2))
        bad = replace(one.descriptors[-1], count=(columns + 1, self.cfg.hw.max_n)[self.draw.below(2)])
        return replace(one, descriptors=[*one.descriptors[:-1], bad])

    async def stop_sources(self, field: str, sources: Sequence[int]) -> None:
        """EWISE with a source that its operand cannot have, alone in `field`."""
        for source in sources:
            one = self.draw.make(Proc.EWISE, 2, 1, 2)
            good = replace(one.cfg, a_src=Source.SMEM, b_src=Source.ONE, c_src=Source.SMEM, side=Side.NONE)
            bad = replace(good, **{field: source})
            await self.stop(replace(one, cfg=bad), ErrorCause.PROC)

    async def stop(self, bad: Instruction, cause: ErrorCause) -> None:
        """Send good instructions, the bad one and some more; compare what was complete; reset."""
        self.stall_all((Stall.NONE, Stall.LIGHT, Stall.HEAVY))
        short = Limits(words=40)
        tasks = self.start([*self.many(3, short), bad, *self.many(2, short)])
        for _ in range(4000):
            await self.clocking.cycles(1)
            if int(self.cfg.dut.err_o.value):
                break
        await self.clocking.cycles(400)
        self.check_error(cause)
        self.check_stopped(cause)
        for task in tasks:
            task.cancel()
        await self.env.reset()
        await self.run(self.many(2, short))

    def check_stopped(self, cause: ErrorCause) -> None:
        """Compare what came with what had to come before the stop."""
        assert self.env.predictor.cause == cause, f"the model says {self.env.predictor.cause!r}"
        missing = sum(board.pending for board in self.env.boards)
        assert not missing, f"{missing} transactions from before the stop are missing"
        assert not self.env.surplus, f"{self.env.surplus} transactions came after the stop"


class CheckerBody(IpmUnitTest):
    """The scoreboard can fail: a predictor that is wrong once must be noticed."""

    async def traffic(self) -> None:
        """Ordinary traffic."""
        for task in self.start(self.many(20)):
            await task
