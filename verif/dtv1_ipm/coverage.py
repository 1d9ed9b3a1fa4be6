"""Functional coverage of dtv1_ipm: what was walked and joined, what followed what, what stopped and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pyuvm import ConfigDB

from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.ipm import Unit, is_sparse
from reneta.golden.ipm_types import IpmCfg, Side
from reneta.golden.lists import Descriptor
from reneta.verif.common.base_env import CFG
from reneta.verif.common.coverage import CoverageBase, cross, point, range_point
from reneta.verif.common.scoreboard import Scoreboard
from reneta.verif.common.stream import Beat
from reneta.verif.dtv1_ipm.faults import FAULTS
from reneta.verif.dtv1_ipm.problem import PROCS
from reneta.verif.ipm.coverage import (
    COUNTS,
    PLACES,
    SOURCES,
    SPARSE,
    count_class,
    layout,
    layouts,
    place_class,
    source_name,
)
from reneta.verif.ipm.predictor import Step
from reneta.verif.ipm.program import A_SOURCES, B_SOURCES, addend_sources

NAMES = [proc.name for proc in PROCS]
DENSE = [proc.name for proc in PROCS if not proc.sparse]
DENSITIES = {"0": (0, 0), "1-25": (1, 25), "26-50": (26, 50), "51-75": (51, 75), "76-99": (76, 99)}
# How an instruction ended that another one followed at once.
ENDS = ("dense", "none", "one", "last_lane", "all")


class Sample(NamedTuple):
    """A step; `before` is how the instruction before ended, where this one followed it at once."""

    proc: str
    source: str
    length: str
    place: str
    percent: int
    before: str


class InstructionCoverage(CoverageBase):
    """Procedures, operand sources, lists of all lengths and places, and what they followed."""

    # Set by the environment: name of the group, whether it is for instructions with the compute core behind,
    # and where operands are awaited.
    group: str
    core: bool
    operands: Scoreboard

    # Configurations that are accepted so few cycles after each other follow at once.
    AT_ONCE = 8

    def build_phase(self) -> None:
        """Look up the configuration."""
        # Of the environment's module, which imports this one.
        self.cfg: Any = ConfigDB().get(self, "", CFG)
        self._end = ""
        self._accepted = -self.AT_ONCE - 1
        super().build_phase()

    def items(self) -> list[Any]:
        """Points and crosses."""
        group = self.group
        densities = {**DENSITIES, "100": (100, 100)}

        def with_proc(what: str, sparse_only: bool) -> Any:
            ignore = [(name, None) for name in DENSE] if sparse_only else []
            return cross(f"{group}.cr_proc_{what}", [f"{group}.cp_proc", f"{group}.cp_{what}"], ignore)

        return [
            point(f"{group}.cp_proc", lambda s: s.proc, NAMES),
            point(f"{group}.cp_source", lambda s: s.source, SOURCES),
            point(f"{group}.cp_count", lambda s: s.length, COUNTS),
            point(f"{group}.cp_place", lambda s: s.place, PLACES),
            range_point(f"{group}.cp_density", lambda s: s.percent, densities),
            point(f"{group}.cp_before", lambda s: s.before, ENDS),
            with_proc("source", False),
            with_proc("count", True),
            with_proc("place", True),
            with_proc("density", True),
            with_proc("before", False),
        ]

    def write(self, beat: Beat) -> None:
        """One configuration, before the predictor has seen it."""
        if self.cfg.core != self.core:
            return
        hw, now = self.cfg.hw, self.cfg.clocking.now()
        cfg = IpmCfg.unpack(beat[0], hw)
        at_once = bool(self.operands.pending) or now - self._accepted <= self.AT_ONCE
        before = self._end if at_once else ""
        self._accepted = now
        listed: list[Descriptor | None] = [None]
        if is_sparse(cfg):
            steps = range(cfg.step, cfg.step + cfg.cnt2 + 1)
            listed = [self.cfg.images.descriptors.get((cfg.list, step)) for step in steps]
        for descriptor in listed:
            step = Step(Unit.JOIN, cfg, True, descriptor)
            count, place = count_class(step), place_class(step, hw)
            percent = -1 if descriptor is None else -(-100 * descriptor.count // (cfg.cnt1 + 1))
            self.sample(Sample(Proc(cfg.proc).name, SOURCES[cfg.src0_dram], count, place, percent, before))
            before = ""
            self._end = end_class(descriptor, count, place)


def end_class(descriptor: Descriptor | None, count: str, place: str) -> str:
    """How an instruction ends with this step."""
    if descriptor is None:
        return "dense"
    if place.endswith("to_last_lane"):
        return "last_lane"
    return "" if count == "some" else count


class FaultCoverage(CoverageBase):
    """Which fault was tried in which procedure, and which unit stopped for which cause."""

    STOPS = (
        *((unit, cause) for unit in Unit for cause in (ErrorCause.COUNT, ErrorCause.ADDRESS)),
        *((unit, ErrorCause.PROC) for unit in Unit if unit is not Unit.DRAM),
        (Unit.INDEX, ErrorCause.INDEX),
    )

    def items(self) -> list[Any]:
        """Points and crosses of fault_cg; samples are (fault, procedure, stop)."""
        names = [proc.name for proc in (*PROCS, Proc.EWISE, Proc.MOVE)]
        impossible = [
            (fault.name, name) for fault in FAULTS for name in names if Proc[name] not in fault.procs
        ]
        stops = [stop_name(unit, cause) for unit, cause in self.STOPS]
        return [
            point("fault_cg.cp_fault", lambda s: s[0], [fault.name for fault in FAULTS]),
            point("fault_cg.cp_proc", lambda s: s[1], names),
            point("fault_cg.cp_stop", lambda s: s[2], [*stops, "spm"]),
            cross("fault_cg.cr_fault_proc", ["fault_cg.cp_fault", "fault_cg.cp_proc"], impossible),
        ]


def stop_name(unit: Unit, cause: ErrorCause) -> str:
    """Name of a unit's stop."""
    return f"{unit.value}_{cause.name}"


class VectorCoverage(CoverageBase):
    """Elementwise work, moves, what goes past the core, handed indices, dependencies: group vector_cg."""

    # Places that an instruction may look back.
    DEPS = tuple(str(dep) for dep in range(8))

    def build_phase(self) -> None:
        """Look up the configuration."""
        self.cfg: Any = ConfigDB().get(self, "", CFG)
        super().build_phase()

    def items(self) -> list[Any]:
        """Points and crosses; samples are configurations."""
        hw, group = self.cfg.hw, "vector_cg"
        addends = addend_sources(hw)

        def operand(name: str, bins: Sequence[str], of: Callable[[IpmCfg], str]) -> Any:
            return point(f"{group}.cp_{name}", lambda c: of(c) if c.proc == Proc.EWISE else "", bins)

        def beside(cfg: IpmCfg) -> str:
            dram = f"_{SOURCES[cfg.src0_dram]}" if cfg.proc == Proc.MOVE else ""
            return f"{Proc(cfg.proc).name}_{Side(cfg.side).name}{dram}"

        sides = ("EWISE_NONE", "EWISE_VECTOR", "MTXV_SP_LIST", "MOVE_RAW_smem", "MOVE_RAW_dram")
        sizes = {"1": (1, 1), "some": (2, hw.max_groups - 1), "most": (hw.max_groups, hw.max_groups)}
        return [
            operand("first", [s.name for s in A_SOURCES], lambda c: source_name(c.a_src)),
            operand("second", [s.name for s in B_SOURCES], lambda c: source_name(c.b_src)),
            operand("addend", [s.name for s in addends], lambda c: source_name(c.c_src)),
            cross(f"{group}.cr_sources", [f"{group}.cp_{name}" for name in ("first", "second", "addend")]),
            operand("first_layout", layouts(A_SOURCES), lambda c: layout(c.a_src, c.a_seq)),
            operand("second_layout", layouts(B_SOURCES), lambda c: layout(c.b_src, c.b_seq)),
            operand("addend_layout", layouts(addends), lambda c: layout(c.c_src, c.c_seq)),
            range_point(f"{group}.cp_groups", lambda c: c.cnt0 + 1 if c.proc == Proc.EWISE else 0, sizes),
            point(f"{group}.cp_side", beside, sides),
            point(f"{group}.cp_handed", lambda c: Proc(c.proc).name if c.direct else "", SPARSE),
            point(f"{group}.cp_dep", lambda c: str(c.dep), self.DEPS),
        ]

    def write(self, beat: Beat) -> None:
        """One configuration."""
        self.sample(IpmCfg.unpack(beat[0], self.cfg.hw))
