"""Functional coverage that all units of the input module share: what they walked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyuvm import ConfigDB

from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.ipm import Unit, wanted
from reneta.golden.ipm_types import IpmCfg
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point, range_point
from reneta.verif.ipm.predictor import Step

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
            with_taken("groups"),
            with_taken("steps"),
            with_taken("count", [(name, None) for name in dense]),
        ]

    def _possible(self, proc: Proc) -> bool:
        return any(wanted(self.unit, IpmCfg(proc=proc, src0_dram=dram)) for dram in (0, 1))

    def write(self, step: Step) -> None:
        """One step."""
        if step.unit is not self.unit:
            return
        order = "" if self._before is None else ORDERS[2 * self._before + step.wanted]
        self.sample((step, order))
        self._before = step.wanted


# Whether an instruction is the unit's business, and whether the one after it is.
ORDERS = ("idle_idle", "idle_taken", "taken_idle", "taken_taken")
