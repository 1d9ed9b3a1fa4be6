"""The base of tests: objection, clock, reset, body, drain, and the banner that the runner looks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import cocotb
from cocotb.triggers import with_timeout
from pyuvm import ConfigDB, uvm_test

from reneta.verif.common import coverage
from reneta.verif.common.banner import BANNER, REPORT
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.clocking import PERIOD_NS, Clocking
from reneta.verif.common.hw import hw_config
from reneta.verif.common.stalls import Stall


class BaseTest(uvm_test):
    """Subclasses set `env_type` (and what else differs) and write `body`."""

    env_type: ClassVar[type[BaseEnv]]
    cfg_type: ClassVar[type[EnvCfg]] = EnvCfg
    # Stall profile for each stream, "*" for all others.
    stalls: ClassVar[Mapping[str, Stall | str]] = {}
    timeout_cycles: ClassVar[int] = 1_000_000
    clock: ClassVar[str] = "clk_i"
    # None for a design without reset.
    reset: ClassVar[str | None] = "rst_ni"

    def build_phase(self) -> None:
        """Make the configuration and the environment."""
        dut = cocotb.top
        reset = None if self.reset is None else getattr(dut, self.reset)
        self.clocking = Clocking(getattr(dut, self.clock), reset)
        self.cfg = self.cfg_type(dut=dut, hw=hw_config(), clocking=self.clocking, stalls=self.stalls)
        self.configure()
        ConfigDB().set(self, "*", CFG, self.cfg)
        self.env = self.env_type.create("env", self)

    def configure(self) -> None:
        """Hook: change the configuration, drive constant inputs, set factory overrides."""

    async def body(self) -> None:
        """What the test does, after the reset."""
        raise NotImplementedError

    def report(self, lines: Iterable[str]) -> None:
        """Log lines that the runner shows with the test's result."""
        for line in lines:
            self.logger.info(REPORT.format(line=line))

    async def run_phase(self) -> None:
        """Run the test under its time limit, with the objection raised from the first statement on."""
        self.raise_objection()
        try:
            await with_timeout(self._main(), self.timeout_cycles * PERIOD_NS, "ns")
        finally:
            self.drop_objection()

    async def _main(self) -> None:
        await self.clocking.start()
        await self.env.reset()
        await self.body()
        await self.env.drain()

    def extract_phase(self) -> None:
        """Print the banner and write the coverage, before the check phase can end the test."""
        mismatches = sum(board.mismatches for board in self.env.scoreboards)
        self.logger.info(
            BANNER.format(compared=self.env.compared, mismatches=mismatches, cycles=self.clocking.now())
        )
        coverage.export()
