"""Tests of dtv1_fp_add."""

from __future__ import annotations

import numpy as np
import pyuvm

from reneta.golden.arrays import Array
from reneta.verif.arith.floats import FP32
from reneta.verif.arith.unit_env import Spoil
from reneta.verif.arith.unit_tests import UnitTest, all_pairs
from reneta.verif.common.analysis import spoil
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_fp_add.env import AddEnv, AddModel

MINUS = np.uint32(1 << 31)
TOP = (1 << 23) - 1


class AddTest(UnitTest):
    """A test of the adder."""

    env_type = AddEnv

    async def send_both_ways(self, a: Array, b: Array) -> None:
        """Send the pairs as they are, swapped, and with the sign of the second one turned."""
        await self.send_shuffled(
            a=np.concatenate([a, b, a, b ^ MINUS]), b=np.concatenate([b, a, b ^ MINUS, a])
        )


@pyuvm.test()
class CornerTest(AddTest):
    """Corners crossed with corners; halfway cases; cancellation, down to one unit in the last place."""

    # Neighbours, distances around 24, at which the smaller operand is rounded away, both ends of the range.
    exponents = (1, 2, 3, 24, 25, 26, 102, 103, 104, 126, 127, 128, 150, 151, 152, 153, 253, 254)
    fractions = (0, 1, 2, 0x3F_FFFF, 0x40_0000, 0x40_0001, TOP - 1, TOP)
    stalls = {"source": Stall.LIGHT}  # noqa: RUF012 - declared in the base

    async def body(self) -> None:
        """One family after another."""
        corners = FP32.corners(self.exponents, self.fractions)
        a, b = all_pairs(corners, corners)
        await self.send_shuffled(a=a, b=b)
        await self.halfway()
        await self.cancellation()

    async def halfway(self) -> None:
        """Half a unit in the last place, and a little more or less, at every exponent."""
        exponents = np.arange(27, 255)
        units = FP32.join(0, exponents[:, None], np.array([0, 1, 2, 3, TOP - 2, TOP - 1, TOP]))
        # At these distances the first is half a unit, or half of that where the sum loses a place.
        distances = np.array([22, 23, 24, 25, 26])
        rest = FP32.join(
            0, (exponents[:, None] - distances)[:, :, None], np.array([0, 1, TOP, 1 << 22, 3 << 21])
        )
        pairs = [all_pairs(one, other.ravel()) for one, other in zip(units, rest, strict=True)]
        await self.send_both_ways(
            np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])
        )

    async def cancellation(self) -> None:
        """x + (-x), and differences of few units in the last place, also across powers of two."""
        anchors = np.concatenate(
            [
                FP32.join(0, np.arange(1, 255)[:, None], np.array([0, 1, TOP - 1, TOP])).ravel(),
                FP32.random_between(self.random, 1024, 1, 254) & ~MINUS,
                FP32.random_between(self.random, 1024, 1, 27) & ~MINUS,
            ]
        )
        steps = np.concatenate([np.arange(4), 1 << np.arange(2, 24), (1 << np.arange(2, 24)) - 1])
        a, b = all_pairs(anchors, steps)
        await self.send_both_ways(a, np.minimum(a + b, 0x7F7F_FFFF).astype(np.uint32) ^ MINUS)


@pyuvm.test()
class RandomTest(AddTest):
    """More than a million random pairs from several distributions, one beat in every cycle."""

    count = 1 << 17

    async def body(self) -> None:
        """Any patterns; exponents close to each other, at the ends of the range too; ties; differences."""
        random, count = self.random, self.count
        await self.env.send(a=FP32.random(random, count), b=FP32.random(random, count))
        for low, high, spread in ((1, 254, 2), (1, 254, 30), (1, 28, 3), (225, 254, 26), (110, 140, 30)):
            a = FP32.random_between(random, count, low, high)
            await self.env.send(a=a, b=self.near(a, spread))
        # Few ones make ties.
        sparse = FP32.random(random, count) & FP32.random(random, count) & FP32.random(random, count)
        a = (FP32.random_between(random, count, 40, 220) & np.uint32(0xFF80_0000)) | sparse >> np.uint32(9)
        await self.env.send(a=a, b=self.near(a, 27) & ~np.uint32(0xFFF))
        a = FP32.random_between(random, count, 1, 254)
        flips = random.integers(0, 1 << 23, count, dtype=np.uint32) >> random.integers(
            0, 23, count, dtype=np.uint32
        )
        await self.env.send(a=a, b=a ^ MINUS ^ flips)

    def near(self, a: Array, spread: int) -> Array:
        """Random numbers whose exponents differ from those of `a` by at most `spread`."""
        exponent = FP32.exponent(a) + self.random.integers(-spread, spread + 1, len(a))
        sign, fraction = self.random.integers(0, 2, len(a)), self.random.integers(0, 1 << 23, len(a))
        return FP32.join(sign, np.clip(exponent, 1, 254), fraction)


@pyuvm.test(expect_fail=True)
class BrokenModelTest(AddTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        spoil(AddModel, Spoil)

    async def body(self) -> None:
        """Any patterns."""
        await self.env.send(a=FP32.random(self.random, 8192), b=FP32.random(self.random, 8192))
