"""The base of the arithmetic units' tests."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from reneta.golden.arrays import Array
from reneta.verif.arith.unit_env import UnitEnv
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import np_rng


class UnitTest(BaseTest):
    """Has a random generator and sends vectors."""

    env: UnitEnv

    def configure(self) -> None:
        """Make the generator."""
        self.random = np_rng("vectors")

    async def send_shuffled(self, **operands: Array) -> None:
        """Send vectors in random order: each lane then meets all kinds, and what is before it changes."""
        await self.send_ordered(self.random.permutation(max(map(len, operands.values()))), operands)

    async def send_ordered(self, order: Array, operands: Mapping[str, Array]) -> None:
        """Send vectors in this order; an operand of which there is only one stays for all."""
        ordered = {
            name: values[order] if len(values) == len(order) else values for name, values in operands.items()
        }
        await self.env.send(**ordered)


def all_pairs(first: Array, second: Array) -> tuple[Array, Array]:
    """Every pair, as two arrays."""
    return np.repeat(first, len(second)), np.tile(second, len(first))
