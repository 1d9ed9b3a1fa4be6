"""Tests of dtv1_bram_sp, each over all shapes of the testbench."""

from __future__ import annotations

import pyuvm
from pyuvm import uvm_factory

from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import rng
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_bram_sp.env import SHAPES, RamCfg, RamEnv, RamModel


class RamTest(BaseTest):
    """Runs `traffic` for every shape, each with unknown contents."""

    env_type = RamEnv
    cfg_type = RamCfg
    env: RamEnv
    cfg: RamCfg
    reset = None

    def configure(self) -> None:
        """Begin with the first shape."""
        self.random = rng("traffic")
        self.cfg.select(0)

    async def body(self) -> None:
        """One shape after another."""
        for index in range(len(SHAPES)):
            self.cfg.select(index)
            await self.env.reset()
            await self.traffic()
            await self.env.drain()

    async def traffic(self) -> None:
        """What happens to one RAM."""
        raise NotImplementedError

    async def access(self, accesses: list[tuple[int, int]]) -> None:
        """Do accesses, given as (write?, address), with random data."""
        width = self.cfg.shape.width
        await self.env.port.send([(we, address, self.random.getrandbits(width)) for we, address in accesses])


@pyuvm.test()
class SweepTest(RamTest):
    """Writes every address, reads every address, up and down."""

    async def traffic(self) -> None:
        """All addresses twice."""
        up = list(range(self.cfg.shape.depth))
        for writes, reads in ((up, up[::-1]), (up[::-1], up)):
            await self.access([(1, address) for address in writes])
            await self.access([(0, address) for address in reads])


@pyuvm.test()
class RandomTest(RamTest):
    """Random accesses with pauses on few addresses, so that they often follow each other."""

    async def traffic(self) -> None:
        """All stall profiles."""
        depth = self.cfg.shape.depth
        hot = sorted({0, depth - 1, depth // 2, self.random.randrange(depth)})
        await self.access([(1, address) for address in range(depth)])
        for stalls in (Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST):
            self.env.port.set_stalls(stalls)
            await self.access([(self.random.getrandbits(1), self.random.choice(hot)) for _ in range(300)])


class BrokenModel(RamModel):
    """Foresees a wrong bit of the first word."""

    def read(self, address: int) -> int | None:
        """Flip the low bit of address 0."""
        word = super().read(address)
        return word ^ 1 if word is not None and address == 0 else word


@pyuvm.test(expect_fail=True)
class BrokenModelTest(SweepTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        uvm_factory().set_type_override_by_type(RamModel, BrokenModel)
