"""Tests of dtv1_smem_fifo, each over all shapes of the testbench."""

from __future__ import annotations

from typing import ClassVar

import cocotb
import pyuvm
from pyuvm import uvm_factory

from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import rng
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.dtv1_smem_fifo.env import SHAPES, FifoCfg, FifoEnv, FifoModel


class FifoTest(BaseTest):
    """Runs `traffic` for every shape, each from a reset."""

    env_type = FifoEnv
    cfg_type = FifoCfg
    env: FifoEnv
    cfg: FifoCfg

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
        """What happens to one FIFO."""
        raise NotImplementedError

    def words(self, count: int) -> list[Beat]:
        """Random words."""
        return [self.env.source.cfg.port.random_beat(self.random) for _ in range(count)]

    def stall(self, source: Stall, sink: Stall) -> None:
        """Set both profiles."""
        self.env.source.set_stalls(source)
        self.env.sink.set_stalls(sink)


@pyuvm.test()
class StallTest(FifoTest):
    """Random words under every pair of stall profiles."""

    profiles: ClassVar[tuple[Stall, ...]] = (Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST)

    async def traffic(self) -> None:
        """All pairs."""
        for source in self.profiles:
            for sink in self.profiles:
                self.stall(source, sink)
                await self.env.source.send(self.words(50))


@pyuvm.test()
class FillDrainTest(FifoTest):
    """Fills each FIFO to the brim and empties it, twice, with words offered while it is full."""

    async def traffic(self) -> None:
        """Fill with the output blocked, then empty with the input quiet."""
        depth = self.cfg.shape.depth
        for _ in range(2):
            self.stall(Stall.NONE, Stall.BLOCKED)
            await self.env.source.send(self.words(depth + 2))
            await self.clocking.cycles(depth + 4)
            self.env.sink.set_stalls(Stall.NONE)
            await self.env.drain()


@pyuvm.test()
class ThroughputTest(FifoTest):
    """Without stalls a word passes in every cycle, from DEPTH 2 on."""

    async def traffic(self) -> None:
        """Count the cycles of a long run."""
        count = 200
        before = self.env.sink.monitor.count
        start = self.clocking.now()
        await self.env.source.send(self.words(count))
        while self.env.sink.monitor.count < before + count:
            await self.clocking.cycles(1)
        cycles = self.clocking.now() - start
        limit = 4 + (count if self.cfg.shape.depth > 1 else 2 * count)
        assert cycles <= limit, f"{self.cfg.shape}: {count} words took {cycles} cycles, {limit} are allowed"


@pyuvm.test()
class ResetTest(FifoTest):
    """Resets in the middle of traffic; each FIFO then works as if new."""

    async def traffic(self) -> None:
        """Traffic that a reset cuts off, three times, and then some that ends."""
        self.stall(Stall.LIGHT, Stall.HEAVY)
        for _ in range(3):
            sending = cocotb.start_soon(self.env.source.send(self.words(200)))
            await self.clocking.cycles(self.random.randint(5, 60))
            sending.cancel()
            await self.env.reset()
        await self.env.source.send(self.words(40))


class BrokenModel(FifoModel):
    """Foresees a wrong bit now and then."""

    def word(self, word: int) -> int:
        """Flip the low bit of every seventh word."""
        self.seen = getattr(self, "seen", 0) + 1
        return word ^ int(self.seen % 7 == 0)


@pyuvm.test(expect_fail=True)
class BrokenModelTest(StallTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    profiles = (Stall.NONE,)

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        uvm_factory().set_type_override_by_type(FifoModel, BrokenModel)
