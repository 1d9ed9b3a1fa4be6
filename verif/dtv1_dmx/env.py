"""Environment of dtv1_dmx: sources for everything that it joins, a compute core that takes the operands."""

from __future__ import annotations

from collections import deque
from typing import ClassVar, NamedTuple

from pyuvm import uvm_analysis_port, uvm_subscriber

from reneta.golden.ipm import Column, Operand, Unit, operand_words, second_words, wanted
from reneta.golden.ipm_types import IpmCfg
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.stream_agent import Role
from reneta.verif.ipm.env import UnitEnv
from reneta.verif.ipm.predictor import WalkPredictor


class DmxPredictor(WalkPredictor):
    """Takes the words of `dram`, `src0` and `src1`; gives operand words on `ap`.

    `done` gives, for each column from DRAM that is done, the words from DRAM that were used until then.
    """

    def build_phase(self) -> None:
        """Make the inputs."""
        self.done = uvm_analysis_port("done", self)
        self.dram_in = AnalysisImp("dram_in", self, lambda beat: self._take(self._dram, beat[0]))
        self.src0_in = AnalysisImp("src0_in", self, lambda beat: self._take(self._src0, beat[0]))
        self.src1_in = AnalysisImp("src1_in", self, lambda beat: self._take(self._src1, beat[0]))
        super().build_phase()

    def reset(self) -> None:
        """No words are there."""
        super().reset()
        self._dram: deque[int] = deque()
        self._src0: deque[int] = deque()
        self._src1: deque[int] = deque()
        self._used = 0

    @property
    def pending(self) -> int:
        """Words that wait, too."""
        return super().pending + len(self._dram) + len(self._src0) + len(self._src1)

    def column(self, cfg: IpmCfg, column: Column) -> bool:
        """All words of a column, once they are all there."""
        index = self.index_of(cfg, column)
        groups, seconds = cfg.cnt0 + 1, second_words(cfg)
        from_dram = wanted(Unit.DRAM, cfg)
        source = self._dram if from_dram else self._src0
        if index is None or len(source) < groups or len(self._src1) < seconds:
            return False
        first = [source.popleft() for _ in range(groups)]
        second = [self._src1.popleft() for _ in range(seconds)]
        for operand in operand_words(cfg, index, first, second, self.hw):
            self.ap.write(self.operand(operand))
        if from_dram:
            self._used += groups
            self.done.write((self._used,))
        return True

    def operand(self, operand: Operand) -> Operand:
        """An operand word; the negative test overrides this."""
        return operand

    def _take(self, words: deque[int], word: int) -> None:
        words.append(word)
        self.advance()


class Cycle(NamedTuple):
    """What the ports show at one rising edge."""

    dram_valid_i: int
    dram_ready_o: int
    col_done_o: int


class CycleMonitor(PortMonitor):
    """Watches the words from DRAM."""

    cycle_type = Cycle


class DoneCounter(uvm_subscriber):
    """Publishes, for each column that is done, the words from DRAM that were used until then."""

    def build_phase(self) -> None:
        """None at first."""
        self.ap = uvm_analysis_port("ap", self)
        self.used = 0

    def write(self, cycle: Cycle) -> None:
        """One cycle."""
        self.used += cycle.dram_valid_i & cycle.dram_ready_o
        if cycle.col_done_o:
            self.ap.write((self.used,))


class DmxEnv(UnitEnv):
    """Operand words go to a sink."""

    predictor_type = DmxPredictor
    predictor: DmxPredictor
    units: ClassVar[tuple[Unit, ...]] = (Unit.JOIN,)

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        self.words = {
            name: self.add_stream(
                Role.SOURCE, name, f"{name}_valid_i", f"{name}_ready_o", {"word": f"{name}_i"}
            )
            for name in ("dram", "src0", "src1")
        }
        payload = {"a": "opd_a_o", "b": "opd_b_o", "idx": "opd_idx_o"}
        self.opds = self.add_stream(Role.SINK, "opd", "opd_valid_o", "opd_ready_i", payload)
        self.cycles = CycleMonitor.create("cycles", self)
        self.done = DoneCounter.create("done", self)
        self.board, self.done_board = self.add_board("opd"), self.add_board("done")

    def connect_phase(self) -> None:
        """Connect everything."""
        super().connect_phase()
        self.words["dram"].ap.connect(self.predictor.dram_in)
        self.words["src0"].ap.connect(self.predictor.src0_in)
        self.words["src1"].ap.connect(self.predictor.src1_in)
        self.predictor.ap.connect(self.board.expected)
        self.opds.ap.connect(self.board.actual)
        self.predictor.done.connect(self.done_board.expected)
        self.cycles.ap.connect(self.done.analysis_export)
        self.done.ap.connect(self.done_board.actual)

    def forget(self) -> None:
        """No words have come."""
        super().forget()
        self.done.used = 0
