"""Environment of dtv1_fifo: an exact model of its words and flags, compared in every cycle."""

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
    fwft: bool

    @property
    def label(self) -> str:
        """Name in coverage and messages."""
        return f"{'fwft' if self.fwft else 'plain'}_{self.depth}"

    @property
    def latency(self) -> int:
        """Cycles from a word's acceptance to its `valid_o`."""
        return 2 if self.fwft else 1


# As in tb_dtv1_fifo.sv.
_SIZES = ((8, 1), (1, 2), (33, 3), (16, 5), (72, 64))
SHAPES = [Shape(width, depth, fwft) for fwft in (True, False) for width, depth in _SIZES]


class Cycle(NamedTuple):
    """What the ports show at one rising edge."""

    clr_i: int
    valid_i: int
    ready_o: int
    data_i: int
    valid_o: int
    ready_i: int
    data_o: int
    count_o: int


class Flags(NamedTuple):
    """The outputs that the model foresees; `data` is None where it is undefined."""

    ready: int
    valid: int
    words: int
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
    """Words with the cycle of their acceptance: all that a FIFO shows follows from them.

    `ap` gives the words that must leave, `flags` what the outputs must be in each cycle.
    """

    def build_phase(self) -> None:
        """Make the outputs."""
        super().build_phase()
        self.cfg: FifoCfg = ConfigDB().get(self, "", CFG)
        self.flags = uvm_analysis_port("flags", self)
        self.reset()

    def reset(self) -> None:
        """Empty, and nothing known of the output."""
        self._words: deque[tuple[int, int]] = deque()
        self._taken: int | None = None
        self._now = 0

    def write(self, cycle: Cycle) -> None:
        """One cycle."""
        shape, words = self.cfg.shape, self._words
        self._now += 1
        count = len(words)
        ready = count < shape.depth
        valid = bool(words) and words[0][0] <= self._now - shape.latency
        shown = (words[0][1] if valid else None) if shape.fwft else self._taken
        self.flags.write(Flags(int(ready), int(valid), count, shown))
        if valid and cycle.ready_i:
            self._taken = self.word(words.popleft()[1])
            self.ap.write((self._taken,))
        if ready and cycle.valid_i:
            words.append((self._now, cycle.data_i & (1 << shape.width) - 1))
        if cycle.clr_i:
            words.clear()

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
        """Points and crosses of fifo_cg."""
        levels, actions = ("empty", "partial", "full"), ("none", "push", "pop", "both")
        return [
            point("fifo_cg.cp_shape", lambda s: s[0], [shape.label for shape in SHAPES]),
            point("fifo_cg.cp_level", lambda s: s[1], levels),
            point("fifo_cg.cp_action", lambda s: s[2], actions),
            point("fifo_cg.cp_refused", lambda s: s[3], ["full", "empty"]),
            point("fifo_cg.cp_clear", lambda s: s[4], [f"{level}_{action}" for level, action in CLEARS]),
            # A FIFO of one word is never in between.
            cross(
                "fifo_cg.cr_shape_level",
                ["fifo_cg.cp_shape", "fifo_cg.cp_level"],
                [("fwft_1", "partial"), ("plain_1", "partial")],
            ),
            cross(
                "fifo_cg.cr_level_action",
                ["fifo_cg.cp_level", "fifo_cg.cp_action"],
                [("empty", "pop"), ("empty", "both"), ("full", "push"), ("full", "both")],
            ),
        ]

    def write(self, cycle: Cycle) -> None:
        """One cycle."""
        shape = self.cfg.shape
        level = "empty" if not cycle.count_o else "full" if cycle.count_o == shape.depth else "partial"
        push, pop = cycle.valid_i & cycle.ready_o, cycle.valid_o & cycle.ready_i
        action = ("none", "push", "pop", "both")[push | pop << 1]
        refused = (
            "full" if cycle.valid_i > cycle.ready_o else "empty" if cycle.ready_i > cycle.valid_o else ""
        )
        self.sample((shape.label, level, action, refused, f"{level}_{action}" if cycle.clr_i else ""))


# Levels and actions at which a clear must have come.
CLEARS = [
    *(("empty", "none"), ("empty", "push"), ("partial", "none"), ("partial", "push")),
    *(("partial", "pop"), ("partial", "both"), ("full", "none"), ("full", "pop")),
]


class FlagScoreboard(Scoreboard):
    """Compares the model's flags with the ports of the same cycle."""

    def same(self, expected: Flags, actual: Cycle) -> bool:
        """Undefined data matches anything."""
        seen = (actual.ready_o, actual.valid_o, actual.count_o)
        return seen == expected[:3] and expected.data in (None, actual.data_o)


class FifoEnv(BaseEnv):
    """Source and sink, a monitor of every cycle, the model, and a scoreboard each for words and flags."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        # A clear withdraws an offered word; that words stay otherwise is part of the flags' compare.
        self.source = self.add_stream(Role.SOURCE, "source", "valid_i", "ready_o", {"data": "data_i"})
        self.sink = self.add_stream(
            Role.SINK, "sink", "valid_o", "ready_i", {"data": "data_o"}, check_stable=False
        )
        self.cycles = FifoMonitor.create("cycles", self)
        self.model = self.add_predictor(FifoModel, "model")
        self.words = self.add_scoreboard(name="words")
        self.flags = self.add_scoreboard(FlagScoreboard, "flags")
        self.coverage = FifoCoverage.create("coverage", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        self.cycles.ap.connect(self.model.analysis_export)
        self.cycles.ap.connect(self.flags.actual)
        self.cycles.ap.connect(self.coverage.analysis_export)
        self.model.flags.connect(self.flags.expected)
        self.model.ap.connect(self.words.expected)
        self.sink.ap.connect(self.words.actual)

    def use(self, index: int) -> None:
        """Switch to another FIFO; a reset must follow."""
        cfg: Any = self.cfg
        cfg.select(index)
        self.sink.cfg.payload_latency = 0 if cfg.shape.fwft else 1
