"""Environment of a RAM: a memory model gives the read data of every cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from pyuvm import ConfigDB

from reneta.verif.common.analysis import Predictor, spoil
from reneta.verif.common.base_env import CFG, BaseEnv
from reneta.verif.common.coverage import CoverageBase
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.scoreboard import Scoreboard
from reneta.verif.memory.shapes import ShapeCfg, ShapeTest


class RamShape(NamedTuple):
    """Parameters of one RAM; without `collide` the ports must not meet at an address."""

    width: int
    depth: int
    collide: bool = True

    @property
    def label(self) -> str:
        """Name in coverage and messages."""
        return f"{self.width}x{self.depth}" if self.collide else f"{self.width}x{self.depth}_plain"


@dataclass
class RamCfg(ShapeCfg):
    """Adds the RAM in use; subclasses list the shapes."""

    shapes: ClassVar[Sequence[RamShape]]


class RamModel(Predictor):
    """A dictionary of words; gives on `ap` what `rdata_o` shows in each cycle, None while undefined."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        super().build_phase()
        self.cfg: RamCfg = ConfigDB().get(self, "", CFG)
        self.reset()

    def reset(self) -> None:
        """Nothing is known."""
        self._words: dict[int, int] = {}
        self._shown: int | None = None

    def write(self, cycle: Any) -> None:
        """One cycle."""
        self.ap.write(self._shown)
        self.access(cycle)

    def access(self, cycle: Any) -> None:
        """What a cycle does: `show` and `store`, in the RAM's order."""
        raise NotImplementedError

    def show(self, address: int) -> None:
        """Show the word at an address from the next cycle on."""
        self._shown = self.read(address)

    def store(self, address: int, word: int) -> None:
        """Write the bits of a word that the RAM has."""
        self._words[address] = word & (1 << self.cfg.shape.width) - 1

    def read(self, address: int) -> int | None:
        """The word at an address; the negative test overrides this."""
        return self._words.get(address)


class SpoiltRead(RamModel):
    """For a negative test: foresees a wrong bit of the first word."""

    def read(self, address: int) -> int | None:
        """Flip the low bit of address 0."""
        word = super().read(address)
        return word ^ 1 if word is not None and address == 0 else word


class RamScoreboard(Scoreboard):
    """Compares the read data of each cycle, where it is defined."""

    def same(self, expected: int | None, actual: Any) -> bool:
        """Undefined data matches anything."""
        return expected in (None, actual.rdata_o)


# Classes of addresses.
PLACES = ("first", "middle", "last")


class RamCoverage(CoverageBase):
    """Knows the RAM in use."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        self.cfg: RamCfg = ConfigDB().get(self, "", CFG)
        super().build_phase()

    def place(self, enable: int, address: int) -> str:
        """Which of PLACES is accessed; nothing without an access."""
        if not enable:
            return ""
        return "first" if address == 0 else "last" if address == self.cfg.shape.depth - 1 else "middle"


class RamEnv(BaseEnv):
    """A monitor of every cycle, the model and its scoreboard; subclasses add a source for each port."""

    monitor_type: ClassVar[type[PortMonitor]]
    model_type: ClassVar[type[RamModel]]
    coverage_type: ClassVar[type[RamCoverage]]

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        self.cycles = self.monitor_type.create("cycles", self)
        self.model = self.add_predictor(self.model_type, "model")
        self.board = self.add_scoreboard(RamScoreboard, "rdata")
        self.coverage = self.coverage_type.create("coverage", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        self.cycles.ap.connect(self.model.analysis_export)
        self.cycles.ap.connect(self.board.actual)
        self.cycles.ap.connect(self.coverage.analysis_export)
        self.model.ap.connect(self.board.expected)


class RamTest(ShapeTest):
    """A test of a RAM; each shape begins with unknown contents."""

    env_type: ClassVar[type[RamEnv]]
    cfg: RamCfg
    reset = None

    def hot(self) -> list[int]:
        """Few addresses, so that random accesses often meet: first, last, middle, and any."""
        depth = self.cfg.shape.depth
        return sorted({0, depth - 1, depth // 2, self.random.randrange(depth)})

    def sweeps(self) -> list[tuple[list[int], list[int]]]:
        """Addresses to write and then to read: all of them, up and down."""
        up = list(range(self.cfg.shape.depth))
        return [(up, up[::-1]), (up[::-1], up)]


class BrokenModelBody(RamTest):
    """Mixed into a test for the negative one: the scoreboard must notice a wrong prediction."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        spoil(self.env_type.model_type, SpoiltRead)
