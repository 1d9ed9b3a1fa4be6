"""Tests of dtv1_ccm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyuvm
from pyuvm import uvm_factory

from reneta.golden.ccm import held_words
from reneta.golden.ccm_timing import Timing
from reneta.golden.ccm_types import CcmCfg, Func, Proc
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_ccm import drain_tests, error_tests
from reneta.verif.dtv1_ccm.base import CcmTest, TimedTest
from reneta.verif.dtv1_ccm.instruction import ALL, Instruction
from reneta.verif.dtv1_ccm.predictor import CcmPredictor, Result


@pyuvm.test()
class ProcedureTest(CcmTest):
    """Every procedure with every function, without stalls, and IDLE in between."""

    async def body(self) -> None:
        """One after another."""
        idle = self.draw.fill(CcmCfg(proc=Proc.IDLE, cnt0=0, cnt1=0, cnt2=0, lanes=0), [])
        for proc in ALL:
            for func in Func:
                limits = replace(self.small, procs=(proc,), funcs=(func,))
                await self.run([*self.many(4, limits), idle])


@pyuvm.test()
class RandomTest(CcmTest):
    """Random instructions, each stream under a profile of its own that changes now and then."""

    async def body(self) -> None:
        """Several bursts of instructions."""
        for _ in range(8):
            self.stall_all((Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST))
            await self.run(self.many(60))
        self.stall_all((Stall.NONE, Stall.LIGHT))
        await self.run([self.draw.everything()])


@pyuvm.test()
class StarvedTest(CcmTest):
    """One stream after another brings or takes a word only now and then."""

    async def body(self) -> None:
        """Each stream in turn, then all."""
        short = replace(self.small, words=60)
        for agent in self.env.streams.values():
            self.stall_all((Stall.NONE,))
            agent.set_stalls(Stall.STARVED)
            await self.run(self.many(12, short))
        self.stall_all((Stall.STARVED,))
        await self.run(self.many(8, short))


@pyuvm.test()
class SizeTest(CcmTest):
    """The edges of rows and columns: one, NUM_PE and its neighbours, and the largest."""

    timeout_cycles = 4_000_000

    async def body(self) -> None:
        """All procedures at all pairs of edges that are small enough, and one of the largest for each."""
        hw = self.cfg.hw
        edges = (1, hw.num_pe - 1, hw.num_pe, hw.num_pe + 1, hw.max_n - 1, hw.max_n)
        self.stall_all((Stall.NONE, Stall.LIGHT))
        for proc in ALL:
            shapes = [(rows, columns) for rows in edges for columns in edges]
            short = [shape for shape in shapes if self._words(*shape) <= hw.max_n]
            await self.run([self.draw.sized(proc, *shape) for shape in short])
        self.stall_all((Stall.NONE,))
        tall = 4 * hw.max_n - 1
        await self.run([self.draw.sized(proc, tall, 2) for proc in ALL])
        for proc in (Proc.MXV_SP, Proc.MTXV, Proc.VXV_SP):
            await self.run([self.draw.sized(proc, hw.max_n, hw.max_n)])

    def _words(self, rows: int, columns: int) -> int:
        return -(-rows // self.cfg.hw.num_pe) * columns


@pyuvm.test()
class CornerTest(CcmTest):
    """Operands and addends are corners and arbitrary patterns only."""

    async def body(self) -> None:
        """Many short instructions."""
        self.stall_all((Stall.NONE, Stall.LIGHT))
        await self.run(self.many(300, replace(self.small, special=1.0, words=80)))


@pyuvm.test()
class ThroughputTest(TimedTest):
    """Without stalls thousands of instructions take exactly the predicted cycles (docs/ccm.md).

    Where no accumulator comes again too soon that is one cycle a word and nothing more.
    """

    timeout_cycles = 4_000_000

    async def body(self) -> None:
        """Any sizes first, then only those with full speed."""
        await self.measure(self.many(1000, replace(self.small, words=40)), exact_words=False)
        hw = self.cfg.hw
        full: list[Instruction] = []
        while len(full) < 1000:
            dense = (Proc.MXV, Proc.MTXV, Proc.VXV, Proc.EWISE)
            one = self.draw.draw(replace(self.small, words=60, procs=dense))
            if not held_words(one.cfg) or one.cfg.cnt0 + 1 >= hw.add_lat:
                full.append(replace(one, cfg=replace(one.cfg, drain=0, cont=0, base=0)))
        await self.measure(full, exact_words=True)


@pyuvm.test()
class LatencyTest(CcmTest):
    """From an operand word to its result when nothing else is on the way."""

    def connect_phase(self) -> None:
        """Note the cycle of every operand and result word."""
        self.cycles: list[int] = []
        timer = AnalysisImp("timer", self, lambda _: self.cycles.append(self.clocking.now()))
        self.env.opds.ap.connect(timer)
        self.env.results.ap.connect(timer)

    async def body(self) -> None:
        """One word in each mode of the PE array."""
        timing = Timing(self.cfg.hw)
        for proc in (Proc.MXV, Proc.MTXV, Proc.EWISE):
            self.cycles.clear()
            await self.run([self.draw.sized(proc, self.cfg.hw.num_pe, 1)])
            taken, result = self.cycles
            assert result - taken == timing.latency(proc), f"{proc!r}: a result after {result - taken} cycles"
        for cfg in (
            CcmCfg(proc=Proc.MXV, cnt0=0, cnt1=0, cnt2=0, lanes=0, mute=1),
            CcmCfg(proc=Proc.VXV, cnt0=0, cnt1=0, cnt2=0, lanes=0),
        ):
            self.cycles.clear()
            await self.run([self.draw.fill(cfg, [])])
            taken, end = self.cycles
            assert end - taken == timing.end_latency, f"{cfg.proc!r}: the end after {end - taken} cycles"


@pyuvm.test()
class AccumulateTest(CcmTest):
    """VXV collects gradients over several instructions before it drains them; columns come again at once."""

    async def body(self) -> None:
        """Several shapes; lists that name one column again and again."""
        for _ in range(12):
            proc = Proc(int(self.draw.rng.choice([Proc.VXV, Proc.VXV_SP])))
            first = self.draw.draw(replace(self.small, procs=(proc,), words=80))
            cfg = replace(first.cfg, drain=0)
            series = [self.draw.fill(cfg, first.counts) for _ in range(3)]
            again = self.draw.fill(cfg, first.counts)
            same = np.full_like(again.indices, int(self.draw.rng.integers(cfg.cnt1 + 1)))
            last = self.draw.fill(replace(cfg, drain=1), first.counts)
            mxv = self.draw.draw(replace(self.small, procs=(Proc.MXV,), words=80))
            self.stall_all((Stall.NONE, Stall.LIGHT, Stall.HEAVY))
            await self.run([*series, replace(again, indices=same), last, mxv])


@pyuvm.test()
class HoldTest(CcmTest):
    """A recurrent layer's vector stays in the accumulators, added to, sent out and cleared step by step."""

    async def body(self) -> None:
        """Several layers, small ones too, whose instructions wait for each other's sums."""
        hw = self.cfg.hw
        for _ in range(10):
            groups = int(self.draw.rng.integers(1, 4))
            base = int(self.draw.rng.integers(0, hw.acc_words - 6 * groups + 1))
            self.stall_all((Stall.NONE, Stall.LIGHT, Stall.HEAVY))
            bias = self.one(Proc.MXV, base, cnt0=4 * groups - 1, cnt1=1, mute=1)
            steps = [one for _ in range(4) for one in self.step(base, groups)]
            await self.run([bias, *steps, *self.step(base, groups, last=True)])
        self.stall_all((Stall.NONE,))
        await self.run([self.draw.everything()])

    def step(self, base: int, groups: int, last: bool = False) -> list[Instruction]:
        """One time step of a layer with four gates of so many row groups, and two more for its state."""
        gates, columns = 4 * groups - 1, 7
        gate, state = base + 3 * groups, base + 4 * groups
        hold = int(not last)
        elements = {"cnt0": groups - 1, "acc": 1}
        rng = self.draw.rng
        return [
            self.one(Proc.MXV_SP, base, cnt0=gates, cnt1=columns - 1, cont=1, mute=1),
            self.one(Proc.MXV_SP, base, cnt0=gates, cnt1=columns - 1, cnt2=1, cont=1, mute=1),
            self.one(Proc.ACC, base, cnt0=3 * groups - 1, func=Func.SIGMOID, hold=hold),
            self.one(Proc.ACC, gate, cnt0=groups - 1, func=Func.TANH, hold=hold),
            self.one(Proc.EWISE, state, **elements, mute=1, neg=int(rng.integers(2))),
            self.one(Proc.EWISE, state, **elements, cont=1, hold=1, neg=int(rng.integers(2))),
            self.one(Proc.ACC, state, cnt0=groups - 1, func=Func.TANH, act_scale=1),
            self.one(Proc.EWISE, state + groups, **elements, cont=1, hold=hold, cnt2=0),
        ]

    def one(self, proc: Proc, base: int, **fields: int) -> Instruction:
        """An instruction with random words and, where it has lists, often empty ones."""
        counts = {"cnt1": 0, "cnt2": 0, **fields}
        cfg = CcmCfg(proc=proc, base=base, lanes=self.cfg.hw.num_pe - 1, **counts)
        lists = [int(n) for n in self.draw.rng.integers(-2, cfg.cnt1 + 2, cfg.cnt2 + 1).clip(0)]
        return self.draw.fill(cfg, lists if proc.sparse else [])


@pyuvm.test()
class EndTest(CcmTest):
    """Every instruction ends with one marked beat, also those without results, which must find room too."""

    async def body(self) -> None:
        """More ends than there are places for results, while none is taken and while all are."""
        size = {"cnt0": 0, "cnt1": 3, "cnt2": 1, "lanes": 0}
        empty = [
            self.draw.fill(CcmCfg(proc=proc, **size, mute=1), counts)
            for proc in (Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP)
            for counts in ([0, 0], [2, 0], [0, 2])
        ]
        held = [self.draw.fill(CcmCfg(proc=Proc.EWISE, **{**size, "cnt1": 0}, acc=1, mute=1), [])]
        idle = [self.draw.fill(CcmCfg(proc=Proc.IDLE, **size), [])] * 8
        results = [self.draw.fill(CcmCfg(proc=proc, **size), []) for proc in (Proc.MTXV, Proc.EWISE)]
        for profile in (Stall.BLOCKED, Stall.STARVED, Stall.NONE):
            self.stall_all((Stall.NONE,))
            self.env.results.set_stalls(profile)
            count = 3 if profile == Stall.STARVED else 20
            for mixed in (idle, held, empty, [*results, *idle, *empty], [*held, *results]):
                tasks = self.start([*mixed] * count)
                await self.clocking.cycles(400)
                if profile == Stall.BLOCKED:
                    self.env.results.set_stalls(Stall.NONE)
                for task in tasks:
                    await task
                await self.env.drain()
                self.check(idle=1)
                self.env.results.set_stalls(profile)


@pyuvm.test()
class ResetTest(CcmTest):
    """Resets in the middle of anything; afterwards the core knows nothing of what was before."""

    timeout_cycles = 4_000_000

    async def body(self) -> None:
        """Traffic, a reset at a random moment, traffic that must be right."""
        for round_ in range(8):
            self.stall_all((Stall.NONE, Stall.LIGHT, Stall.BURST))
            tasks = self.start(self.many(30))
            # The sweep of the accumulators comes first.
            await self.clocking.cycles(self.cfg.hw.acc_words if round_ != 1 else 0)
            await self.clocking.cycles(int(self.draw.rng.integers(1, 900)))
            await self.reset_all(tasks)
            await self.run([*([self.draw.everything()] if round_ < 3 else []), *self.many(10)])


@pyuvm.test()
class ErrorTest(error_tests.ErrorBody):
    """Each error stops the core with its cause; what was complete leaves; a reset brings it back."""


@pyuvm.test()
class ShadowTest(drain_tests.ShadowBody):
    """Drains in the shadow cost nothing but the last one's words, exactly as predicted."""


@pyuvm.test()
class CollisionTest(drain_tests.CollisionBody):
    """What follows a drain uses its bank, or the very words."""


@pyuvm.test()
class SuccessionTest(drain_tests.SuccessionBody):
    """Drains one after another and before every other procedure, under all kinds of stalls."""


@pyuvm.test()
class DrainStopTest(drain_tests.DrainStopBody):
    """Blocked results, a reset and errors in the middle of a drain."""


class WrongPredictor(CcmPredictor):
    """Expects one wrong bit."""

    def _execute(self, *args: Any) -> None:
        super()._execute(*args)
        if self._step == 0 and not getattr(self, "spoilt", False):
            self.spoilt = True
            self.ap.write(Result(0, 0, 0, 1))


@pyuvm.test(expect_fail=True)
class NegativeTest(CcmTest):
    """The scoreboard can fail: a predictor that expects a word too many must be noticed."""

    def configure(self) -> None:
        """Put the wrong predictor in."""
        super().configure()
        uvm_factory().set_type_override_by_type(CcmPredictor, WrongPredictor)

    async def body(self) -> None:
        """Ordinary traffic."""
        for task in self.start(self.many(5)):
            await task
