"""Tests of dtv1_fp_mul."""

from __future__ import annotations

import numpy as np
import pyuvm

from reneta.verif.arith.floats import BF16
from reneta.verif.arith.unit_env import Spoil
from reneta.verif.arith.unit_tests import UnitTest, all_pairs
from reneta.verif.common.analysis import spoil
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_fp_mul.env import MulEnv, MulModel


class MulTest(UnitTest):
    """A test of the multiplier."""

    env_type = MulEnv


@pyuvm.test()
class CornerTest(MulTest):
    """Corners crossed with corners, then every pair of significands; with gaps."""

    # Around the exponents at which two equal ones, or one and 1.0, reach the ends of the range.
    exponents = (1, 2, 62, 63, 64, 65, 126, 127, 128, 190, 191, 192, 252, 253, 254)
    fractions = (0, 1, 0x2A, 0x35, 0x3F, 0x40, 0x7E, 0x7F)
    stalls = {"source": Stall.LIGHT}  # noqa: RUF012 - declared in the base

    async def body(self) -> None:
        """Corners, then significands."""
        corners = BF16.corners(self.exponents, self.fractions)
        a, b = all_pairs(corners, corners)
        await self.send_shuffled(a=a, b=b)
        fractions = np.arange(128)
        for low, high in ((1, 254), (100, 140), (62, 66), (189, 193)):
            a, b = (
                BF16.join(self.random.integers(0, 2, len(f)), self.random.integers(low, high, len(f)), f)
                for f in all_pairs(fractions, fractions)
            )
            await self.send_shuffled(a=a, b=b)


@pyuvm.test()
class RandomTest(MulTest):
    """More than a million random pairs from several distributions, one beat in every cycle."""

    count = 1 << 18

    async def body(self) -> None:
        """Any patterns; moderate numbers; products near the smallest and near the largest number."""
        random, count = self.random, self.count
        await self.env.send(a=BF16.random(random, count), b=BF16.random(random, count))
        moderate = [BF16.random_between(random, count, 107, 147) for _ in range(2)]
        await self.env.send(a=moderate[0], b=moderate[1])
        for middle in (127, 127 + 254):
            a = BF16.random_between(random, count, max(1, middle - 254), min(254, middle - 1))
            rest = middle - BF16.exponent(a) + random.integers(-3, 4, count)
            b = BF16.join(random.integers(0, 2, count), np.clip(rest, 1, 254), random.integers(0, 128, count))
            await self.env.send(a=a, b=b)


@pyuvm.test(expect_fail=True)
class BrokenModelTest(MulTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        spoil(MulModel, Spoil)

    async def body(self) -> None:
        """Any patterns."""
        await self.env.send(a=BF16.random(self.random, 8192), b=BF16.random(self.random, 8192))
