"""Tests of dtv1_axi_dm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import cocotb
import pyuvm
from cocotb.task import Task

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.datamover import command as dm_command
from reneta.verif.axi.channels import ADDRESS_SPACE, PAGE, AddressBeat, Resp
from reneta.verif.common.analysis import spoil
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import rng
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_axi_dm.env import READS, WRITES, MoverEnv
from reneta.verif.dtv1_axi_dm.predictor import Command, MoverModel, max_burst

PROFILES = (Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST)
# Reads and writes of one phase use halves of the address space of their own, as their order is open.
HALF = ADDRESS_SPACE // 2
INCR_BIT = 1 << 23
# Fields of a command that the mover does not use: reserved, tag, DRR, EOF, DSA.
UNUSED = 0xFF << 64 | 0xFF << 24
LONGEST = (1 << 23) - 1
# Cycles after which something is given up: many long commands may go at a slow rate.
PATIENCE = 30_000


class MoverTest(BaseTest):
    """Draws commands, sends them with their words, and compares."""

    env_type = MoverEnv
    env: MoverEnv

    def configure(self) -> None:
        """Make the generator."""
        self.random = rng("commands")
        self.word = self.cfg.hw.num_pe * 2
        self.page = PAGE // self.word
        self.burst = max_burst(self.cfg.hw)

    def command(self, address: int, words: int) -> int:
        """A command for whole words, unused fields random."""
        bits = dm_command(address, words * self.word)
        return bits & ~UNUSED | self.random.getrandbits(72) & UNUSED

    def length(self) -> int:
        """Words of a command, often near an edge."""
        near = self.random.choice((1, 2, self.burst, self.page)) + self.random.choice((-1, 0, 1))
        return max(1, self.random.choice((near, self.random.randint(1, 5 * self.burst))))

    def address(self, base: int) -> int:
        """A start in one half of the address space, often near a page's edge."""
        page = base + PAGE * self.random.randrange(1, HALF // PAGE - 8)
        place = self.random.choice((0, 1, self.page - 1, self.page - 2, self.random.randrange(self.page)))
        return page + place * self.word

    def commands(self, count: int, base: int) -> list[int]:
        """Random commands."""
        return [self.command(self.address(base), self.length()) for _ in range(count)]

    def words_for(self, commands: Iterable[int]) -> list[tuple[int, int]]:
        """Random words for write commands, the last one of each marked."""
        words = []
        for bits in commands:
            count = Command.decode(bits).length // self.word
            words += [(self.random.getrandbits(8 * self.word), int(i == count - 1)) for i in range(count)]
        return words

    def start(
        self,
        reads: Iterable[int] = (),
        writes: Iterable[int] = (),
        words: list[tuple[int, int]] | None = None,
    ) -> list[Task[Any]]:
        """Begin to send commands, and the words of writes (right ones unless given)."""
        writes = list(writes)
        words = self.words_for(writes) if words is None else words
        return [
            cocotb.start_soon(self.env.rd_cmd.send([(bits,) for bits in reads])),
            cocotb.start_soon(self.env.wr_cmd.send([(bits,) for bits in writes])),
            cocotb.start_soon(self.env.wr_data.send(words)),
        ]

    async def move(self, reads: Iterable[int] = (), writes: Iterable[int] = ()) -> None:
        """Send all, wait for all, compare memory and errors."""
        for task in self.start(reads, writes):
            await task
        await self.env.drain()
        self.env.compare_memory()
        self.env.compare_errors()
        assert int(self.cfg.dut.idle_o.value), "not idle after everything has come"

    async def quiet(self) -> None:
        """After an error: wait until what still comes has come."""
        calm, boards = 0, self.env.boards
        while calm < 100:
            await self.clocking.cycles(1)
            owed = boards["rd_board"].pending or boards["done_board"].pending
            calm = 0 if owed or not self.env.memory.idle or not self.env.checker.idle else calm + 1

    def draw_stalls(self) -> None:
        """Random profiles and latencies."""
        self.env.set_all_stalls({name: self.random.choice(PROFILES) for name in self.env.streams})
        self.draw_latencies()

    def draw_latencies(self) -> None:
        """Random latencies of the memory."""
        self.env.memory.read_latency = self.random.choice((2, 10, 40))
        self.env.memory.write_latency = self.random.choice((2, 10, 40))


@pyuvm.test()
class LengthTest(MoverTest):
    """Every start near the edges of a page with every length near those of a burst and of a page."""

    async def body(self) -> None:
        """In each direction alone, then what was written is read back."""
        lengths = (
            1,
            2,
            3,
            self.burst - 1,
            self.burst,
            self.burst + 1,
            2 * self.burst,
            4 * self.burst + 5,
            self.page + 1,
        )
        starts = (0, 1, self.page // 2, self.page - 1)
        cases = [(start, length) for start in starts for length in lengths]
        writes = [
            self.command((8 * index + 1) * PAGE + start * self.word, length)
            for index, (start, length) in enumerate(cases)
        ]
        await self.move(reads=writes)
        await self.move(writes=writes)
        await self.move(reads=writes)
        # Four pages.
        await self.move(reads=[self.command(2 * PAGE - self.word, 2 * self.page + 2)])
        # A transfer goes on at 0 behind the end of the address space.
        await self.move(reads=[self.command(ADDRESS_SPACE - 2 * self.word, 4)])


@pyuvm.test()
class RandomTest(MoverTest):
    """Both directions at once, any stalls on all channels; then what was written is read."""

    async def body(self) -> None:
        """Rounds with other profiles; the halves take turns."""
        for round_ in range(8):
            self.draw_stalls()
            first, second = (0, HALF) if round_ % 2 else (HALF, 0)
            writes = self.commands(12, first)
            await self.move(self.commands(12, second), writes)
            await self.move(writes)


@pyuvm.test()
class LongTest(MoverTest):
    """The longest commands: they begin rightly, and a stop ends them."""

    async def body(self) -> None:
        """Both directions, until some thousand words have passed."""
        longest = LONGEST // self.word
        writes = self.command(HALF + self.word, longest)
        words = ((self.random.getrandbits(64), int(i == longest - 1)) for i in range(longest))
        tasks = [
            cocotb.start_soon(self.env.rd_cmd.send([(self.command(self.word, longest),)])),
            cocotb.start_soon(self.env.wr_cmd.send([(writes,)])),
            cocotb.start_soon(self.env.wr_data.send(words)),
        ]
        await self.clocking.cycles(5000)
        assert self.env.rd_data.monitor.count > 4500, "reads are slow"
        assert self.env.axi["w"].monitor.count > 4500, "writes are slow"
        await self.env.stop(tasks)
        await self.move(self.commands(3, 0), self.commands(3, HALF))


@pyuvm.test()
class DepthTest(MoverTest):
    """A slow memory: as many bursts in flight as promised, and no more."""

    async def body(self) -> None:
        """Single words, hundreds of them."""
        self.env.memory.read_latency = self.env.memory.write_latency = 400
        reads = [self.command(self.address(0), 1) for _ in range(3 * READS)]
        writes = [self.command(self.address(HALF), 1) for _ in range(3 * WRITES)]
        await self.move(reads, writes)
        checker = self.env.checker
        self.env.coverage.depth(checker.deepest_reads, checker.deepest_writes)


@pyuvm.test()
class ThroughputTest(MoverTest):
    """A word a cycle in both directions at once, over commands of any length, with a latency of 40 cycles."""

    # Cycles from the first word to the last beyond one for each word.
    SLACK = 4
    # The last burst leaves when it is whole; beyond its length.
    WRITE_SLACK = 16

    async def body(self) -> None:
        """Short, long and random commands."""
        self.env.memory.read_latency = 40
        self.env.memory.write_latency = 40
        await self.run_full([1] * 300)
        await self.run_full([4] * 100)
        await self.run_full([self.burst] * 6)
        await self.run_full([5 * self.burst, 3, 1, 2 * self.burst + 1, 1, 1])
        await self.run_full([self.random.randint(1, 2 * self.burst) for _ in range(20)])

    async def run_full(self, lengths: list[int]) -> None:
        """Move commands of these lengths in both directions, and count the cycles."""
        reads = [self.command(self.address(0), length) for length in lengths]
        writes = [self.command(self.address(HALF), length) for length in lengths]
        total, now = sum(lengths), self.clocking.now
        streams = {"read": self.env.rd_data, "write": self.env.wr_data, "bus": self.env.axi["w"]}
        before = {name: agent.monitor.count for name, agent in streams.items()}
        begin: dict[str, int] = {}
        end: dict[str, int] = {}
        self.start(reads, writes)
        while len(end) < len(streams):
            await self.clocking.cycles(1)
            for name, agent in streams.items():
                passed = agent.monitor.count - before[name]
                if passed and name not in begin:
                    begin[name] = now()
                if passed == total and name not in end:
                    end[name] = now()
        await self.env.drain()
        taken = {name: end[name] - begin[name] + 1 for name in streams}
        taken["bus"] = end["bus"] - begin["write"] + 1
        self.report([f"{len(lengths)} commands, {total} words: {taken}"])
        assert taken["read"] <= total + self.SLACK, f"{total} words read in {taken['read']} cycles"
        assert taken["write"] <= total + self.SLACK, f"{total} words taken in {taken['write']} cycles"
        assert taken["bus"] <= total + self.burst + self.WRITE_SLACK, (
            f"{total} words written in {taken['bus']} cycles"
        )
        self.env.compare_memory()


@pyuvm.test()
class RefuseTest(MoverTest):
    """Commands that the mover cannot carry out: those before are completed, those behind are not begun."""

    async def body(self) -> None:
        """Each reason in each direction, under stalls."""
        for bad in (self.off_address, self.off_length, self.empty, self.fixed) * 2:
            for reading in (True, False):
                self.draw_stalls()
                base = 0 if reading else HALF
                listed = [*self.commands(4, base), bad(base), *self.commands(3, base)]
                # Words for the commands that are carried out, and some that nobody wants.
                tasks = self.start(listed) if reading else self.start((), listed, self.words_for(listed[:4]))
                await self.quiet()
                await self.settle()
                self.env.compare_errors()
                assert ErrorCause.ADDRESS in (self.env.model.read_error, self.env.model.write_error)
                assert not self.env.boards["ar_board"].pending
                assert not self.env.boards["aw_board"].pending
                await self.env.stop(tasks)
                await self.env.reset()

    async def settle(self) -> None:
        """Until the commands before the bad one are done."""
        while not (self.env.model.read_error or self.env.model.write_error):
            await self.clocking.cycles(1)
        await self.quiet()
        boards, waited = self.env.boards, 0
        while any(
            boards[name].pending for name in ("ar_board", "aw_board", "w_board", "rd_board", "done_board")
        ):
            await self.clocking.cycles(1)
            waited += 1
            assert waited < PATIENCE, "commands before a refused one are not completed"
        await self.quiet()

    def off_address(self, base: int) -> int:
        """Not at a word."""
        return self.command(self.address(base) + self.random.randrange(1, self.word), self.length())

    def off_length(self, base: int) -> int:
        """Not whole words."""
        return self.command(self.address(base), self.length()) + self.random.randrange(1, self.word)

    def empty(self, base: int) -> int:
        """No words."""
        return self.command(self.address(base), 1) - self.word

    def fixed(self, base: int) -> int:
        """All words at one address."""
        return self.command(self.address(base), self.length()) & ~INCR_BIT


@pyuvm.test()
class AnswerTest(MoverTest):
    """Error answers: reads end before the bad word, no write from there on is done, the bus stays legal."""

    async def body(self) -> None:
        """Either answer in either direction, at any word, under stalls."""
        for index in range(16):
            self.draw_stalls()
            reading, resp = bool(index & 1), (Resp.SLVERR, Resp.DECERR)[index >> 1 & 1]
            listed = self.commands(8, 0 if reading else HALF)
            hit = Command.decode(self.random.choice(listed))
            at = hit.address + self.random.randrange(hit.length // self.word) * self.word
            self.env.answer_with(lambda address, at=at, resp=resp: resp if address == at else Resp.OKAY)
            tasks = self.start(listed) if reading else self.start((), listed)
            error = self.cfg.dut.rd_err_o if reading else self.cfg.dut.wr_err_o
            while not int(error.value):
                await self.clocking.cycles(1)
            if index & 4:
                await self.quiet()
                assert not self.env.boards["rd_board"].pending, "words before the error are missing"
            await self.clocking.cycles(2)
            self.env.compare_errors() if index & 4 else None
            await self.env.stop(tasks)
            assert int(error.value) == ErrorCause.AXI
            self.env.no_errors()
            await self.env.reset()
        await self.move(self.commands(3, 0), self.commands(3, HALF))


@pyuvm.test()
class MarkTest(MoverTest):
    """Words whose `last` disagrees with their command: nothing from there on is written, nothing is done."""

    async def body(self) -> None:
        """A mark too early, or missing."""
        for early in (True, False) * 4:
            self.draw_stalls()
            writes = [
                self.command(self.address(HALF), self.random.randint(2, 2 * self.burst)) for _ in range(6)
            ]
            words = self.words_for(writes)
            places = [i for i, (_, last) in enumerate(words) if last != early]
            at = self.random.choice(places)
            words[at] = (words[at][0], int(early))
            tasks = self.start((), writes, words)
            while not int(self.cfg.dut.wr_err_o.value):
                await self.clocking.cycles(1)
            await self.quiet()
            self.env.compare_errors()
            await self.env.stop(tasks)
            assert int(self.cfg.dut.wr_err_o.value) == ErrorCause.SIZE
            await self.env.reset()
        await self.move(self.commands(3, 0), self.commands(3, HALF))


@pyuvm.test()
class StopTest(MoverTest):
    """Stops at any time: bursts in flight end, nothing else happens, and work goes on behind it."""

    async def body(self) -> None:
        """Random moments, stalls and directions; a client that stands still; a short pulse; while idle."""
        for index in range(24):
            self.draw_stalls()
            reads = self.commands(6, 0) if index % 3 != 1 else []
            writes = self.commands(6, HALF) if index % 3 != 2 else []
            if index % 4 == 3:
                self.env.rd_data.set_stalls(Stall.BLOCKED)
            tasks = self.start(reads, writes)
            await self.clocking.cycles(self.random.randint(1, self.random.choice((250, 4 * self.burst))))
            await self.env.stop(tasks)
            if index % 5 == 0:
                self.env.set_all_stalls({})
                await self.move(self.commands(2, 0), self.commands(2, HALF))
        await self.env.drain()
        await self.env.stop()


@pyuvm.test()
class PulseTest(MoverTest):
    """A stop of one cycle goes on until all is quiet; then commands are taken again."""

    async def body(self) -> None:
        """While commands wait, which then are carried out."""
        for _ in range(6):
            self.draw_stalls()
            tasks = self.start(self.commands(4, 0), self.commands(4, HALF))
            await self.clocking.cycles(self.random.randint(20, 150))
            self.env.rd_cmd.set_stalls(Stall.BLOCKED)
            self.env.wr_cmd.set_stalls(Stall.BLOCKED)
            self.env.wr_data.set_stalls(Stall.BLOCKED)
            self.cfg.dut.stop_i.value = 1
            self.env.allow_withdrawal(True)
            await self.clocking.cycles(1)
            self.cfg.dut.stop_i.value = 0
            await self.clocking.cycles(1)
            waited = 0
            while not int(self.cfg.dut.idle_o.value):
                assert not int(self.cfg.dut.rd_cmd_ready_o.value), "a command is taken during the stop"
                assert not int(self.cfg.dut.wr_cmd_ready_o.value), "a command is taken during the stop"
                await self.clocking.cycles(1)
                waited += 1
                assert waited < PATIENCE, "the mover does not become idle"
            await self.env.stop(tasks)
            self.env.set_all_stalls({})
            await self.move(self.commands(2, 0), self.commands(2, HALF))


@pyuvm.test()
class ResetTest(MoverTest):
    """Resets of mover and memory in the middle of traffic."""

    async def body(self) -> None:
        """Traffic that a reset cuts off, several times, and then some that ends."""
        for _ in range(8):
            self.draw_stalls()
            tasks = self.start(self.commands(6, 0), self.commands(6, HALF))
            await self.clocking.cycles(self.random.randint(5, 200))
            for task in tasks:
                task.cancel()
            await self.env.reset()
        self.env.set_all_stalls({})
        await self.move(self.commands(6, 0), self.commands(6, HALF))


class WrongCut(MoverModel):
    """Forgets now and then that a burst ends with its command."""

    def bursts(self, command: Command) -> list[AddressBeat]:
        """One beat more, for commands of three words."""
        made = super().bursts(command)
        if command.length == 3 * self.word_bytes:
            made[-1] = made[-1]._replace(len=made[-1].len + 1)
        return made


@pyuvm.test(expect_fail=True)
class BrokenModelTest(MoverTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        spoil(MoverModel, WrongCut)

    async def body(self) -> None:
        """Reads of three words."""
        await self.move([self.command(self.address(0), 3) for _ in range(20)])
