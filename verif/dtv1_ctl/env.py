"""Environment of dtv1_ctl: what surrounds it is played, what it does is checked against the program."""

from __future__ import annotations

from reneta.golden.control_types import MachineState
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.base_env import BaseEnv
from reneta.verif.common.scoreboard import Scoreboard, ScoreboardError
from reneta.verif.common.stream_agent import Role
from reneta.verif.dtv1_ctl.checker import Checker
from reneta.verif.dtv1_ctl.coverage import ControlCoverage
from reneta.verif.dtv1_ctl.engine import Engine
from reneta.verif.dtv1_ctl.memory import DescriptorMemory, Window
from reneta.verif.dtv1_ctl.mover import Mover
from reneta.verif.dtv1_ctl.ports import Ports, PortsMonitor
from reneta.verif.dtv1_ctl.predictor import ProgramModel


class ControlBoard(Scoreboard):
    """A stop, an error or a reset leaves things that did not come, but nothing that came unasked."""

    # Not every program moves descriptors or writes, nor does every test use the window.
    must_compare = False

    def reset(self) -> None:
        """Forget what did not come.

        Raises:
            ScoreboardError: something came that nobody expected.
        """
        if self._actual:
            raise ScoreboardError(f"{self.get_name()}: unexpected {self.show(self._actual[0])}")
        super().reset()


class ControlEnv(BaseEnv):
    """Watches the streams, plays engine, DRAM and descriptor memory, and connects models and scoreboards."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        add = self.add_stream
        configurations = {"ipm": "ipm_cfg_o", "ccm": "ccm_cfg_o", "opm": "opm_cfg_o"}
        self.dispatch = add(Role.PASSIVE, "dispatch", "cfg_valid_o", "cfg_ready_i", configurations)
        command = {"cmd": "fetch_cmd_o"}
        self.fetch = add(Role.PASSIVE, "fetch", "fetch_cmd_valid_o", "fetch_cmd_ready_i", command)
        command = {"cmd": "move_cmd_o"}
        self.loads = add(Role.PASSIVE, "loads", "move_rd_cmd_valid_o", "move_rd_cmd_ready_i", command)
        self.stores = add(Role.PASSIVE, "stores", "move_wr_cmd_valid_o", "move_wr_cmd_ready_i", command)
        words = {"data": "move_wr_data_o", "last": "move_wr_last_o"}
        self.words = add(Role.PASSIVE, "words", "move_wr_valid_o", "move_wr_ready_i", words)
        self.ports = PortsMonitor.create("ports", self)
        self.mover: Mover = Mover.create("mover", self)
        self.engine: Engine = Engine.create("engine", self)
        self.memory: DescriptorMemory = DescriptorMemory.create("memory", self)
        self.window: Window = Window.create("window", self)
        self.checker: Checker = Checker.create("checker", self)
        self.model: ProgramModel = self.add_predictor(ProgramModel, "model")
        names = ("dispatches", "fetches", "load_commands", "store_commands", "stored", "host", "contents")
        self.boards = {name: self.add_scoreboard(ControlBoard, name) for name in names}
        self.coverage = ControlCoverage.create("coverage", self)
        for part in (self.engine, self.checker, self.model):
            part.mover = self.mover
        self.checker.model = self.model
        self.model.memory = self.window.memory = self.memory

    def connect_phase(self) -> None:
        """Connect everything; each cycle goes first to who checks, and last to who changes the inputs."""
        for part in (self.checker, self.window, self.mover, self.engine, self.memory):
            self.ports.ap.connect(part.analysis_export)
        checker, model = self.checker, self.model
        checker.launches.connect(model.analysis_export)
        pairs = (
            ("dispatches", model.ap, self.dispatch.ap),
            ("fetches", model.fetches, self.fetch.ap),
            ("load_commands", model.loads, self.loads.ap),
            ("store_commands", model.stores, self.stores.ap),
            ("stored", model.words, self.words.ap),
            ("host", self.window.asked, self.window.answered),
        )
        for name, expected, actual in pairs:
            expected.connect(self.boards[name].expected)
            actual.connect(self.boards[name].actual)
        checker.settled.connect(AnalysisImp("settled", self, self._compare))
        checker.changes.connect(AnalysisImp("changed", self, self._changed))
        coverage = self.coverage
        self.ports.ap.connect(coverage.analysis_export)
        checker.changes.connect(coverage.changes)
        checker.errors.connect(coverage.errors)
        model.plans.connect(coverage.plans)

    def forget(self) -> None:
        """Also what is played, and what the checker knows."""
        for part in (self.mover, self.engine, self.memory, self.window, self.checker):
            part.restart()
        super().forget()
        self._watch_offers(True)

    def _compare(self, ended: int) -> None:
        """Compare the memories with what the instructions that have ended make of them."""
        board, (words, entries) = self.boards["contents"], self.model.memories(ended)
        board.expected.write((*words.values(), *entries.values()))
        actual = (*map(self.mover.word, words), *(self.memory.words[place] for place in entries))
        board.actual.write(actual)

    def _changed(self, change: tuple[int, int, Ports]) -> None:
        """A reset of all but the registers: what was on offer vanishes, what is expected no longer is."""
        old, new, _ = change
        if new == MachineState.RESET:
            self._watch_offers(False)
        elif old == MachineState.RESET:
            self._watch_offers(True)
            for name, board in self.boards.items():
                if name != "host":
                    board.reset()

    def _watch_offers(self, watched: bool) -> None:
        for agent in self.streams.values():
            agent.cfg.check_stable = watched
            agent.monitor.flush()
