"""Tests of dtv1_srg0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyuvm
from cocotb.task import Task
from pyuvm import uvm_factory

from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.ipm import Unit
from reneta.golden.ipm_types import Side, Source
from reneta.golden.lists import Descriptor
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.stream_agent import StreamAgent
from reneta.verif.dtv1_srg0.env import Srg0Env, Srg0Predictor
from reneta.verif.ipm import tests
from reneta.verif.ipm.program import SPARSE, Instruction, Limits


class Srg0Test(tests.IpmUnitTest):
    """A test of the index reader."""

    env_type = Srg0Env
    env: Srg0Env

    def start(self, program: Sequence[Instruction]) -> list[Task[None]]:
        """Write the lists into the memory first."""
        for one in program:
            self.env.memory.update(one.entries(self.cfg.hw))
        return super().start(program)

    def feeds(self, program: Sequence[Instruction]) -> list[tests.Feed]:
        """The indices that are handed over, too."""
        handed = [(index,) for one in program if one.cfg.direct for step in one.indices for index in step]
        return [*super().feeds(program), (self.env.directs, handed)]


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
    """One read and one index, or word, a cycle, exactly as predicted."""

    procs = (*SPARSE, Proc.EWISE)

    def connect_phase(self) -> None:
        """Time the indices and words, too."""
        super().connect_phase()
        self.given: list[int] = []
        timer = AnalysisImp("given_timer", self, lambda _: self.given.append(self.clocking.now()))
        self.env.idx_outs[Unit.JOIN].ap.connect(timer)
        self.env.words.ap.connect(timer)

    def many(self, count: int, limits: Limits | None = None) -> list[Instruction]:
        """Random instructions that are its business: each of the others may cost a cycle."""
        return [one for one in super().many(count, limits) if self.taken(one)]

    @property
    def measured(self) -> StreamAgent:
        """Reads."""
        return self.env.reqs

    async def measure(self, program: Sequence[Instruction]) -> None:
        """What is given keeps the distances of its reads, where all of it is read."""
        self.given.clear()
        await super().measure(program)
        if any(one.cfg.direct for one in program):
            return
        latency = {given - read for given, read in zip(self.given, self.beats, strict=True)}
        assert len(latency) == 1, f"cycles from read to index or word: {sorted(latency)}"


@pyuvm.test()
class ErrorTest(Srg0Test, tests.ErrorBody):
    """Errors stop the unit with their cause."""

    async def more(self) -> None:
        """Bad indices, read and handed; lists and addends past the last word; sources that do not exist."""
        for proc in SPARSE:
            for position in (0, 7):
                for bad in (8, 9, (1 << self.cfg.hw.idx_w) + 1, 0xFFFF):
                    await self.stop(self.bad_index(proc, position, bad), ErrorCause.INDEX)
            for handed in range(8, 1 << self.cfg.hw.idx_w, 100):
                await self.stop(self.bad_index(proc, 3, handed, direct=1), ErrorCause.INDEX)
            for wraps in (False, True):
                await self.stop(self.past_the_end(proc, wraps), ErrorCause.ADDRESS)
        wide = () if self.cfg.hw.is_fp else (Source.WIDE,)
        await self.stop_sources("c_src", (5, 6, 7, *wide))
        for c_src in (Source.SMEM, Source.WIDE) if self.cfg.hw.is_fp else (Source.SMEM,):
            for c_seq in (0, 1, 0, 1):
                await self.stop(self.addend_past_the_end(c_src, c_seq), ErrorCause.ADDRESS)

    def addend_past_the_end(self, c_src: int, c_seq: int) -> Instruction:
        """An addend in order or a sequence, of which some words, not the first, are past the end."""
        hw, one = self.cfg.hw, self.draw.make(Proc.EWISE, 3, 1, 4)
        width = 1 + (c_src == Source.WIDE)
        stride, last = hw.max_m, hw.smem_words - 1
        near = last - self.draw.below(3 * 4 * width - 1)
        if c_seq:
            near = max(last - (one.cfg.step + stride + self.draw.below(stride)) * width, 0)
        fields = {"c_src": c_src, "c_seq": c_seq, "src2_addr": near, "stride": stride, "side": Side.NONE}
        return replace(one, cfg=replace(one.cfg, **fields))

    def bad_index(self, proc: int, position: int, bad: int, direct: int = 0) -> Instruction:
        """Two lists of a matrix of eight columns, with an index in the second that is above 7."""
        one = self.draw.make(proc, 1, 8, 2, counts=[5, 8], dram=self.draw.below(2), direct=direct)
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
        source = self.env.directs if self.env.predictor.awaits_handed else self.env.rsps
        port = source.cfg.port
        assert port.valid.value, "the bad index was taken"
        self.env.predictor.offer(port.read())
        assert self.env.predictor.bad_index, "the model finds no bad index"
        assert not self.env.surplus, f"{self.env.surplus} transactions too many came"
        assert not self.env.word_board.pending, "words are missing"
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
