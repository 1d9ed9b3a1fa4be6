"""Tests of dtv1_bram_sdp, each over all shapes of the testbench."""

from __future__ import annotations

from itertools import product

import cocotb
import pyuvm
from pyuvm import uvm_factory

from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import rng
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_bram_sdp.env import SHAPES, RamCfg, RamEnv, RamModel


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
class SweepTest(RamTest):
    """Writes every address, reads every address, up and down."""

    async def traffic(self) -> None:
        """All addresses twice."""
        up = list(range(self.cfg.shape.depth))
        for writes, reads in ((up, up[::-1]), (up[::-1], up)):
            await self.write(writes)
            await self.env.drain()
            await self.read(reads)
            await self.env.drain()


@pyuvm.test()
class RandomTest(RamTest):
    """Random reads and writes at once, with pauses, on few addresses, so that they often meet."""

    async def traffic(self) -> None:
        """All pairs of stall profiles."""
        depth = self.cfg.shape.depth
        hot = sorted({0, depth - 1, depth // 2, self.random.randrange(depth)})
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
