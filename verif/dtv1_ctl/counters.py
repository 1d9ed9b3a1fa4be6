"""The performance counters, as docs/ctl.md and docs/registers.md say."""

from __future__ import annotations

from enum import IntEnum, auto

from reneta.golden.control_types import MachineState
from reneta.verif.dtv1_ctl.ports import Ports

COUNT_W = 48


class Count(IntEnum):
    """Counters in the order of the register map."""

    CYCLES = 0
    MAC = auto()
    WAIT_DRAM = auto()
    WAIT_SMEM = auto()
    WAIT_OUT = auto()
    DRAM_READ = auto()
    DRAM_WRITTEN = auto()
    INSTRUCTIONS = auto()
    FIRED = auto()
    WAIT_ACC = auto()


class Counters:
    """Counts what each cycle shows. The design shows an event two cycles later.

    Attributes:
        values: all that was counted.
        due: what the design must show in this cycle.
    """

    def __init__(self) -> None:
        """All zero."""
        self.clear()

    def clear(self) -> None:
        """A program starts, or the machine is reset."""
        self.values = [0] * len(Count)
        self.due = list(self.values)
        self._next = list(self.values)
        self._begun = False

    def late(self, ended: bool, begun: bool) -> None:
        """What a move did in the cycle before, and did not show then: it ended, it began."""
        self.values[Count.INSTRUCTIONS] += ended
        if begun and not self._begun:
            self._begun = True
            self.values[Count.CYCLES] += 1

    def cycle(self, ports: Ports) -> None:
        """Count this cycle."""
        self.due, self._next = self._next, list(self.values)
        values, running = self.values, ports.running
        if running or ports.state_o == MachineState.PAUSED:
            # Instructions come ahead of need, also during a pause.
            values[Count.DRAM_READ] += ports.read_i
        if not running:
            return
        self._begun |= ports.dispatched
        event = ports.ccm_event_i
        mac, wait_opd, wait_add, wait_cnt, wait_acc, wait_out = (
            event >> bit & 1 for bit in (5, 4, 3, 2, 1, 0)
        )
        values[Count.CYCLES] += self._begun
        values[Count.MAC] += mac
        values[Count.WAIT_DRAM] += wait_opd & ports.wait_dram_i
        values[Count.WAIT_SMEM] += (wait_opd & ~ports.wait_dram_i | wait_add | wait_cnt) & 1
        values[Count.WAIT_OUT] += wait_out
        values[Count.WAIT_ACC] += wait_acc
        values[Count.DRAM_WRITTEN] += ports.written_i
        values[Count.INSTRUCTIONS] += ports.retire_i
        values[Count.FIRED] += ports.opm_event_i >> 2
