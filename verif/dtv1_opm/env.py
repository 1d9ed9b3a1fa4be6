"""Environment of dtv1_opm: core, input module, shared memory, DRAM and descriptor memory around it."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
from pyuvm import ConfigDB, uvm_analysis_port

from reneta.golden.arrays import Array
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.config import HwConfig
from reneta.golden.opm import Opm, Output, word_bits
from reneta.golden.opm_types import OpmCfg, OpmMode
from reneta.verif.common.analysis import AnalysisImp, Predictor
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream_agent import Role
from reneta.verif.dtv1_opm.boards import Beat, CycleMonitor, Effect, EffectBoard, Ledger, MemoryBoard
from reneta.verif.dtv1_opm.coverage import OpmCoverage
from reneta.verif.dtv1_opm.smem import SmemWrites

# Outputs that are compared, in the order of `effects`; those that an instruction waits for before it retires.
OUTPUTS = ("smem", "cmd", "dram", "desc", "direct")
AWAITED = OUTPUTS[:-1]


class ResBeat(NamedTuple):
    """A beat of the result stream."""

    scalar: int
    last: int
    none: int
    res: int


class Done(NamedTuple):
    """An instruction that was taken as a whole, and what it gives: what coverage is made of."""

    cfg: OpmCfg
    taken: int
    results: Array
    out: Output


def words_of(numbers: list[int], bits: int, hw: HwConfig) -> Array:
    """Words [n, NUM_PE] of lanes of this width from numbers, lane 0 lowest."""
    size = hw.num_pe * bits // 8
    data = b"".join(number.to_bytes(size, "little") for number in numbers)
    return np.frombuffer(data, f"<u{bits // 8}").reshape(-1, hw.num_pe).astype(f"u{bits // 8}")


def effects(out: Output, cfg: OpmCfg, hw: HwConfig) -> list[list[Beat]]:
    """The beats of an instruction on each of the outputs."""
    desc: list[Beat] = []
    if out.descriptor is not None:
        desc.append((cfg.list, cfg.step, out.descriptor.encode(hw)))
    words = [] if out.dram is None else [word_bits(word) for word in out.dram]
    return [
        [tuple(request) for request in out.requests(hw)],
        [(command,) for command in out.commands],
        list(zip(words, out.last, strict=True)),
        desc,
        [(index,) for index in out.indices],
    ]


class OpmPredictor(Predictor):
    """Collects what an instruction takes, and announces what it gives as soon as its last beat was taken."""

    def build_phase(self) -> None:
        """Make the inputs and an output for each scoreboard."""
        super().build_phase()
        env_cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.hw = env_cfg.hw
        self.ports = {name: uvm_analysis_port(name, self) for name in OUTPUTS}
        self.done = uvm_analysis_port("done", self)
        self.cfg_in = AnalysisImp("cfg_in", self, self._take_cfg)
        self.res_in = AnalysisImp("res_in", self, self._take_res)
        self.side_in = AnalysisImp("side_in", self, self._take_side)
        self.reset()

    ledger: Ledger

    def reset(self) -> None:
        """A module after reset that has taken nothing."""
        self.opm = Opm(self.hw)
        self.stopped: Output | None = None
        self.number = self.fired = self.dram_words = 0
        self._cfgs: deque[OpmCfg] = deque()
        self._res: deque[ResBeat] = deque()
        self._side: deque[Beat] = deque()
        self._ends = 0

    @property
    def pending(self) -> int:
        """What was taken and waits for more."""
        return 0 if self.stopped else len(self._cfgs) + len(self._res) + len(self._side)

    def _take_cfg(self, beat: Beat) -> None:
        self._cfgs.append(OpmCfg.unpack(beat[0], self.hw))
        self._advance()

    def _take_res(self, beat: Beat) -> None:
        self._res.append(ResBeat(*beat))
        self._ends += beat[1]
        self._advance()

    def _take_side(self, beat: Beat) -> None:
        self._side.append(beat)
        self._advance()

    def _advance(self) -> None:
        while self._cfgs and self._ends and not self.stopped:
            cfg = self._cfgs[0]
            end = next(k for k, beat in enumerate(self._res) if beat.last)
            results = [beat.res for beat in list(self._res)[: end + 1] if not beat.none]
            sides = side_words(cfg, len(results))
            if len(self._side) < sides:
                return
            self._cfgs.popleft()
            self._ends -= 1
            for _ in range(end + 1):
                self._res.popleft()
            self._run(cfg, results, [self._side.popleft() for _ in range(sides)])

    def _run(self, cfg: OpmCfg, numbers: list[int], sides: list[Beat]) -> None:
        hw = self.hw
        results = words_of(numbers, hw.res_w, hw)
        side0, side1 = (words_of([beat[k] for beat in sides], hw.data_w, hw) for k in (0, 1))
        if cfg.mode in (OpmMode.SUMS, OpmMode.SCATTER):
            results, side0, side1 = results[:, 0], side0[:, 0], side1[:, 0]
        out = self.opm.run(cfg, results, side0, side1)
        if out.error is not ErrorCause.NONE:
            self.stopped = out
            return
        beats = self.announce(effects(out, cfg, hw))
        self.fired += out.fired
        self.dram_words += len(out.last)
        awaited = sum(len(some) for name, some in zip(OUTPUTS, beats, strict=True) if name in AWAITED)
        self.ledger.open(self.number, awaited)
        for name, some in zip(OUTPUTS, beats, strict=True):
            for beat in some:
                self.ports[name].write(Effect(self.number, beat))
        self.done.write(Done(cfg, len(numbers), results, out))
        self.number += 1

    def announce(self, beats: list[list[Beat]]) -> list[list[Beat]]:
        """Effects on their way to the scoreboards; the negative test overrides this."""
        return beats


def side_words(cfg: OpmCfg, results: int) -> int:
    """Beats of the side stream that an instruction takes."""
    match cfg.mode:
        case OpmMode.ENCODE | OpmMode.SCATTER:
            return results
        case OpmMode.MOVE:
            return (cfg.cnt0 + 1) * (cfg.cnt1 + 1) * (cfg.cnt2 + 1)
    return 0


class OpmEnv(BaseEnv):
    """Sources, sinks, the memory's channels, the model, a scoreboard for each output, and the ledger."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        source, sink = Role.SOURCE, Role.SINK
        res = {"scalar": "res_scalar_i", "last": "res_last_i", "none": "res_none_i", "res": "res_i"}
        side = {"side0": "side0_i", "side1": "side1_i"}
        desc = {"list": "desc_list_o", "step": "desc_step_o", "desc": "desc_o"}
        self.cfgs = self.add_stream(source, "cfg", "cfg_valid_i", "cfg_ready_o", {"cfg": "cfg_i"})
        self.res = self.add_stream(source, "res", "res_valid_i", "res_ready_o", res)
        self.side = self.add_stream(source, "side", "side_valid_i", "side_ready_o", side)
        self.smem = SmemWrites.create("smem", self)
        words = {"data": "dram_o", "last": "dram_last_o"}
        self.sinks = {
            "cmd": self.add_stream(sink, "cmd", "dm_cmd_valid_o", "dm_cmd_ready_i", {"cmd": "dm_cmd_o"}),
            "dram": self.add_stream(sink, "dram", "dram_valid_o", "dram_ready_i", words),
            "desc": self.add_stream(sink, "desc", "desc_valid_o", "desc_ready_i", desc),
            "direct": self.add_stream(
                sink, "direct", "direct_valid_o", "direct_ready_i", {"idx": "direct_idx_o"}
            ),
        }
        self.predictor: OpmPredictor = self.add_predictor(OpmPredictor)
        self.ledger: Ledger = self.add_predictor(Ledger, "ledger")
        self.predictor.ledger = self.ledger
        self.boards: dict[str, EffectBoard] = {}
        for name in OUTPUTS:
            board = self.add_scoreboard(MemoryBoard if name == "smem" else EffectBoard, f"{name}_board")
            board.ledger = self.ledger if name in AWAITED else None
            self.boards[name] = board
            if isinstance(board, MemoryBoard):
                board.lane_w = self.cfg.hw.lane_w
        self.cycles = CycleMonitor.create("cycles", self)
        self.coverage = OpmCoverage.create("coverage", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        self.cfgs.ap.connect(self.predictor.cfg_in)
        self.res.ap.connect(self.predictor.res_in)
        self.side.ap.connect(self.predictor.side_in)
        self.cycles.ap.connect(self.ledger.analysis_export)
        self.smem.ap.connect(self.boards["smem"].actual)
        for name, sink in self.sinks.items():
            sink.ap.connect(self.boards[name].actual)
        for name, port in self.predictor.ports.items():
            port.connect(self.boards[name].expected)
        self.predictor.done.connect(self.coverage.analysis_export)

    def set_stalls(self, name: str, profile: Stall) -> None:
        """Change the profile of a stream, or of the memory's grants."""
        (self.smem if name == "smem" else self.streams[name]).set_stalls(profile)

    @property
    def stalled(self) -> list[str]:
        """What has a stall profile."""
        return ["smem", *self.streams]

    def forget(self) -> None:
        """The memory's channels forget, too, and coverage begins anew."""
        super().forget()
        self.smem.flush()
        self.coverage.forget()

    def settled(self) -> bool:
        """Nothing waits for the memory, either."""
        return super().settled() and self.smem.idle

    def take_surplus(self) -> dict[str, list[Beat]]:
        """What came and is not expected, for each output."""
        return {name: board.take_surplus() for name, board in self.boards.items()}
