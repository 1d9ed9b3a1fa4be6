"""Tests of dtv1_act_fxp."""

from __future__ import annotations

import numpy as np
import pyuvm

from reneta.golden import fxp16
from reneta.golden.arrays import I64
from reneta.golden.ccm_types import Func
from reneta.verif.arith.act_env import ActTest, one
from reneta.verif.arith.fixed import around, random_accumulators, shifts
from reneta.verif.arith.unit_env import Spoil
from reneta.verif.common.analysis import spoil
from reneta.verif.dtv1_act_fxp.env import ActFxpEnv, ActModel


class ActFxpTest(ActTest):
    """A test of the activation unit."""

    env_type = ActFxpEnv

    def rounding_to(self, results: I64, shift: int) -> I64:
        """Random accumulators that are rounded to these results."""
        half = 1 << shift >> 1
        away = self.random.integers(-half + 1, half, len(results)) if half > 1 else 0
        return (results << shift) + away


@pyuvm.test()
class ExhaustiveTest(ActFxpTest):
    """All 65,536 rounded operands of each function with either shift in both lanes, a beat in every cycle."""

    async def body(self) -> None:
        """Function after function."""
        everything = np.arange(fxp16.MIN, fxp16.MAX + 1)
        for func in Func:
            for code, shift in enumerate(shifts(self.cfg.hw)):
                x = self.rounding_to(everything, shift)
                await self.send_to_both_lanes(func=one(func), shift=one(code), x=x)


@pyuvm.test()
class FreezeTest(ActFxpTest):
    """en_i falls at random, function and shift change from beat to beat; any accumulators, also edges."""

    async def body(self) -> None:
        """Edges of both shifts, and random numbers of all magnitudes."""
        hw = self.cfg.hw
        edges = np.array([fxp16.MIN, -1, 0, 1, fxp16.MAX])
        beats = 2000
        x = np.concatenate(
            [
                *(np.tile(around(edges, shift, hw.fxp_acc_w), 10) for shift in shifts(hw)),
                random_accumulators(self.random, beats * self.env.lanes, hw.fxp_acc_w),
            ]
        )
        await self.send_frozen(beats, shift=self.random.integers(0, 2, beats), x=self.random.permutation(x))


@pyuvm.test(expect_fail=True)
class BrokenModelTest(ActFxpTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        spoil(ActModel, Spoil)

    async def body(self) -> None:
        """Any numbers."""
        await self.send_frozen(100, shift=one(0), x=random_accumulators(self.random, 3200, 30))
