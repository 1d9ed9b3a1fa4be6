"""Environment of dtv1_srg0: a descriptor memory, an SMEM that answers, three takers of indices."""

from __future__ import annotations

from collections import deque
from typing import ClassVar, NamedTuple

from pyuvm import uvm_analysis_port

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.ipm import (
    Column,
    IpmError,
    Unit,
    addend_reads,
    check_index,
    index_read,
    index_takers,
    is_sparse,
)
from reneta.golden.ipm_types import IpmCfg
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.hw import rng
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import Role
from reneta.verif.ipm.env import UnitEnv
from reneta.verif.ipm.predictor import WalkPredictor

# Takers of indices and the names of their streams.
TAKERS = {Unit.JOIN: "dmx", Unit.DRAM: "drg", Unit.FIRST: "srg"}


class Command(NamedTuple):
    """What is asked of the descriptor memory."""

    list: int
    first: int
    last: int


class Srg0Predictor(WalkPredictor):
    """Gives commands on `cmds`, read requests on `ap`, indices on a port for each taker, words on `words`.

    Indices come from the memory, or `direct` ones from outside; both in the order of the list entries.
    """

    def build_phase(self) -> None:
        """Make the ports."""
        self.cmds = uvm_analysis_port("cmds", self)
        self.shared = {unit: uvm_analysis_port(name, self) for unit, name in TAKERS.items()}
        self.words = uvm_analysis_port("words", self)
        self.rsp_in = AnalysisImp("rsp_in", self, lambda beat: self._take(beat[0], handed=False))
        self.direct_in = AnalysisImp("direct_in", self, lambda beat: self._take(beat[0], handed=True))
        super().build_phase()

    def reset(self) -> None:
        """Nothing was read."""
        super().reset()
        # An index was not in the matrix: no index leaves any more, while some further reads may be asked for.
        self.bad_index = False
        self._due: deque[IpmCfg] = deque()

    @property
    def pending(self) -> int:
        """What is due and has not come waits, too."""
        return super().pending + (0 if self.bad_index else len(self._due))

    def column(self, cfg: IpmCfg, column: Column) -> bool:
        """The reads of a column; a handed index needs none."""
        if not is_sparse(cfg):
            for read in addend_reads(cfg, column, self.hw):
                self.ap.write(read)
                self._due.append(cfg)
            return True
        if not cfg.direct:
            self.ap.write(index_read(cfg, column, self.hw))
        self._due.append(cfg)
        return True

    def index(self, index: int) -> int:
        """An index on its way; the negative test overrides this."""
        return index

    def _take_cfg(self, beat: tuple[int]) -> None:
        cfg = IpmCfg.unpack(beat[0], self.hw)
        if is_sparse(cfg):
            self.cmds.write(Command(cfg.list, cfg.step, cfg.step + cfg.cnt2))
        super()._take_cfg(beat)

    def _take(self, data: int, handed: bool) -> None:
        cfg = self._due.popleft()
        assert handed == (is_sparse(cfg) and cfg.direct), "taken from the wrong stream"
        if not is_sparse(cfg):
            self.words.write((data,))
            return
        for unit in index_takers(cfg):
            self.shared[unit].write((self.index(data & (1 << self.hw.data_w) - 1),))

    @property
    def awaits_handed(self) -> bool:
        """Whether the next index is one from outside."""
        return bool(self._due and is_sparse(self._due[0]) and self._due[0].direct)

    def offer(self, beat: tuple[int, ...]) -> None:
        """Look at an index that is on offer after a stop: a bad one is never taken."""
        try:
            check_index(self._due[0], beat[0] & (1 << self.hw.data_w) - 1)
        except IpmError as stop:
            self.bad_index = stop.cause is ErrorCause.INDEX


class Srg0Env(UnitEnv):
    """Sinks for commands, reads and indices; `memory` answers the reads."""

    predictor_type = Srg0Predictor
    predictor: Srg0Predictor
    units: ClassVar[tuple[Unit, ...]] = (Unit.INDEX,)
    has_index = False

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        self.memory: dict[tuple[int, int], int] = {}
        self._random = rng("lanes")
        cmd = {"list": "cmd_list_o", "first": "cmd_first_o", "last": "cmd_last_o"}
        req = {"addr": "req_addr_o", "sel": "req_sel_o"}
        self.cmds = self.add_stream(Role.SINK, "cmd", "cmd_valid_o", "cmd_ready_i", cmd)
        self.reqs = self.add_stream(Role.SINK, "req", "req_valid_o", "req_ready_i", req)
        self.rsps = self.add_stream(Role.SOURCE, "rsp", "rsp_valid_i", "rsp_ready_o", {"data": "rsp_data_i"})
        self.directs = self.add_stream(
            Role.SOURCE, "direct", "direct_valid_i", "direct_ready_o", {"idx": "direct_idx_i"}
        )
        self.words = self.add_stream(Role.SINK, "word", "word_valid_o", "word_ready_i", {"word": "word_o"})
        self.idx_outs = {
            unit: self.add_stream(
                Role.SINK, f"idx_{name}", f"idx_{name}_valid_o", f"idx_{name}_ready_i", {"idx": "idx_o"}
            )
            for unit, name in TAKERS.items()
        }
        self.smem = self.add_responder("smem", self.rsps, self.answer)
        self.cmd_board, self.req_board = self.add_board("cmd"), self.add_board("req")
        self.word_board = self.add_board("word")
        self.idx_boards = {unit: self.add_board(f"idx_{name}") for unit, name in TAKERS.items()}

    def connect_phase(self) -> None:
        """Connect everything."""
        super().connect_phase()
        self.rsps.ap.connect(self.predictor.rsp_in)
        self.directs.ap.connect(self.predictor.direct_in)
        self.predictor.words.connect(self.word_board.expected)
        self.words.ap.connect(self.word_board.actual)
        self.predictor.cmds.connect(self.cmd_board.expected)
        self.cmds.ap.connect(self.cmd_board.actual)
        self.predictor.ap.connect(self.req_board.expected)
        self.reqs.ap.connect(self.req_board.actual)
        self.reqs.ap.connect(self.smem.analysis_export)
        for unit, agent in self.idx_outs.items():
            self.predictor.shared[unit].connect(self.idx_boards[unit].expected)
            agent.ap.connect(self.idx_boards[unit].actual)

    def answer(self, read: Beat) -> Beat:
        """The lane that is asked for, in lane 0; in the others, and in whole words, anything."""
        hw = self.cfg.hw
        address, sel = read
        if not sel:
            return self.rsps.cfg.port.random_beat(self._random)
        value = self.memory.get((address, sel - hw.num_pe), 0)
        return self.rsps.cfg.port.beat(
            data=self._random.getrandbits(hw.data_w * (hw.num_pe - 1)) << hw.data_w | value
        )
