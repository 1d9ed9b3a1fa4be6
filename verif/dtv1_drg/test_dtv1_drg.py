"""Tests of dtv1_drg."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pyuvm
from pyuvm import uvm_factory

from reneta.golden.ccm_types import Proc
from reneta.golden.ipm_types import IpmCfg
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream_agent import StreamAgent
from reneta.verif.dtv1_drg.env import DrgEnv, DrgPredictor
from reneta.verif.ipm import tests
from reneta.verif.ipm.program import MATRIX, Instruction


class DrgTest(tests.IpmUnitTest):
    """A test of the DRAM reader."""

    env_type = DrgEnv
    env: DrgEnv
    columns: ClassVar[int] = 40

    def many_columns(self, proc: int) -> Instruction:
        """An instruction of `columns` commands."""
        return self.draw.make(proc, 2, self.columns, counts=[self.columns], dram=1)

    def check_ahead(self) -> None:
        """As many commands as may be are out."""
        ahead = self.env.ahead.ahead
        assert ahead == self.cfg.hw.dram_ahead, f"{ahead} columns ahead, not {self.cfg.hw.dram_ahead}"


@pyuvm.test()
class ProcedureTest(DrgTest, tests.ProcedureBody):
    """Every procedure; a MOVE behind lists that end with nothing."""

    async def traffic(self) -> None:
        """The MOVE begins at its own first word."""
        await super().traffic()
        for proc in (Proc.MXV_SP, Proc.MTXV_SP):
            lists = self.draw.make(proc, 2, 5, 3, counts=[4, 1, 0], dram=1)
            await self.run([lists, self.draw.make(Proc.MOVE, 2, 3, 2, dram=1)])


@pyuvm.test()
class RandomTest(DrgTest, tests.RandomBody):
    """Random instructions and stalls."""


@pyuvm.test()
class StarvedTest(DrgTest, tests.StarvedBody):
    """Streams that bring or take something only now and then."""


@pyuvm.test()
class SizeTest(DrgTest, tests.SizeBody):
    """Largest matrices and lists, many steps."""


@pyuvm.test()
class ResetTest(DrgTest, tests.ResetBody):
    """Resets in the middle, also with columns whose data have not come."""

    async def traffic(self) -> None:
        """After a reset as many commands go out as ever."""
        await super().traffic()
        self.stall_all((Stall.NONE,))
        self.env.done.set_stalls(Stall.BLOCKED)
        for _ in range(2):
            tasks = self.start([self.many_columns(Proc.MXV) for _ in range(4)])
            await self.clocking.cycles(10 * self.cfg.hw.dram_ahead)
            self.check_ahead()
            for task in tasks:
                task.cancel()
            await self.env.reset()
        self.env.done.set_stalls(Stall.NONE)
        await self.run(self.many(5))


@pyuvm.test()
class ThroughputTest(DrgTest, tests.ThroughputBody):
    """One command a cycle, exactly as predicted, where columns are done soon."""

    @property
    def measured(self) -> StreamAgent:
        """Commands."""
        return self.env.cmds


@pyuvm.test()
class ErrorTest(DrgTest, tests.ErrorBody):
    """Errors stop the unit with their cause."""


@pyuvm.test()
class AheadTest(DrgTest):
    """Exactly DRAM_AHEAD commands come before a column is done, and one more for each that is."""

    async def traffic(self) -> None:
        """Dense and sparse, with commands taken at once and late."""
        ahead = self.cfg.hw.dram_ahead
        for proc in (*MATRIX, Proc.MOVE):
            for profile in (Stall.NONE, Stall.HEAVY):
                self.stall_all((Stall.NONE,))
                self.env.cmds.set_stalls(profile)
                self.env.done.set_stalls(Stall.BLOCKED)
                tasks = self.start([self.many_columns(proc) for _ in range(3 + 2 * ahead // self.columns)])
                await self.clocking.cycles(10 * ahead + 50)
                self.check_ahead()
                for _ in range(4):
                    self.env.done.set_stalls(Stall.NONE)
                    await self.clocking.cycles(1 + self.draw.below(3))
                    self.env.done.set_stalls(Stall.BLOCKED)
                    await self.clocking.cycles(60)
                    self.check_ahead()
                self.env.done.set_stalls(Stall.LIGHT)
                for task in tasks:
                    await task
                await self.env.drain()


class WrongPredictor(DrgPredictor):
    """Sets a wrong bit in every ninth command."""

    def command(self, cfg: IpmCfg, index: int) -> int:
        """Flip the lowest address bit now and then."""
        self.seen = getattr(self, "seen", 0) + 1
        spoilt = replace(cfg, dram_addr=cfg.dram_addr ^ 1) if self.seen % 9 == 0 else cfg
        return super().command(spoilt, index)


@pyuvm.test(expect_fail=True)
class NegativeTest(DrgTest, tests.CheckerBody):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong predictor in."""
        super().configure()
        uvm_factory().set_type_override_by_type(DrgPredictor, WrongPredictor)
