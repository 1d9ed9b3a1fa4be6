"""Tests of dtv1_ipm: operand streams, and end to end with SMEM and the compute core."""

from __future__ import annotations

from collections.abc import Sequence

import cocotb
import pyuvm
from pyuvm import uvm_factory

from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import np_rng, rng
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.dtv1_ipm.env import IpmEnv, IpmEnvCfg, OperandPredictor, packed
from reneta.verif.dtv1_ipm.problem import PROCS, Maker, Problem, Shape


class IpmTest(BaseTest):
    """Makes problems, loads them, and sends their configurations."""

    env_type = IpmEnv
    cfg_type = IpmEnvCfg
    env: IpmEnv
    cfg: IpmEnvCfg

    def configure(self) -> None:
        """Begin with empty images, the operands going to the environment."""
        self.random = np_rng("problems")
        self.fresh()
        self.cfg.use_core(False)

    def fresh(self) -> None:
        """Begin new images."""
        self.maker = Maker(self.cfg.hw, self.random)
        self.cfg.images = self.maker.images

    def make(self, shapes: Sequence[Shape]) -> list[Problem]:
        """Problems of these shapes in fresh images."""
        self.fresh()
        return [self.maker.make(shape) for shape in shapes]

    async def send(self, problems: Sequence[Problem]) -> None:
        """Load the images and send all configurations."""
        await self.env.load(self.cfg.images)
        await self.env.cfgs.send([(problem.cfg.pack(self.cfg.hw),) for problem in problems])

    async def run(self, problems: Sequence[Problem]) -> None:
        """Send all, wait for the end; nothing may have stopped."""
        await self.send(problems)
        await self.env.drain()
        assert int(self.cfg.dut.err_o.value) == 0, "a unit has stopped"
        assert int(self.cfg.dut.spm_err_o.value) == 0, "the descriptor memory has stopped"

    def stall_all(self, profiles: Sequence[Stall]) -> None:
        """Draw a profile for each stream."""
        choose = rng("profiles", self.clocking.now())
        for agent in self.env.streams.values():
            agent.set_stalls(choose.choice(profiles))


@pyuvm.test()
class RandomTest(IpmTest):
    """Random problems of every procedure, dense and sparse, from DRAM and SMEM, under random stalls."""

    async def body(self) -> None:
        """Several sets of problems."""
        for _ in range(5):
            self.stall_all((Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST))
            shapes = [self.maker.draw() for _ in range(16)]
            await self.run(self.make(shapes))


@pyuvm.test()
class DensityTest(IpmTest):
    """Lists of every density, none and all among them, each followed by the next instruction at once."""

    async def body(self) -> None:
        """All sparse procedures, from DRAM and from SMEM."""
        self.stall_all((Stall.NONE,))
        for proc in PROCS:
            if not proc.sparse:
                continue
            for dram in (0, 1):
                shapes = [
                    Shape(proc, 2 * self.cfg.hw.num_pe + 1, columns, steps, density, dram)
                    for columns, steps in ((20, 2), (1, 4))
                    for density in (0.0, 0.05, 0.5, 0.9, 1.0, None)
                ]
                await self.run(self.make(shapes))


@pyuvm.test()
class GapTest(IpmTest):
    """In a sequence of sparse instructions no gap in the operand stream is longer than two cycles.

    The DRAM answers after 40 cycles and then with a word a cycle; the lists are not empty.
    """

    LONGEST = 2

    def connect_phase(self) -> None:
        """Note the cycle of every operand word."""
        self.accepted: list[int] = []
        timer = AnalysisImp("timer", self, lambda _: self.accepted.append(self.clocking.now()))
        self.env.opds.ap.connect(timer)

    async def body(self) -> None:
        """Instructions of one step each, for several numbers of row groups."""
        self.stall_all((Stall.NONE,))
        for proc in (Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP):
            for groups in (1, 2, 4, 7):
                shapes = [
                    Shape(proc, groups * self.cfg.hw.num_pe, 32, 1, density, 1)
                    for density in (0.5, 0.25, 0.5, 0.1, 0.1, 0.75, 0.5, 0.3)
                ]
                problems = self.make(shapes)
                self.accepted.clear()
                await self.run(problems)
                gaps = [b - a - 1 for a, b in zip(self.accepted, self.accepted[1:], strict=False)]
                self.logger.info("%s, %d groups: longest gap %d", proc.name, groups, max(gaps))
                assert max(gaps) <= self.LONGEST, f"{proc.name}, {groups} groups: a gap of {max(gaps)} cycles"


@pyuvm.test()
class EndToEndTest(IpmTest):
    """With SMEM and the compute core all procedures give the golden model's results on whole matrices."""

    def connect_phase(self) -> None:
        """Collect the results."""
        self.seen: list[tuple[int, int]] = []
        self.last = 0
        collect = AnalysisImp("collect", self, self._collect)
        self.env.results.ap.connect(collect)

    def _collect(self, beat: Beat) -> None:
        self.seen.append((beat[0], beat[1]))
        self.last = self.clocking.now()

    async def body(self) -> None:
        """Random problems, then larger ones whose cycles are printed beside the limit."""
        self.cfg.use_core(True)
        # The core clears its accumulators first.
        await self.clocking.cycles(self.cfg.hw.acc_words)
        await self.solve([self.maker.draw() for _ in range(16)])
        num_pe = self.cfg.hw.num_pe
        for proc in PROCS:
            shapes = [Shape(proc, 4 * num_pe, 32, 4, 0.5 if proc.sparse else None, 1) for _ in range(3)]
            cycles, words = await self.solve(shapes)
            self.logger.info("%s: %d operand words in %d cycles", proc.name, words, cycles)

    async def solve(self, shapes: Sequence[Shape]) -> tuple[int, int]:
        """Run problems through the core; cycles from first configuration to last result, and words."""
        problems = self.make(shapes)
        hw = self.cfg.hw
        self.seen.clear()
        cores = [(problem.core.pack(hw),) for problem in problems]
        await self.env.load(self.cfg.images)
        start = self.clocking.now()
        sending = cocotb.start_soon(self.env.core_cfgs.send(cores))
        await self.env.cfgs.send([(problem.cfg.pack(hw),) for problem in problems])
        await self.env.drain()
        await sending
        expected = sum(len(problem.results) for problem in problems)
        for _ in range(1000):
            if len(self.seen) >= expected:
                break
            await self.clocking.cycles(8)
        assert int(self.cfg.dut.core_err_o.value) == ErrorCause.NONE
        self.compare(problems)
        return self.last - start, sum(problem.words for problem in problems)

    def compare(self, problems: Sequence[Problem]) -> None:
        """Every result, bit for bit."""
        lane = (1 << self.cfg.hw.res_w) - 1
        expected = [(p.scalar, packed(row)) for p in problems for row in p.results]
        assert len(self.seen) == len(expected), f"{len(self.seen)} results, expected {len(expected)}"
        for number, ((scalar, want), (got_scalar, got)) in enumerate(zip(expected, self.seen, strict=True)):
            got &= lane if scalar else -1
            assert (got_scalar, got) == (scalar, want), f"result {number}: {got:x}, expected {want:x}"


@pyuvm.test()
class ResetTest(IpmTest):
    """A reset in the middle of anything; what comes afterwards is right."""

    async def body(self) -> None:
        """Traffic, reset, traffic."""
        for _ in range(5):
            self.stall_all((Stall.NONE, Stall.LIGHT))
            problems = self.make([self.maker.draw() for _ in range(8)])
            sending = cocotb.start_soon(self.send(problems))
            await self.clocking.cycles(len(self.cfg.images.used) + int(self.random.integers(20, 500)))
            sending.cancel()
            await self.env.reset()
            await self.run(self.make([self.maker.draw() for _ in range(3)]))


class WrongPredictor(OperandPredictor):
    """Expects one operand too many."""

    def write(self, beat: Beat) -> None:
        """Repeat an operand word."""
        super().write(beat)
        self.ap.write((0, 0, 0))


@pyuvm.test(expect_fail=True)
class NegativeTest(IpmTest):
    """The scoreboards can fail: a predictor that expects a word too many must be noticed."""

    def configure(self) -> None:
        """Put the wrong predictor in."""
        super().configure()
        uvm_factory().set_type_override_by_type(OperandPredictor, WrongPredictor)

    async def body(self) -> None:
        """Ordinary traffic."""
        await self.send(self.make([self.maker.draw() for _ in range(4)]))
        await self.env.drain()
