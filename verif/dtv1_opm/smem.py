"""The write side of the shared memory as dtv1_opm sees it: two channels, two banks, grants now and then."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from pyuvm import ConfigDB, uvm_analysis_port, uvm_component

from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.hw import rng
from reneta.verif.common.stalls import Stall, Staller
from reneta.verif.common.stream_agent import ProtocolError

CHANNELS = 2
# Requests of a channel that may wait.
DEPTH = 4

Write = tuple[int, ...]


@dataclass
class Channel:
    """Signals of a channel, requests that wait, and the one that is offered but not taken."""

    valid: Any
    ready: Any
    payload: tuple[Any, ...]
    waiting: deque[Write] = field(default_factory=deque)
    offered: Write | None = None


class SmemWrites(uvm_component):
    """Takes requests into a FIFO for each channel and grants their heads, each bank one in a cycle.

    `ap` publishes each write (channel, addr, sel, data) when it is granted: from then on the memory holds it.
    A channel is busy from the cycle after an acceptance to the last grant. The stall profile holds up grants.
    """

    def build_phase(self) -> None:
        """Look up the configuration and the signals."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.ap = uvm_analysis_port("ap", self)
        self._clocking, self._dut = cfg.clocking, cfg.dut
        self._bank_shift = cfg.hw.smem_addr_w - 1
        self._random = rng(self.get_full_name())
        self._channels = [self._channel(number) for number in range(CHANNELS)]
        self.set_stalls(cfg.stalls_of("smem"))

    def _channel(self, number: int) -> Channel:
        def signal(name: str) -> Any:
            return getattr(self._dut, f"wreq{number}_{name}")

        payload = tuple(signal(name) for name in ("addr_o", "sel_o", "data_o"))
        return Channel(signal("valid_o"), signal("ready_i"), payload)

    def set_stalls(self, profile: Stall | str) -> None:
        """Change the profile of the grants."""
        self._staller = Staller(profile, self._random)
        self._go, self._left = self._staller.profile is not Stall.BLOCKED, 0

    def flush(self) -> None:
        """Forget all requests, as a reset does."""
        for channel in self._channels:
            channel.waiting.clear()
            channel.offered = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits."""
        return not any(channel.waiting for channel in self._channels)

    async def run_phase(self) -> None:
        """One turn a cycle."""
        self._drive()
        while True:
            await self._clocking.edge
            if self._clocking.in_reset:
                self.flush()
            else:
                self._grant()
                for channel in self._channels:
                    self._accept(channel)
            self._drive()

    def _drive(self) -> None:
        for channel in self._channels:
            channel.ready.value = int(len(channel.waiting) < DEPTH)
        busy = sum(bool(channel.waiting) << number for number, channel in enumerate(self._channels))
        self._dut.wbusy_i.value = busy

    def _grant(self) -> None:
        if not self._may_grant():
            return
        order = list(enumerate(self._channels))
        self._random.shuffle(order)
        taken = set()
        for number, channel in order:
            if channel.waiting:
                bank = channel.waiting[0][0] >> self._bank_shift
                if bank not in taken:
                    taken.add(bank)
                    self.ap.write((number, *channel.waiting.popleft()))

    def _may_grant(self) -> bool:
        """Whether the profile lets grants happen in this cycle."""
        profile = self._staller.profile
        if profile in (Stall.NONE, Stall.BLOCKED):
            return profile is Stall.NONE
        if self._left == 0:
            self._go = not self._go
            self._left = self._staller.run() if self._go else self._staller.pause()
        self._left -= 1
        return self._go

    def _accept(self, channel: Channel) -> None:
        if not channel.valid.value:
            if channel.offered is not None:
                raise ProtocolError(f"a write was withdrawn: {channel.offered}")
            return
        request = tuple(int(handle.value) for handle in channel.payload)
        if channel.offered is not None and request != channel.offered:
            raise ProtocolError(f"a write changed before ready: {channel.offered} -> {request}")
        taken = bool(channel.ready.value)
        channel.offered = None if taken else request
        if taken:
            channel.waiting.append(request)
