"""Scoreboards of dtv1_opm: effects of instructions on every output, and when an instruction may retire."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any, NamedTuple

from reneta.golden.ccm_types import ErrorCause
from reneta.verif.common.analysis import Predictor
from reneta.verif.common.clocking import Clocking
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.scoreboard import Scoreboard

Beat = tuple[int, ...]


class Effect(NamedTuple):
    """A beat that instruction `number` must give on some output."""

    number: int
    beat: Beat


class Cycle(NamedTuple):
    """What the ports show at one rising edge."""

    cfg_valid_i: int
    cfg_ready_o: int
    res_valid_i: int
    res_ready_o: int
    retire_o: int
    busy_o: int
    err_o: int
    event_o: int


class CycleMonitor(PortMonitor):
    """Watches what is not a stream."""

    cycle_type = Cycle


@dataclass
class Account:
    """Effects of an instruction that are still owed, and the cycle of the last thing that it waited for."""

    left: int
    done: int


class Ledger(Predictor):
    """Knows which effects belong to which instruction: none may retire before the last of them has happened.

    Retirements are in order, so the n-th pulse is the n-th instruction's. `busy_o` must hold as long as a
    configuration was accepted whose instruction has not retired. `ap` is not used.
    """

    def build_phase(self) -> None:
        """Nothing is open."""
        super().build_phase()
        self.reset()

    def reset(self) -> None:
        """No instruction yet."""
        self.accepted = self.retired = self.fired = self.dram_words = 0
        self.cause = ErrorCause.NONE
        self._accounts: dict[int, Account] = {}
        self._retired_at: dict[int, int] = {}

    @property
    def pending(self) -> int:
        """Instructions that have not retired, or retired and still owe something; none after an error."""
        return 0 if self.cause is not ErrorCause.NONE else self.accepted - self.retired + len(self._accounts)

    def open(self, number: int, effects: int) -> None:
        """All of an instruction was taken; these effects are its own."""
        self._accounts[number] = Account(effects, Clocking.now())
        self._close(number)

    def match(self, number: int) -> None:
        """One of its effects happened."""
        account = self._accounts[number]
        account.left -= 1
        account.done = Clocking.now()
        self._close(number)

    def _close(self, number: int) -> None:
        account, retired = self._accounts[number], self._retired_at.get(number)
        if account.left == 0 and retired is not None:
            assert retired > account.done, (
                f"instruction {number} retired in cycle {retired}, done {account.done}"
            )
            del self._accounts[number]

    def write(self, cycle: Cycle) -> None:
        """One cycle."""
        if cycle.err_o:
            self.cause = ErrorCause(cycle.err_o)
        assert cycle.busy_o or self.accepted == self.retired or cycle.err_o, (
            "not busy with an instruction inside"
        )
        self.fired += cycle.event_o >> 2
        self.dram_words += cycle.event_o >> 1 & 1
        assert cycle.event_o & 1 == cycle.res_valid_i & ~cycle.res_ready_o, "a wrong event of a stall"
        self.accepted += cycle.cfg_valid_i & cycle.cfg_ready_o
        if cycle.retire_o:
            number = self.retired
            self.retired += 1
            self._retired_at[number] = Clocking.now()
            assert self.retired <= self.accepted, "more instructions retired than were accepted"
            if number in self._accounts:
                self._close(number)


class EffectBoard(Scoreboard):
    """Compares in order, and tells the ledger, if there is one."""

    ledger: Ledger | None = None

    def same(self, expected: Effect, actual: Beat) -> bool:
        """Whether the beat is the expected one."""
        return expected.beat == tuple(actual)

    def _compare(self) -> None:
        number = self._expected[0].number
        super()._compare()
        if self.ledger is not None:
            self.ledger.match(number)

    def check_phase(self) -> None:
        """Give the verdict; not every test uses every output."""
        if self.compared or self._expected or self._actual:
            super().check_phase()

    def take_surplus(self) -> list[Beat]:
        """What came and is not expected, which is then forgotten."""
        surplus = [tuple(beat) for beat in self._actual]
        self._actual.clear()
        return surplus


class MemoryBoard(EffectBoard):
    """Writes to the shared memory: in order at each address; between addresses any order will do.

    Actual writes are (channel, addr, sel, data), expected ones (addr, sel, data).
    """

    lane_w: int

    def __init__(self, name: str, parent: Any) -> None:
        """Args: name and owner."""
        super().__init__(name, parent)
        self._waiting: dict[int, tuple[deque[Effect], deque[Beat]]] = defaultdict(lambda: (deque(), deque()))

    def _write_expected(self, transaction: Effect) -> None:
        self._turn(transaction.beat[0], transaction, None)

    def _write_actual(self, transaction: Beat) -> None:
        _, addr, sel, data = transaction
        # A whole word's lane number means nothing, and neither does what stands above a single lane.
        beat = (addr, sel, data & 0xFFFF) if sel >> self.lane_w else (addr, 0, data)
        self._turn(addr, None, beat)

    def _turn(self, addr: int, expected: Effect | None, actual: Beat | None) -> None:
        wanted, came = self._waiting[addr]
        wanted.extend([expected] if expected else [])
        came.extend([actual] if actual else [])
        if wanted and came:
            # The base compares the heads of its own queues.
            self._expected.append(wanted.popleft())
            self._actual.append(came.popleft())
            self._compare()
        if not wanted and not came:
            del self._waiting[addr]

    @property
    def pending(self) -> int:
        """Writes that have not come."""
        return sum(len(wanted) for wanted, _ in self._waiting.values())

    def reset(self) -> None:
        """Forget what waits."""
        super().reset()
        self._waiting.clear()

    def take_surplus(self) -> list[Beat]:
        """Writes that came and are not expected, in order for each address."""
        surplus = [beat for _, came in self._waiting.values() for beat in came]
        self._waiting.clear()
        return surplus

    def check_phase(self) -> None:
        """Hand what is left to the base's verdict."""
        for wanted, came in self._waiting.values():
            self._expected.extend(wanted)
            self._actual.extend(came)
        super().check_phase()
