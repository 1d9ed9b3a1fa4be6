"""Tests of dtv1_opm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product

import pyuvm
from pyuvm import uvm_factory

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.opm_types import OpmMode
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream_agent import StreamAgent
from reneta.verif.dtv1_opm.base import PROFILES, OpmTest
from reneta.verif.dtv1_opm.boards import Beat
from reneta.verif.dtv1_opm.env import OUTPUTS, OpmPredictor, effects
from reneta.verif.dtv1_opm.faults import FAULTS, Fault
from reneta.verif.dtv1_opm.program import Instruction
from reneta.verif.dtv1_opm.stimulus import FP_THETAS, FXP_THETAS


@pyuvm.test()
class ModeTest(OpmTest):
    """Every mode in every form to every target, alone and then after every other one."""

    async def body(self) -> None:
        """First without stalls."""
        make, hw = self.maker, self.cfg.hw
        for mode, seq, smem, dram in product((OpmMode.WORDS, OpmMode.MOVE), (0, 1), (0, 1), (0, 1)):
            for wide in (0, 1):
                await self.run([make.words(None, mode, wide, seq, smem, dram) for _ in range(3)])
        for sparse, seq, smem, dram in product((0, 1), repeat=4):
            await self.run([make.sums(None, None, sparse, seq, smem, dram) for _ in range(4)])
        for count in (0, 1, 2, hw.num_pe, 3 * hw.num_pe):
            await self.run([make.scatter(3 * hw.num_pe, count), make.encode(3)])
        await self.run(self.many(150, 4))


@pyuvm.test()
class RandomTest(OpmTest):
    """Random instructions, everything under a profile of its own that changes now and then."""

    async def body(self) -> None:
        """Several bursts."""
        for _ in range(12):
            self.stall_all(PROFILES)
            await self.run(self.many(30))


@pyuvm.test()
class StarvedTest(OpmTest):
    """One stream after another brings or takes something only now and then."""

    async def body(self) -> None:
        """Each in turn, then all."""
        for name in self.env.stalled:
            self.stall_all((Stall.NONE,))
            self.env.set_stalls(name, Stall.STARVED)
            await self.run(self.many(16, 8))
        self.stall_all((Stall.STARVED,))
        await self.run(self.many(12, 8))


@pyuvm.test()
class EncodeTest(OpmTest):
    """Thresholds, densities, lanes where a list begins and ends, lists appended to each other."""

    async def body(self) -> None:
        """What can be gone through systematically is."""
        hw, make = self.cfg.hw, self.maker
        for theta in FP_THETAS if hw.is_fp else FXP_THETAS:
            self.stall_all((Stall.NONE, Stall.LIGHT))
            await self.run([make.encode(theta=theta, density=density) for density in (0, 0.2, 0.5, 0.8, 1)])
        for lane in range(hw.num_pe):
            densities = (0.0, 0.1, 0.5, 1.0)
            new = [make.encode(lanes=lane + 1, lane=lane, append=0, density=d, size=4) for d in densities]
            await self.run(new)
        for which in (0, 1):
            # A long chain of lists behind each other, between others.
            for direct in (0, 1):
                chain = [make.encode(append=0, which=which, direct=direct)]
                for _ in range(24 + hw.num_pe):
                    chain.append(make.encode(append=1, which=which, direct=direct, size=3))
                    chain.extend(self.many(self.maker.below(2), 4))
                self.stall_all((Stall.NONE, Stall.LIGHT))
                await self.run(chain)
        # One entry in each list, so that every lane is written by a list of its own.
        ones = [make.encode(append=0, which=0)]
        ones += [make.encode(1, 1, density=1.0, append=1, which=0) for _ in range(2 * hw.num_pe)]
        await self.run(ones)


@pyuvm.test()
class LaneTest(OpmTest):
    """Every number of valid lanes, and every number of sums in the last word."""

    async def body(self) -> None:
        """Under light stalls."""
        hw, make = self.cfg.hw, self.maker
        for lanes in range(hw.num_pe):
            self.stall_all((Stall.NONE, Stall.LIGHT))
            words = [make.words((groups, 2, 1), seq=0, empty=False) for groups in (1, 2)]
            program = [replace(one, cfg=replace(one.cfg, lanes=lanes)) for one in words]
            program += [make.sums(hw.num_pe * k + lanes + 1, 2, 0) for k in (0, 1)]
            program += [make.sums(hw.num_pe * k + lanes + 1, 1, 1) for k in (0, 1)]
            await self.run(program)


@pyuvm.test()
class SizeTest(OpmTest):
    """The largest columns, vectors and lists, and many steps."""

    async def body(self) -> None:
        """Each mode at its limits."""
        hw, make = self.cfg.hw, self.maker
        tall, groups = min(hw.max_groups, 1 << hw.cnt_w), hw.max_n // hw.num_pe
        steps = min(hw.max_m, 64)
        self.stall_all((Stall.NONE,))
        for mode in (OpmMode.WORDS, OpmMode.MOVE):
            await self.run([make.words((tall, 1, 2), mode, empty=False), make.words((1, 1, hw.max_m), mode)])
            await self.run([make.words((2, 40, 1), mode, seq=0), make.words((1, 1, 1), mode)])
        await self.run([make.sums(hw.max_n, 2, sparse) for sparse in (0, 1)])
        await self.run([make.sums(3, steps, sparse) for sparse in (0, 1)])
        await self.run([make.sums(1, hw.max_m, sparse) for sparse in (0, 1)])
        for density in (1.0, 0.5, 0.0):
            vector = [make.encode(groups, hw.num_pe, density=density, append=append) for append in (0, 1, 1)]
            await self.run(vector)
        await self.run([make.scatter(hw.max_n, count) for count in (hw.max_n, 0, hw.max_n // 2)])
        await self.run([make.scatter(1, count) for count in (1, 0)])


@pyuvm.test()
class ThroughputTest(OpmTest):
    """Without stalls the module takes a beat of results in every cycle, however many elements fire."""

    ROW = "{:<34}{:>8}{:>8}"
    # Cycles that zeroing the gradient and the start of an instruction may add.
    SLACK = 12

    def connect_phase(self) -> None:
        """Note the cycle of every beat of the results."""
        self.beats: list[int] = []
        self.env.res.ap.connect(AnalysisImp("timer", self, lambda _: self.beats.append(self.clocking.now())))

    async def body(self) -> None:
        """Largest vectors alone, words of many instructions, sums."""
        hw, make = self.cfg.hw, self.maker
        half, groups = hw.smem_words // 2, hw.max_n // hw.num_pe
        self.report([self.ROW.format("instructions", "beats", "cycles")])
        vector = make.words((groups, 1, 1), wide=0, empty=False)
        await self.measure("WORDS, one vector", [vector], 0)
        words = [make.words((3, 1, 4), wide=0, smem=1, dram=dram, empty=False) for dram in (0, 1) * 6]
        await self.measure("WORDS, 12 instructions", words, 0)
        # Single words: each has a command of its own, and ends its instruction.
        single = [make.words((1, 1, 1), wide=0, smem=1, dram=1, empty=False) for _ in range(60)]
        await self.measure("WORDS, 60 of one word", single, 0)
        if hw.is_fp:
            wide = [make.words((8, 1, 4), wide=1, smem=1, dram=dram, empty=False) for dram in (0, 1)]
            await self.measure("WORDS, wide", wide, sum(len(one.res) for one in wide) + self.SLACK)
        theta = 0
        for density, name in ((1.0, "all fire"), (0.0, "none fires"), (0.5, "half fire")):
            theta = 0 if density == 1.0 else 0x3F80
            for lane in (0, 1):
                one = make.encode(groups, hw.num_pe, theta, density, append=0, lane=lane, direct=1)
                far = replace(one.cfg, idx_addr=0, dst1_addr=half, dst_addr=half + half // 2, head_word=0)
                self.env.set_stalls("direct", Stall.BLOCKED if lane else Stall.NONE)
                name_ = f"ENCODE, {name}" + ", indices not taken" * lane
                await self.measure(name_, [replace(one, cfg=far)], 0, wait=not lane)
        self.env.set_stalls("direct", Stall.NONE)
        await self.env.drain()
        for sparse, seq in ((0, 0), (0, 1), (1, 0)):
            sums = [make.sums(hw.max_n, 1, sparse, seq, smem=1, dram=1)]
            await self.measure(f"SUMS, {('dense', 'list')[sparse]}", sums, 1)
        steps = [make.sums(5, 30, 0, 1, smem=1, dram=0)]
        await self.measure("SUMS, 30 steps of 5", steps, 1)
        full = make.scatter(hw.max_n, hw.max_n, extra=False)
        apart = replace(full, cfg=replace(full.cfg, dst_addr=0, dst1_addr=half))
        await self.measure("SCATTER", [apart], groups + self.SLACK)

    async def measure(self, name: str, program: Sequence[Instruction], slack: int, wait: bool = True) -> None:
        """Run, and compare the cycles from the first to the last beat of the results with their number."""
        self.beats.clear()
        if wait:
            await self.run(program)
        else:
            for task in self.start(program):
                await task
            await self.clocking.cycles(len(program[0].res) + 100)
        count, cycles = len(self.beats), self.beats[-1] - self.beats[0] + 1
        self.report([self.ROW.format(name, count, cycles)])
        assert count == sum(len(one.res) for one in program)
        assert cycles <= count + slack, f"{name}: {count} beats took {cycles} cycles"


@pyuvm.test()
class RetireTest(OpmTest):
    """An instruction retires when its writes are granted, and not before; nobody has to take its indices."""

    async def body(self) -> None:
        """Outputs that stand still, one after another."""
        for name in ("smem", "cmd", "dram", "desc"):
            for make in self.makers(name):
                for _ in range(3):
                    self.env.set_stalls(name, Stall.BLOCKED)
                    before = self.env.ledger.retired
                    for task in self.start([make()]):
                        await task
                    await self.clocking.cycles(150)
                    assert self.env.ledger.retired == before, f"retired while {name} stood still"
                    self.env.set_stalls(name, Stall.NONE)
                    await self.env.drain()
                    self.check_quiet()
        # Those who take the indices may themselves wait for the instruction to retire.
        self.env.set_stalls("direct", Stall.BLOCKED)
        before = self.env.ledger.retired
        for task in self.start([self.maker.encode(2, density=1.0, direct=1, theta=0)]):
            await task
        await self.clocking.cycles(150)
        assert self.env.ledger.retired == before + 1, "the instruction waits for somebody to take its indices"
        self.env.set_stalls("direct", Stall.LIGHT)
        await self.env.drain()
        self.check_quiet()
        # More indices than the module has room for.
        groups, lanes = self.cfg.hw.max_n // self.cfg.hw.num_pe, self.cfg.hw.num_pe
        for profile in (Stall.BLOCKED, Stall.STARVED):
            self.env.set_stalls("direct", profile)
            tasks = self.start([self.maker.encode(groups, lanes, 0, 1.0, direct=1) for _ in range(3)])
            await self.clocking.cycles(10 * groups + 100)
            self.env.set_stalls("direct", Stall.LIGHT)
            for task in tasks:
                await task
            await self.env.drain()
            self.check_quiet()

    def makers(self, name: str) -> Iterator[Callable[[], Instruction]]:
        """Instructions that need this output, small enough for the module to take them as a whole."""
        make = self.maker
        if name == "smem":
            yield lambda: make.words((1, 1, 2), smem=1, dram=0, wide=0, empty=False)
            yield lambda: make.sums(2, 1, smem=1, dram=0)
            yield lambda: make.encode(1, density=0.0)
            yield lambda: make.scatter(1, 1)
            yield lambda: make.words((1, 1, 1), OpmMode.MOVE, smem=1, dram=0)
        elif name == "desc":
            yield lambda: make.encode(1)
        else:
            yield lambda: make.words((1, 1, 1), smem=0, dram=1, wide=0, empty=False)
            yield lambda: make.sums(1, 1, smem=0, dram=1)
            yield lambda: make.words((1, 1, 1), OpmMode.MOVE, smem=0, dram=1)


@pyuvm.test()
class ResetTest(OpmTest):
    """Resets in the middle of anything; afterwards the module knows nothing of what was before."""

    async def body(self) -> None:
        """Traffic, a reset at a random moment, traffic that must be right."""
        for _ in range(12):
            self.stall_all((Stall.NONE, Stall.LIGHT, Stall.BURST))
            tasks = self.start(self.many(30))
            await self.clocking.cycles(self.maker.below(500))
            await self.restart(tasks)
            # The lists begin at their first entry again.
            appended = [self.maker.encode(append=1, which=which, size=2) for which in (0, 1)]
            await self.run([*appended, *self.many(8)])


@pyuvm.test()
class ErrorTest(OpmTest):
    """Whatever software may do wrong stops the module with its cause; a reset brings it back.

    Instructions before the faulty one are carried out and retire. Of the faulty one some writes may come, but
    none outside the memory; nothing comes of those behind it, and none of these retires.
    """

    PATIENCE = 4000
    QUIET = 300

    async def body(self) -> None:
        """Every fault, after nothing and after others."""
        for fault in FAULTS:
            if fault.fp or not self.cfg.hw.is_fp:
                for good in (0, 2):
                    await self.stop(fault, good)

    async def stop(self, fault: Fault, good: int) -> None:
        """Send good instructions, a bad one and some more; compare; reset."""
        env, maker, hw = self.env, self.maker, self.cfg.hw
        self.stall_all((Stall.NONE, Stall.LIGHT, Stall.HEAVY))
        before = [maker.draw(6) for _ in range(good)]
        bad = fault.make(maker)
        retired = env.ledger.retired
        tasks = self.start([*before, bad, *self.many(3, 6)])
        for _ in range(self.PATIENCE):
            await self.clocking.cycles(1)
            if self.cfg.dut.err_o.value:
                break
        for name in env.sinks:
            env.set_stalls(name, Stall.NONE)
        await self.clocking.cycles(self.QUIET)
        cause = ErrorCause(int(self.cfg.dut.err_o.value))
        assert cause is fault.cause, f"{fault.name}: err_o is {cause!r}"
        model = env.predictor.stopped or env.predictor.opm.run(bad.cfg, bad.results, bad.side0, bad.side1)
        assert model.error is fault.cause, f"{fault.name}: the model says {model.error!r}"
        for name in OUTPUTS:
            assert not env.boards[name].pending, f"{fault.name}: {env.boards[name].pending} of {name} missing"
        retired = env.ledger.retired - retired
        assert retired == good, f"{fault.name}: {retired} retired, {good} were good"
        self.check_surplus(fault, dict(zip(OUTPUTS, effects(model, bad.cfg, hw), strict=True)))
        counts = self.taken()
        await self.clocking.cycles(self.QUIET // 3)
        assert self.taken() == counts, f"{fault.name}: the module still takes something"
        await self.restart(tasks)
        await self.run(self.many(2, 6))

    def check_surplus(self, fault: Fault, allowed: dict[str, list[Beat]]) -> None:
        """What came of the faulty instruction is part of what it gives where it may."""
        for name, came in self.env.take_surplus().items():
            # Its regions may overlap, so that nothing is known about the order of its writes.
            wanted = allowed[name] if name == "smem" else allowed[name][: len(came)]
            if name == "desc":
                # A list that is not in the memory as a whole has none.
                wanted = []
            alien = Counter(came) - Counter(wanted)
            assert not alien, f"{fault.name}: {list(alien)} came of {name}"

    def taken(self) -> list[int]:
        """Beats that the module has taken so far."""
        agents: list[StreamAgent] = [self.env.cfgs, self.env.res, self.env.side]
        return [agent.monitor.count for agent in agents]


class WrongPredictor(OpmPredictor):
    """Expects a wrong bit now and then."""

    def announce(self, beats: list[list[Beat]]) -> list[list[Beat]]:
        """Flip a bit of the last write of every third instruction."""
        writes = beats[0]
        if writes and self.number % 3 == 0:
            addr, sel, data = writes[-1]
            writes[-1] = (addr, sel, data ^ 1)
        return beats


@pyuvm.test(expect_fail=True)
class NegativeTest(OpmTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong predictor in."""
        super().configure()
        uvm_factory().set_type_override_by_type(OpmPredictor, WrongPredictor)

    async def body(self) -> None:
        """Ordinary traffic."""
        for task in self.start(self.many(20, 6)):
            await task
