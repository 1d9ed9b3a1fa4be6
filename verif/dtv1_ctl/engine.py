"""Plays the engine: takes configurations, retires them in order, uses DRAM, finds errors, has events."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from pyuvm import ConfigDB, uvm_subscriber

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.control_types import ErrorUnit
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.clocking import Clocking
from reneta.verif.common.hw import rng
from reneta.verif.dtv1_ctl.mover import Mover
from reneta.verif.dtv1_ctl.ports import Ports


class Fault(NamedTuple):
    """What a unit finds wrong with an instruction."""

    cause: ErrorCause
    unit: ErrorUnit


@dataclass
class Work:
    """An instruction under way: its number among those of the engine, when it may retire, what it writes."""

    number: int
    cycle: int
    writes: bool


class Engine(uvm_subscriber):
    """Instructions overlap: each takes its own time, and only their ends are in order.

    Attributes:
        room: instructions that may be under way.
        slow: most cycles that an instruction takes.
        lazy: probability of a cycle in which it takes no instruction.
        frozen: nothing retires.
        reads, writes: shares of the instructions that do so.
        events: whether there are random events.
        faults: errors by the instruction's number among those of the engine, from the program's start.
        starving: instructions that read an address from `hole` on.
        taken: instructions of the present program.
    """

    mover: Mover
    # Where it reads, where it reads what is not there, and where it writes.
    HOLE, WRITES = 0x0800_0000, 0x0400_0000

    def build_phase(self) -> None:
        """Look up the handles."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.dut, self.hw = cfg.dut, cfg.hw
        self.random = rng(self.get_full_name())
        self.room, self.slow, self.lazy, self.frozen = 16, 20, 0.2, False
        self.reads, self.writes, self.events = 0.3, 0.3, True
        self.faults: dict[int, Fault] = {}
        self.starving: set[int] = set()
        self.restart()

    def restart(self) -> None:
        """Forget all that is under way, and drive silence."""
        self.under_way: deque[Work] = deque()
        self.taken = 0
        self._waited = 0
        self._drive(False, None, False, False)

    @property
    def quiet(self) -> bool:
        """Whether nothing is under way."""
        return not self.under_way

    def write(self, ports: Ports) -> None:
        """One cycle."""
        if not ports.core_rst_no:
            self.restart()
            return
        if ports.launched:
            self.taken = 0
        if ports.dispatched:
            self._take()
        head = self.under_way[0] if self.under_way else None
        starved = head is not None and self.mover.engine_waits(head.number)
        fault = self.faults.get(head.number) if head is not None else None
        # An error shows some time after its instruction has become the oldest.
        self._waited = self._waited + 1 if fault else 0
        retire = head is not None and fault is None and self._ended(head)
        if retire and head is not None:
            self.under_way.popleft()
            if head.writes:
                self.mover.engine_writes(self.WRITES + self.hw.word_bytes * self.random.randrange(1 << 10))
        self._drive(retire, fault if self._waited > 3 else None, starved, bool(self.under_way))

    def _take(self) -> None:
        draw, number = self.random, self.taken
        self.taken += 1
        cycle = Clocking.now() + draw.randint(1, max(1, self.slow))
        self.under_way.append(Work(number, cycle, draw.random() < self.writes))
        base, word = (self.HOLE if number in self.starving else 0), self.hw.word_bytes
        if base or draw.random() < self.reads:
            start = base + word * draw.randrange(1 << 10)
            self.mover.engine_reads(number, [start + word * place for place in range(draw.randint(1, 4))])

    def _ended(self, head: Work) -> bool:
        return not self.frozen and head.cycle <= Clocking.now() and not self.mover.missing(head.number)

    def _drive(self, retire: bool, fault: Fault | None, starved: bool, busy: bool) -> None:
        dut, draw = self.dut, self.random
        dut.cfg_ready_i.value = int(len(self.under_way) < self.room and draw.random() >= self.lazy)
        dut.retire_i.value = int(retire)
        dut.fault_valid_i.value = int(fault is not None)
        dut.fault_cause_i.value = int(fault.cause) if fault else 0
        dut.fault_unit_i.value = int(fault.unit) if fault else 0
        dut.starved_i.value = int(starved)
        # Cycles without an instruction have no events.
        events = busy and self.events
        dut.ccm_event_i.value = draw.getrandbits(6) if events else 0
        dut.opm_event_i.value = draw.getrandbits(2 + self.hw.lane_w + 1) if events else 0
        dut.wait_dram_i.value = draw.getrandbits(1)
