"""Environment of dtv1_srg: both operand readers, one at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from reneta.golden.ipm import Column, Read, Unit, first_reads, second_reads
from reneta.golden.ipm_types import IpmCfg
from reneta.verif.common.stream_agent import Role
from reneta.verif.ipm.env import UnitEnv
from reneta.verif.ipm.predictor import WalkPredictor


class SrgPredictor(WalkPredictor):
    """Gives read requests."""

    def column(self, cfg: IpmCfg, column: Column) -> bool:
        """The requests of a column; those before an error, too."""
        index = self.index_of(cfg, column)
        if index is None:
            return False
        for read in self.reads(cfg, column, index):
            self.ap.write(read)
        return True

    def reads(self, cfg: IpmCfg, column: Column, index: int) -> Iterable[Read]:
        """The requests of a column; the negative test overrides this."""
        if self.unit is Unit.SECOND:
            return second_reads(cfg, column, self.hw)
        return first_reads(cfg, column, index, self.hw)


class SrgEnv(UnitEnv):
    """Requests go to a sink."""

    predictor_type = SrgPredictor
    units: ClassVar[tuple[Unit, ...]] = (Unit.SECOND, Unit.FIRST)

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        payload = {"addr": "req_addr_o", "sel": "req_sel_o"}
        self.reqs = self.add_stream(Role.SINK, "req", "req_valid_o", "req_ready_i", payload)
        self.board = self.add_board("req")

    def connect_phase(self) -> None:
        """Connect everything."""
        super().connect_phase()
        self.predictor.ap.connect(self.board.expected)
        self.reqs.ap.connect(self.board.actual)

    def use(self, unit: Unit) -> None:
        """Switch to one of the two."""
        super().use(unit)
        self.cfg.dut.second_i.value = int(unit is Unit.SECOND)
