"""The agent of a stream: a monitor always, and what drives it unless it is passive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from cocotb.triggers import RisingEdge
from pyuvm import ConfigDB, uvm_agent, uvm_analysis_port, uvm_monitor

from reneta.verif.common.clocking import Clocking
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat, BeatSequence, StreamPort
from reneta.verif.common.stream_driver import SinkDriver, SourceDriver, StreamSequencer


class Role(Enum):
    """What an agent does to its stream."""

    SOURCE = "source"
    SINK = "sink"
    PASSIVE = "passive"


@dataclass
class StreamCfg:
    """Configuration of one stream agent.

    Attributes:
        port: the signals.
        clocking: clock and reset.
        role: what the agent drives.
        stalls: stall profile at the beginning.
        check_stable: whether an offered beat must stay until taken (off where the design may withdraw it).
        payload_latency: cycles from the handshake to the payload (0 or 1).
    """

    port: StreamPort
    clocking: Clocking
    role: Role
    stalls: Stall | str = Stall.NONE
    check_stable: bool = True
    payload_latency: int = 0


class ProtocolError(AssertionError):
    """A stream broke the valid/ready rules."""


class StreamMonitor(uvm_monitor):
    """Publishes each beat that passes, on `ap`, and checks that an offered beat stays until it is taken."""

    # Idle cycles after which it sleeps until `valid` rises.
    SLEEP_AFTER = 4

    def build_phase(self) -> None:
        """Look up the agent's configuration."""
        self.cfg: StreamCfg = ConfigDB().get(self, "", "stream_cfg")
        self.ap = uvm_analysis_port("ap", self)
        self.count = 0
        self._offered: Beat | None = None
        self._due = False

    def flush(self) -> None:
        """Forget the beat that is offered."""
        self._offered = None
        self._due = False

    async def run_phase(self) -> None:
        """Watch the stream until the test ends."""
        port, clocking = self.cfg.port, self.cfg.clocking
        edge, valid_rises = clocking.edge, RisingEdge(port.valid)
        valid, ready = port.valid, port.ready
        idle = 0
        while True:
            await edge
            if clocking.in_reset:
                self.flush()
                continue
            if self._due:
                self._due = False
                self._publish(port.read())
            if not valid.value:
                if self._offered is not None:
                    raise ProtocolError(f"{port.name}: valid fell before ready; offered was {self._offered}")
                idle += 1
                if idle > self.SLEEP_AFTER:
                    await valid_rises
                continue
            idle = 0
            if ready is None or ready.value:
                self._fire(port)
            elif self.cfg.check_stable and self._offered is None and not self.cfg.payload_latency:
                self._offered = port.read()

    def _fire(self, port: StreamPort) -> None:
        if self.cfg.payload_latency:
            self._due = True
            return
        beat = port.read()
        if self._offered is not None and beat != self._offered:
            raise ProtocolError(f"{port.name}: payload changed before ready, {self._offered} -> {beat}")
        self._offered = None
        self._publish(beat)

    def _publish(self, beat: Beat) -> None:
        self.count += 1
        self.ap.write(beat)


class StreamAgent(uvm_agent):
    """Monitor, and by role a sequencer with its driver (source) or a ready driver (sink).

    `ap` is the monitor's port. Configuration comes from the ConfigDB as `stream_cfg`, where
    `BaseEnv.add_stream` puts it.
    """

    def build_phase(self) -> None:
        """Make the parts that the role asks for."""
        self.cfg: StreamCfg = ConfigDB().get(self, "", "stream_cfg")
        ConfigDB().set(self, "*", "stream_cfg", self.cfg)
        self.monitor = StreamMonitor.create("monitor", self)
        self.sequencer: StreamSequencer | None = None
        self.driver: SourceDriver | SinkDriver | None = None
        if self.cfg.role is Role.SOURCE:
            self.sequencer = StreamSequencer.create("sequencer", self)
            self.driver = SourceDriver.create("driver", self)
        elif self.cfg.role is Role.SINK and self.cfg.port.ready is not None:
            self.driver = SinkDriver.create("driver", self)

    def connect_phase(self) -> None:
        """Connect driver and sequencer."""
        self.ap = self.monitor.ap
        if isinstance(self.driver, SourceDriver) and self.sequencer is not None:
            self.driver.seq_item_port.connect(self.sequencer.seq_item_export)

    async def send(self, beats: Iterable[Beat]) -> None:
        """Send beats (a source only); returns when the driver has accepted all, before the last is driven."""
        await BeatSequence(beats).start(self.sequencer)

    @property
    def idle(self) -> bool:
        """Whether the source has nothing left to drive (always, for the other roles)."""
        return self.driver.idle if isinstance(self.driver, SourceDriver) else True

    def set_stalls(self, profile: Stall | str) -> None:
        """Change the stall profile."""
        if self.driver is not None:
            self.driver.set_stalls(profile)

    def flush(self) -> None:
        """Forget everything in flight; cancel the tasks that run sequences on this agent first."""
        if self.sequencer is not None:
            self.sequencer.flush()
        if self.driver is not None:
            self.driver.flush()
        self.monitor.flush()
