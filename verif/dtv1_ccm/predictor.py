"""Predictor of dtv1_ccm: follows the accepted words and lets the golden core compute each step's results."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from pyuvm import ConfigDB, uvm_analysis_port

from reneta.golden.arrays import Array
from reneta.golden.ccm import Ccm, CcmError, Need, check_config, need
from reneta.golden.ccm_types import CcmCfg, Proc
from reneta.verif.common.analysis import AnalysisImp, Predictor
from reneta.verif.common.base_env import CFG, EnvCfg


class Result(NamedTuple):
    """A beat of the result stream, its word as one packed int; without a result only the marks count."""

    scalar: int
    last: int
    none: int
    lanes: int


class Step(NamedTuple):
    """One step that ran, with the first words that it consumed: what functional coverage is made of."""

    cfg: CcmCfg
    number: int
    columns: int | None  # of the list; None in dense procedures
    end: str  # how it ends the instruction: with a result, with none, as an empty step; "" where it does not
    a: Array
    b: Array


class CcmPredictor(Predictor):
    """Takes beats of `cfg`, `cnt`, `opd` and `add`; gives results on `ap` and executed steps on `steps`.

    Each step is executed as an instruction of one step, which the contract makes the same.
    """

    def build_phase(self) -> None:
        """Make the inputs."""
        super().build_phase()
        env_cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.hw = env_cfg.hw
        self.steps = uvm_analysis_port("steps", self)
        self.cfg_in = AnalysisImp("cfg_in", self, self._take_cfg)
        self.cnt_in = AnalysisImp("cnt_in", self, self._take_cnt)
        self.opd_in = AnalysisImp("opd_in", self, self._take_opd)
        self.add_in = AnalysisImp("add_in", self, self._take_add)
        self.reset()

    def reset(self) -> None:
        """A core after reset that has accepted nothing."""
        self.core = Ccm(self.hw)
        self._cfgs: deque[CcmCfg] = deque()
        self._counts: deque[int] = deque()
        self._words: deque[tuple[int, int, int]] = deque()
        self._addends: deque[int] = deque()
        self._step = 0

    def _take_cfg(self, beat: tuple[int]) -> None:
        self._cfgs.append(CcmCfg.unpack(beat[0], self.hw))
        self._advance()

    def _take_cnt(self, beat: tuple[int]) -> None:
        self._counts.append(beat[0])
        self._advance()

    def _take_opd(self, beat: tuple[int, int, int]) -> None:
        self._words.append(beat)
        self._advance()

    def _take_add(self, beat: tuple[int]) -> None:
        self._addends.append(beat[0])
        self._advance()

    def _advance(self) -> None:
        """Execute every step whose words are all there."""
        while self._cfgs:
            cfg = self._cfgs[0]
            try:
                check_config(self.hw, cfg)
            except CcmError:
                return
            last = cfg.proc in (Proc.IDLE, Proc.ACC) or self._step == cfg.cnt2
            # Sums of EWISE have a word of their own in each step.
            words_before = self._step * (cfg.cnt0 + 1) if cfg.proc == Proc.EWISE and cfg.acc else 0
            step = replace(cfg, cnt2=0, drain=int(cfg.drain and last), base=cfg.base + words_before)
            sparse = Proc(cfg.proc).sparse
            if sparse and not self._counts:
                return
            counts = [self._counts[0]] if sparse else []
            if counts and counts[0] > cfg.cnt1 + 1:
                return
            words = need(step, counts)
            if len(self._words) < words.operands or len(self._addends) < words.addends:
                return
            self._execute(step, counts, words, last)
            if sparse:
                self._counts.popleft()
            self._step += 1
            if last:
                self._cfgs.popleft()
                self._step = 0

    def finish_columns(self) -> None:
        """After a stop in the middle of an MTxV step: give the sums of the columns that were complete."""
        cfg = self._cfgs[0]
        columns = len(self._words) // (cfg.cnt0 + 1)
        if cfg.proc in (Proc.MTXV, Proc.MTXV_SP) and columns:
            step = replace(cfg, proc=Proc.MTXV, cnt1=columns - 1, cnt2=0)
            self._execute(step, [], need(step), last=False)

    def _execute(self, step: CcmCfg, counts: list[int], words: Need, last: bool) -> None:
        taken = [self._words.popleft() for _ in range(words.operands)]
        addends = [self._addends.popleft() for _ in range(words.addends)]
        arith = self.core.arith
        a = self._lanes([word[0] for word in taken], arith.operand_dtype)
        b = self._lanes([word[1] for word in taken], arith.operand_dtype)
        indices = np.array([word[2] for word in taken], np.int64)
        result = self.core.execute(step, counts, a, b, indices, self._lanes(addends, arith.result_dtype))
        beats = [
            Result(int(result.scalar), 0, 0, int.from_bytes(row.tobytes(), "little")) for row in result.lanes
        ]
        end = ""
        if last and result.ended:
            end = "result"
            beats[-1] = beats[-1]._replace(last=1)
        elif last:
            end = "empty" if counts == [0] else "none"
            beats.append(Result(0, 1, 1, 0))
        for beat in beats:
            self.ap.write(beat)
        self.steps.write(Step(step, self._step, counts[0] if counts else None, end, a[:1], b[:1]))

    def _lanes(self, words: list[int], dtype: type[np.generic]) -> Array:
        """Packed words as [words, NUM_PE]."""
        size = self.hw.num_pe * np.dtype(dtype).itemsize
        data = b"".join(word.to_bytes(size, "little") for word in words)
        return np.frombuffer(data, dtype).reshape(-1, self.hw.num_pe)
