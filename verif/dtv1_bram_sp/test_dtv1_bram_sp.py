"""Tests of dtv1_bram_sp, each over all shapes of the testbench."""

from __future__ import annotations

import pyuvm

from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_bram_sp.env import SpCfg, SpEnv
from reneta.verif.memory.ram_env import BrokenModelBody, RamTest


class SpTest(RamTest):
    """A test of this RAM."""

    env_type = SpEnv
    cfg_type = SpCfg
    env: SpEnv

    async def access(self, accesses: list[tuple[int, int]]) -> None:
        """Do accesses, given as (write?, address), with random data."""
        width = self.cfg.shape.width
        await self.env.port.send([(we, address, self.random.getrandbits(width)) for we, address in accesses])


@pyuvm.test()
class SweepTest(SpTest):
    """Writes every address, reads every address, up and down."""

    async def traffic(self) -> None:
        """All addresses twice."""
        for writes, reads in self.sweeps():
            await self.access([(1, address) for address in writes])
            await self.access([(0, address) for address in reads])


@pyuvm.test()
class RandomTest(SpTest):
    """Random accesses with pauses on few addresses, so that they often follow each other."""

    async def traffic(self) -> None:
        """All stall profiles."""
        hot = self.hot()
        await self.access([(1, address) for address in range(self.cfg.shape.depth)])
        for stalls in (Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST):
            self.env.port.set_stalls(stalls)
            await self.access([(self.random.getrandbits(1), self.random.choice(hot)) for _ in range(300)])


@pyuvm.test(expect_fail=True)
class BrokenModelTest(SweepTest, BrokenModelBody):
    """Passes when it fails."""
