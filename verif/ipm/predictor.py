"""The base of the predictors: follows what a unit accepts and lets the golden model say what it gives."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from pyuvm import ConfigDB, uvm_analysis_port

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.ipm import (
    Column,
    IpmError,
    Unit,
    check_sources,
    columns_of_step,
    is_sparse,
    matrix_column,
    needs_index,
    wanted,
)
from reneta.golden.ipm_types import IpmCfg
from reneta.golden.lists import Descriptor
from reneta.verif.common.analysis import AnalysisImp, Predictor
from reneta.verif.common.base_env import CFG, EnvCfg


class Step(NamedTuple):
    """A step that was begun (or an instruction without any): what functional coverage is made of."""

    unit: Unit
    cfg: IpmCfg
    wanted: bool
    descriptor: Descriptor | None


class WalkPredictor(Predictor):
    """Takes beats of `cfg`, `desc` and `idx`, walks the columns, and calls `column` for each.

    After an error it takes nothing more, and `cause` says why.
    """

    unit: Unit

    def build_phase(self) -> None:
        """Make the inputs."""
        super().build_phase()
        env_cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.hw = env_cfg.hw
        self.steps = uvm_analysis_port("steps", self)
        self.cfg_in = AnalysisImp("cfg_in", self, self._take_cfg)
        self.desc_in = AnalysisImp("desc_in", self, self._take_desc)
        self.idx_in = AnalysisImp("idx_in", self, self._take_idx)
        self.reset()

    def reset(self) -> None:
        """A unit after reset that has accepted nothing."""
        self.cause = ErrorCause.NONE
        self.indices: deque[int] = deque()
        self._cfgs: deque[IpmCfg] = deque()
        self._descriptors: deque[Descriptor] = deque()
        self._columns: deque[Column] = deque()
        self._cfg: IpmCfg | None = None
        self._step = 0

    @property
    def pending(self) -> int:
        """Accepted transactions that wait for others; none after an error."""
        if self.cause is not ErrorCause.NONE:
            return 0
        waiting = len(self._cfgs) + len(self._descriptors) + len(self.indices)
        return waiting + int(self._cfg is not None)

    def column(self, cfg: IpmCfg, column: Column) -> bool:
        """Announce what a column gives; False as long as not all of its inputs are there.

        Raises:
            IpmError: the unit stops in this column.
        """
        raise NotImplementedError

    def index_of(self, cfg: IpmCfg, column: Column) -> int | None:
        """Index of a column, from the list where the unit takes it; None while it is not there."""
        if not needs_index(self.unit, cfg):
            return matrix_column(cfg, column)
        return self.indices[0] if self.indices else None

    def _take_cfg(self, beat: tuple[int]) -> None:
        self._cfgs.append(IpmCfg.unpack(beat[0], self.hw))
        self.advance()

    def _take_desc(self, beat: tuple[int]) -> None:
        self._descriptors.append(Descriptor.decode(beat[0], self.hw))
        self.advance()

    def _take_idx(self, beat: tuple[int]) -> None:
        self.indices.append(beat[0])
        self.advance()

    def advance(self) -> None:
        """Go on as far as the accepted transactions reach."""
        try:
            while self.cause is ErrorCause.NONE and self._turn():
                pass
        except IpmError as stop:
            self.cause = stop.cause

    def _turn(self) -> bool:
        """Begin an instruction or a step, or do a column; False if something is missing for that."""
        if self._columns and self._cfg is not None:
            if not self.column(self._cfg, self._columns[0]):
                return False
            if needs_index(self.unit, self._cfg):
                self.indices.popleft()
            self._columns.popleft()
            self._end_step()
            return True
        if self._cfg is None:
            if not self._cfgs:
                return False
            self._cfg = self._cfgs.popleft()
            return True
        return self._begin_step(self._cfg)

    def _begin_step(self, cfg: IpmCfg) -> bool:
        mine = wanted(self.unit, cfg)
        descriptor = None
        if is_sparse(cfg):
            if not self._descriptors:
                return False
            descriptor = self._descriptors.popleft()
        self.steps.write(Step(self.unit, cfg, mine, descriptor))
        if descriptor is None and not mine:
            self._cfg = None
            return True
        if mine:
            check_sources(self.unit, cfg, self.hw)
        columns = columns_of_step(cfg, self._step, descriptor, self.hw)
        self._columns.extend(columns if mine else [])
        self._end_step()
        return True

    def _end_step(self) -> None:
        """Go on to the next step, or end the instruction, where no column is left."""
        if self._columns or self._cfg is None:
            return
        last = self._step == self._cfg.cnt2
        self._step = 0 if last else self._step + 1
        if last:
            self._cfg = None
