"""The base of environments: what all have, and how they are reset and drained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pyuvm import ConfigDB, uvm_env

from reneta.golden.config import HwConfig
from reneta.verif.common.analysis import Predictor
from reneta.verif.common.clocking import Clocking
from reneta.verif.common.scoreboard import Scoreboard
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import StreamPort
from reneta.verif.common.stream_agent import Role, StreamAgent, StreamCfg

CFG = "env_cfg"


@dataclass
class EnvCfg:
    """Configuration of an environment, one object in the ConfigDB.

    Attributes:
        dut: handle of the top.
        hw: hardware configuration that it was built for.
        clocking: clock and reset.
        stalls: stall profile for each stream by name; "*" is the default of those not named.
    """

    dut: Any
    hw: HwConfig
    clocking: Clocking
    stalls: Mapping[str, Stall | str] = field(default_factory=dict)

    def stalls_of(self, stream: str) -> Stall | str:
        """The profile of a stream."""
        return self.stalls.get(stream, self.stalls.get("*", Stall.NONE))


class BaseEnv(uvm_env):
    """Owns agents, predictors, scoreboards and coverage; subclasses make and connect them.

    A subclass's build_phase calls this one's first, then `add_stream`, `add_predictor` and `add_scoreboard`.
    """

    # Cycles without any result after which the rest is given up as missing.
    PATIENCE = 3000

    def build_phase(self) -> None:
        """Look up the configuration."""
        self.cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.streams: dict[str, StreamAgent] = {}
        self.predictors: list[Predictor] = []
        self.scoreboards: list[Scoreboard] = []

    def add_stream(
        self,
        role: Role,
        name: str,
        valid: str,
        ready: str | None,
        payload: Mapping[str, str],
        check_stable: bool = True,
        payload_latency: int = 0,
    ) -> StreamAgent:
        """Make the agent of a stream (arguments: StreamPort, StreamCfg); its stalls come from the cfg."""
        port = StreamPort(self.cfg.dut, name, valid, ready, payload)
        stalls = self.cfg.stalls_of(name)
        cfg = StreamCfg(port, self.cfg.clocking, role, stalls, check_stable, payload_latency)
        ConfigDB().set(self, name, "stream_cfg", cfg)
        agent: StreamAgent = StreamAgent.create(name, self)
        self.streams[name] = agent
        return agent

    def add_predictor(self, kind: type[Predictor], name: str = "predictor") -> Any:
        """Make a predictor (through the factory, so that a test may override it)."""
        self.predictors.append(kind.create(name, self))
        return self.predictors[-1]

    def add_scoreboard(self, kind: type[Scoreboard] = Scoreboard, name: str = "scoreboard") -> Any:
        """Make a scoreboard (through the factory)."""
        self.scoreboards.append(kind.create(name, self))
        return self.scoreboards[-1]

    @property
    def compared(self) -> int:
        """Transactions that all scoreboards have compared."""
        return sum(board.compared for board in self.scoreboards)

    def forget(self) -> None:
        """Bring agents, predictors and scoreboards back to the state after a reset."""
        for agent in self.streams.values():
            agent.flush()
        for predictor in self.predictors:
            predictor.reset()
        for board in self.scoreboards:
            board.reset()

    async def reset(self, cycles: int = 3) -> None:
        """Reset the design and forget all that was in flight. Cancel running traffic first."""
        clocking = self.cfg.clocking
        clocking.assert_reset()
        for agent in self.streams.values():
            agent.flush()
        # What monitors saw at the edge of the assertion reaches the scoreboards before they forget.
        await clocking.cycles(1)
        self.forget()
        await clocking.cycles(cycles)
        clocking.release_reset()
        await clocking.cycles(1)

    def settled(self) -> bool:
        """Whether all that was sent has been driven and all that is expected has come."""
        owing: tuple[Scoreboard | Predictor, ...] = (*self.scoreboards, *self.predictors)
        return all(agent.idle for agent in self.streams.values()) and not any(part.pending for part in owing)

    async def drain(self) -> None:
        """Wait until all has come, or nothing has come for long (which the check phase then reports)."""
        clocking = self.cfg.clocking
        seen, quiet, calm = self.compared, 0, 0
        # Twice in a row: a driver may be done at an edge at which its monitor has yet to tell the predictor.
        while calm < 2 and quiet < self.PATIENCE:
            await clocking.cycles(8)
            calm = calm + 1 if self.settled() else 0
            quiet = 0 if self.compared != seen else quiet + 8
            seen = self.compared
        # What should not come would come now.
        await clocking.cycles(16)
