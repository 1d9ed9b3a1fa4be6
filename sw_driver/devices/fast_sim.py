"""The verilated RTL as a device."""

from __future__ import annotations

import time

from reneta.golden.arrays import U8
from reneta.sw_driver.device import Device, checked_register
from reneta.sw_driver.errors import InterruptTimeoutError
from reneta.sw_driver.fast_sim import FastSim, NoInterruptError

# Cycles between two looks at the clock: some tenths of a second.
_SLICE = 50_000


class FastSimDevice(Device):
    """A chip of the fast simulation.

    Time passes in it only while somebody waits for the interrupt or for the answer of a register.

    Attributes:
        sim: the simulation, to change its DRAM's timing and the like.
    """

    def __init__(self, sim: FastSim) -> None:
        """Take over a simulation; it is closed with the device."""
        self.sim, self.name = sim, f"RTL {sim.hw.name}"

    @property
    def dram_bytes(self) -> int:
        """Size of the DRAM."""
        return len(self.sim.dram)

    def read_register(self, address: int) -> int:
        """Read a register.

        Raises:
            SimulationError: the chip broke a rule.
        """
        return self.sim.read_register(checked_register(address))

    def write_register(self, address: int, value: int) -> None:
        """Write a register; see read_register."""
        self.sim.write_register(checked_register(address), value)

    def wait_interrupt(self, timeout_s: float) -> None:
        """Let time pass until the interrupt is high.

        Raises:
            InterruptTimeoutError: it is still low.
            SimulationError: the chip broke a rule.
        """
        limit = time.monotonic() + timeout_s
        while not self.sim.interrupt:
            try:
                self.sim.run_until_interrupt(_SLICE)
            except NoInterruptError:
                if time.monotonic() > limit:
                    raise InterruptTimeoutError(f"{self.name}: no interrupt within {timeout_s:g} s") from None

    def close(self) -> None:
        """End the simulation."""
        self.sim.close()

    def _memory(self) -> U8:
        return self.sim.dram
