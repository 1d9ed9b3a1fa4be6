"""Tests of what dtv1_ccm does while it drains the accumulators of a VXV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cocotb
import numpy as np

from reneta.golden.ccm_types import CORE_PROCS, CcmCfg, ErrorCause, Proc
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_ccm.base import CcmTest, TimedTest
from reneta.verif.dtv1_ccm.error_tests import StopTest
from reneta.verif.dtv1_ccm.instruction import PROGRAM, Instruction


class DrainTest(CcmTest):
    """Makes gradients, and sees that the core is not idle before the last result has left."""

    def gradient(self, groups: int, columns: int, base: int, counts: Sequence[int] = ()) -> Instruction:
        """A VXV with a drain, or with list counts a VXV_SP."""
        cfg = CcmCfg(
            proc=Proc.VXV_SP if counts else Proc.VXV,
            cnt0=groups - 1,
            cnt1=columns - 1,
            cnt2=max(len(counts), 1) - 1,
            lanes=self.cfg.hw.num_pe - 1,
            base=base,
            drain=1,
        )
        return self.draw.fill(cfg, list(counts))

    def held(self, instruction: Instruction) -> Instruction:
        """The same, but the accumulators keep what they have."""
        return replace(instruction, cfg=replace(instruction.cfg, drain=0))

    async def watch_idle(self) -> None:
        """While results are missing the core has something to do."""
        while True:
            await self.clocking.cycles(1)
            idle = int(self.cfg.dut.idle_o.value)
            assert not (idle and self.env.scoreboard.pending), "idle_o is high while results are missing"


class ShadowBody(DrainTest, TimedTest):
    """Two gradients of other columns: the first one's words leave beside the second one's operations."""

    COLUMNS = 96
    """Of the first gradient, at one row group."""
    STEPS = 6
    FILL = 20
    """Cycles from the last operand word to the first result, at most."""

    async def body(self) -> None:
        """Dense and sparse, each number of row groups; a lone gradient for comparison."""
        self.stall_all((Stall.NONE,))
        watch = cocotb.start_soon(self.watch_idle())
        lines = ["VXV, two gradients: operand words, words drained (of the second), cycles"]
        for groups in (1, 2, 3, 4, 5, 8):
            columns = self.COLUMNS // groups
            rest = columns // 3
            for sparse in (False, True):
                first = self.gradient(groups, columns, 0, [columns // 2] * self.STEPS if sparse else [])
                second = self.second(groups, rest, groups * columns, sparse)
                drained, last = groups * (columns + rest), groups * rest
                cycles = await self.measure_drain([first, second])
                words = len(self.accepted)
                # Lists of single row groups use one bank again and again.
                if groups > 1 or not sparse:
                    taken = self.accepted[-1] - self.accepted[0] + 1
                    assert taken == words, f"{words} operand words take {taken} cycles"
                    assert cycles <= words + last + self.FILL, f"{cycles} cycles"
                kind = "sparse" if sparse else "dense"
                lines.append(f"{groups} groups, {kind:6} {words:5} {drained:4} ({last:3}) {cycles:5}")
                cycles = await self.measure_drain([first])
                assert cycles <= len(self.accepted) + groups * columns + self.FILL, f"{cycles} cycles alone"
        self.report(lines)
        watch.cancel()

    def second(self, groups: int, columns: int, base: int, sparse: bool) -> Instruction:
        """A gradient that takes at least as long as the drain before it."""
        if sparse:
            return self.gradient(groups, columns, base, [columns] * self.STEPS)
        dense = self.gradient(groups, columns, base)
        return self.draw.fill(replace(dense.cfg, cnt2=self.STEPS - 1), [])


class CollisionBody(DrainTest, TimedTest):
    """Operations that use the bank, or the words, of a drain in progress."""

    COLUMNS = 6

    async def body(self) -> None:
        """Every procedure at and around the drained words; then lists that use one bank only."""
        for groups in (1, 2, 3, 4, 5):
            pairs = [pair for proc in CORE_PROCS for pair in self.pairs(proc, groups)]
            self.stall_all((Stall.NONE,))
            await self.measure([*pairs, self.draw.everything()])
            self.stall_all((Stall.NONE, Stall.LIGHT, Stall.HEAVY))
            await self.run([*pairs[:: groups + 1], self.draw.everything()])
        self.stall_all((Stall.NONE,))
        for odd in (0, 1):
            await self.one_bank(odd)

    def pairs(self, proc: Proc, groups: int) -> list[Instruction]:
        """A gradient and then this procedure, whose accumulators begin at several places around."""
        base, words = 2 * groups, groups * self.COLUMNS
        sequence: list[Instruction] = []
        for place in (base, base + 1, base + groups, base + words - 1, base + words, base - groups):
            sequence.append(self.gradient(groups, self.COLUMNS, base, [4, 0] if place % 2 else []))
            cont = int(self.draw.rng.integers(2))
            cfg = CcmCfg(
                proc=proc,
                cnt0=groups - 1,
                cnt1=0 if proc == Proc.EWISE else self.COLUMNS - 1,
                cnt2=2,
                lanes=0,
                base=place,
                acc=int(self.draw.rng.random() < 0.8),
                cont=cont,
                init=0 if cont else int(self.draw.rng.integers(2)),
                **{name: int(self.draw.rng.integers(2)) for name in ("hold", "mute", "drain")},
            )
            sequence.append(self.draw.fill(cfg, [5, 0, 3] if proc.sparse else []))
        return sequence

    async def one_bank(self, odd: int) -> None:
        """Lists of even or odd columns in one row group: the drain goes on, but does not take every turn."""
        columns, steps = 64, 10
        first = self.gradient(1, columns, 0)
        behind = self.gradient(1, columns, columns, [columns // 2] * steps)
        indices = np.tile(np.arange(odd, columns, 2), steps)
        await self.measure_drain([first, replace(behind, indices=indices)])
        assert self.left[columns - 1] < self.accepted[-1], "the drain waits for the end of what is behind it"


class SuccessionBody(DrainTest):
    """Drains one after another, and everything else in between."""

    async def body(self) -> None:
        """Pairs before every procedure; then any mix, with results that are taken in any manner."""
        gradients = replace(self.small, procs=(Proc.VXV, Proc.VXV_SP), words=40, steps=2)
        for profile in (Stall.NONE, Stall.HEAVY, Stall.BURST, Stall.STARVED):
            self.stall_all((Stall.NONE, Stall.LIGHT))
            self.env.results.set_stalls(profile)
            for proc in PROGRAM:
                pair = [self.drained(one) for one in self.many(2, gradients)]
                await self.run([*pair, *self.many(1, replace(gradients, procs=(proc,)))])
            mixed = replace(gradients, procs=(*PROGRAM, *[Proc.VXV, Proc.VXV_SP] * 4))
            await self.run([self.drained(one) for one in self.many(40, mixed)])
        await self.run([self.draw.everything()])

    def drained(self, instruction: Instruction) -> Instruction:
        """The same with a drain; only VXV has one."""
        return replace(instruction, cfg=replace(instruction.cfg, drain=1))


class DrainStopBody(DrainTest, StopTest):
    """What may happen in the middle of a drain."""

    GROUPS = 3
    COLUMNS = 50

    async def body(self) -> None:
        """Results are not taken; a reset; an error of the next instruction."""
        watch = cocotb.start_soon(self.watch_idle())
        await self.blocked()
        watch.cancel()
        for _ in range(6):
            await self.broken_off()
        columns, words = self.COLUMNS - 1, self.GROUPS * self.COLUMNS
        next_words = self.gradient(self.GROUPS, columns, words, [columns])
        same_words = self.gradient(self.GROUPS, columns, 0, [columns])
        for after in (next_words, same_words):
            first = self.gradient(self.GROUPS, self.COLUMNS, 0)
            no_procedure = replace(after, cfg=replace(after.cfg, proc=0xF))
            await self.expect_stop([first, no_procedure], ErrorCause.PROC, words, 1)
            too_many = replace(after, counts=[columns + 1])
            await self.expect_stop([first, too_many], ErrorCause.COUNT, words, 1)
            indices = after.indices.copy()
            indices[self.GROUPS :] = columns
            wrong = replace(after, indices=indices)
            await self.expect_stop([first, wrong], ErrorCause.INDEX, words + self.GROUPS, 1)

    def long(self) -> list[Instruction]:
        """A long drain and, behind it, more operations on other words, which give no result."""
        words = self.GROUPS * self.COLUMNS
        first = self.gradient(self.GROUPS, self.COLUMNS, 0)
        return [first, self.held(self.gradient(self.GROUPS, self.COLUMNS, words, [self.COLUMNS] * 3))]

    async def blocked(self) -> None:
        """While no result is taken what needs no room goes on, and nothing is lost."""
        self.stall_all((Stall.NONE,))
        self.env.results.set_stalls(Stall.BLOCKED)
        instructions = [*self.long(), self.gradient(self.GROUPS, self.COLUMNS, 0)]
        shadow = sum(len(one.indices) for one in instructions[:2])
        before = self.env.opds.monitor.count
        tasks = self.start(instructions)
        await self.clocking.cycles(self.cfg.hw.acc_words + 2 * shadow)
        taken = self.env.opds.monitor.count - before
        assert taken >= shadow - 1, f"{taken} operand words are taken, not the {shadow} that need no room"
        self.check(idle=0)
        for profile in (Stall.STARVED, Stall.HEAVY, Stall.NONE):
            self.env.results.set_stalls(profile)
            await self.clocking.cycles(200)
        for task in tasks:
            await task
        await self.env.drain()
        self.check(idle=1)

    async def broken_off(self) -> None:
        """A reset after some of the words; what was not drained must be gone, too."""
        self.stall_all((Stall.NONE, Stall.LIGHT))
        words = self.env.results.monitor.count + int(self.draw.rng.integers(1, self.GROUPS * self.COLUMNS))
        tasks = self.start([*self.long(), *self.many(4)])
        while self.env.results.monitor.count < words:
            await self.clocking.cycles(1)
        await self.reset_all(tasks)
        await self.run([self.draw.everything(), *self.many(3)])
