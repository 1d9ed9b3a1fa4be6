"""What the environments of the input module's units share: their common inputs, and their scoreboards."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from reneta.golden.ipm import Unit
from reneta.verif.common.base_env import BaseEnv
from reneta.verif.common.scoreboard import Scoreboard
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import Role, StreamAgent
from reneta.verif.ipm.coverage import WalkCoverage
from reneta.verif.ipm.predictor import WalkPredictor
from reneta.verif.ipm.responder import Responder


class OutputScoreboard(Scoreboard):
    """Knows what came that nobody expects."""

    @property
    def surplus(self) -> int:
        """Transactions that came and are not expected (yet)."""
        return len(self._actual)


class UnitEnv(BaseEnv):
    """Sources for configurations, descriptors and indices; predictor and coverage of the walk."""

    predictor_type: ClassVar[type[WalkPredictor]]
    # What is verified here, one after the other.
    units: ClassVar[tuple[Unit, ...]]
    # Whether indices come from outside.
    has_index: ClassVar[bool] = True

    def build_phase(self) -> None:
        """Make what all units have."""
        super().build_phase()
        self.cfgs = self.add_stream(Role.SOURCE, "cfg", "cfg_valid_i", "cfg_ready_o", {"cfg": "cfg_i"})
        self.descs = self.add_stream(Role.SOURCE, "desc", "desc_valid_i", "desc_ready_o", {"desc": "desc_i"})
        self.idxs: StreamAgent | None = None
        if self.has_index:
            self.idxs = self.add_stream(Role.SOURCE, "idx", "idx_valid_i", "idx_ready_o", {"idx": "idx_i"})
        self.predictor: WalkPredictor = self.add_predictor(self.predictor_type)
        self.predictor.unit = self.units[0]
        self.boards: list[OutputScoreboard] = []
        self.responders: list[Responder] = []
        self.walk_coverage = []
        for unit in self.units:
            coverage = WalkCoverage(f"{unit.value}_coverage", self)
            coverage.unit = unit
            self.walk_coverage.append(coverage)

    def add_board(self, name: str) -> OutputScoreboard:
        """Make the scoreboard of an output."""
        board: OutputScoreboard = self.add_scoreboard(OutputScoreboard, f"{name}_board")
        self.boards.append(board)
        return board

    def add_responder(self, name: str, agent: StreamAgent, answer: Callable[[Beat], Beat]) -> Responder:
        """Make what answers on a source of this environment."""
        responder: Responder = Responder.create(name, self)
        responder.agent, responder.answer = agent, answer
        self.responders.append(responder)
        return responder

    def connect_phase(self) -> None:
        """Connect it."""
        self.cfgs.ap.connect(self.predictor.cfg_in)
        self.descs.ap.connect(self.predictor.desc_in)
        if self.idxs is not None:
            self.idxs.ap.connect(self.predictor.idx_in)
        for coverage in self.walk_coverage:
            self.predictor.steps.connect(coverage.analysis_export)

    def use(self, unit: Unit) -> None:
        """Verify this unit from now on; a reset must follow."""
        self.predictor.unit = unit

    async def reset(self, cycles: int = 3) -> None:
        """Reset the design; nothing that was asked before is answered."""
        for responder in self.responders:
            responder.stop()
        await super().reset(cycles)

    def forget(self) -> None:
        """Forget what was asked, too."""
        super().forget()
        for responder in self.responders:
            responder.restart()

    def settled(self) -> bool:
        """Nothing waits for an answer, either."""
        return super().settled() and not any(responder.pending for responder in self.responders)

    @property
    def surplus(self) -> int:
        """Transactions that came and are not expected."""
        return sum(board.surplus for board in self.boards)
