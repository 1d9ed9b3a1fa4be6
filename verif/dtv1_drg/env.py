"""Environment of dtv1_drg: a DRAM that takes commands, and a joiner that says when columns are done."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from pyuvm import ConfigDB

from reneta.golden.ipm import Column, Unit, dram_command
from reneta.golden.ipm_types import IpmCfg
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.coverage import CoverageBase, range_point
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.stream_agent import Role
from reneta.verif.ipm.env import UnitEnv
from reneta.verif.ipm.predictor import WalkPredictor


class DrgPredictor(WalkPredictor):
    """Gives DRAM commands."""

    def column(self, cfg: IpmCfg, column: Column) -> bool:
        """One command."""
        index = self.index_of(cfg, column)
        if index is None:
            return False
        self.ap.write((self.command(cfg, index),))
        return True

    def command(self, cfg: IpmCfg, index: int) -> int:
        """The command of a column; the negative test overrides this."""
        return dram_command(cfg, index, self.hw)


class Cycle(NamedTuple):
    """What the ports show at one rising edge."""

    cmd_valid_o: int
    cmd_ready_i: int
    col_done_i: int


class CycleMonitor(PortMonitor):
    """Watches commands and columns that are done."""

    cycle_type = Cycle


class AheadCheck(CoverageBase):
    """Columns whose command is out and whose data are not used: never more than DRAM_AHEAD."""

    def build_phase(self) -> None:
        """None at first."""
        env_cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.limit = env_cfg.hw.dram_ahead
        self.ahead = 0
        super().build_phase()

    def items(self) -> list[Any]:
        """Points of ahead_cg."""
        levels = {"0": (0, 0), "some": (1, self.limit - 1), "limit": (self.limit, self.limit)}
        return [range_point("ahead_cg.cp_ahead", lambda ahead: ahead, levels)]

    def write(self, cycle: Cycle) -> None:
        """One cycle."""
        self.ahead += (cycle.cmd_valid_o & cycle.cmd_ready_i) - cycle.col_done_i
        assert self.ahead <= self.limit, f"{self.ahead} columns ahead, {self.limit} are allowed"
        self.sample(self.ahead)


class DrgEnv(UnitEnv):
    """Commands go to a sink; each comes back as a column that is done, at the pace of `done`."""

    predictor_type = DrgPredictor
    units: ClassVar[tuple[Unit, ...]] = (Unit.DRAM,)

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        self.cmds = self.add_stream(Role.SINK, "cmd", "cmd_valid_o", "cmd_ready_i", {"cmd": "cmd_o"})
        self.done = self.add_stream(Role.SOURCE, "done", "col_done_i", None, {})
        self.joiner = self.add_responder("joiner", self.done, lambda _: ())
        self.board = self.add_board("cmd")
        self.cycles = CycleMonitor.create("cycles", self)
        self.ahead = AheadCheck.create("ahead", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        super().connect_phase()
        self.predictor.ap.connect(self.board.expected)
        self.cmds.ap.connect(self.board.actual)
        self.cmds.ap.connect(self.joiner.analysis_export)
        self.cycles.ap.connect(self.ahead.analysis_export)

    def forget(self) -> None:
        """Nothing is out."""
        super().forget()
        self.ahead.ahead = 0
