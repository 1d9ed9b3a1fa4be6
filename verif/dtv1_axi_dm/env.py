"""Environment of dtv1_axi_dm: its streams, an AXI memory, the model, the checker and scoreboards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cocotb.task import Task

from reneta.golden.ccm_types import ErrorCause
from reneta.verif.axi.channels import Resp, signals
from reneta.verif.axi.checker import AxiChecker
from reneta.verif.axi.memory import AxiMemory
from reneta.verif.common.base_env import BaseEnv
from reneta.verif.common.scoreboard import Scoreboard, ScoreboardError
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream_agent import Role, StreamAgent
from reneta.verif.dtv1_axi_dm.coverage import MoverCoverage
from reneta.verif.dtv1_axi_dm.predictor import MoverModel, max_burst

READS, WRITES = 64, 64
_MASTER, _SLAVE = ("ar", "aw", "w"), ("r", "b")
# Cycles after which a stop has failed: all reads in flight, of full length, may come at a slow rate.
_STOP_PATIENCE = 30_000


class MoverBoard(Scoreboard):
    """A stop or a reset may leave things that did not come, but nothing that came unasked."""

    def reset(self) -> None:
        """Forget what did not come.

        Raises:
            ScoreboardError: something came that nobody expected.
        """
        if self._actual:
            raise ScoreboardError(f"{self.get_name()}: unexpected {self.show(self._actual[0])}")
        super().reset()


class MoverEnv(BaseEnv):
    """All parts; `stop` asks the mover for silence and brings the parts to the state behind it."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        self.cfg.dut.stop_i.value = 0
        add = self.add_stream
        self.rd_cmd = add(Role.SOURCE, "rd_cmd", "rd_cmd_valid_i", "rd_cmd_ready_o", {"cmd": "rd_cmd_i"})
        self.wr_cmd = add(Role.SOURCE, "wr_cmd", "wr_cmd_valid_i", "wr_cmd_ready_o", {"cmd": "wr_cmd_i"})
        words = {"data": "wr_data_i", "last": "wr_last_i"}
        self.wr_data = add(Role.SOURCE, "wr_data", "wr_valid_i", "wr_ready_o", words)
        words = {"data": "rd_data_o", "last": "rd_last_o"}
        self.rd_data = add(Role.SINK, "rd_data", "rd_valid_o", "rd_ready_i", words)
        self.done = add(Role.PASSIVE, "done", "wr_done_o", None, {"done": "wr_done_o"})
        self.axi: dict[str, StreamAgent] = {}
        for channel in _MASTER + _SLAVE:
            role = Role.SINK if channel in _MASTER else Role.SOURCE
            self.axi[channel] = add(role, channel, *signals(channel))
        self.memory: AxiMemory = AxiMemory.create("memory", self)
        self.checker: AxiChecker = AxiChecker.create("checker", self)
        self.checker.word_bytes, self.checker.most_beats = self.cfg.hw.num_pe * 2, max_burst(self.cfg.hw)
        self.checker.most_reads, self.checker.most_writes = READS, WRITES
        self.model: MoverModel = self.add_predictor(MoverModel, "model")
        names = ("ar_board", "aw_board", "w_board", "rd_board", "done_board", "memory_board")
        self.boards = {name: self.add_scoreboard(MoverBoard, name) for name in names}
        self.coverage = MoverCoverage.create("coverage", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        for channel, agent in self.axi.items():
            setattr(self.memory, channel, agent)
            self.checker.listen(channel, agent)
        self.memory.listen()
        model, boards = self.model, self.boards
        self.rd_cmd.ap.connect(model.analysis_export)
        self.wr_cmd.ap.connect(model.write_command)
        self.wr_data.ap.connect(model.write_word)
        self.axi["aw"].ap.connect(model.aw_seen)
        self.axi["w"].ap.connect(model.w_seen)
        self.axi["b"].ap.connect(model.b_seen)
        pairs = (
            ("ar_board", model.ar, self.axi["ar"]),
            ("aw_board", model.aw, self.axi["aw"]),
            ("w_board", model.w, self.axi["w"]),
            ("rd_board", model.ap, self.rd_data),
            ("done_board", model.done, self.done),
        )
        for name, expected, actual in pairs:
            expected.connect(boards[name].expected)
            actual.ap.connect(boards[name].actual)
        for direction, agent in (("read", self.rd_cmd), ("write", self.wr_cmd)):
            agent.ap.connect(self.coverage.commands[direction])
        for channel, agent in self.axi.items():
            agent.ap.connect(self.coverage.channels[channel])

    def forget(self) -> None:
        """Besides, what is under way on the bus; the model takes over what the memory holds."""
        super().forget()
        self.memory.restart()
        self.checker.restart()
        self.model.image = dict(self.memory.words)

    def settled(self) -> bool:
        """Also the bus."""
        return super().settled() and self.memory.idle and self.checker.idle

    def answer_with(self, resp: Any) -> None:
        """Set the memory's answers, a function of the address."""
        self.memory.resp = self.model.resp = resp

    def no_errors(self) -> None:
        """The memory answers OKAY, everywhere."""
        self.answer_with(lambda _: Resp.OKAY)

    def compare_memory(self) -> None:
        """Compare all words that were written, or should have been."""
        board = self.boards["memory_board"]
        for address in sorted({*self.model.image, *self.memory.words}):
            board.expected.write((address, self.model.peek(address)))
            board.actual.write((address, self.memory.peek(address)))

    def compare_errors(self) -> None:
        """Compare what the mover reports.

        Raises:
            AssertionError: it reports something else than the model.
        """
        dut, model = self.cfg.dut, self.model
        reported = (ErrorCause(int(dut.rd_err_o.value)), ErrorCause(int(dut.wr_err_o.value)))
        foreseen = (model.read_error, model.write_error)
        assert reported == foreseen, f"errors of reads and writes are {reported}, not {foreseen}"

    async def stop(self, tasks: Iterable[Task[Any]] = ()) -> None:
        """Raise `stop_i`, wait for silence, compare what is in memory, and let `stop_i` go.

        Args:
            tasks: what sends, to be cancelled.
        """
        dut, clocking = self.cfg.dut, self.cfg.clocking
        self.allow_withdrawal(True)
        dut.stop_i.value = 1
        await clocking.cycles(2)
        self.coverage.stop(self.checker.open_reads, self.checker.open_writes)
        words, waited = self.rd_data.monitor.count, 0
        while not int(dut.idle_o.value):
            await clocking.cycles(1)
            waited += 1
            assert waited < _STOP_PATIENCE, "the mover does not become idle"
        for task in tasks:
            task.cancel()
        # Sources and what they offer vanish while the mover is deaf.
        for agent in (self.rd_cmd, self.wr_cmd, self.wr_data):
            agent.flush()
        assert self.checker.idle, "idle with bursts in flight"
        await clocking.cycles(10)
        assert int(dut.idle_o.value), "idle fell during the stop"
        assert self.checker.idle, "a burst was begun during the stop"
        assert self.rd_data.monitor.count == words, "words came during the stop"
        self.compare_memory()
        assert not self.boards["done_board"].pending, "a command in memory was not done"
        for board in self.boards.values():
            board.reset()
        self.model.forgive()
        dut.stop_i.value = 0
        await clocking.cycles(2)
        self.allow_withdrawal(False)

    def allow_withdrawal(self, allowed: bool) -> None:
        """During a stop the mover withdraws words that it offers, and its clients vanish."""
        for agent in (self.rd_cmd, self.wr_cmd, self.wr_data, self.rd_data):
            agent.cfg.check_stable = not allowed
            agent.monitor.flush()

    def set_all_stalls(self, profiles: dict[str, Stall]) -> None:
        """Set profiles by stream name, NONE for those not named."""
        for name, agent in self.streams.items():
            agent.set_stalls(profiles.get(name, Stall.NONE))
