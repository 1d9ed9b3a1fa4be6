"""Tests of dtv1_fp_round."""

from __future__ import annotations

import numpy as np
import pyuvm

from reneta.verif.arith.floats import FP32
from reneta.verif.arith.unit_env import Spoil
from reneta.verif.arith.unit_tests import UnitTest, all_pairs
from reneta.verif.common.analysis import spoil
from reneta.verif.dtv1_fp_round.env import RoundEnv, RoundModel


class RoundTest(UnitTest):
    """A test of the rounding unit."""

    env_type = RoundEnv


@pyuvm.test()
class ExhaustiveTest(RoundTest):
    """Every upper half with every lower half that rounding could treat differently."""

    # Nothing, least, just below half, half, just above, most.
    lower = (0, 1, 0x7FFE, 0x7FFF, 0x8000, 0x8001, 0xFFFE, 0xFFFF)

    async def body(self) -> None:
        """All of them."""
        upper, lower = all_pairs(np.arange(1 << 16), np.array(self.lower))
        await self.send_shuffled(x=(upper << 16 | lower).astype(np.uint32))
        # Each place on its own reaches the sticky bit.
        upper, lower = all_pairs(self.random.integers(0, 1 << 16, 256), 1 << np.arange(16))
        await self.send_shuffled(x=(upper << 16 | lower).astype(np.uint32))
        await self.send_shuffled(x=(upper << 16 | lower | 0x8000).astype(np.uint32))


@pyuvm.test()
class RandomTest(RoundTest):
    """More than a million random numbers, one beat in every cycle."""

    async def body(self) -> None:
        """Any patterns, and normal numbers with half a unit in the last place more or less."""
        await self.env.send(x=FP32.random(self.random, 1 << 19))
        near = FP32.random_between(self.random, 1 << 19, 1, 254) & np.uint32(0xFFFF_0000)
        offsets = self.random.integers(0x7FF0, 0x8010, len(near), dtype=np.uint32)
        await self.env.send(x=near | offsets)


@pyuvm.test(expect_fail=True)
class BrokenModelTest(RoundTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        spoil(RoundModel, Spoil)

    async def body(self) -> None:
        """Any patterns."""
        await self.env.send(x=FP32.random(self.random, 8192))
