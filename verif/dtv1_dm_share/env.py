"""Environment of dtv1_dm_share: clients on one side, a data mover on the other, what must pass."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

import cocotb
from cocotb.task import Task
from cocotb.triggers import Event
from pyuvm import ConfigDB, uvm_analysis_port, uvm_subscriber

from reneta.verif.common.analysis import AnalysisImp, Predictor
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point
from reneta.verif.common.hw import rng
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import Role, StreamAgent

# Readers, the last one goes first; writers.
NAMES = ("engine", "moves", "fetch")
READERS, WRITERS = range(3), range(2)
# A client writes its number into the tag of its commands.
TAG_LSB = 64
_BTT = (1 << 23) - 1


def owner(command: int) -> int:
    """Whose command it is."""
    return command >> TAG_LSB & 0xF


class Ports(NamedTuple):
    """What is looked at in every cycle."""

    rd0_cmd_valid_i: int
    rd1_cmd_valid_i: int
    rd2_cmd_valid_i: int
    rd_cmd_valid_o: int
    rd_cmd_ready_i: int
    rd_valid_i: int
    rd_ready_o: int
    wr_moves_i: int
    wr_valid_o: int
    wr_ready_i: int
    wr_last_o: int
    wr_done_i: int
    wr_pending_o: int
    read_o: int
    written_o: int


class ShareMonitor(PortMonitor):
    """Watches them."""

    cycle_type = Ports


class ShareModel(Predictor):
    """`commands` and `words` announce what must come by client; flags and choices are checked in every cycle.

    Attributes:
        outstanding: whose commands wait for their words.
    """

    def build_phase(self) -> None:
        """Make the outputs, and an input for commands as the mover gets them."""
        super().build_phase()
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.dut = cfg.dut
        self.words = [uvm_analysis_port(f"words_{name}", self) for name in NAMES]
        self.taken = AnalysisImp("taken", self, self._taken)
        self.given = AnalysisImp("given", self, self._given)
        self.seen = uvm_analysis_port("seen", self)
        self.reset()

    def reset(self) -> None:
        """Nothing is under way."""
        self.outstanding: deque[int] = deque()
        self._pending = 0
        self._chosen: int | None = None

    def _taken(self, beat: Beat) -> None:
        self.outstanding.append(owner(beat[0]))

    def _given(self, beat: Beat) -> None:
        """A word of the mover's."""
        whose = self.outstanding[0]
        self.words[self.announce(whose)].write((beat[0],))
        if beat[1]:
            self.outstanding.popleft()

    def announce(self, whose: int) -> int:
        """Who must get a word; the negative test overrides this."""
        return whose

    def write(self, ports: Any) -> None:
        """One cycle: who is chosen, and the flags."""
        wishes = [r for r in READERS if getattr(ports, f"rd{r}_cmd_valid_i")]
        if ports.rd_cmd_valid_o:
            chosen = owner(int(self.dut.rd_cmd_o.value))
            due = max(wishes) if self._chosen is None else self._chosen
            assert chosen == due, f"{NAMES[chosen]} is chosen, not {NAMES[due]}"
            self.seen.write((len(wishes), NAMES[chosen], self._chosen is not None and due != max(wishes)))
            self._chosen = None if ports.rd_cmd_ready_i else chosen
        read, written = ports.rd_valid_i & ports.rd_ready_o, ports.wr_valid_o & ports.wr_ready_i
        flags = (ports.read_o, ports.written_o, ports.wr_pending_o)
        assert flags == (read, written, int(self._pending > 0)), f"flags are {flags}, {self._pending} pending"
        self._pending += (written & ports.wr_last_o) - ports.wr_done_i


class MoverPlayer(uvm_subscriber):
    """Gives words for read commands, in order and some cycles later; answers writes.

    Attributes:
        latency: most cycles from a command to its words, from the last word to the answer.
    """

    reader: StreamAgent

    def build_phase(self) -> None:
        """Make the input of words to be written."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.dut, self.hw, self.clocking = cfg.dut, cfg.hw, cfg.clocking
        self.random, self.latency = rng(self.get_full_name()), 20
        self.written = AnalysisImp("written", self, self._written)
        self._tasks: list[Task[None]] = []

    def restart(self) -> None:
        """Forget all, and begin to serve."""
        for task in self._tasks:
            task.cancel()
        self._reads: deque[tuple[int, int]] = deque()
        self._writes: deque[int] = deque()
        self._more = Event()
        self.dut.wr_done_i.value = 0
        self._tasks = [cocotb.start_soon(self._give()), cocotb.start_soon(self._answer())]

    @property
    def idle(self) -> bool:
        """Whether nothing waits."""
        return not (self._reads or self._writes)

    def _due(self) -> int:
        # No word comes earlier than a data mover can send one.
        return self.clocking.now() + self.random.randint(3, max(3, self.latency))

    def write(self, beat: Beat) -> None:
        """A read command."""
        self._reads.append((self._due(), (beat[0] & _BTT) // self.hw.word_bytes))
        self._more.set()

    def _written(self, beat: Beat) -> None:
        if beat[1]:
            self._writes.append(self._due())

    async def _give(self) -> None:
        while True:
            while not self._reads:
                self._more.clear()
                await self._more.wait()
            due, count = self._reads[0]
            await self.clocking.cycles(due - self.clocking.now())
            width = 8 * self.hw.word_bytes
            await self.reader.send(
                [(self.random.getrandbits(width), int(k == count - 1)) for k in range(count)]
            )
            self._reads.popleft()

    async def _answer(self) -> None:
        while True:
            await self.clocking.cycles(1)
            done = bool(self._writes) and self._writes[0] <= self.clocking.now()
            self.dut.wr_done_i.value = int(done)
            if done:
                self._writes.popleft()


class ShareCoverage(CoverageBase):
    """Who asks with whom, and who is chosen."""

    def items(self) -> list[Any]:
        """Points and crosses of share_cg."""
        return [
            point("share_cg.cp_wishes", lambda s: s[0], (1, 2, 3)),
            point("share_cg.cp_chosen", lambda s: s[1], NAMES),
            point("share_cg.cp_kept", lambda s: s[2], (True,)),
            cross(
                "share_cg.cr_choice",
                ["share_cg.cp_wishes", "share_cg.cp_chosen"],
            ),
        ]


class ShareEnv(BaseEnv):
    """Sources for the clients' commands and words, sinks for their words; the mover's side."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        add = self.add_stream
        self.rd_cmds = [
            add(
                Role.SOURCE, f"rd{r}_cmd", f"rd{r}_cmd_valid_i", f"rd{r}_cmd_ready_o", {"cmd": f"rd{r}_cmd_i"}
            )
            for r in READERS
        ]
        self.rds = [
            add(Role.SINK, f"rd{r}", f"rd{r}_valid_o", f"rd{r}_ready_i", {"data": "rd_word_o"})
            for r in READERS
        ]
        self.wr_cmds = [
            add(
                Role.SOURCE, f"wr{w}_cmd", f"wr{w}_cmd_valid_i", f"wr{w}_cmd_ready_o", {"cmd": f"wr{w}_cmd_i"}
            )
            for w in WRITERS
        ]
        self.wrs = []
        for w in WRITERS:
            words = {"data": f"wr{w}_data_i", "last": f"wr{w}_last_i"}
            self.wrs.append(add(Role.SOURCE, f"wr{w}", f"wr{w}_valid_i", f"wr{w}_ready_o", words))
        command = {"cmd": "rd_cmd_o"}
        self.dm_rd_cmd = add(Role.SINK, "dm_rd_cmd", "rd_cmd_valid_o", "rd_cmd_ready_i", command)
        words = {"data": "rd_data_i", "last": "rd_last_i"}
        self.dm_rd = add(Role.SOURCE, "dm_rd", "rd_valid_i", "rd_ready_o", words)
        command = {"cmd": "wr_cmd_o"}
        self.dm_wr_cmd = add(Role.SINK, "dm_wr_cmd", "wr_cmd_valid_o", "wr_cmd_ready_i", command)
        words = {"data": "wr_data_o", "last": "wr_last_o"}
        self.dm_wr = add(Role.SINK, "dm_wr", "wr_valid_o", "wr_ready_i", words)
        self.cycles = ShareMonitor.create("cycles", self)
        self.mover: MoverPlayer = MoverPlayer.create("mover", self)
        self.model: ShareModel = self.add_predictor(ShareModel, "model")
        self.commands = [self.add_scoreboard(name=f"commands_{name}") for name in NAMES]
        self.words = [self.add_scoreboard(name=f"words_{name}") for name in NAMES]
        self.writes = [self.add_scoreboard(name=name) for name in ("write_commands", "write_words")]
        self.coverage = ShareCoverage.create("coverage", self)
        for board in (*self.commands, *self.words, *self.writes):
            board.must_compare = False

    def connect_phase(self) -> None:
        """Connect everything; what clients write passes in the order in which it is taken."""
        self.mover.reader = self.dm_rd
        self.dm_rd_cmd.ap.connect(self.mover.analysis_export)
        self.dm_rd_cmd.ap.connect(self.model.taken)
        self.dm_rd_cmd.ap.connect(AnalysisImp("by_client", self, self._by_client))
        self.dm_rd.ap.connect(self.model.given)
        self.dm_wr.ap.connect(self.mover.written)
        for reader in READERS:
            self.rd_cmds[reader].ap.connect(self.commands[reader].expected)
            self.model.words[reader].connect(self.words[reader].expected)
            self.rds[reader].ap.connect(self.words[reader].actual)
        for writer in WRITERS:
            self.wr_cmds[writer].ap.connect(self.writes[0].expected)
            self.wrs[writer].ap.connect(self.writes[1].expected)
        self.dm_wr_cmd.ap.connect(self.writes[0].actual)
        self.dm_wr.ap.connect(self.writes[1].actual)
        self.cycles.ap.connect(self.model.analysis_export)
        self.model.seen.connect(self.coverage.analysis_export)

    def _by_client(self, beat: Beat) -> None:
        self.commands[owner(beat[0])].actual.write(beat)

    def forget(self) -> None:
        """Also the mover."""
        super().forget()
        self.mover.restart()

    def settled(self) -> bool:
        """Also the mover and its commands."""
        return super().settled() and self.mover.idle and not self.model.outstanding
