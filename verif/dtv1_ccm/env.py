"""Environment of dtv1_ccm: five stream agents around the core, the golden core as predictor."""

from __future__ import annotations

from typing import Any

import numpy as np
from cocotb.triggers import ValueChange
from pyuvm import ConfigDB, uvm_analysis_port, uvm_monitor

from reneta.golden.arith import arithmetic
from reneta.golden.ccm import held_words
from reneta.golden.ccm_types import CORE_PROCS, CcmCfg, Func, Proc
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point, range_point
from reneta.verif.common.scoreboard import Scoreboard
from reneta.verif.common.stream_agent import Role
from reneta.verif.dtv1_ccm.predictor import CcmPredictor, Result, Step

# From the top bit of ccm_event_t down.
EVENTS = ("mac", "wait_opd", "wait_add", "wait_cnt", "wait_acc", "wait_out")


class ResultScoreboard(Scoreboard):
    """Compares marks, and result words bit by bit; of a scalar only lane 0, of a mere end nothing."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        super().build_phase()
        env_cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.hw = env_cfg.hw
        self.arith = arithmetic(self.hw)

    def same(self, expected: Result, actual: Result) -> bool:
        """Whether kind, marks and the lanes that count agree."""
        if (expected.last, expected.none) != (actual.last, actual.none):
            return False
        if expected.none:
            return True
        counts = (1 << self.hw.res_w) - 1 if expected.scalar else -1
        return expected.scalar == actual.scalar and not (expected.lanes ^ actual.lanes) & counts

    def show(self, transaction: Any) -> str:
        """Lanes from 0 up, in hex and decoded, and the end of an instruction."""
        end = " end" if transaction.last else ""
        if transaction.none:
            return f"no result{end}"
        lanes = 1 if transaction.scalar else self.hw.num_pe
        mask = (1 << self.hw.res_w) - 1
        bits = [transaction.lanes >> self.hw.res_w * lane & mask for lane in range(lanes)]
        values = self.arith.decode_result(self.arith.from_bits(np.array(bits)))
        words = " ".join(f"{b:0{self.hw.res_w // 4}x}({v:g})" for b, v in zip(bits, values, strict=True))
        return words + end


class EventMonitor(uvm_monitor):
    """Publishes each event of the performance counters by name when its wire rises."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        self.cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.ap = uvm_analysis_port("ap", self)

    async def run_phase(self) -> None:
        """Watch until the test ends."""
        wires = self.cfg.dut.event_o
        changed = ValueChange(wires)
        before = 0
        while True:
            await changed
            now = int(wires.value)
            for bit, name in enumerate(reversed(EVENTS)):
                if now & ~before & 1 << bit:
                    self.ap.write(name)
            before = now


class EventCoverage(CoverageBase):
    """Which waits came to pass."""

    def items(self) -> list[Any]:
        """Points of event_cg."""
        return [point("event_cg.cp_event", lambda name: name, EVENTS)]


class DrainCoverage(CoverageBase):
    """What came right behind a drain, and whether it used the accumulators that were drained."""

    def build_phase(self) -> None:
        """Nothing has been drained."""
        self._drained: CcmCfg | None = None
        super().build_phase()

    def items(self) -> list[Any]:
        """Points and crosses of drain_cg."""
        procs = [proc.name for proc in CORE_PROCS]
        never = [proc.name for proc in CORE_PROCS if proc.kind not in HELD]
        always = [proc.name for proc in CORE_PROCS if proc.kind in HELD and proc != Proc.EWISE]
        impossible = [(name, words) for name in never for words in ("theirs", "others")]
        return [
            point("drain_cg.cp_next", lambda s: s["next"], procs),
            point("drain_cg.cp_words", lambda s: s["words"], ["theirs", "others", "none"]),
            range_point(
                "drain_cg.cp_groups",
                lambda s: s["groups"],
                {"1": (1, 1), "2": (2, 2), "3": (3, 3), "4": (4, 4), "5+": (5, self._top)},
            ),
            cross(
                "drain_cg.cr_next_words",
                ["drain_cg.cp_next", "drain_cg.cp_words"],
                [*impossible, *((name, "none") for name in always)],
            ),
            cross("drain_cg.cr_next_groups", ["drain_cg.cp_next", "drain_cg.cp_groups"]),
        ]

    def write(self, step: Step) -> None:
        """One executed step; the first one of an instruction counts."""
        cfg, drained = step.cfg, self._drained
        if drained is not None and step.number == 0:
            words = set(held(cfg))
            use = "none" if not words else "others" if words.isdisjoint(held(drained)) else "theirs"
            self.sample({"next": Proc(cfg.proc).name, "words": use, "groups": drained.cnt0 + 1})
        self._drained = cfg if step.end and cfg.drain and Proc(cfg.proc).kind == Proc.VXV else None

    @property
    def _top(self) -> int:
        env_cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        return env_cfg.hw.max_groups


def held(cfg: CcmCfg) -> range:
    """The accumulators of an instruction."""
    return range(cfg.base, cfg.base + held_words(cfg))


class StepCoverage(CoverageBase):
    """What ran: procedures, functions, shapes, list counts, options, and what followed what."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        env_cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.hw = env_cfg.hw
        self._before = ""
        super().build_phase()

    def items(self) -> list[Any]:
        """Points and crosses of ccm_cg."""
        procs = [proc.name for proc in CORE_PROCS if proc != Proc.IDLE]
        sparse = [proc.name for proc in CORE_PROCS if proc.sparse]
        dense = [name for name in procs if name not in sparse]
        with_acc = [proc.name for proc in CORE_PROCS if proc.kind in HELD]
        few = self.hw.add_lat
        top = max(self.hw.max_n // self.hw.num_pe, few)
        counts = ("none", "one", "some", "all")
        return [
            point("ccm_cg.cp_proc", lambda s: Proc(s["cfg"].proc).name, [p.name for p in CORE_PROCS]),
            point("ccm_cg.cp_func", lambda s: Func(s["cfg"].func).name, [f.name for f in Func]),
            point("ccm_cg.cp_before", lambda s: s["before"], procs),
            range_point(
                "ccm_cg.cp_groups",
                lambda s: s["cfg"].cnt0 + 1,
                {"1": (1, 1), "2-3": (2, 3), "4+": (4, top - 1), "full": (top, self.hw.max_groups)},
            ),
            point("ccm_cg.cp_lanes", lambda s: self._lanes(s["cfg"].lanes), ["one", "some", "all"]),
            point("ccm_cg.cp_count", lambda s: s["count"], counts),
            range_point(
                "ccm_cg.cp_columns",
                lambda s: s["cfg"].cnt1 + 1,
                {"1": (1, 1), "2-15": (2, 15), "16+": (16, self.hw.max_n - 1), "max": (self.hw.max_n,) * 2},
            ),
            point("ccm_cg.cp_option", lambda s: s["option"], OPTIONS),
            point("ccm_cg.cp_base", lambda s: s["base"], ["first", "middle", "last"]),
            point("ccm_cg.cp_end", lambda s: s["end"], ["result", "none", "empty"]),
            cross(
                "ccm_cg.cr_proc_base",
                ["ccm_cg.cp_proc", "ccm_cg.cp_base"],
                [(proc.name, None) for proc in CORE_PROCS if proc.name not in with_acc],
            ),
            cross("ccm_cg.cr_proc_end", ["ccm_cg.cp_proc", "ccm_cg.cp_end"], NO_END),
            cross("ccm_cg.cr_proc_func", ["ccm_cg.cp_proc", "ccm_cg.cp_func"], [("IDLE", None)]),
            cross("ccm_cg.cr_before_proc", ["ccm_cg.cp_before", "ccm_cg.cp_proc"], [(None, "IDLE")]),
            cross("ccm_cg.cr_proc_groups", ["ccm_cg.cp_proc", "ccm_cg.cp_groups"], [("IDLE", None)]),
            cross("ccm_cg.cr_proc_lanes", ["ccm_cg.cp_proc", "ccm_cg.cp_lanes"], [("IDLE", None)]),
            cross(
                "ccm_cg.cr_proc_count",
                ["ccm_cg.cp_proc", "ccm_cg.cp_count"],
                [("IDLE", None), *((name, None) for name in dense)],
            ),
        ]

    def write(self, step: Step) -> None:
        """One executed step."""
        cfg = step.cfg
        name = Proc(cfg.proc).name
        kind = Proc(cfg.proc).kind
        start = "cont" if cfg.cont else "addend" if cfg.init else "zero"
        after = "mute" if cfg.mute else "hold" if cfg.hold else "clear"
        options = {
            Proc.MXV: f"mxv_{start}_{after}",
            Proc.EWISE: f"ewise_init{cfg.init}_neg{cfg.neg}",
            Proc.VXV: f"vxv_drain{cfg.drain}",
            Proc.ACC: f"acc_scale{cfg.act_scale}_{'hold' if cfg.hold else 'clear'}",
        }
        if kind == Proc.EWISE and cfg.acc:
            options[kind] = f"ewise_{start}_{after}_neg{cfg.neg}"
        words = held_words(cfg)
        top = cfg.base + words == self.hw.acc_words
        self.sample(
            {
                "cfg": cfg,
                "before": self._before,
                "count": self._count(step),
                "option": options.get(kind, ""),
                "base": ("last" if top else "middle" if cfg.base else "first") if words else "",
                "end": step.end,
            }
        )
        if kind != Proc.IDLE:
            self._before = name

    def _lanes(self, lanes: int) -> str:
        return "one" if lanes == 0 else "all" if lanes == self.hw.num_pe - 1 else "some"

    def _count(self, step: Step) -> str:
        match step.columns:
            case None:
                return ""
            case 0:
                return "none"
            case 1:
                return "one"
        return "all" if step.columns == step.cfg.cnt1 + 1 else "some"


STARTS = ("zero", "addend", "cont")
AFTER = ("clear", "hold", "mute")
OPTIONS = [
    *(f"mxv_{start}_{after}" for start in STARTS for after in AFTER),
    *(f"ewise_init{init}_neg{neg}" for init in (0, 1) for neg in (0, 1)),
    *(f"ewise_{start}_{after}_neg{neg}" for start in STARTS for after in AFTER for neg in (0, 1)),
    *(f"acc_scale{scale}_{after}" for scale in (0, 1) for after in AFTER[:2]),
    *("vxv_drain0", "vxv_drain1"),
]
# Procedures that use accumulators.
HELD = (Proc.MXV, Proc.VXV, Proc.EWISE, Proc.ACC)
# Ends that a procedure does not have.
NO_END = [
    *[("IDLE", "result"), ("IDLE", "empty"), ("ACC", "none"), ("ACC", "empty"), ("MTXV", "none")],
    *[("MTXV_SP", "none"), ("MXV", "empty"), ("MTXV", "empty"), ("VXV", "empty"), ("EWISE", "empty")],
]


class CcmEnv(BaseEnv):
    """Sources for configurations, counts, operands and addends; a sink for results."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        # The first result after a reset waits for the sweep of the accumulators.
        self.PATIENCE = self.cfg.hw.acc_words + BaseEnv.PATIENCE
        opd = {"a": "opd_a_i", "b": "opd_b_i", "idx": "opd_idx_i"}
        res = {"scalar": "res_scalar_o", "last": "res_last_o", "none": "res_none_o", "lanes": "res_o"}
        self.cfgs = self.add_stream(Role.SOURCE, "cfg", "cfg_valid_i", "cfg_ready_o", {"cfg": "cfg_i"})
        self.cnts = self.add_stream(Role.SOURCE, "cnt", "cnt_valid_i", "cnt_ready_o", {"cnt": "cnt_i"})
        self.opds = self.add_stream(Role.SOURCE, "opd", "opd_valid_i", "opd_ready_o", opd)
        self.adds = self.add_stream(Role.SOURCE, "add", "add_valid_i", "add_ready_o", {"add": "add_i"})
        self.results = self.add_stream(Role.SINK, "res", "res_valid_o", "res_ready_i", res)
        self.predictor = self.add_predictor(CcmPredictor)
        self.scoreboard = self.add_scoreboard(ResultScoreboard)
        self.events = EventMonitor.create("events", self)
        self.event_coverage = EventCoverage.create("event_coverage", self)
        self.step_coverage = StepCoverage.create("step_coverage", self)
        self.drain_coverage = DrainCoverage.create("drain_coverage", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        self.cfgs.ap.connect(self.predictor.cfg_in)
        self.cnts.ap.connect(self.predictor.cnt_in)
        self.opds.ap.connect(self.predictor.opd_in)
        self.adds.ap.connect(self.predictor.add_in)
        self.predictor.ap.connect(self.scoreboard.expected)
        self.results.ap.connect(self.scoreboard.actual)
        self.predictor.steps.connect(self.step_coverage.analysis_export)
        self.predictor.steps.connect(self.drain_coverage.analysis_export)
        self.events.ap.connect(self.event_coverage.analysis_export)
