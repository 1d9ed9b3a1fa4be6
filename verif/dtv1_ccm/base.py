"""What the tests of dtv1_ccm have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cocotb
from cocotb.task import Task

from reneta.golden.ccm_types import ErrorCause
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import np_rng, rng
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import StreamAgent
from reneta.verif.dtv1_ccm.env import CcmEnv
from reneta.verif.dtv1_ccm.instruction import Generator, Instruction, Limits


class CcmTest(BaseTest):
    """Draws instructions and sends their words on all streams at once."""

    env_type = CcmEnv
    env: CcmEnv

    def configure(self) -> None:
        """Make the generator."""
        self.draw = Generator(self.cfg.hw, np_rng("instructions"))
        self.small = Limits(rows=5 * self.cfg.hw.num_pe, columns=24)

    def start(self, instructions: Sequence[Instruction]) -> list[Task[Any]]:
        """Begin to send all words of these instructions; the tasks end when the drivers have taken them."""
        streams: list[tuple[StreamAgent, Iterable[Beat]]] = [
            (self.env.cfgs, [(i.cfg.pack(self.cfg.hw),) for i in instructions]),
            (self.env.cnts, [(count,) for i in instructions for count in i.counts]),
            (self.env.opds, [beat for i in instructions for beat in i.operand_beats]),
            (self.env.adds, [(word,) for i in instructions for word in i.addend_words]),
        ]
        return [cocotb.start_soon(agent.send(beats)) for agent, beats in streams]

    async def run(self, instructions: Sequence[Instruction]) -> None:
        """Send all words and wait for the results; the core must then be idle and without an error."""
        for task in self.start(instructions):
            await task
        await self.env.drain()
        self.check(idle=1)

    def check(self, idle: int, err: ErrorCause = ErrorCause.NONE) -> None:
        """Compare the status outputs."""
        dut = self.cfg.dut
        assert int(dut.err_o.value) == err, f"err_o is {int(dut.err_o.value)}, not {err!r}"
        assert int(dut.idle_o.value) == idle, f"idle_o is {int(dut.idle_o.value)}, not {idle}"

    def many(self, count: int, limits: Limits | None = None) -> list[Instruction]:
        """Random instructions."""
        return [self.draw.draw(limits or self.small) for _ in range(count)]

    def stall_all(self, profiles: Sequence[Stall]) -> None:
        """Draw a profile for each stream."""
        choose = rng("profiles", self.clocking.now())
        for agent in self.env.streams.values():
            agent.set_stalls(choose.choice(profiles))
