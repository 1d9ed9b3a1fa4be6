"""The output module's part in dtv1_ipm's environment: it says when instructions end.

`Retirer` ends each instruction some time after all that it gives was taken. `GateCheck` sees to it that
nothing is read for an instruction before the one that it depends on has ended.
"""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

import cocotb
from cocotb.task import Task
from pyuvm import ConfigDB, uvm_component, uvm_subscriber

from reneta.verif.common.base_env import CFG
from reneta.verif.common.hw import rng
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.stream_agent import StreamAgent

# Channels of SMEM that the input module reads; one more stands for the descriptor memory.
CHANNELS = 3


class Expectation(NamedTuple):
    """How many beats of each stream all instructions up to one give."""

    operands: int
    addends: int
    sides: int
    counts: int

    def plus(self, operands: int = 0, addends: int = 0, sides: int = 0, counts: int = 0) -> Expectation:
        """So many more."""
        more = (operands, addends, sides, counts)
        return Expectation(*(a + b for a, b in zip(self, more, strict=True)))


class Access(NamedTuple):
    """A read, or a list, of instruction `number`, which depends on the one `dep` places before."""

    channel: int
    number: int
    dep: int


class Cycle(NamedTuple):
    """What the ports show at one rising edge: reads accepted, list counts taken, instructions ended."""

    read_o: int
    count_o: int
    retired_o: int


class CycleMonitor(PortMonitor):
    """Watches them."""

    cycle_type = Cycle


class GateCheck(uvm_subscriber):
    """Takes cycles, and on `expect` the accesses that must be seen.

    Either may come first: a unit may begin with an instruction before all units have accepted it.
    """

    def build_phase(self) -> None:
        """Nothing has happened."""
        self.cfg: Any = ConfigDB().get(self, "", CFG)
        self.restart()

    def restart(self) -> None:
        """Nothing has happened."""
        self.retired = 0
        self._due: list[deque[Access]] = [deque() for _ in range(CHANNELS + 1)]
        # How many instructions had ended at each access.
        self._seen: list[deque[int]] = [deque() for _ in range(CHANNELS + 1)]

    def expect(self, access: Access) -> None:
        """An access of an instruction."""
        self._due[access.channel].append(access)
        self._check(access.channel)

    def write(self, cycle: Cycle) -> None:
        """One cycle."""
        seen = cycle.count_o << CHANNELS | cycle.read_o
        if self.cfg.retires and seen:
            for channel in range(CHANNELS + 1):
                if seen >> channel & 1:
                    self._seen[channel].append(self.retired)
                    self._check(channel)
        self.retired += cycle.retired_o

    def _check(self, channel: int) -> None:
        due, seen = self._due[channel], self._seen[channel]
        while due and seen:
            access, retired = due.popleft(), seen.popleft()
            last = access.number - access.dep
            assert not access.dep or retired > last, (
                f"channel {channel}: instruction {access.number} reads before number {last} has ended"
            )


class Retirer(uvm_component):
    """Ends instructions in their order; `announce` says what each has given when it is over."""

    # Cycles from the last beat to the end at the most, now and then.
    LATEST = 80

    agent: StreamAgent
    # Operands, addends, side beats and counts, as in Expectation.
    streams: tuple[StreamAgent, ...]

    def build_phase(self) -> None:
        """Nothing has happened."""
        self.cfg: Any = ConfigDB().get(self, "", CFG)
        self.random = rng("retire")
        self._task: Task[None] | None = None

    def announce(self, given: Expectation) -> None:
        """One more instruction will end."""
        if self.cfg.retires:
            self._ends.append(given)

    def stop(self) -> None:
        """End nothing more."""
        if self._task is not None:
            self._task.cancel()

    def restart(self) -> None:
        """Forget all, and begin again."""
        self._ends: deque[Expectation] = deque()
        self._begin = [agent.monitor.count for agent in self.streams]
        self.resume()

    def resume(self) -> None:
        """Go on after a stop."""
        self.stop()
        self._task = cocotb.start_soon(self._serve())

    @property
    def pending(self) -> int:
        """Instructions that have not ended."""
        return len(self._ends)

    async def _serve(self) -> None:
        clocking = self.cfg.clocking
        while True:
            await clocking.cycles(1)
            while self._ends and self._over(self._ends[0]):
                if self.random.random() < 0.3:
                    await clocking.cycles(1 + self.random.randrange(self.LATEST))
                self._ends.popleft()
                await self.agent.send([()])

    def _over(self, given: Expectation) -> bool:
        counts = zip(self.streams, self._begin, given, strict=True)
        return all(agent.monitor.count - begin >= count for agent, begin, count in counts)
