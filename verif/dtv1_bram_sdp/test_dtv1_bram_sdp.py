"""Tests of dtv1_bram_sdp, each over all shapes of the testbench."""

from __future__ import annotations

from itertools import product

import cocotb
import pyuvm

from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_bram_sdp.env import SdpCfg, SdpEnv
from reneta.verif.memory.ram_env import BrokenModelBody, RamTest


class SdpTest(RamTest):
    """A test of this RAM."""

    env_type = SdpEnv
    cfg_type = SdpCfg
    env: SdpEnv

    async def write(self, addresses: list[int]) -> None:
        """Write random words."""
        width = self.cfg.shape.width
        await self.env.writes.send([(address, self.random.getrandbits(width)) for address in addresses])

    async def read(self, addresses: list[int]) -> None:
        """Read."""
        await self.env.reads.send([(address,) for address in addresses])

    async def both(self, writes: list[int], reads: list[int]) -> None:
        """Write and read at the same time; returns when both are done."""
        writing = cocotb.start_soon(self.write(writes))
        await self.read(reads)
        await writing
        await self.env.drain()

    def draw(self, addresses: list[int], count: int) -> list[int]:
        """Random addresses, with repetition."""
        return self.random.choices(addresses, k=count)


@pyuvm.test()
class SweepTest(SdpTest):
    """Writes every address, reads every address, up and down."""

    async def traffic(self) -> None:
        """All addresses twice."""
        for writes, reads in self.sweeps():
            await self.write(writes)
            await self.env.drain()
            await self.read(reads)
            await self.env.drain()


@pyuvm.test()
class RandomTest(SdpTest):
    """Random reads and writes at once, with pauses, on few addresses, so that they often meet."""

    async def traffic(self) -> None:
        """All pairs of stall profiles."""
        depth = self.cfg.shape.depth
        hot = self.hot()
        await self.write(list(range(depth)))
        await self.env.drain()
        for stalls in product((Stall.NONE, Stall.LIGHT, Stall.HEAVY), repeat=2):
            self.env.writes.set_stalls(stalls[0])
            self.env.reads.set_stalls(stalls[1])
            if self.cfg.shape.collide:
                await self.both(self.draw(hot, 150), self.draw(hot, 150))
            else:
                # The two ports keep to different halves, and change them when all is quiet.
                even, odd = list(range(0, depth, 2)), list(range(1, depth, 2))
                await self.both(self.draw(even, 75), self.draw(odd, 75))
                await self.both(self.draw(odd, 75), self.draw(even, 75))


@pyuvm.test(expect_fail=True)
class BrokenModelTest(SweepTest, BrokenModelBody):
    """Passes when it fails."""
