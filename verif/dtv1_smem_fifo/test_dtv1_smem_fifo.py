"""Tests of dtv1_smem_fifo, each over all shapes of the testbench."""

from __future__ import annotations

import pyuvm

from reneta.verif.dtv1_smem_fifo.env import SmemFifoCfg, SmemFifoEnv
from reneta.verif.memory import fifo_tests


class SmemFifoTest(fifo_tests.FifoTest):
    """A test of this FIFO."""

    env_type = SmemFifoEnv
    cfg_type = SmemFifoCfg


@pyuvm.test()
class StallTest(SmemFifoTest, fifo_tests.StallBody):
    """Random words under every pair of stall profiles."""


@pyuvm.test()
class FillDrainTest(SmemFifoTest, fifo_tests.FillDrainBody):
    """Full and empty."""


@pyuvm.test()
class ThroughputTest(SmemFifoTest, fifo_tests.ThroughputBody):
    """A word in every cycle, from DEPTH 2 on."""


@pyuvm.test()
class ResetTest(SmemFifoTest, fifo_tests.ResetBody):
    """Resets in the middle."""


@pyuvm.test(expect_fail=True)
class BrokenModelTest(SmemFifoTest, fifo_tests.BrokenModelBody):
    """Passes when it fails."""
