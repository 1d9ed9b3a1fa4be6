"""Tests of dtv1_ccm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyuvm
from pyuvm import uvm_factory

from reneta.golden.ccm import held_words
from reneta.golden.ccm_timing import Timing
from reneta.golden.ccm_types import CORE_PROCS, CcmCfg, ErrorCause, Func, Proc
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_ccm.base import CcmTest
from reneta.verif.dtv1_ccm.instruction import ALL, Instruction, Limits
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
class ThroughputTest(CcmTest):
    """Without stalls thousands of instructions take exactly the predicted cycles (docs/ccm.md).

    Where no accumulator comes again too soon that is one cycle a word and nothing more.
    """

    timeout_cycles = 4_000_000

    def connect_phase(self) -> None:
        """Note the cycle of every operand word."""
        self.accepted: list[int] = []
        timer = AnalysisImp("timer", self, lambda _: self.accepted.append(self.clocking.now()))
        self.env.opds.ap.connect(timer)

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

    async def measure(self, instructions: Sequence[Instruction], exact_words: bool) -> None:
        """Run between two marks, whose operand words are the first and the last that are accepted."""
        mark = self.draw.sized(Proc.MTXV, self.cfg.hw.num_pe, 1)
        timing = Timing(self.cfg.hw)
        sequence = [mark, *instructions, mark]
        for instruction in sequence:
            timing.run(instruction.cfg, instruction.counts, instruction.indices)
        self.accepted.clear()
        await self.run(sequence)
        taken, words = self.accepted[-1] - self.accepted[0], len(self.accepted)
        self.logger.info(
            "%d operand words accepted in %d cycles, predicted %d", words, taken + 1, timing.nest + 1
        )
        assert taken == timing.nest, f"{taken} cycles between first and last word, predicted {timing.nest}"
        if exact_words:
            assert taken + 1 == words, f"{words} operand words took {taken + 1} cycles"


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
            for task in tasks:
                task.cancel()
            await self.env.reset()
            await self.run([*([self.draw.everything()] if round_ < 3 else []), *self.many(10)])


@pyuvm.test()
class ErrorTest(CcmTest):
    """Each error stops the core with its cause; what was complete leaves; a reset brings it back."""

    async def body(self) -> None:
        """All causes, after good instructions that run into the bad one."""
        hw = self.cfg.hw
        good = replace(self.small, words=60)
        size = 1 << hw.cnt_w
        mxv = CcmCfg(proc=Proc.MXV, cnt0=0, cnt1=0, cnt2=0, lanes=0)
        for code in sorted(set(range(16)) - set(CORE_PROCS)):
            await self.stop(self.many(3, good), replace(mxv, proc=code), ErrorCause.PROC)
        if hw.max_groups < size:
            for proc in (Proc.MXV, Proc.MTXV_SP):
                too_tall = replace(mxv, proc=proc, cnt0=hw.max_groups)
                await self.stop(self.many(3, good), too_tall, ErrorCause.SIZE)
        too_many = hw.acc_words // (hw.max_n // hw.num_pe)
        if too_many < size:
            too_large = replace(mxv, proc=Proc.VXV, cnt0=hw.max_n // hw.num_pe - 1, cnt1=too_many)
            await self.stop(self.many(3, good), too_large, ErrorCause.SIZE)
        too_large = replace(mxv, proc=Proc.VXV, cnt0=size - 1, cnt1=size - 1)
        if size * size > hw.acc_words:
            await self.stop(self.many(3, good), too_large, ErrorCause.SIZE)
        for proc in (Proc.MXV, Proc.MXV_SP, Proc.EWISE):
            await self.stop(self.many(3, good), replace(mxv, proc=proc, init=1, cont=1), ErrorCause.PROC)
        await self.too_many_words(good)
        for proc in (Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP):
            for steps in (0, 2):
                await self.bad_list(proc, steps)

    async def too_many_words(self, good: Limits) -> None:
        """The last accumulators serve; one word more is an error in every procedure that uses them."""
        size = CcmCfg(proc=Proc.ACC, cnt0=2, cnt1=0, cnt2=0, lanes=0, acc=1, drain=1)
        for proc, words in ((Proc.MXV, 3), (Proc.MXV_SP, 3), (Proc.VXV, 12), (Proc.ACC, 12), (Proc.EWISE, 6)):
            fits = replace(
                size,
                proc=proc,
                cnt1=0 if proc == Proc.EWISE else 3,
                cnt2=1 if proc == Proc.EWISE else 0,
                base=self.cfg.hw.acc_words - words,
            )
            await self.run([self.draw.fill(fits, [2] if proc.sparse else [])])
            await self.stop(self.many(2, good), replace(fits, base=fits.base + 1), ErrorCause.SIZE)
        columns = replace(size, proc=Proc.EWISE, cnt1=1)
        await self.stop(self.many(2, good), columns, ErrorCause.SIZE)

    async def stop(self, good: Sequence[Instruction], bad: CcmCfg, cause: ErrorCause) -> None:
        """Send good instructions and a bad configuration; what follows must not be taken."""
        ignored = self.many(2)
        words = self.draw.fill(replace(bad, proc=Proc.IDLE), [])
        consumed = sum(len(one.operand_beats) for one in good)
        await self.expect_stop([*good, replace(words, cfg=bad), *ignored], cause, consumed)

    async def bad_list(self, proc: Proc, steps: int) -> None:
        """A count that is too large, and an index that is out of range, after some good steps."""
        columns, groups = 6, 3
        cfg = CcmCfg(proc=proc, cnt0=groups - 1, cnt1=columns - 1, cnt2=steps, lanes=0)
        instruction = self.draw.fill(cfg, [3] * steps + [4])
        too_many = replace(instruction, counts=[3] * steps + [columns + 1])
        await self.expect_stop([too_many], ErrorCause.COUNT, 3 * steps * groups)
        indices = instruction.indices.copy()
        # The third column of the last step.
        consumed = (3 * steps + 2) * groups
        indices[consumed:] = columns
        await self.expect_stop([replace(instruction, indices=indices)], ErrorCause.INDEX, consumed)

    async def expect_stop(self, instructions: Sequence[Instruction], cause: ErrorCause, words: int) -> None:
        """Send all of this, of which `words` operand words belong to what comes before the error.

        Waits for the error, compares what had been complete, and resets.
        """
        before = self.env.opds.monitor.count
        self.stall_all((Stall.NONE, Stall.LIGHT))
        tasks = self.start(instructions)
        dut = self.cfg.dut
        while int(dut.err_o.value) == ErrorCause.NONE:
            await self.clocking.cycles(1)
        self.env.predictor.finish_columns()
        await self.clocking.cycles(400)
        self.check(idle=int(dut.idle_o.value), err=cause)
        taken = self.env.opds.monitor.count - before
        assert taken == words, f"{taken} operand words are taken, not the {words} before the error"
        assert not self.env.scoreboard.pending, "results of complete work are missing"
        for task in tasks:
            task.cancel()
        await self.env.reset()
        await self.run(self.many(2))


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
