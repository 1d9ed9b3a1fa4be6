"""Tests that the FIFOs share; each FIFO's module makes them its own."""

from __future__ import annotations

from typing import ClassVar

import cocotb

from reneta.verif.common.analysis import spoil
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.memory.fifo_env import FifoCfg, FifoEnv, SpoiltWords
from reneta.verif.memory.shapes import ShapeTest


class FifoTest(ShapeTest):
    """Has words to send."""

    env: FifoEnv
    cfg: FifoCfg

    def use(self, index: int) -> None:
        """Take words when they show."""
        super().use(index)
        self.env.sink.cfg.payload_latency = 0 if self.cfg.shape.fwft else 1

    def words(self, count: int) -> list[Beat]:
        """Random words."""
        return [self.env.source.cfg.port.random_beat(self.random) for _ in range(count)]

    def stall(self, source: Stall, sink: Stall) -> None:
        """Set both profiles."""
        self.env.source.set_stalls(source)
        self.env.sink.set_stalls(sink)


class StallBody(FifoTest):
    """Random words under every pair of stall profiles."""

    profiles: ClassVar[tuple[Stall, ...]] = (Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST)

    async def traffic(self) -> None:
        """All pairs."""
        for source in self.profiles:
            for sink in self.profiles:
                self.stall(source, sink)
                await self.env.source.send(self.words(60))


class FillDrainBody(FifoTest):
    """Fills each FIFO to the brim and empties it, twice, with words offered while it is full."""

    async def traffic(self) -> None:
        """Fill with the output blocked, then empty with the input quiet."""
        depth = self.cfg.shape.depth
        for _ in range(2):
            self.stall(Stall.NONE, Stall.BLOCKED)
            await self.env.source.send(self.words(depth + 2))
            await self.clocking.cycles(depth + 6)
            self.env.sink.set_stalls(Stall.NONE)
            await self.env.drain()


class ThroughputBody(FifoTest):
    """Without stalls a word passes in every cycle where DEPTH is above the latency."""

    async def traffic(self) -> None:
        """Count the cycles of a long run."""
        count = 300
        shape = self.cfg.shape
        before = self.env.sink.monitor.count
        start = self.clocking.now()
        await self.env.source.send(self.words(count))
        while self.env.sink.monitor.count < before + count:
            await self.clocking.cycles(1)
        cycles = self.clocking.now() - start
        limit = 8 + (count if shape.depth > shape.latency else count * (shape.latency + 1))
        assert cycles <= limit, f"{shape.label}: {count} words took {cycles} cycles, {limit} are allowed"


class ResetBody(FifoTest):
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


class BrokenModelBody(StallBody):
    """The scoreboard must notice a wrong prediction."""

    profiles = (Stall.NONE,)
    env_type: ClassVar[type[FifoEnv]]

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        spoil(self.env_type.model_type, SpoiltWords)
