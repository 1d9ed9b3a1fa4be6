"""A monitor of plain ports, for designs whose every cycle is compared with a model."""

from __future__ import annotations

from typing import Any, ClassVar

from pyuvm import ConfigDB, uvm_analysis_port, uvm_monitor

from reneta.verif.common.base_env import CFG, EnvCfg


class PortMonitor(uvm_monitor):
    """Publishes on `ap` what the ports show at each rising edge out of reset.

    Subclasses give `cycle_type`, a NamedTuple of ints whose fields are the ports' names.
    """

    cycle_type: ClassVar[Any]

    def build_phase(self) -> None:
        """Look up the configuration."""
        self.cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.ap = uvm_analysis_port("ap", self)

    async def run_phase(self) -> None:
        """Sample until the test ends."""
        clocking = self.cfg.clocking
        handles = [getattr(self.cfg.dut, name) for name in self.cycle_type._fields]
        while True:
            await clocking.edge
            if not clocking.in_reset:
                self.ap.write(self.cycle_type._make(int(handle.value) for handle in handles))
