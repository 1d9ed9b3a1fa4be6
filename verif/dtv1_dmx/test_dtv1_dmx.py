"""Tests of dtv1_dmx."""

from __future__ import annotations

from collections.abc import Sequence

import pyuvm
from pyuvm import uvm_factory

from reneta.golden.ipm import Operand, Unit, second_words, wanted
from reneta.verif.common.hw import rng
from reneta.verif.common.stream_agent import StreamAgent
from reneta.verif.dtv1_dmx.env import DmxEnv, DmxPredictor
from reneta.verif.ipm import tests
from reneta.verif.ipm.program import Instruction


class DmxTest(tests.IpmUnitTest):
    """A test of the joiner."""

    env_type = DmxEnv
    env: DmxEnv

    def configure(self) -> None:
        """Make the source of words."""
        super().configure()
        self.random = rng("words")

    def feeds(self, program: Sequence[Instruction]) -> list[tests.Feed]:
        """Random words of both operands, for each column of each instruction."""
        counts = dict.fromkeys(self.env.words, 0)
        for one in program:
            if wanted(Unit.JOIN, one.cfg):
                first = "dram" if wanted(Unit.DRAM, one.cfg) else "src0"
                counts[first] += len(one.columns) * (one.cfg.cnt0 + 1)
                counts["src1"] += len(one.columns) * second_words(one.cfg)
        words: list[tests.Feed] = [
            (agent, [agent.cfg.port.random_beat(self.random) for _ in range(counts[name])])
            for name, agent in self.env.words.items()
        ]
        return [*super().feeds(program), *words]


@pyuvm.test()
class ProcedureTest(DmxTest, tests.ProcedureBody):
    """Every procedure."""


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


class WrongPredictor(DmxPredictor):
    """Expects a wrong tag now and then."""

    def operand(self, operand: Operand) -> Operand:
        """Flip the lowest bit of every ninth."""
        self.seen = getattr(self, "seen", 0) + 1
        return operand._replace(idx=operand.idx ^ int(self.seen % 9 == 0))


@pyuvm.test(expect_fail=True)
class NegativeTest(DmxTest, tests.CheckerBody):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong predictor in."""
        super().configure()
        uvm_factory().set_type_override_by_type(DmxPredictor, WrongPredictor)
