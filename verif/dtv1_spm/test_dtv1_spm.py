"""Tests of dtv1_spm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cocotb
import pyuvm
from cocotb.task import Task
from pyuvm import uvm_factory

from reneta.golden.lists import Descriptor, step_address
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import rng
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import StreamAgent
from reneta.verif.dtv1_spm.env import SpmEnv, SpmPredictor
from reneta.verif.dtv1_spm.model import Outputs

Beats = list[Beat] | None
PROFILES = (Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST)
LISTS = (0, 1)
ALL_BYTES = 0xF
# Cycles that a run may take beyond its descriptors: command, RAM, FIFO, and the driver.
SLACK = 6


class SpmTest(BaseTest):
    """Draws accesses and commands and sends them."""

    env_type = SpmEnv
    env: SpmEnv

    def configure(self) -> None:
        """Make the generator."""
        self.random = rng("accesses")
        self.steps = range(self.cfg.hw.max_m)

    def descriptor(self) -> int:
        """A descriptor whose count is often an extreme."""
        hw = self.cfg.hw
        count = self.random.choice((0, 1, hw.max_n, self.random.randint(0, hw.max_n)))
        word, lane = self.random.randrange(hw.smem_words), self.random.randrange(hw.num_pe)
        return Descriptor(word, lane, count).encode(hw)

    def module_writes(self, which: int, steps: Iterable[int]) -> list[Beat]:
        """The output module writes these steps."""
        return [(which, step, self.descriptor()) for step in steps]

    def host_writes(self, which: int, steps: Iterable[int]) -> list[Beat]:
        """The host writes random words (bits above the descriptor too), some bytes of them."""
        bits = self.random.getrandbits
        return [(1, step_address(which, step, self.cfg.hw), bits(4), bits(32)) for step in steps]

    def host_reads(self, which: int, steps: Iterable[int]) -> list[Beat]:
        """The host reads; the byte enables do not matter."""
        bits = self.random.getrandbits
        return [(0, step_address(which, step, self.cfg.hw), bits(4), bits(32)) for step in steps]

    def command_in(self, steps: Sequence[int]) -> Beat:
        """A command for steps within these."""
        first, last = sorted(self.random.choices(range(steps[0], steps[-1] + 1), k=2))
        return (self.random.choice(LISTS), first, last)

    def start(
        self,
        host: list[Beat] | None = None,
        module: Beats = None,
        commands: list[Beat] | None = None,
    ) -> list[Task[Any]]:
        """Begin to send."""
        streams: list[tuple[StreamAgent, Beats]] = [
            (self.env.host, host),
            (self.env.module, module),
            (self.env.commands, commands),
        ]
        return [cocotb.start_soon(agent.send(beats)) for agent, beats in streams if beats]

    async def run(self, **streams: list[Beat]) -> None:
        """Send everything and wait for all answers."""
        for task in self.start(**streams):
            await task
        await self.env.drain()

    async def fill(self) -> None:
        """The output module writes every step of both lists."""
        await self.run(module=[beat for which in LISTS for beat in self.module_writes(which, self.steps)])


@pyuvm.test()
class HostTest(SpmTest):
    """The host writes all words with all byte enables, reads them back, and the machine reads them too."""

    async def body(self) -> None:
        """Whole words, then parts."""
        whole: list[Beat] = [
            (1, step_address(which, step, self.cfg.hw), ALL_BYTES, self.random.getrandbits(32))
            for which in LISTS
            for step in self.steps
        ]
        await self.run(host=whole)
        for which in LISTS:
            await self.run(host=self.host_reads(which, self.steps))
            await self.run(host=self.host_writes(which, self.steps))
            await self.run(host=self.host_reads(which, reversed(self.steps)))
            await self.run(commands=[(which, 0, self.steps[-1])])


@pyuvm.test()
class CommandTest(SpmTest):
    """What the output module writes comes back: all steps, one, two and any number of them, of both lists."""

    async def body(self) -> None:
        """Commands one by one, then many at once."""
        await self.fill()
        last = self.steps[-1]
        for which in LISTS:
            edges = [(0, last), (0, 0), (last, last), (0, 1), (last - 1, last)]
            for first, end in edges:
                await self.run(commands=[(which, first, end)])
        self.env.descs.set_stalls(Stall.LIGHT)
        await self.run(commands=[self.command_in(self.steps[:20]) for _ in range(60)])
        await self.run(host=self.host_reads(0, self.steps) + self.host_reads(1, self.steps))


@pyuvm.test()
class RandomTest(SpmTest):
    """All users at random rates on few steps, so that they meet at one word."""

    async def body(self) -> None:
        """Several rounds."""
        await self.fill()
        for _ in range(10):
            first = self.random.choice((0, len(self.steps) - 6, self.random.randrange(len(self.steps) - 6)))
            steps = self.steps[first : first + 6]
            for agent in self.env.streams.values():
                agent.set_stalls(self.random.choice(PROFILES))
            host = [
                access
                for _ in range(80)
                for access in self.random.choice((self.host_reads, self.host_writes))(
                    self.random.choice(LISTS), [self.random.choice(steps)]
                )
            ]
            await self.run(
                host=host,
                module=[
                    beat
                    for _ in range(80)
                    for beat in self.module_writes(self.random.choice(LISTS), [self.random.choice(steps)])
                ],
                commands=[self.command_in(steps) for _ in range(50)],
            )


@pyuvm.test()
class ThroughputTest(SpmTest):
    """A descriptor a cycle, over commands of any length; the host gets the cycles that are left."""

    async def body(self) -> None:
        """Count the cycles."""
        await self.fill()
        commands: list[Beat] = [(which, 0, self.steps[-1]) for which in LISTS]
        await self.expect(commands)
        await self.expect([(which, step, step) for step in self.steps for which in LISTS])
        await self.expect([self.command_in(self.steps[:5]) for _ in range(100)])
        # The module writes the other list at full rate.
        await self.expect([(0, 0, self.steps[-1])], module=self.module_writes(1, self.steps))
        await self.blocked()

    async def expect(self, commands: list[Beat], module: Beats = None) -> None:
        """Run commands and compare the time with the number of descriptors."""
        count = sum(last - first + 1 for _, first, last in commands)
        before, start = self.env.descs.monitor.count, self.clocking.now()
        self.start(module=module, commands=commands)
        while self.env.descs.monitor.count < before + count:
            await self.clocking.cycles(1)
        taken = self.clocking.now() - start
        await self.env.drain()
        assert taken <= count + SLACK, f"{count} descriptors took {taken} cycles"

    async def blocked(self) -> None:
        """While nobody takes descriptors, the host accesses the memory at full rate."""
        self.env.descs.set_stalls(Stall.BLOCKED)
        waiting = self.start(commands=[(0, 0, 9)])
        await self.clocking.cycles(2 * SLACK)
        count, start = self.env.host.monitor.count, self.clocking.now()
        accesses = self.host_reads(0, self.steps[:100])
        for task in (*waiting, *self.start(host=accesses)):
            await task
        while self.env.host.monitor.count < count + len(accesses):
            await self.clocking.cycles(1)
        taken = self.clocking.now() - start
        assert taken <= len(accesses) + SLACK, f"{len(accesses)} accesses took {taken} cycles"
        self.env.descs.set_stalls(Stall.NONE)
        await self.env.drain()


@pyuvm.test()
class ErrorTest(SpmTest):
    """A command that ends before it begins stops the reading, and nothing else, until the reset."""

    async def body(self) -> None:
        """A few times: good commands, a bad one, one behind it; then host and module; then a reset."""
        for _ in range(6):
            await self.fill()
            first = self.random.randrange(1, len(self.steps))
            bad = (self.random.choice(LISTS), first, self.random.randrange(first))
            good = [self.command_in(self.steps[:8]) for _ in range(3)]
            await self.run(commands=[*good, bad, (0, 0, 3)])
            assert int(self.cfg.dut.err_o.value) == 1, "no error was raised"
            steps = self.random.sample(self.steps, 20)
            await self.run(module=self.module_writes(1, steps))
            await self.run(host=self.host_writes(1, steps) + self.host_reads(1, steps))
            await self.env.reset()
            assert int(self.cfg.dut.err_o.value) == 0, "the error outlived the reset"


@pyuvm.test()
class ResetTest(SpmTest):
    """Resets in the middle of traffic."""

    async def body(self) -> None:
        """Traffic that a reset cuts off, several times, and then some that ends."""
        for _ in range(6):
            await self.fill()
            for agent in self.env.streams.values():
                agent.set_stalls(self.random.choice(PROFILES))
            commands = [self.command_in(self.steps[:20]) for _ in range(20)]
            tasks = self.start(self.host_reads(0, self.steps), self.module_writes(1, self.steps), commands)
            await self.clocking.cycles(self.random.randint(10, 90))
            for task in tasks:
                task.cancel()
            await self.env.reset()
            for agent in self.env.streams.values():
                agent.set_stalls(Stall.NONE)
        await self.fill()
        await self.run(commands=[(which, 0, self.steps[-1]) for which in LISTS])


class BrokenPredictor(SpmPredictor):
    """Foresees a wrong bit now and then."""

    def announce(self, outputs: Outputs) -> Outputs:
        """Flip the low bit of every ninth descriptor."""
        owed = outputs.descriptor
        if owed is not None and self.model.now % 9 == 0:
            wrong = owed._replace(word=owed.word._replace(bits=owed.word.bits ^ 1))
            return outputs._replace(descriptor=wrong)
        return outputs


@pyuvm.test(expect_fail=True)
class BrokenModelTest(CommandTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        uvm_factory().set_type_override_by_type(SpmPredictor, BrokenPredictor)
