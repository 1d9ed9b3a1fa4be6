"""Environment of a FIFO: an exact model of its words and flags, compared in every cycle."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from pyuvm import ConfigDB, uvm_analysis_port

from reneta.verif.common.analysis import Predictor
from reneta.verif.common.base_env import CFG, BaseEnv
from reneta.verif.common.coverage import CoverageBase, cross, point
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.scoreboard import Scoreboard
from reneta.verif.common.stream_agent import Role
from reneta.verif.memory.shapes import ShapeCfg


class FifoShape(NamedTuple):
    """Parameters of one FIFO, and the cycles from a word's acceptance to its `valid_o`.

    A FIFO that falls through (`fwft`) shows the word with `valid_o`, another one a cycle after it was taken.
    """

    width: int
    depth: int
    latency: int
    fwft: bool = True

    @property
    def label(self) -> str:
        """Name in coverage and messages."""
        return f"{'fwft' if self.fwft else 'plain'}_{self.depth}"


@dataclass
class FifoCfg(ShapeCfg):
    """Adds the FIFO in use; subclasses list the shapes."""

    shapes: ClassVar[Sequence[FifoShape]]


class FifoCycle(NamedTuple):
    """What the ports show at one rising edge; a FIFO with more ports has a type of its own."""

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
    words: int
    data: int | None


class FifoMonitor(PortMonitor):
    """Watches all ports."""

    cycle_type = FifoCycle


class FifoModel(Predictor):
    """Words with the cycle of their acceptance: all that a FIFO shows follows from them.

    `ap` gives the words that must leave, `flags` what the outputs must be in each cycle, `levels` the number
    of words and the cycle, for coverage.
    """

    def build_phase(self) -> None:
        """Make the outputs."""
        super().build_phase()
        self.cfg: FifoCfg = ConfigDB().get(self, "", CFG)
        self.flags = uvm_analysis_port("flags", self)
        self.levels = uvm_analysis_port("levels", self)
        self.reset()

    def reset(self) -> None:
        """Empty, and nothing known of the output."""
        self._words: deque[tuple[int, int]] = deque()
        self._taken: int | None = None
        self._now = 0

    def write(self, cycle: Any) -> None:
        """One cycle."""
        shape, words = self.cfg.shape, self._words
        self._now += 1
        count = len(words)
        ready = count < shape.depth
        valid = bool(words) and words[0][0] <= self._now - shape.latency
        shown = (words[0][1] if valid else None) if shape.fwft else self._taken
        self.flags.write(Flags(int(ready), int(valid), count, shown))
        self.levels.write((count, cycle))
        if valid and cycle.ready_i:
            self._taken = self.word(words.popleft()[1])
            self.ap.write((self._taken,))
        if ready and cycle.valid_i:
            words.append((self._now, cycle.data_i & (1 << shape.width) - 1))

    def clear(self) -> None:
        """Drop all words."""
        self._words.clear()

    @property
    def pending(self) -> int:
        """Words inside."""
        return len(self._words)

    def word(self, word: int) -> int:
        """A word on its way out; the negative test overrides this."""
        return word


class SpoiltWords(FifoModel):
    """For a negative test: foresees a wrong bit in every seventh word."""

    seen = 0

    def word(self, word: int) -> int:
        """Flip the low bit now and then."""
        self.seen += 1
        return word ^ int(self.seen % 7 == 0)


class Seen(NamedTuple):
    """A cycle in the terms of coverage."""

    shape: str
    level: str
    action: str
    refused: str
    cycle: Any


class FifoCoverage(CoverageBase):
    """How full each FIFO was, and what happened to it then."""

    # Set by subclasses: the name of the group.
    group: ClassVar[str]

    def build_phase(self) -> None:
        """Look up the configuration."""
        self.cfg: FifoCfg = ConfigDB().get(self, "", CFG)
        super().build_phase()

    def items(self) -> list[Any]:
        """Points and crosses."""
        group, shapes = self.group, self.cfg.shapes
        return [
            point(f"{group}.cp_shape", lambda s: s.shape, [shape.label for shape in shapes]),
            point(f"{group}.cp_level", lambda s: s.level, ("empty", "partial", "full")),
            point(f"{group}.cp_action", lambda s: s.action, ("none", "push", "pop", "both")),
            point(f"{group}.cp_refused", lambda s: s.refused, ("full", "empty")),
            # A FIFO of one word is never in between.
            cross(
                f"{group}.cr_shape_level",
                [f"{group}.cp_shape", f"{group}.cp_level"],
                [(shape.label, "partial") for shape in shapes if shape.depth == 1],
            ),
            cross(
                f"{group}.cr_level_action",
                [f"{group}.cp_level", f"{group}.cp_action"],
                [("empty", "pop"), ("empty", "both"), ("full", "push"), ("full", "both")],
            ),
        ]

    def write(self, seen: tuple[int, Any]) -> None:
        """One cycle."""
        words, cycle = seen
        shape = self.cfg.shape
        level = "empty" if not words else "full" if words == shape.depth else "partial"
        push, pop = cycle.valid_i & cycle.ready_o, cycle.valid_o & cycle.ready_i
        action = ("none", "push", "pop", "both")[push | pop << 1]
        refused = (
            "full" if cycle.valid_i > cycle.ready_o else "empty" if cycle.ready_i > cycle.valid_o else ""
        )
        self.sample(Seen(shape.label, level, action, refused, cycle))


class FlagScoreboard(Scoreboard):
    """Compares the model's flags with the ports of the same cycle."""

    def same(self, expected: Flags, actual: Any) -> bool:
        """Undefined data matches anything."""
        flags = (actual.ready_o, actual.valid_o) == (expected.ready, expected.valid)
        return flags and expected.data in (None, actual.data_o)


class FifoEnv(BaseEnv):
    """Source and sink, a monitor of every cycle, the model, and a scoreboard each for words and flags."""

    monitor_type: ClassVar[type[PortMonitor]] = FifoMonitor
    model_type: ClassVar[type[FifoModel]] = FifoModel
    flags_type: ClassVar[type[FlagScoreboard]] = FlagScoreboard
    coverage_type: ClassVar[type[FifoCoverage]]
    # Whether a word on offer stays until it is taken; the flags' compare tells where it may go.
    offers_stay: ClassVar[bool] = True

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        self.source = self.add_stream(Role.SOURCE, "source", "valid_i", "ready_o", {"data": "data_i"})
        self.sink = self.add_stream(
            Role.SINK, "sink", "valid_o", "ready_i", {"data": "data_o"}, check_stable=self.offers_stay
        )
        self.cycles = self.monitor_type.create("cycles", self)
        self.model = self.add_predictor(self.model_type, "model")
        self.words = self.add_scoreboard(name="words")
        self.flags = self.add_scoreboard(self.flags_type, "flags")
        self.coverage = self.coverage_type.create("coverage", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        self.cycles.ap.connect(self.model.analysis_export)
        self.cycles.ap.connect(self.flags.actual)
        self.model.levels.connect(self.coverage.analysis_export)
        self.model.flags.connect(self.flags.expected)
        self.model.ap.connect(self.words.expected)
        self.sink.ap.connect(self.words.actual)
