"""Environment of dtv1_bram_sdp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from reneta.verif.common.coverage import cross, point
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.stream_agent import Role
from reneta.verif.memory.ram_env import PLACES, RamCfg, RamCoverage, RamEnv, RamModel, RamShape

# As in tb_dtv1_bram_sdp.sv.
SHAPES = (
    *(RamShape(16, 512), RamShape(1, 2), RamShape(40, 5), RamShape(64, 1)),
    RamShape(16, 16, collide=False),
)


@dataclass
class SdpCfg(RamCfg):
    """The shapes."""

    shapes: ClassVar[tuple[RamShape, ...]] = SHAPES


class SdpCycle(NamedTuple):
    """What the ports show at one rising edge."""

    we_i: int
    waddr_i: int
    wdata_i: int
    re_i: int
    raddr_i: int
    rdata_o: int


class SdpMonitor(PortMonitor):
    """Watches all ports."""

    cycle_type = SdpCycle


class SdpModel(RamModel):
    """Read before write: a collision reads the old word."""

    def access(self, cycle: SdpCycle) -> None:
        """What a cycle does."""
        if cycle.re_i:
            self.show(cycle.raddr_i)
        if cycle.we_i:
            self.store(cycle.waddr_i, cycle.wdata_i)


class SdpCoverage(RamCoverage):
    """Accesses, addresses, collisions, and what happens to a word while it is held."""

    _last_read: int | None = None

    def items(self) -> list[Any]:
        """Points and cross of sdp_cg."""
        return [
            point("sdp_cg.cp_shape", lambda s: s[0], [shape.label for shape in SHAPES]),
            point("sdp_cg.cp_access", lambda s: s[1], ["none", "write", "read", "both"]),
            point("sdp_cg.cp_write_at", lambda s: s[2], PLACES),
            point("sdp_cg.cp_read_at", lambda s: s[3], PLACES),
            point("sdp_cg.cp_same_address", lambda s: s[4], ["collision", "held_overwritten"]),
            cross("sdp_cg.cr_shape_access", ["sdp_cg.cp_shape", "sdp_cg.cp_access"]),
        ]

    def write(self, cycle: SdpCycle) -> None:
        """One cycle."""
        same = ""
        if cycle.we_i and cycle.re_i and cycle.waddr_i == cycle.raddr_i:
            same = "collision"
        elif cycle.we_i and not cycle.re_i and cycle.waddr_i == self._last_read:
            same = "held_overwritten"
        if cycle.re_i:
            self._last_read = cycle.raddr_i
        access = ("none", "write", "read", "both")[cycle.we_i | cycle.re_i << 1]
        places = self.place(cycle.we_i, cycle.waddr_i), self.place(cycle.re_i, cycle.raddr_i)
        self.sample((self.cfg.shape.label, access, *places, same))


class SdpEnv(RamEnv):
    """The common environment with a source for each port."""

    monitor_type = SdpMonitor
    model_type = SdpModel
    coverage_type = SdpCoverage

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        writes = {"addr": "waddr_i", "data": "wdata_i"}
        self.writes = self.add_stream(Role.SOURCE, "writes", "we_i", None, writes)
        self.reads = self.add_stream(Role.SOURCE, "reads", "re_i", None, {"addr": "raddr_i"})
