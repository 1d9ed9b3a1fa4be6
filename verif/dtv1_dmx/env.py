"""Environment of dtv1_dmx: sources for everything that it joins, a compute core that takes the operands."""

from __future__ import annotations

from collections import deque
from typing import ClassVar, NamedTuple

from pyuvm import uvm_analysis_port, uvm_subscriber

from reneta.golden.ipm import Column, Unit, addend_words, first_words, lists_sides, second_words, wanted
from reneta.golden.ipm_join import Joined, join
from reneta.golden.ipm_types import IpmCfg
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.stream_agent import Role
from reneta.verif.ipm.env import UnitEnv
from reneta.verif.ipm.predictor import WalkPredictor


class DmxPredictor(WalkPredictor):
    """Takes the words of `dram`, `src0`, `src1` and `src2`; gives operand words on `ap`.

    `addends` gives addends, `sides` side beats, and `done`, for each column from DRAM that is done, the words
    from DRAM that were used until then.
    """

    def build_phase(self) -> None:
        """Make the inputs."""
        self.done = uvm_analysis_port("done", self)
        self.addends = uvm_analysis_port("addends", self)
        self.sides = uvm_analysis_port("sides", self)
        self.dram_in = AnalysisImp("dram_in", self, lambda beat: self._take(self._dram, beat[0]))
        self.src0_in = AnalysisImp("src0_in", self, lambda beat: self._take(self._src0, beat[0]))
        self.src1_in = AnalysisImp("src1_in", self, lambda beat: self._take(self._src1, beat[0]))
        self.src2_in = AnalysisImp("src2_in", self, lambda beat: self._take(self._src2, beat[0]))
        super().build_phase()

    def reset(self) -> None:
        """No words are there."""
        super().reset()
        self._dram: deque[int] = deque()
        self._src0: deque[int] = deque()
        self._src1: deque[int] = deque()
        self._src2: deque[int] = deque()
        self._used = 0

    @property
    def pending(self) -> int:
        """Words that wait, too."""
        words = (self._dram, self._src0, self._src1, self._src2)
        return super().pending + sum(len(queue) for queue in words)

    def column(self, cfg: IpmCfg, column: Column) -> bool:
        """All words of a column, once they are all there."""
        index = self.index_of(cfg, column)
        from_dram = wanted(Unit.DRAM, cfg)
        needs = (
            (self._dram if from_dram else self._src0, first_words(cfg)),
            (self._src1, second_words(cfg)),
            (self._src2, addend_words(cfg)),
        )
        listed = lists_sides(cfg)
        if index is None or any(len(queue) < count for queue, count in needs):
            return False
        if listed and not self._src0:
            return False
        first, second, third = ([queue.popleft() for _ in range(count)] for queue, count in needs)
        element = self._src0.popleft() if listed else 0
        joined = self.joined(join(cfg, index, first, second, third, self.hw, element))
        for operand in joined.operands:
            self.ap.write(operand)
        for addend in joined.addends:
            self.addends.write((addend,))
        for beat in joined.sides:
            self.sides.write(beat)
        if from_dram:
            self._used += len(first)
            self.done.write((self._used,))
        return True

    def joined(self, joined: Joined) -> Joined:
        """What becomes of a column; the negative test overrides this."""
        return joined

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
    """Operand words, addends and side beats go to sinks."""

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
            for name in ("dram", "src0", "src1", "src2")
        }
        payload = {"a": "opd_a_o", "b": "opd_b_o", "idx": "opd_idx_o"}
        self.opds = self.add_stream(Role.SINK, "opd", "opd_valid_o", "opd_ready_i", payload)
        sides = {"side0": "side0_o", "side1": "side1_o"}
        self.adds = self.add_stream(Role.SINK, "add", "add_valid_o", "add_ready_i", {"add": "add_o"})
        self.sides = self.add_stream(Role.SINK, "side", "side_valid_o", "side_ready_i", sides)
        self.cycles = CycleMonitor.create("cycles", self)
        self.done = DoneCounter.create("done", self)
        self.board, self.done_board = self.add_board("opd"), self.add_board("done")
        self.addend_board, self.side_board = self.add_board("add"), self.add_board("side")

    def connect_phase(self) -> None:
        """Connect everything."""
        super().connect_phase()
        self.words["dram"].ap.connect(self.predictor.dram_in)
        self.words["src0"].ap.connect(self.predictor.src0_in)
        self.words["src1"].ap.connect(self.predictor.src1_in)
        self.words["src2"].ap.connect(self.predictor.src2_in)
        self.predictor.addends.connect(self.addend_board.expected)
        self.adds.ap.connect(self.addend_board.actual)
        self.predictor.sides.connect(self.side_board.expected)
        self.sides.ap.connect(self.side_board.actual)
        self.predictor.ap.connect(self.board.expected)
        self.opds.ap.connect(self.board.actual)
        self.predictor.done.connect(self.done_board.expected)
        self.cycles.ap.connect(self.done.analysis_export)
        self.done.ap.connect(self.done_board.actual)

    def forget(self) -> None:
        """No words have come."""
        super().forget()
        self.done.used = 0
