"""Tests of dtv1_dm_share."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import cocotb
import pyuvm
from cocotb.task import Task

from reneta.golden.datamover import command
from reneta.verif.common.analysis import spoil
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import rng
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.dtv1_dm_share.env import READERS, TAG_LSB, WRITERS, ShareEnv, ShareModel

PROFILES = (Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST)


class ShareTest(BaseTest):
    """Draws commands and words of all clients."""

    env_type = ShareEnv
    env: ShareEnv

    def configure(self) -> None:
        """Make the generator; the engine writes."""
        self.random = rng("clients")
        self.cfg.dut.wr_moves_i.value = 0

    def commands(self, client: int, counts: list[int]) -> list[Beat]:
        """A client's commands for so many words each, somewhere."""
        word = self.cfg.hw.word_bytes
        places = [self.random.randrange(1 << 20) for _ in counts]
        return [
            (command(place * word, count * word) | client << TAG_LSB,)
            for place, count in zip(places, counts, strict=True)
        ]

    def counts(self, commands: int) -> list[int]:
        """Words of some commands."""
        return [self.random.choice((1, 1, 2, self.random.randint(1, 12))) for _ in range(commands)]

    def start_reads(self, commands: int) -> list[Task[Any]]:
        """All clients read."""
        send = (self.env.rd_cmds[r].send(self.commands(r, self.counts(commands))) for r in READERS)
        return [cocotb.start_soon(task) for task in send]

    def start_writes(self, writer: int, commands: int) -> list[Task[Any]]:
        """A client writes."""
        counts, width = self.counts(commands), 8 * self.cfg.hw.word_bytes
        words = [
            (self.random.getrandbits(width), int(k == count)) for count in counts for k in range(1, count + 1)
        ]
        return [
            cocotb.start_soon(self.env.wr_cmds[writer].send(self.commands(writer, counts))),
            cocotb.start_soon(self.env.wrs[writer].send(words)),
        ]

    def draw_stalls(self) -> None:
        """Random profiles and latency."""
        for agent in self.env.streams.values():
            agent.set_stalls(self.random.choice(PROFILES))
        self.env.mover.latency = self.random.choice((3, 20, 60))


@pyuvm.test()
class RandomTest(ShareTest):
    """Everybody reads, and one after another writes, under any stalls."""

    of_moves: list[int]

    async def body(self) -> None:
        """The other writer offers what it has already, and waits for its turn."""
        self.of_moves = [0, 0]
        for turn in range(8):
            self.draw_stalls()
            writer = turn % len(WRITERS)
            self.cfg.dut.wr_moves_i.value = writer
            await self.clocking.cycles(1)
            for task in (*self.start_reads(25), *self.start_writes(writer, 15)):
                await task
            if writer == 0:
                waiting = self.start_writes(1, 3)
                await self.clocking.cycles(100)
                counts = [agent.monitor.count for agent in (self.env.wr_cmds[1], self.env.wrs[1])]
                assert counts == self.of_moves, "moves write although it is not their turn"
                await self.drain_engine()
                self.cfg.dut.wr_moves_i.value = 1
                for task in waiting:
                    await task
            await self.env.drain()
            self.of_moves = [agent.monitor.count for agent in (self.env.wr_cmds[1], self.env.wrs[1])]

    async def drain_engine(self) -> None:
        """Wait until the engine has written all."""
        while not (self.env.wr_cmds[0].idle and self.env.wrs[0].idle):
            await self.clocking.cycles(1)
        await self.clocking.cycles(2)


@pyuvm.test()
class ChoiceTest(ShareTest):
    """A mover that takes no command while one client after another begins to ask."""

    async def body(self) -> None:
        """In every order; the first one is kept, the others follow by rank."""
        mover = self.env.dm_rd_cmd
        for order in permutations(READERS):
            mover.set_stalls(Stall.BLOCKED)
            for client in order:
                await self.env.rd_cmds[client].send(self.commands(client, [1, 2]))
                await self.clocking.cycles(5)
            mover.set_stalls(Stall.NONE)
            await self.env.drain()


@pyuvm.test()
class RateTest(ShareTest):
    """A command and a word a cycle, whoever's they are."""

    async def body(self) -> None:
        """Nothing stalls: commands of one word, of all clients."""
        self.env.mover.latency = 3
        tasks = [cocotb.start_soon(self.env.rd_cmds[r].send(self.commands(r, [1] * 100))) for r in READERS]
        begun = self.clocking.now()
        for task in tasks:
            await task
        await self.env.drain()
        assert self.env.dm_rd_cmd.monitor.count == 300
        assert self.clocking.now() - begun < 300 + 100, "cycles are lost between commands"


@pyuvm.test()
class DepthTest(ShareTest):
    """Very many commands wait for their words, and none is forgotten."""

    async def body(self) -> None:
        """The mover takes all commands and gives no word for a long time."""
        self.env.dm_rd.set_stalls(Stall.BLOCKED)
        for _ in range(4):
            self.start_reads(60)
        await self.clocking.cycles(900)
        waits = len(self.env.model.outstanding)
        assert waits == 2 * self.cfg.hw.dram_ahead, f"{waits} commands wait"
        self.env.dm_rd.set_stalls(Stall.NONE)
        await self.env.drain()


@pyuvm.test()
class ResetTest(ShareTest):
    """A reset in the middle of traffic."""

    async def body(self) -> None:
        """Several times, then traffic that ends."""
        for _ in range(5):
            self.draw_stalls()
            tasks = [*self.start_reads(30), *self.start_writes(0, 20)]
            await self.clocking.cycles(self.random.randint(20, 200))
            for task in tasks:
                task.cancel()
            await self.env.reset()
        for task in (*self.start_reads(20), *self.start_writes(0, 10)):
            await task


class Swapped(ShareModel):
    """Gives the fetch's words to the moves."""

    def announce(self, whose: int) -> int:
        """One client is taken for another."""
        return 1 if whose == 2 else whose


@pyuvm.test(expect_fail=True)
class BrokenModelTest(ShareTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        spoil(ShareModel, Swapped)

    async def body(self) -> None:
        """Some reads."""
        for task in self.start_reads(10):
            await task
