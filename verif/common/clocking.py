"""Clock and reset of a test, and the one rule of sampling.

Everything here waits for rising edges of the top-level clock, which cocotb's own `Clock` drives. Right after
such an edge a read gives the value from before it, what a register of the design would take, and a write is
taken at the next edge. Nothing in this layer uses another clock or another phase.
"""

from __future__ import annotations

from typing import Any

from cocotb.clock import Clock
from cocotb.simtime import get_sim_time
from cocotb.triggers import ClockCycles, RisingEdge, Timer

PERIOD_NS = 10


class Clocking:
    """Clock and asynchronous active-low reset of one design."""

    def __init__(self, clk: Any, rst_n: Any | None) -> None:
        """Args: handles of the clock and of the reset (None where the design has none)."""
        self.clk = clk
        self.edge = RisingEdge(clk)
        self.in_reset = False
        self._rst_n = rst_n
        self._clock = Clock(clk, PERIOD_NS, unit="ns")

    async def start(self) -> None:
        """Start the clock, in reset.

        The reset falls before the first clock edge, so that no register shows its random initial value at an
        edge, where an assertion would take it for real.
        """
        self.clk.value = 0
        self.release_reset()
        await Timer(1, "ns")
        self.assert_reset()
        await Timer(PERIOD_NS - 1, "ns")
        self._clock.start()

    def assert_reset(self) -> None:
        """Pull the reset, now."""
        self.in_reset = True
        if self._rst_n is not None:
            self._rst_n.value = 0

    def release_reset(self) -> None:
        """Let the reset go, now."""
        self.in_reset = False
        if self._rst_n is not None:
            self._rst_n.value = 1

    async def cycles(self, count: int) -> None:
        """Wait for `count` rising edges."""
        if count > 0:
            await ClockCycles(self.clk, count)

    @staticmethod
    def now() -> int:
        """Number of the present cycle."""
        return int(get_sim_time("ns")) // PERIOD_NS
