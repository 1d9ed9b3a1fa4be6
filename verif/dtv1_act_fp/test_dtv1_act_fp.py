"""Tests of dtv1_act_fp."""

from __future__ import annotations

import numpy as np
import pyuvm

from reneta.golden.arrays import Array
from reneta.golden.ccm_types import Func
from reneta.verif.arith.act_env import ActTest, one
from reneta.verif.arith.floats import FP32
from reneta.verif.arith.unit_env import Spoil
from reneta.verif.arith.unit_tests import all_pairs
from reneta.verif.common.analysis import spoil
from reneta.verif.dtv1_act_fp.env import ActFpEnv, ActModel

ALL_BF16 = np.arange(1 << 16, dtype=np.uint32) << np.uint32(16)


class ActFpTest(ActTest):
    """A test of the activation unit."""

    env_type = ActFpEnv

    def values(self, count: int) -> Array:
        """Any patterns, and the numbers for which sigmoid and tanh are not constant."""
        moderate = FP32.random_between(self.random, count, 110, 136)
        return np.where(self.random.random(count) < 0.3, FP32.random(self.random, count), moderate)

    def corners(self) -> Array:
        """Zeros, subnormals, infinities, NaNs, and numbers around powers of two and their halfway cases."""
        return FP32.corners(
            (1, 100, 126, 127, 128, 129, 133, 254), (0, 1, 0x7FFF, 0x8000, 0x1_8000, 0x7F_FFFF)
        )


@pyuvm.test()
class ExhaustiveTest(ActFpTest):
    """All 65,536 bf16 operands of each function in both lanes, one beat in every cycle."""

    async def body(self) -> None:
        """Function after function."""
        for func in Func:
            await self.send_to_both_lanes(func=one(func), x=ALL_BF16)


@pyuvm.test()
class RoundingTest(ActFpTest):
    """Operands between bf16 numbers: the halfway cases of all of them, and random ones."""

    async def body(self) -> None:
        """Halves and their neighbours for the tables; anything for all functions."""
        halves = np.array([0x7FFF, 0x8000, 0x8001], np.uint32)
        upper, lower = all_pairs(ALL_BF16, halves)
        for func in (Func.SIGMOID, Func.TANH):
            await self.send_shuffled(func=one(func), x=upper | lower)
        for func in Func:
            x = np.concatenate([self.corners(), self.values(1 << 16)])
            await self.send_shuffled(func=one(func), x=x)


@pyuvm.test()
class FreezeTest(ActFpTest):
    """en_i falls at random, and the function changes from beat to beat."""

    async def body(self) -> None:
        """Corners and random numbers."""
        await self.send_frozen(2000, x=np.concatenate([self.corners(), self.values(1 << 16)]))


@pyuvm.test(expect_fail=True)
class BrokenModelTest(ActFpTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        spoil(ActModel, Spoil)

    async def body(self) -> None:
        """Any numbers."""
        await self.send_frozen(100, x=self.values(3200))
