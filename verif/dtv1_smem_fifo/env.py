"""Environment of dtv1_smem_fifo: an exact model of its words and flags, compared in every cycle."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple

from pyuvm import ConfigDB, uvm_analysis_port

from reneta.verif.common.analysis import Predictor
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.scoreboard import Scoreboard
from reneta.verif.common.stream_agent import Role


class Shape(NamedTuple):
    """Parameters of one FIFO of the testbench."""

    width: int
    depth: int


# As in tb_dtv1_smem_fifo.sv.
SHAPES = [Shape(8, 1), Shape(1, 2), Shape(33, 3), Shape(72, 4), Shape(16, 5)]


class Cycle(NamedTuple):
    """What the ports show at one rising edge."""

    valid_i: int
    ready_o: int
    data_i: int
    valid_o: int
    ready_i: int
    data_o: int


class Flags(NamedTuple):
    """The outputs that the model foresees; `data` is None where it is undefined."""

    ready: int
    valid: int
    data: int | None


@dataclass
class FifoCfg(EnvCfg):
    """Adds the FIFO in use."""

    shape: Shape = SHAPES[0]

    def select(self, index: int) -> None:
        """Use the FIFO with this index; a reset must follow."""
        self.shape = SHAPES[index]
        self.dut.sel_i.value = index


class FifoMonitor(PortMonitor):
    """Watches all ports."""

    cycle_type = Cycle


class FifoModel(Predictor):
    """The words inside: `ap` gives those that must leave, `flags` what the outputs must be in each cycle.

    `levels` gives how many words there are, for coverage.
    """

    def build_phase(self) -> None:
        """Make the outputs."""
        super().build_phase()
        self.cfg: FifoCfg = ConfigDB().get(self, "", CFG)
        self.flags = uvm_analysis_port("flags", self)
        self.levels = uvm_analysis_port("levels", self)
        self._words: deque[int] = deque()

    def reset(self) -> None:
        """Empty."""
        self._words.clear()

    def write(self, cycle: Cycle) -> None:
        """One cycle: a word shows in the cycle after it came."""
        shape, words = self.cfg.shape, self._words
        ready = len(words) < shape.depth
        self.flags.write(Flags(int(ready), int(bool(words)), words[0] if words else None))
        self.levels.write((len(words), cycle))
        if words and cycle.ready_i:
            self.ap.write((self.word(words.popleft()),))
        if ready and cycle.valid_i:
            words.append(cycle.data_i & (1 << shape.width) - 1)

    @property
    def pending(self) -> int:
        """Words inside."""
        return len(self._words)

    def word(self, word: int) -> int:
        """A word on its way out; the negative test overrides this."""
        return word


class FifoCoverage(CoverageBase):
    """How full each FIFO was, and what happened to it then."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        super().build_phase()
        self.cfg: FifoCfg = ConfigDB().get(self, "", CFG)

    def items(self) -> list[Any]:
        """Points and crosses of smem_fifo_cg."""
        depths = [shape.depth for shape in SHAPES]
        never = [("empty", "pop"), ("empty", "both"), ("full", "push"), ("full", "both")]
        return [
            point("smem_fifo_cg.cp_depth", lambda s: s[0], depths),
            point("smem_fifo_cg.cp_level", lambda s: s[1], ("empty", "partial", "full")),
            point("smem_fifo_cg.cp_action", lambda s: s[2], ("none", "push", "pop", "both")),
            point("smem_fifo_cg.cp_refused", lambda s: s[3], ("full", "empty")),
            # A FIFO of one word is never in between.
            cross(
                "smem_fifo_cg.cr_depth_level",
                ["smem_fifo_cg.cp_depth", "smem_fifo_cg.cp_level"],
                [("1", "partial")],
            ),
            cross(
                "smem_fifo_cg.cr_level_action",
                ["smem_fifo_cg.cp_level", "smem_fifo_cg.cp_action"],
                never,
            ),
        ]

    def write(self, seen: tuple[int, Cycle]) -> None:
        """One cycle."""
        words, cycle = seen
        depth = self.cfg.shape.depth
        level = "empty" if not words else "full" if words == depth else "partial"
        push, pop = cycle.valid_i & cycle.ready_o, cycle.valid_o & cycle.ready_i
        refused = (
            "full" if cycle.valid_i > cycle.ready_o else "empty" if cycle.ready_i > cycle.valid_o else ""
        )
        self.sample((depth, level, ("none", "push", "pop", "both")[push | pop << 1], refused))


class FlagScoreboard(Scoreboard):
    """Compares the model's flags with the ports of the same cycle."""

    def same(self, expected: Flags, actual: Cycle) -> bool:
        """Undefined data matches anything."""
        flags = (actual.ready_o, actual.valid_o) == expected[:2]
        return flags and expected.data in (None, actual.data_o)


class FifoEnv(BaseEnv):
    """Source and sink, a monitor of every cycle, the model, and a scoreboard each for words and flags."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        self.source = self.add_stream(Role.SOURCE, "source", "valid_i", "ready_o", {"data": "data_i"})
        self.sink = self.add_stream(Role.SINK, "sink", "valid_o", "ready_i", {"data": "data_o"})
        self.cycles = FifoMonitor.create("cycles", self)
        self.model = self.add_predictor(FifoModel, "model")
        self.words = self.add_scoreboard(name="words")
        self.flags = self.add_scoreboard(FlagScoreboard, "flags")
        self.coverage = FifoCoverage.create("coverage", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        self.cycles.ap.connect(self.model.analysis_export)
        self.cycles.ap.connect(self.flags.actual)
        self.model.flags.connect(self.flags.expected)
        self.model.levels.connect(self.coverage.analysis_export)
        self.model.ap.connect(self.words.expected)
        self.sink.ap.connect(self.words.actual)
