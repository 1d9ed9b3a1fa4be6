"""Functional coverage that all units of the input module share: what they walked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyuvm import ConfigDB

from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.ipm import Unit, wanted
from reneta.golden.ipm_types import IpmCfg, Side, Source
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point, range_point
from reneta.verif.ipm.predictor import Step
from reneta.verif.ipm.program import A_SOURCES, B_SOURCES, addend_sources

SPARSE = [proc.name for proc in Proc if proc.sparse]
COUNTS = ("none", "one", "some", "all")
# Where a list of two entries and more lies.
PLACES = ("inside", "to_last_lane", "straddles", "straddles_to_last_lane")
SOURCES = ("smem", "dram")


def name_of(cfg: IpmCfg) -> str:
    """The procedure's name, or `unknown`."""
    return Proc(cfg.proc).name if cfg.proc in list(Proc) else "unknown"


def count_class(step: Step) -> str:
    """How much of the matrix a step's list names; nothing in dense procedures."""
    if step.descriptor is None:
        return ""
    count = step.descriptor.count
    if count < 2:
        return COUNTS[count]
    return "all" if count == step.cfg.cnt1 + 1 else "some"


def place_class(step: Step, hw: HwConfig) -> str:
    """How a step's list lies in its words."""
    if step.descriptor is None or step.descriptor.count < 2:
        return ""
    end = step.descriptor.lane + step.descriptor.count
    words = "straddles" if end > hw.num_pe else "inside"
    if end % hw.num_pe:
        return words
    return "to_last_lane" if words == "inside" else "straddles_to_last_lane"


def source_name(source: int) -> str:
    """Where an operand of EWISE comes from; `none` for a code that is no source."""
    return Source(source).name if source in list(Source) else "none"


def layout(source: int, seq: int) -> str:
    """The same, and, if the operand is read, how its words lie."""
    name = source_name(source)
    if source not in (Source.SMEM, Source.WIDE):
        return name
    return f"{name}_sequence" if seq else f"{name}_in_order"


def layouts(sources: Sequence[int]) -> list[str]:
    """All that `layout` may say of these sources."""
    return list(dict.fromkeys(layout(source, seq) for source in sources for seq in (0, 1)))


class WalkCoverage(CoverageBase):
    """Procedures, sources, shapes, lists, and what followed what, for one unit: group `<unit>_cg`."""

    # Set by the environment before the build phase.
    unit: Unit

    def build_phase(self) -> None:
        """Make the points."""
        env_cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.hw = env_cfg.hw
        self._before: bool | None = None
        super().build_phase()

    def items(self) -> list[Any]:
        """Points and crosses."""
        group = f"{self.unit.value}_cg"
        taken = [proc.name for proc in Proc if self._possible(proc)]
        dense = [name for name in taken if name not in SPARSE]
        groups = {"1": (1, 1), "2-3": (2, 3), "4+": (4, self.hw.max_groups)}
        steps = {"1": (1, 1), "2-4": (2, 4), "5+": (5, self.hw.max_m)}

        def with_taken(what: str, ignore: Sequence[tuple[str | None, ...]] = ()) -> Any:
            return cross(f"{group}.cr_taken_{what}", [f"{group}.cp_taken", f"{group}.cp_{what}"], ignore)

        return [
            point(f"{group}.cp_proc", lambda s: name_of(s[0].cfg), [*(p.name for p in Proc), "unknown"]),
            point(f"{group}.cp_taken", lambda s: name_of(s[0].cfg) if s[0].wanted else "", taken),
            point(f"{group}.cp_source", lambda s: SOURCES[s[0].cfg.src0_dram], SOURCES),
            point(f"{group}.cp_count", lambda s: count_class(s[0]), COUNTS),
            point(f"{group}.cp_place", lambda s: place_class(s[0], self.hw), PLACES),
            range_point(f"{group}.cp_groups", lambda s: s[0].cfg.cnt0 + 1, groups),
            range_point(f"{group}.cp_steps", lambda s: s[0].cfg.cnt2 + 1, steps),
            point(f"{group}.cp_order", lambda s: s[1], ORDERS),
            cross(f"{group}.cr_proc_source", [f"{group}.cp_proc", f"{group}.cp_source"]),
            *self._operands(group),
            with_taken("groups"),
            with_taken("steps"),
            with_taken("count", [(name, None) for name in dense]),
        ]

    def _operands(self, group: str) -> list[Any]:
        """Operands of EWISE that the unit has to do with, and where else the kinds of instructions differ."""
        addends = addend_sources(self.hw)

        def operand(name: str, bins: Sequence[str], of: Callable[[IpmCfg], str]) -> Any:
            def label(sample: tuple[Step, str]) -> str:
                cfg = sample[0].cfg
                return of(cfg) if cfg.proc == Proc.EWISE else ""

            return point(f"{group}.cp_{name}", label, bins)

        match self.unit:
            case Unit.FIRST:
                first = operand("first", layouts(A_SOURCES), lambda cfg: layout(cfg.a_src, cfg.a_seq))
                return [first, *self._sides(group)]
            case Unit.SECOND:
                return [operand("second", layouts(B_SOURCES), lambda cfg: layout(cfg.b_src, cfg.b_seq))]
            case Unit.INDEX:
                return [
                    operand("addend", layouts(addends), lambda cfg: layout(cfg.c_src, cfg.c_seq)),
                    point(f"{group}.cp_direct", lambda s: DIRECT[s[0].cfg.direct], DIRECT),
                    cross(f"{group}.cr_proc_direct", [f"{group}.cp_proc", f"{group}.cp_direct"]),
                ]
            case Unit.JOIN:
                return [
                    operand("first", [s.name for s in A_SOURCES], lambda cfg: source_name(cfg.a_src)),
                    operand("second", [s.name for s in B_SOURCES], lambda cfg: source_name(cfg.b_src)),
                    operand("addend", [s.name for s in addends], lambda cfg: source_name(cfg.c_src)),
                    cross(f"{group}.cr_sources", [f"{group}.cp_{n}" for n in ("first", "second", "addend")]),
                    *self._sides(group),
                ]
        return []

    def _sides(self, group: str) -> list[Any]:
        """What goes to the output module in each procedure that the unit has to do with."""
        own = {"EWISE": "VECTOR", "MTXV_SP": "LIST", "MOVE": "RAW"}
        possible = [(name, own.get(name)) for name in own]
        possible += [(proc.name, "NONE") for proc in Proc if proc is not Proc.MOVE]
        names = [proc.name for proc in Proc if self._possible(proc)]
        ignore = [(n, side.name) for n in names for side in Side if (n, side.name) not in possible]
        return [
            point(f"{group}.cp_side", lambda s: Side(s[0].cfg.side).name, [side.name for side in Side]),
            cross(f"{group}.cr_taken_side", [f"{group}.cp_taken", f"{group}.cp_side"], ignore),
        ]

    def _possible(self, proc: Proc) -> bool:
        read = dict.fromkeys(("a_src", "b_src", "c_src"), int(Source.SMEM))
        return any(wanted(self.unit, IpmCfg(proc=proc, src0_dram=dram, **read)) for dram in (0, 1))

    def write(self, step: Step) -> None:
        """One step."""
        if step.unit is not self.unit:
            return
        order = "" if self._before is None else ORDERS[2 * self._before + step.wanted]
        self.sample((step, order))
        self._before = step.wanted


# Where indices come from.
DIRECT = ("memory", "handed")
# Whether an instruction is the unit's business, and whether the one after it is.
ORDERS = ("idle_idle", "idle_taken", "taken_idle", "taken_taken")
