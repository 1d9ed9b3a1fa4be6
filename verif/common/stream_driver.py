"""The two drivers of a stream: one that offers beats, one that takes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import cocotb
from cocotb.task import Task
from cocotb.triggers import ClockCycles, Event
from pyuvm import ConfigDB, uvm_component, uvm_driver, uvm_sequencer

from reneta.verif.common.hw import rng
from reneta.verif.common.stalls import Stall, Staller
from reneta.verif.common.stream import Beat

# Items taken from the sequencer ahead of the one that is driven: the stream then has no gaps between items.
_AHEAD = 4


class StreamSequencer(uvm_sequencer):
    """A sequencer that can forget what it holds, for a reset in the middle of a test."""

    def flush(self) -> None:
        """Drop all items that wait. The sequences that sent them must have been cancelled."""
        for queue in (self.seq_q, self.seq_item_export.req_q):
            while not queue.empty():
                queue.get_nowait()
        self.seq_item_export.current_item = None


class SourceDriver(uvm_driver):
    """Offers beats with `valid`, keeps each until `ready`, and pauses as its stall profile says."""

    def build_phase(self) -> None:
        """Look up the agent's configuration."""
        self.cfg: Any = ConfigDB().get(self, "", "stream_cfg")
        self.port = self.cfg.port
        self._edge = self.cfg.clocking.edge
        self._random = rng(self.get_full_name())
        self._staller = Staller(self.cfg.stalls, self._random)
        self._items: deque[Sequence[Beat]] = deque()
        self._filled = Event()
        self._taken = Event()
        self._busy = False
        self._left = 0
        self._tasks: list[Task[None]] = []

    async def run_phase(self) -> None:
        """Go idle and begin to serve the sequencer."""
        self.flush()

    @property
    def idle(self) -> bool:
        """Whether everything accepted from the sequencer has been driven."""
        return not self._busy and not self._items

    def set_stalls(self, profile: Stall | str) -> None:
        """Change the profile, from the next beat on."""
        self._staller = Staller(profile, self._random)
        self._left = self._run_length()

    def flush(self) -> None:
        """Forget all beats and go idle at once."""
        for task in self._tasks:
            task.cancel()
        self._items.clear()
        self._busy = False
        self._left = self._run_length()
        self._go_idle()
        self._tasks = [cocotb.start_soon(self._fetch()), cocotb.start_soon(self._drive())]

    def _go_idle(self) -> None:
        self.port.valid.value = 0
        self.port.scramble(self._random)

    async def _fetch(self) -> None:
        while True:
            item = await self.seq_item_port.get_next_item()
            self._items.append(item.beats)
            self._filled.set()
            self.seq_item_port.item_done()
            while len(self._items) >= _AHEAD:
                self._taken.clear()
                await self._taken.wait()

    async def _drive(self) -> None:
        port, edge = self.port, self._edge
        while True:
            if not self._items:
                self._busy = False
                self._go_idle()
                self._filled.clear()
                await self._filled.wait()
                await edge
            self._busy = True
            beats = self._items.popleft()
            self._taken.set()
            for beat in beats:
                while self._left == 0:
                    await self._pause()
                    self._left = self._run_length()
                self._left -= 1
                port.write(beat)
                port.valid.value = 1
                await edge
                if port.ready is not None:
                    while not port.ready.value:
                        await edge

    def _run_length(self) -> int:
        """Beats until the next pause: 0 while blocked, negative for never."""
        profile = self._staller.profile
        if profile is Stall.NONE:
            return -1
        return 0 if profile is Stall.BLOCKED else self._staller.run()

    async def _pause(self) -> None:
        self._go_idle()
        if self._staller.profile in (Stall.BLOCKED, Stall.NONE):
            await self._edge
        else:
            await ClockCycles(self.cfg.clocking.clk, self._staller.pause())


class SinkDriver(uvm_component):
    """Drives `ready` as its stall profile says; it has no sequencer, as there is nothing to send."""

    def build_phase(self) -> None:
        """Look up the agent's configuration."""
        self.cfg: Any = ConfigDB().get(self, "", "stream_cfg")
        self._staller = Staller(self.cfg.stalls, rng(self.get_full_name()))
        self._task: Task[None] | None = None

    async def run_phase(self) -> None:
        """Begin to take beats."""
        self.flush()

    def set_stalls(self, profile: Stall | str) -> None:
        """Change the profile, at once."""
        self._staller = Staller(profile, rng(self.get_full_name(), str(profile)))
        self.flush()

    def flush(self) -> None:
        """Begin the profile anew."""
        if self._task is not None:
            self._task.cancel()
        self._task = cocotb.start_soon(self._drive())

    async def _drive(self) -> None:
        ready, clk, staller = self.cfg.port.ready, self.cfg.clocking.clk, self._staller
        if staller.profile in (Stall.NONE, Stall.BLOCKED):
            ready.value = int(staller.profile is Stall.NONE)
            return
        while True:
            ready.value = 1
            await ClockCycles(clk, staller.run())
            ready.value = 0
            await ClockCycles(clk, staller.pause())
