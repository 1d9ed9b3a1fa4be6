"""What the tests of dtv1_ipm share: problems, their way into the design, and their results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cocotb

from reneta.golden.ccm_types import ErrorCause
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import np_rng, rng
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.dtv1_ipm.env import IpmEnv, IpmEnvCfg
from reneta.verif.dtv1_ipm.predictor import packed
from reneta.verif.dtv1_ipm.problem import Maker, Problem, Shape
from reneta.verif.dtv1_ipm.vectors import VectorMaker


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
        self.cfg.use_retirer(False)

    def fresh(self) -> None:
        """Begin new images."""
        self.maker = Maker(self.cfg.hw, self.random)
        self.cfg.images = self.maker.images

    def make(self, shapes: Sequence[Shape]) -> list[Problem]:
        """Problems of these shapes in fresh images."""
        self.fresh()
        return [self.maker.make(shape) for shape in shapes]

    def vectors(self) -> VectorMaker:
        """What draws the other problems, into fresh images."""
        self.fresh()
        return VectorMaker(self.maker)

    def mixed(self, vectors: VectorMaker, count: int) -> list[Problem]:
        """So many problems of all kinds."""
        return [
            self.maker.make(self.maker.draw(60)) if self.maker.below(3) == 0 else vectors.draw()
            for _ in range(count)
        ]

    @staticmethod
    def with_dep(problem: Problem, dep: int) -> Problem:
        """The same with a dependency."""
        return replace(problem, cfg=replace(problem.cfg, dep=dep))

    async def hand_over(self) -> None:
        """Send the indices that come from the output module."""
        await self.env.handed.send([(index,) for index in self.cfg.images.directs])

    async def send(self, problems: Sequence[Problem]) -> None:
        """Load the images and send all configurations."""
        await self.env.load(self.cfg.images)
        handing = cocotb.start_soon(self.hand_over())
        await self.env.cfgs.send([(problem.cfg.pack(self.cfg.hw),) for problem in problems])
        await handing

    async def run(self, problems: Sequence[Problem]) -> None:
        """Send all, wait for the end; nothing may have stopped."""
        await self.send(problems)
        await self.env.drain()
        self.check_running()

    def check_running(self) -> None:
        """Nothing may have stopped."""
        assert int(self.cfg.dut.err_o.value) == 0, "a unit has stopped"
        assert int(self.cfg.dut.spm_err_o.value) == 0, "the descriptor memory has stopped"

    def stall_all(self, profiles: Sequence[Stall]) -> None:
        """Draw a profile for each stream."""
        choose = rng("profiles", self.clocking.now())
        for agent in self.env.streams.values():
            agent.set_stalls(choose.choice(profiles))


class CoreTest(IpmTest):
    """Sends operands to the compute core and compares its results with the golden model."""

    def configure(self) -> None:
        """Put the core behind."""
        super().configure()
        self.cfg.use_core(True)

    def connect_phase(self) -> None:
        """Collect the results."""
        self.seen: list[tuple[int, int]] = []
        self.last = 0
        collect = AnalysisImp("collect", self, self._collect)
        self.env.results.ap.connect(collect)

    def _collect(self, beat: Beat) -> None:
        self.seen.append((beat[0], beat[1]))
        self.last = self.clocking.now()

    async def cleared(self) -> None:
        """Wait until the core has cleared its accumulators."""
        await self.clocking.cycles(self.cfg.hw.acc_words)

    async def feed(self, problems: Sequence[Problem]) -> int:
        """Load the images and send all configurations, to the core too; the cycle of the first one."""
        hw = self.cfg.hw
        self.seen.clear()
        await self.env.load(self.cfg.images)
        start = self.clocking.now()
        handing = cocotb.start_soon(self.hand_over())
        cores = [(problem.core.pack(hw),) for problem in problems]
        sending = cocotb.start_soon(self.env.core_cfgs.send(cores))
        await self.env.cfgs.send([(problem.cfg.pack(hw),) for problem in problems])
        await sending
        await handing
        return start

    async def solve(self, shapes: Sequence[Shape]) -> tuple[int, int]:
        """Make problems and solve them."""
        return await self.solve_all(self.make(shapes))

    async def solve_all(self, problems: Sequence[Problem]) -> tuple[int, int]:
        """Run problems through the core; cycles from first configuration to last result, and words."""
        start = await self.feed(problems)
        await self.env.drain()
        expected = sum(len(problem.results) for problem in problems)
        for _ in range(1000):
            if len(self.seen) >= expected:
                break
            await self.clocking.cycles(8)
        assert int(self.cfg.dut.core_err_o.value) == ErrorCause.NONE
        self.check_running()
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
