"""Tests of dtv1_fifo, each over all shapes of the testbench."""

from __future__ import annotations

import cocotb
import pyuvm

from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_fifo.env import ClearFifoCfg, ClearFifoEnv
from reneta.verif.memory import fifo_tests


class ClearFifoTest(fifo_tests.FifoTest):
    """A test of this FIFO."""

    env_type = ClearFifoEnv
    cfg_type = ClearFifoCfg

    def configure(self) -> None:
        """Clear nothing."""
        super().configure()
        self.cfg.dut.clr_i.value = 0


@pyuvm.test()
class StallTest(ClearFifoTest, fifo_tests.StallBody):
    """Random words under every pair of stall profiles."""


@pyuvm.test()
class FillDrainTest(ClearFifoTest, fifo_tests.FillDrainBody):
    """Full and empty."""


@pyuvm.test()
class ThroughputTest(ClearFifoTest, fifo_tests.ThroughputBody):
    """A word in every cycle, from DEPTH 3 (falls through) or 2 on."""


@pyuvm.test()
class ClearTest(ClearFifoTest):
    """Clears at random moments, with and without words coming and going in the same cycle."""

    async def traffic(self) -> None:
        """Clear now and then under several stall profiles."""
        clr = self.cfg.dut.clr_i
        for source, sink in (
            (Stall.NONE, Stall.NONE),
            (Stall.LIGHT, Stall.HEAVY),
            (Stall.BURST, Stall.BURST),
        ):
            self.stall(source, sink)
            sending = cocotb.start_soon(self.env.source.send(self.words(250)))
            for _ in range(30):
                await self.clocking.cycles(self.random.randint(1, 12))
                clr.value = 1
                await self.clocking.cycles(self.random.choice((1, 1, 1, 2)))
                clr.value = 0
            await sending


@pyuvm.test()
class ResetTest(ClearFifoTest, fifo_tests.ResetBody):
    """Resets in the middle."""


@pyuvm.test(expect_fail=True)
class BrokenModelTest(ClearFifoTest, fifo_tests.BrokenModelBody):
    """Passes when it fails."""
