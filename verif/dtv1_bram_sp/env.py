"""Environment of dtv1_bram_sp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from reneta.verif.common.coverage import cross, point
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.stream_agent import Role
from reneta.verif.memory.ram_env import PLACES, RamCfg, RamCoverage, RamEnv, RamModel, RamShape

# As in tb_dtv1_bram_sp.sv.
SHAPES = (RamShape(16, 512), RamShape(1, 2), RamShape(40, 5), RamShape(64, 1))


@dataclass
class SpCfg(RamCfg):
    """The shapes."""

    shapes: ClassVar[tuple[RamShape, ...]] = SHAPES


class SpCycle(NamedTuple):
    """What the ports show at one rising edge."""

    en_i: int
    we_i: int
    addr_i: int
    wdata_i: int
    rdata_o: int


class SpMonitor(PortMonitor):
    """Watches all ports."""

    cycle_type = SpCycle


class SpModel(RamModel):
    """Read first: a write shows the old word."""

    def access(self, cycle: SpCycle) -> None:
        """What a cycle does."""
        if cycle.en_i:
            self.show(cycle.addr_i)
            if cycle.we_i:
                self.store(cycle.addr_i, cycle.wdata_i)


class SpCoverage(RamCoverage):
    """Accesses and addresses, and runs of accesses to one address."""

    _before = ("none", 0)

    def items(self) -> list[Any]:
        """Points and cross of sp_cg."""
        return [
            point("sp_cg.cp_shape", lambda s: s[0], [shape.label for shape in SHAPES]),
            # A disabled cycle with the write enable up must not write.
            point("sp_cg.cp_access", lambda s: s[1], ["idle", "idle_we", "read", "write"]),
            point("sp_cg.cp_address", lambda s: s[2], PLACES),
            point("sp_cg.cp_same_address", lambda s: s[3], ["write_read", "write_write", "read_write"]),
            cross("sp_cg.cr_shape_access", ["sp_cg.cp_shape", "sp_cg.cp_access"]),
        ]

    def write(self, cycle: SpCycle) -> None:
        """One cycle."""
        access = (("idle", "idle_we"), ("read", "write"))[cycle.en_i][cycle.we_i]
        same = f"{self._before[0]}_{access}" if cycle.addr_i == self._before[1] else ""
        self.sample((self.cfg.shape.label, access, self.place(cycle.en_i, cycle.addr_i), same))
        self._before = (access, cycle.addr_i)


class SpEnv(RamEnv):
    """The common environment with a source for the port."""

    monitor_type = SpMonitor
    model_type = SpModel
    coverage_type = SpCoverage

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        payload = {"we": "we_i", "addr": "addr_i", "data": "wdata_i"}
        self.port = self.add_stream(Role.SOURCE, "port", "en_i", None, payload)
