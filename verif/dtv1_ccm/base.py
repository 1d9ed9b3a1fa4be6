"""What the tests of dtv1_ccm have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cocotb
from cocotb.task import Task

from reneta.golden.ccm_timing import Timing
from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.verif.common.analysis import AnalysisImp
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
        self.given = 0  # instructions since the last reset of a test

    def start(self, instructions: Sequence[Instruction]) -> list[Task[Any]]:
        """Begin to send all words of these instructions; the tasks end when the drivers have taken them."""
        streams: list[tuple[StreamAgent, Iterable[Beat]]] = [
            (self.env.cfgs, [(i.cfg.pack(self.cfg.hw),) for i in instructions]),
            (self.env.cnts, [(count,) for i in instructions for count in i.counts]),
            (self.env.opds, [beat for i in instructions for beat in i.operand_beats]),
            (self.env.adds, [(word,) for i in instructions for word in i.addend_words]),
        ]
        self.given += len(instructions)
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

    async def reset_all(self, tasks: Iterable[Task[Any]] = ()) -> None:
        """Cancel the tasks that send, and reset design and environment."""
        for task in tasks:
            task.cancel()
        await self.env.reset()
        self.given = 0

    def many(self, count: int, limits: Limits | None = None) -> list[Instruction]:
        """Random instructions."""
        return [self.draw.draw(limits or self.small) for _ in range(count)]

    def stall_all(self, profiles: Sequence[Stall]) -> None:
        """Draw a profile for each stream."""
        choose = rng("profiles", self.clocking.now())
        for agent in self.env.streams.values():
            agent.set_stalls(choose.choice(profiles))


class TimedTest(CcmTest):
    """Compares the cycles that instructions take with the predicted ones."""

    def connect_phase(self) -> None:
        """Note the cycle of every operand word and of every beat of the results."""
        self.accepted: list[int] = []
        self.left: list[int] = []
        accepted = AnalysisImp("accepted", self, lambda _: self.accepted.append(self.clocking.now()))
        left = AnalysisImp("left", self, lambda _: self.left.append(self.clocking.now()))
        self.env.opds.ap.connect(accepted)
        self.env.results.ap.connect(left)

    async def measure(self, instructions: Sequence[Instruction], exact_words: bool = False) -> None:
        """Run between two marks, whose operand words are the first and the last that are accepted."""
        mark = self.draw.sized(Proc.MTXV, self.cfg.hw.num_pe, 1)
        timing = await self._timed([mark, *instructions, mark])
        taken, words = self.accepted[-1] - self.accepted[0], len(self.accepted)
        self.logger.info(
            "%d operand words accepted in %d cycles, predicted %d", words, taken + 1, timing.nest + 1
        )
        assert taken == timing.nest, f"{taken} cycles between first and last word, predicted {timing.nest}"
        if exact_words:
            assert taken + 1 == words, f"{words} operand words took {taken + 1} cycles"

    async def measure_drain(self, instructions: Sequence[Instruction]) -> int:
        """Run what begins with an operand and ends with a drain; the cycles until its last word has left."""
        timing = await self._timed(instructions)
        taken, predicted = self.left[-1] - self.accepted[0], timing.drained()
        assert taken == predicted, f"{taken} cycles from first operand to last result, predicted {predicted}"
        return taken + 1

    async def _timed(self, instructions: Sequence[Instruction]) -> Timing:
        timing = Timing(self.cfg.hw)
        for instruction in instructions:
            timing.run(instruction.cfg, instruction.counts, instruction.indices)
        self.accepted.clear()
        self.left.clear()
        await self.run(instructions)
        return timing
