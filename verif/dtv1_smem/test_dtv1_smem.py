"""Tests of dtv1_smem."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cocotb
import pyuvm
from cocotb.task import Task
from pyuvm import uvm_factory

from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import rng
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import StreamAgent
from reneta.verif.dtv1_smem.env import Cycle, SmemEnv, SmemPredictor
from reneta.verif.dtv1_smem.model import LATENCY, READERS, REQUESTS, WRITERS, Outputs

PROFILES = (Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST)


def only(channel: int, beats: list[Beat]) -> list[list[Beat]]:
    """Requests for one channel and none for those before it."""
    return [*([] for _ in range(channel)), beats]


class SmemTest(BaseTest):
    """Draws requests and sends them on all channels at once."""

    env_type = SmemEnv
    env: SmemEnv

    def configure(self) -> None:
        """Make the generator."""
        self.random = rng("requests")
        self.bank_words = self.cfg.hw.smem_words // 2

    def sel(self, lane: int | None) -> int:
        """Select field; for a whole word the lane's bits are arbitrary."""
        hw = self.cfg.hw
        return self.random.randrange(hw.num_pe) if lane is None else 1 << hw.lane_w | lane

    def any_sel(self) -> int:
        """A word or any lane."""
        return self.sel(self.random.choice((None, self.random.randrange(self.cfg.hw.num_pe))))

    def data(self) -> int:
        """A random word."""
        return self.random.getrandbits(self.cfg.hw.num_pe * self.cfg.hw.data_w)

    def reads(self, addresses: Iterable[int]) -> list[Beat]:
        """Reads of any kind."""
        return [(address, self.any_sel()) for address in addresses]

    def writes(self, addresses: Iterable[int], whole: bool = False) -> list[Beat]:
        """Writes of any kind, or of whole words."""
        return [(a, self.sel(None) if whole else self.any_sel(), self.data()) for a in addresses]

    def choose(self, addresses: Sequence[int], count: int) -> list[int]:
        """Some of these addresses, with repetitions."""
        return self.random.choices(addresses, k=count)

    def start(self, reads: Sequence[list[Beat]], writes: Sequence[list[Beat]] = ()) -> list[Task[Any]]:
        """Begin to send requests, one list for each channel."""
        channels: list[tuple[StreamAgent, list[Beat]]] = [
            *zip(self.env.reads, reads, strict=False),
            *zip(self.env.writes, writes, strict=False),
        ]
        return [cocotb.start_soon(agent.send(beats)) for agent, beats in channels]

    async def run(self, reads: Sequence[list[Beat]], writes: Sequence[list[Beat]] = ()) -> None:
        """Send requests, one list for each channel, and wait for all answers."""
        for task in self.start(reads, writes):
            await task
        await self.env.drain()

    async def fill(self, addresses: Sequence[int]) -> None:
        """Write words, so that what is read afterwards is known."""
        await self.run([], [self.writes(addresses[w::WRITERS], whole=True) for w in range(WRITERS)])

    def stall_all(self, profiles: Sequence[Stall]) -> None:
        """Draw a profile for each stream."""
        for agent in self.env.streams.values():
            agent.set_stalls(self.random.choice(profiles))


@pyuvm.test()
class AddressTest(SmemTest):
    """Every address bit, both ends of both banks, every lane, through every channel."""

    async def body(self) -> None:
        """Write words, read them back; write lanes, read words and lanes back."""
        hw = self.cfg.hw
        top = hw.smem_words - 1
        bits = [0, *(1 << bit for bit in range(hw.smem_addr_w))]
        addresses = sorted({*bits, *(top ^ bit for bit in bits)})
        await self.fill(addresses)
        for r in range(READERS):
            await self.run(only(r, self.reads(self.random.sample(addresses, len(addresses)))))
        lanes = range(hw.num_pe)
        for w in range(WRITERS):
            each = [(lane, a) for lane in lanes for a in self.choose(addresses, 2)]
            await self.run([], only(w, [(a, self.sel(lane), self.data()) for lane, a in each]))
            for r in range(READERS):
                some = [(a, self.sel(lane)) for lane in lanes for a in self.choose(addresses, 2)]
                await self.run(only(r, [*some, *((a, self.sel(None)) for a in addresses)]))


@pyuvm.test()
class RandomTest(SmemTest):
    """Random requests on all channels, each stream at a rate of its own that changes now and then."""

    async def body(self) -> None:
        """Few addresses and many, so that channels meet and do not."""
        for size in (4, 12, 60) * 3:
            addresses = self.random.sample(range(self.cfg.hw.smem_words), size)
            self.stall_all(PROFILES)
            await self.fill(addresses)
            await self.run(
                [self.reads(self.choose(addresses, 150)) for _ in range(READERS)],
                [self.writes(self.choose(addresses, 120)) for _ in range(WRITERS)],
            )
        await self.run([self.reads(addresses)])


@pyuvm.test()
class RaceTest(SmemTest):
    """All channels at one or two addresses, as fast as they go: the order of the grants shows."""

    async def body(self) -> None:
        """One address in each bank, then one bank only, then with pauses of the writers."""
        low, high = self.random.randrange(self.bank_words), self.random.randrange(self.bank_words)
        for addresses in ([low, high + self.bank_words], [low], [high + self.bank_words]):
            await self.fill(addresses)
            for writers in (Stall.NONE, Stall.LIGHT, Stall.HEAVY):
                for agent in self.env.writes:
                    agent.set_stalls(writers)
                await self.run(
                    [self.reads(self.choose(addresses, 60)) for _ in range(READERS)],
                    [self.writes(self.choose(addresses, 60)) for _ in range(WRITERS)],
                )


class Rates(SmemTest):
    """Counts what passes in each cycle: transfers of each stream, and cycles that a sink lost."""

    def build_phase(self) -> None:
        """Make the counters."""
        super().build_phase()
        self.counter = AnalysisImp("counter", self, self._count)
        self.clear()

    def connect_phase(self) -> None:
        """Watch the ports."""
        self.env.cycles.ap.connect(self.counter)

    def clear(self) -> None:
        """Begin anew."""
        self.answered = [0] * READERS
        self.written = [0] * WRITERS
        self.lost = [0] * READERS

    def _count(self, cycle: Cycle) -> None:
        for r in range(READERS):
            valid, ready, _ = cycle.answer(r)
            self.answered[r] += valid & ready
            # While requests come, a sink that is ready gets an answer in every cycle after its first.
            idle = self.env.reads[r].idle
            self.lost[r] += bool(ready and not valid and self.answered[r] and not idle)
        for w in range(WRITERS):
            valid, ready, *_ = cycle.write(w)
            self.written[w] += valid & ready

    async def timed(self, reads: Sequence[list[Beat]], writes: Sequence[list[Beat]] = ()) -> int:
        """Cycles from the first request to the last transfer."""
        self.clear()
        start = self.clocking.now()
        self.start(reads, writes)
        wanted = [len(beats) for beats in (*reads, *writes)]
        while [*self.answered[: len(reads)], *self.written[: len(writes)]] != wanted:
            await self.clocking.cycles(1)
        return self.clocking.now() - start

    def some(self, bank: int, count: int) -> list[int]:
        """Addresses of one bank."""
        first = bank * self.bank_words
        return [first + self.random.randrange(self.bank_words) for _ in range(count)]


@pyuvm.test()
class ThroughputTest(Rates):
    """One access a cycle and bank, both banks at once, and no cycle lost by a sink that pauses."""

    # Cycles that a run may take beyond its accesses: request, grant, way through the bank, and the driver.
    SLACK = LATENCY + 4

    async def body(self) -> None:
        """Channels alone, together on both banks, together on one, and with stalls."""
        count = 200
        for r in range(READERS):
            await self.expect(count, only(r, self.reads(self.some(r % 2, count))))
        for w in range(WRITERS):
            await self.expect(count, [], only(w, self.writes(self.some(w % 2, count))))
        # Two at once, in different banks.
        two = [self.some(0, count), self.some(1, count)]
        await self.expect(count, [self.reads(addresses) for addresses in two])
        await self.expect(count, [], [self.writes(addresses) for addresses in two])
        await self.expect(count, [self.reads(two[0])], [self.writes(two[1])])
        # One bank for all: as many cycles as accesses.
        await self.expect(3 * count, [self.reads(self.some(1, count)) for _ in range(READERS)])
        await self.expect(2 * count, [], [self.writes(self.some(0, count)) for _ in range(WRITERS)])
        for profile in (Stall.LIGHT, Stall.HEAVY, Stall.BURST):
            await self.paused(profile)

    async def expect(
        self, cycles: int, reads: Sequence[list[Beat]], writes: Sequence[list[Beat]] = ()
    ) -> None:
        """Run, and compare the time with the limit."""
        taken = await self.timed(reads, writes)
        await self.env.drain()
        assert taken <= cycles + self.SLACK, f"{taken} cycles instead of {cycles}"

    async def paused(self, profile: Stall) -> None:
        """A sink that pauses now and then gets an answer in each cycle in which it is ready."""
        self.env.answers[0].set_stalls(profile)
        await self.timed([self.reads(self.some(0, 300))])
        assert not self.lost[0], f"{self.lost[0]} cycles lost under {profile}"
        self.env.answers[0].set_stalls(Stall.NONE)
        await self.env.drain()


@pyuvm.test()
class FairnessTest(Rates):
    """Channels of one kind share a bank evenly; reads wait for writes, but not long when these have ended."""

    async def body(self) -> None:
        """Shares, starvation, and a reader that takes nothing."""
        for bank in (0, 1):
            await self.shares(bank)
            await self.starve(bank)
            await self.block(bank)

    async def shares(self, bank: int) -> None:
        """In the middle of a long run all have passed the same number."""
        self.clear()
        tasks = self.start([self.reads(self.some(bank, 120)) for _ in range(READERS)])
        await self.clocking.cycles(200)
        assert max(self.answered) - min(self.answered) <= 1, f"answers {self.answered}"
        await self.finish(tasks)
        self.clear()
        tasks = self.start([], [self.writes(self.some(bank, 120)) for _ in range(WRITERS)])
        await self.clocking.cycles(150)
        # A channel may be ahead by what waits in its FIFO.
        assert max(self.written) - min(self.written) <= 1, f"writes {self.written}"
        await self.finish(tasks)

    async def starve(self, bank: int) -> None:
        """Two writers at full rate keep all readers waiting; then each has its answer at once."""
        self.clear()
        writing = self.start([], [self.writes(self.some(bank, 80)) for _ in range(WRITERS)])
        await self.clocking.cycles(8)
        reading = self.start([self.reads(self.some(bank, 20)) for _ in range(READERS)])
        while int(self.cfg.dut.wbusy_o.value) or min(self.written) < 80:
            assert not any(self.answered), "a read was answered while writes waited"
            await self.clocking.cycles(1)
        # One grant for each other reader, the way through the bank, and the cycle that shows the count.
        await self.clocking.cycles(READERS + LATENCY + 1)
        assert min(self.answered) >= 1, f"answers {self.answered} after the writes had ended"
        await self.finish([*writing, *reading])

    async def block(self, bank: int) -> None:
        """A reader that does not take its answers holds up nobody, and gets all of them later."""
        self.env.answers[1].set_stalls(Stall.BLOCKED)
        self.clear()
        blocked = self.start(only(1, self.reads(self.some(bank, 40))))
        await self.clocking.cycles(4 * REQUESTS)
        count = 60
        taken = await self.timed([self.reads(self.some(bank, count)), [], self.reads(self.some(bank, count))])
        assert taken <= 2 * count + ThroughputTest.SLACK, f"{taken} cycles beside a blocked reader"
        self.env.answers[1].set_stalls(Stall.NONE)
        await self.finish(blocked)

    async def finish(self, tasks: Sequence[Task[Any]]) -> None:
        """Wait for the end of all traffic."""
        for task in tasks:
            await task
        await self.env.drain()


@pyuvm.test()
class ResetTest(SmemTest):
    """Resets in the middle of traffic; what was in flight never shows."""

    async def body(self) -> None:
        """Traffic that a reset cuts off, several times, and then some that ends."""
        for _ in range(8):
            addresses = self.random.sample(range(self.cfg.hw.smem_words), 6)
            self.stall_all(PROFILES)
            reads = [self.reads(self.choose(addresses, 100)) for _ in range(READERS)]
            writes = [self.writes(self.choose(addresses, 60)) for _ in range(WRITERS)]
            tasks = self.start(reads, writes)
            await self.clocking.cycles(self.random.randint(10, 80))
            for task in tasks:
                task.cancel()
            await self.env.reset()
        await self.fill(addresses)
        await self.run([self.reads(addresses)] * READERS)


class BrokenPredictor(SmemPredictor):
    """Foresees a wrong bit now and then."""

    def announce(self, outputs: Outputs) -> Outputs:
        """Flip the low bit of every answer of the last channel in every ninth cycle."""
        word = outputs.answers[-1]
        if word is not None and self.model.now % 9 == 0:
            outputs.answers[-1] = word._replace(bits=word.bits ^ 1)
        return outputs


@pyuvm.test(expect_fail=True)
class BrokenModelTest(AddressTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        uvm_factory().set_type_override_by_type(SmemPredictor, BrokenPredictor)
