"""Tests of dtv1_srg0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyuvm
from cocotb.task import Task
from pyuvm import uvm_factory

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.ipm import Unit
from reneta.golden.lists import Descriptor
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.stream_agent import StreamAgent
from reneta.verif.dtv1_srg0.env import Srg0Env, Srg0Predictor
from reneta.verif.ipm import tests
from reneta.verif.ipm.program import SPARSE, Instruction


class Srg0Test(tests.IpmUnitTest):
    """A test of the index reader."""

    env_type = Srg0Env
    env: Srg0Env

    def start(self, program: Sequence[Instruction]) -> list[Task[None]]:
        """Write the lists into the memory first."""
        for one in program:
            self.env.memory.update(one.entries(self.cfg.hw))
        return super().start(program)


@pyuvm.test()
class ProcedureTest(Srg0Test, tests.ProcedureBody):
    """Every procedure."""


@pyuvm.test()
class RandomTest(Srg0Test, tests.RandomBody):
    """Random instructions and stalls."""


@pyuvm.test()
class StarvedTest(Srg0Test, tests.StarvedBody):
    """Streams that bring or take something only now and then."""


@pyuvm.test()
class SizeTest(Srg0Test, tests.SizeBody):
    """Largest lists, many steps."""


@pyuvm.test()
class ResetTest(Srg0Test, tests.ResetBody):
    """Resets in the middle."""


@pyuvm.test()
class ThroughputTest(Srg0Test, tests.ThroughputBody):
    """One read and one index a cycle, exactly as predicted; dense instructions pass ahead of all that."""

    procs = SPARSE

    def connect_phase(self) -> None:
        """Time the indices, too."""
        super().connect_phase()
        self.indices: list[int] = []
        timer = AnalysisImp("index_timer", self, lambda _: self.indices.append(self.clocking.now()))
        self.env.idx_outs[Unit.JOIN].ap.connect(timer)

    @property
    def measured(self) -> StreamAgent:
        """Reads."""
        return self.env.reqs

    async def measure(self, program: Sequence[Instruction]) -> None:
        """The indices keep the distances of their reads."""
        self.indices.clear()
        await super().measure(program)
        latency = {index - read for index, read in zip(self.indices, self.beats, strict=True)}
        assert len(latency) == 1, f"cycles from read to index: {sorted(latency)}"


@pyuvm.test()
class ErrorTest(Srg0Test, tests.ErrorBody):
    """Errors stop the unit with their cause."""

    async def more(self) -> None:
        """Indices that are not in the matrix, and lists that run past the last word."""
        for proc in SPARSE:
            for position in (0, 7):
                for bad in (8, 9, (1 << self.cfg.hw.idx_w) + 1, 0xFFFF):
                    await self.stop(self.bad_index(proc, position, bad), ErrorCause.INDEX)
            for wraps in (False, True):
                await self.stop(self.past_the_end(proc, wraps), ErrorCause.ADDRESS)

    def bad_index(self, proc: int, position: int, bad: int) -> Instruction:
        """Two lists of a matrix of eight columns, with an index in the second that is above 7."""
        one = self.draw.make(proc, 1, 8, 2, counts=[5, 8], dram=self.draw.below(2))
        second = list(one.indices[1])
        second[position] = bad
        return replace(one, indices=[one.indices[0], second])

    def past_the_end(self, proc: int, wraps: bool) -> Instruction:
        """A list whose last words are past the end of SMEM; `wraps`: its own words are, in a region at 0."""
        hw = self.cfg.hw
        count = 3 * hw.num_pe
        one = self.draw.make(proc, 1, count, counts=[count], dram=self.draw.below(2))
        word = hw.smem_words - 1 - self.draw.below(2)
        head = Descriptor(word if wraps else self.draw.below(word), self.draw.below(hw.num_pe), count)
        return replace(one, cfg=replace(one.cfg, src2_addr=word - head.word), descriptors=[head])

    def check_stopped(self, cause: ErrorCause) -> None:
        """After a bad index no index leaves; reads that were on their way do not matter."""
        if cause is not ErrorCause.INDEX:
            super().check_stopped(cause)
            return
        port = self.env.rsps.cfg.port
        assert port.valid.value, "the bad index was taken"
        self.env.predictor.offer(port.read())
        assert self.env.predictor.bad_index, "the model finds no bad index"
        assert not self.env.surplus, f"{self.env.surplus} transactions too many came"
        for unit, board in self.env.idx_boards.items():
            assert not board.pending, f"{board.pending} indices for {unit} are missing"


class WrongPredictor(Srg0Predictor):
    """Expects a wrong index now and then."""

    def index(self, index: int) -> int:
        """Flip the lowest bit of every ninth."""
        self.seen = getattr(self, "seen", 0) + 1
        return index ^ int(self.seen % 9 == 0)


@pyuvm.test(expect_fail=True)
class NegativeTest(Srg0Test, tests.CheckerBody):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong predictor in."""
        super().configure()
        uvm_factory().set_type_override_by_type(Srg0Predictor, WrongPredictor)
