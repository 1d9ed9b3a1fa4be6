"""Environment of dtv1_bram_sdp: a memory model gives the read data of every cycle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from pyuvm import ConfigDB

from reneta.verif.common.analysis import Predictor
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.scoreboard import Scoreboard
from reneta.verif.common.stream_agent import Role


class Shape(NamedTuple):
    """Parameters of one RAM of the testbench."""

    width: int
    depth: int
    collide: bool = True

    @property
    def label(self) -> str:
        """Name in coverage and messages."""
        return f"{self.width}x{self.depth}" if self.collide else f"{self.width}x{self.depth}_plain"


# As in tb_dtv1_bram_sdp.sv.
SHAPES = [Shape(16, 512), Shape(1, 2), Shape(40, 5), Shape(64, 1), Shape(16, 16, collide=False)]


class Cycle(NamedTuple):
    """What the ports show at one rising edge."""

    we_i: int
    waddr_i: int
    wdata_i: int
    re_i: int
    raddr_i: int
    rdata_o: int


@dataclass
class RamCfg(EnvCfg):
    """Adds the RAM in use."""

    shape: Shape = SHAPES[0]

    def select(self, index: int) -> None:
        """Use the RAM with this index; an `env.reset` must follow."""
        self.shape = SHAPES[index]
        self.dut.sel_i.value = index


class RamMonitor(PortMonitor):
    """Watches all ports."""

    cycle_type = Cycle


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

    def write(self, cycle: Cycle) -> None:
        """One cycle."""
        self.ap.write(self._shown)
        shape = self.cfg.shape
        # Read before write: a collision reads the old word.
        if cycle.re_i:
            self._shown = self.read(cycle.raddr_i)
        if cycle.we_i:
            self._words[cycle.waddr_i] = cycle.wdata_i & (1 << shape.width) - 1

    def read(self, address: int) -> int | None:
        """The word at an address; the negative test overrides this."""
        return self._words.get(address)


class RamScoreboard(Scoreboard):
    """Compares the read data of each cycle, where it is defined."""

    def same(self, expected: int | None, actual: Cycle) -> bool:
        """Undefined data matches anything."""
        return expected in (None, actual.rdata_o)


class RamCoverage(CoverageBase):
    """Accesses, addresses, collisions, and what happens to a word while it is held."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        super().build_phase()
        self.cfg: RamCfg = ConfigDB().get(self, "", CFG)
        self._last_read: int | None = None

    def items(self) -> list[Any]:
        """Points and cross of sdp_cg."""
        return [
            point("sdp_cg.cp_shape", lambda s: s[0], [shape.label for shape in SHAPES]),
            point("sdp_cg.cp_access", lambda s: s[1], ["none", "write", "read", "both"]),
            point("sdp_cg.cp_write_at", lambda s: s[2], ["first", "middle", "last"]),
            point("sdp_cg.cp_read_at", lambda s: s[3], ["first", "middle", "last"]),
            point("sdp_cg.cp_same_address", lambda s: s[4], ["collision", "held_overwritten"]),
            cross("sdp_cg.cr_shape_access", ["sdp_cg.cp_shape", "sdp_cg.cp_access"]),
        ]

    def _place(self, enable: int, address: int) -> str:
        if not enable:
            return ""
        return "first" if address == 0 else "last" if address == self.cfg.shape.depth - 1 else "middle"

    def write(self, cycle: Cycle) -> None:
        """One cycle."""
        same = ""
        if cycle.we_i and cycle.re_i and cycle.waddr_i == cycle.raddr_i:
            same = "collision"
        elif cycle.we_i and not cycle.re_i and cycle.waddr_i == self._last_read:
            same = "held_overwritten"
        if cycle.re_i:
            self._last_read = cycle.raddr_i
        access = ("none", "write", "read", "both")[cycle.we_i | cycle.re_i << 1]
        places = self._place(cycle.we_i, cycle.waddr_i), self._place(cycle.re_i, cycle.raddr_i)
        self.sample((self.cfg.shape.label, access, *places, same))


class RamEnv(BaseEnv):
    """A source for each port, a monitor of every cycle, the model and its scoreboard."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        writes = {"addr": "waddr_i", "data": "wdata_i"}
        self.writes = self.add_stream(Role.SOURCE, "writes", "we_i", None, writes)
        self.reads = self.add_stream(Role.SOURCE, "reads", "re_i", None, {"addr": "raddr_i"})
        self.cycles = RamMonitor.create("cycles", self)
        self.model = self.add_predictor(RamModel, "model")
        self.board = self.add_scoreboard(RamScoreboard, "rdata")
        self.coverage = RamCoverage.create("coverage", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        self.cycles.ap.connect(self.model.analysis_export)
        self.cycles.ap.connect(self.board.actual)
        self.cycles.ap.connect(self.coverage.analysis_export)
        self.model.ap.connect(self.board.expected)
