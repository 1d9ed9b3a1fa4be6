"""Environment of dtv1_bram_sp: a memory model gives the read data of every cycle."""

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

    @property
    def label(self) -> str:
        """Name in coverage and messages."""
        return f"{self.width}x{self.depth}"


# As in tb_dtv1_bram_sp.sv.
SHAPES = [Shape(16, 512), Shape(1, 2), Shape(40, 5), Shape(64, 1)]


class Cycle(NamedTuple):
    """What the ports show at one rising edge."""

    en_i: int
    we_i: int
    addr_i: int
    wdata_i: int
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
        if cycle.en_i:
            # Read first: a write shows the old word.
            self._shown = self.read(cycle.addr_i)
            if cycle.we_i:
                self._words[cycle.addr_i] = cycle.wdata_i & (1 << shape.width) - 1

    def read(self, address: int) -> int | None:
        """The word at an address; the negative test overrides this."""
        return self._words.get(address)


class RamScoreboard(Scoreboard):
    """Compares the read data of each cycle, where it is defined."""

    def same(self, expected: int | None, actual: Cycle) -> bool:
        """Undefined data matches anything."""
        return expected in (None, actual.rdata_o)


class RamCoverage(CoverageBase):
    """Accesses and addresses, and runs of accesses to one address."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        super().build_phase()
        self.cfg: RamCfg = ConfigDB().get(self, "", CFG)
        self._before = ("none", 0)

    def items(self) -> list[Any]:
        """Points and cross of sp_cg."""
        return [
            point("sp_cg.cp_shape", lambda s: s[0], [shape.label for shape in SHAPES]),
            # A disabled cycle with the write enable up must not write.
            point("sp_cg.cp_access", lambda s: s[1], ["idle", "idle_we", "read", "write"]),
            point("sp_cg.cp_address", lambda s: s[2], ["first", "middle", "last"]),
            point("sp_cg.cp_same_address", lambda s: s[3], ["write_read", "write_write", "read_write"]),
            cross("sp_cg.cr_shape_access", ["sp_cg.cp_shape", "sp_cg.cp_access"]),
        ]

    def write(self, cycle: Cycle) -> None:
        """One cycle."""
        access = (("idle", "idle_we"), ("read", "write"))[cycle.en_i][cycle.we_i]
        address = cycle.addr_i
        place = "first" if address == 0 else "last" if address == self.cfg.shape.depth - 1 else "middle"
        same = f"{self._before[0]}_{access}" if address == self._before[1] else ""
        self.sample((self.cfg.shape.label, access, place if cycle.en_i else "", same))
        self._before = (access, address)


class RamEnv(BaseEnv):
    """A source for the port, a monitor of every cycle, the model and its scoreboard."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        payload = {"we": "we_i", "addr": "addr_i", "data": "wdata_i"}
        self.port = self.add_stream(Role.SOURCE, "port", "en_i", None, payload)
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
