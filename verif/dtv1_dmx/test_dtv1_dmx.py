"""Tests of dtv1_dmx."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pyuvm
from pyuvm import uvm_factory

from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.ipm import Unit, addend_words, first_words, lists_sides, second_words, wanted
from reneta.golden.ipm_join import Joined
from reneta.golden.ipm_types import Side, Source
from reneta.verif.common.hw import rng
from reneta.verif.common.stream_agent import StreamAgent
from reneta.verif.dtv1_dmx.env import DmxEnv, DmxPredictor
from reneta.verif.ipm import tests
from reneta.verif.ipm.program import A_SOURCES, B_SOURCES, WALKED, Instruction, addend_sources


class DmxTest(tests.IpmUnitTest):
    """A test of the joiner."""

    env_type = DmxEnv
    env: DmxEnv

    def configure(self) -> None:
        """Make the source of words."""
        super().configure()
        self.random = rng("words")

    def feeds(self, program: Sequence[Instruction]) -> list[tests.Feed]:
        """Random words of all operands, for each column of each instruction."""
        counts = dict.fromkeys(self.env.words, 0)
        for one in program:
            if wanted(Unit.JOIN, one.cfg):
                first = "dram" if wanted(Unit.DRAM, one.cfg) else "src0"
                counts[first] += len(one.columns) * first_words(one.cfg)
                counts["src0"] += len(one.columns) * lists_sides(one.cfg)
                counts["src1"] += len(one.columns) * second_words(one.cfg)
                counts["src2"] += len(one.columns) * addend_words(one.cfg)
        words: list[tests.Feed] = [
            (agent, [agent.cfg.port.random_beat(self.random) for _ in range(counts[name])])
            for name, agent in self.env.words.items()
        ]
        return [*super().feeds(program), *words]


@pyuvm.test()
class ProcedureTest(DmxTest, tests.ProcedureBody):
    """Every procedure; EWISE with every choice of sources."""

    async def traffic(self) -> None:
        """All choices, too, with and without side beats."""
        await super().traffic()
        choices = product(A_SOURCES, B_SOURCES, addend_sources(self.cfg.hw), (Side.NONE, Side.VECTOR))
        await self.run([self.ewise(*choice) for choice in choices])

    def ewise(self, a_src: Source, b_src: Source, c_src: Source, side: Side) -> Instruction:
        """An instruction with these sources."""
        one = self.draw.make(Proc.EWISE, 1 + self.draw.below(3), 1, 1 + self.draw.below(3))
        side = Side.NONE if c_src is Source.WIDE else side
        return replace(one, cfg=replace(one.cfg, a_src=a_src, b_src=b_src, c_src=c_src, side=side))


@pyuvm.test()
class RandomTest(DmxTest, tests.RandomBody):
    """Random instructions and stalls."""


@pyuvm.test()
class StarvedTest(DmxTest, tests.StarvedBody):
    """Streams that bring or take something only now and then."""


@pyuvm.test()
class SizeTest(DmxTest, tests.SizeBody):
    """Largest matrices and lists, many steps."""


@pyuvm.test()
class ResetTest(DmxTest, tests.ResetBody):
    """Resets in the middle."""


@pyuvm.test()
class ThroughputTest(DmxTest, tests.ThroughputBody):
    """One operand word a cycle, exactly as predicted."""

    @property
    def measured(self) -> StreamAgent:
        """Operand words."""
        return self.env.opds


@pyuvm.test()
class ErrorTest(DmxTest, tests.ErrorBody):
    """Errors stop the unit with their cause."""

    async def more(self) -> None:
        """Side streams that the procedure has not."""
        for proc in WALKED:
            for dram in (0, 1):
                for side in Side:
                    await self.try_side(proc, dram, side)

    async def try_side(self, proc: Proc, dram: int, side: Side) -> None:
        """An instruction with this side stream, if it cannot have that."""
        one = self.draw.make(proc, 2, 3, 2, dram=dram)
        wide = Source.WIDE if self.cfg.hw.is_fp else Source.ONE
        cfg = replace(one.cfg, side=side, c_src=wide)
        possible = {
            Side.NONE: proc is not Proc.MOVE,
            Side.VECTOR: proc is Proc.EWISE and not self.cfg.hw.is_fp,
            Side.LIST: lists_sides(cfg),
            Side.RAW: proc is Proc.MOVE,
        }
        if not possible[side]:
            await self.stop(replace(one, cfg=cfg), ErrorCause.PROC)


class WrongPredictor(DmxPredictor):
    """Expects a wrong tag now and then."""

    def joined(self, joined: Joined) -> Joined:
        """Flip the lowest bit of the first one of every ninth column."""
        self.seen = getattr(self, "seen", 0) + 1
        if self.seen % 9 or not joined.operands:
            return joined
        first, *rest = joined.operands
        return joined._replace(operands=[first._replace(idx=first.idx ^ 1), *rest])


@pyuvm.test(expect_fail=True)
class NegativeTest(DmxTest, tests.CheckerBody):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong predictor in."""
        super().configure()
        uvm_factory().set_type_override_by_type(DmxPredictor, WrongPredictor)
