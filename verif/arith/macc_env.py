"""Environment of a PE array: words in any mode go in, results leave on two ports at known cycles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from pyuvm import ConfigDB, uvm_analysis_port

from reneta.golden.arith import Arithmetic
from reneta.golden.arrays import Array
from reneta.golden.ccm_types import Mode
from reneta.verif.arith.lanes import Lanes
from reneta.verif.arith.macc_coverage import SUMS, ColumnCoverage, ResultCoverage, Word
from reneta.verif.common.analysis import Predictor
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.clocking import Clocking
from reneta.verif.common.scoreboard import Scoreboard
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import Role

# Fields of a word in the order of its beat, with their ports. The testbench delays acc_i to where it belongs.
WORD = {name: f"{name}_i" for name in ("mode", "zero", "neg", "last", "a", "b", "acc")}


@dataclass(frozen=True)
class MaccKind:
    """What tells the two arrays apart.

    Attributes:
        arith: golden arithmetic.
        operand: lanes of both operands.
        acc: lanes of accumulators.
        par_lat: cycles from a word to its parallel result.
        cas_lat: cycles from a column's last word to its sum.
        neutral: the product that changes no accumulator.
        classes: labels of results, for coverage.
        rare: those among them that no column is likely to give.
        classify: index into `classes` of patterns.
    """

    arith: Arithmetic
    operand: Lanes
    acc: Lanes
    par_lat: int
    cas_lat: int
    neutral: float
    classes: tuple[str, ...]
    rare: tuple[str, ...]
    classify: Callable[[Array], Array]


@dataclass
class MaccCfg(EnvCfg):
    """Adds the kind of array."""

    kind: MaccKind = field(init=False)


class Timed(NamedTuple):
    """A result and the cycle in which it leaves."""

    cycle: int
    word: int


class Stamp(Predictor):
    """Adds the present cycle to what passes."""

    def write(self, beat: Beat) -> None:
        """One result."""
        self.ap.write(Timed(Clocking.now(), beat[0]))


class MaccModel(Predictor):
    """The golden array: `ap` gives parallel results, `sums` those of columns; the rest is for coverage."""

    def build_phase(self) -> None:
        """Make the outputs."""
        super().build_phase()
        cfg: MaccCfg = ConfigDB().get(self, "", CFG)
        self.kind, self.num_pe = cfg.kind, cfg.hw.num_pe
        for name in ("sums", "words", "par_values", "cas_values"):
            setattr(self, name, uvm_analysis_port(name, self))
        self._column: list[Array] = []

    def reset(self) -> None:
        """Forget the open column."""
        self._column.clear()

    def write(self, beat: Beat) -> None:
        """One word."""
        mode, zero, neg, last, a, b, acc = beat
        kind, now = self.kind, Clocking.now()
        elementwise = mode == Mode.ELEMENTWISE
        if zero:
            product = np.full(self.num_pe, kind.neutral, kind.arith.acc_dtype)
        else:
            first, second = (kind.operand.unpack(factor, self.num_pe) for factor in (a, b))
            product = kind.arith.product(first, second, negate=bool(neg and elementwise))
        if mode == Mode.CASCADE:
            self._column.append(product)
            if last:
                total = kind.arith.cascade(np.array(self._column))
                self._column.clear()
                self.announce(self.sums, now + kind.cas_lat, total[None], self.cas_values)
        else:
            start = kind.acc.unpack(acc, self.num_pe).view(kind.arith.acc_dtype)
            total = kind.arith.accumulate(start, product)
            self.announce(self.ap, now + kind.par_lat, total, self.par_values)
        self.words.write(Word(now, Mode(mode), bool(zero), bool(neg), bool(last)))

    def announce(self, to: Any, cycle: int, total: Array, values: Any) -> None:
        """Publish a result; the negative tests override this."""
        patterns = total.view(self.kind.acc.dtype)
        (word,) = self.kind.acc.pack(patterns[None])
        to.write(Timed(cycle, word))
        values.write({"result": patterns})


class LaneScoreboard(Scoreboard):
    """Compares results and their cycles."""

    def build_phase(self) -> None:
        """Look up the lanes' width."""
        super().build_phase()
        cfg: MaccCfg = ConfigDB().get(self, "", CFG)
        self._width = cfg.kind.acc.width

    def show(self, transaction: Timed) -> str:
        """Cycle and lanes in hex, from lane 0 up."""
        lanes: list[str] = []
        word = transaction.word
        while word or not lanes:
            lanes.append(f"{word & (1 << self._width) - 1:x}")
            word >>= self._width
        return f"in cycle {transaction.cycle}: {' '.join(lanes)}"


class MaccEnv(BaseEnv):
    """A source of words, two outputs, the model, a scoreboard for each output, coverage."""

    cfg: MaccCfg

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        self.words = self.add_stream(Role.SOURCE, "words", "valid_i", None, WORD)
        self.par = self.add_stream(Role.PASSIVE, "par", "par_valid_o", None, {"par": "par_o"})
        self.cas = self.add_stream(Role.PASSIVE, "cas", "cas_valid_o", None, {"cas": "cas_o"})
        self.model = self.add_predictor(MaccModel, "model")
        self.par_stamp = self.add_predictor(Stamp, "par_stamp")
        self.cas_stamp = self.add_predictor(Stamp, "cas_stamp")
        self.par_board = self.add_scoreboard(LaneScoreboard, "par_board")
        self.cas_board = self.add_scoreboard(LaneScoreboard, "cas_board")
        self.columns = ColumnCoverage.create("columns", self)
        self.par_results = ResultCoverage.create("par_results", self)
        self.cas_results = ResultCoverage.create(SUMS, self)

    def connect_phase(self) -> None:
        """Connect everything."""
        model = self.model
        self.words.ap.connect(model.analysis_export)
        for output, stamp, expected, board, values, results in (
            (self.par, self.par_stamp, model.ap, self.par_board, model.par_values, self.par_results),
            (self.cas, self.cas_stamp, model.sums, self.cas_board, model.cas_values, self.cas_results),
        ):
            output.ap.connect(stamp.analysis_export)
            stamp.ap.connect(board.actual)
            expected.connect(board.expected)
            values.connect(results.analysis_export)
        model.words.connect(self.columns.analysis_export)

    def forget(self) -> None:
        """Also tell the coverage what the reset cuts off."""
        self.columns.cut_off()
        super().forget()
