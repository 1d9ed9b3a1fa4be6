"""Tests of dtv1_fxp_round."""

from __future__ import annotations

import numpy as np
import pyuvm

from reneta.golden import fxp16
from reneta.verif.arith.fixed import around, random_accumulators, shifts
from reneta.verif.arith.unit_env import Spoil
from reneta.verif.arith.unit_tests import UnitTest
from reneta.verif.common.analysis import spoil
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_fxp_round.env import RoundEnv, RoundModel


class RoundTest(UnitTest):
    """A test of the rounding unit."""

    env_type = RoundEnv


@pyuvm.test()
class EdgeTest(RoundTest):
    """Every 16-bit result with its halfway cases and their neighbours; saturation; both ends of the width."""

    async def body(self) -> None:
        """For each shift all results from some below the smallest to some above the largest."""
        hw = self.cfg.hw
        ends = np.array([-(1 << hw.fxp_acc_w - 1), (1 << hw.fxp_acc_w - 1) - 1])
        for code, shift in enumerate(shifts(hw)):
            results = np.arange(fxp16.MIN - 4, fxp16.MAX + 5)
            powers = np.concatenate([sign << np.arange(hw.fxp_acc_w - 1) for sign in (-1, 1)])
            # Each place on its own reaches the sticky bit, with the half above it and without.
            places = (self.random.choice(results, 256)[:, None] << shift) + (1 << np.arange(shift))
            alone = np.concatenate([places, places | (1 << shift) >> 1]).ravel()
            acc = np.concatenate([around(results, shift, hw.fxp_acc_w), powers, powers - 1, ends, alone])
            await self.env.send(shift=np.array([code]), acc=self.random.permutation(acc))


@pyuvm.test()
class RandomTest(RoundTest):
    """A million random accumulators of all magnitudes; the shift changes from beat to beat, with gaps."""

    stalls = {"source": Stall.LIGHT}  # noqa: RUF012 - declared in the base

    async def body(self) -> None:
        """All of them."""
        acc = random_accumulators(self.random, 1 << 20, self.cfg.hw.fxp_acc_w)
        await self.env.send(shift=self.random.integers(0, 2, len(acc) // self.env.lanes), acc=acc)


@pyuvm.test(expect_fail=True)
class BrokenModelTest(RoundTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        spoil(RoundModel, Spoil)

    async def body(self) -> None:
        """Small accumulators."""
        await self.env.send(shift=np.array([0]), acc=self.random.integers(-(1 << 20), 1 << 20, 8192))
