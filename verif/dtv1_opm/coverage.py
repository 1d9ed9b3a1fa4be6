"""Functional coverage of dtv1_opm: modes, forms, sizes, lists, thresholds, and what followed what."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyuvm import ConfigDB

from reneta.golden.arrays import Array
from reneta.golden.config import HwConfig
from reneta.golden.opm_types import OpmCfg, OpmMode
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point
from reneta.verif.dtv1_opm.stimulus import limit_of

MODES = [mode.name for mode in OpmMode]
TARGETS = ("nothing", "smem", "dram", "both")
WORDS = ("WORDS", "MOVE")
COUNTS = ("none", "one", "some", "all")
# Where a list of two entries and more lies.
PLACES = ("inside", "to_last_lane", "straddles", "straddles_to_last_lane")
# A difference by its distance to the threshold: the pattern just below, equal, just above, of either sign.
DISTANCES = [f"{where}{sign}" for where in ("below", "equal", "above") for sign in "+-"]
SPECIALS = ("+0", "-0", "subnormal", "+inf", "-inf", "nan")
THETAS = ("zero", "subnormal", "least", "usual", "largest", "infinite", "nan", "negative")
FXP_THETAS = ("zero", "usual", "largest", "negative")


def form(cfg: OpmCfg, hw: HwConfig) -> str:
    """Layout of what a WORDS, SUMS or MOVE writes."""
    if cfg.mode == OpmMode.SUMS and cfg.sparse:
        return "list"
    return ("sequence" if cfg.seq else "linear") + ("_wide" if cfg.wide and hw.is_fp else "")


def count_class(count: int, size: int) -> str:
    """How much of something."""
    if count == 0 or (count == 1 and size > 1):
        return COUNTS[count]
    return "all" if count == size else "some"


def place_class(first: int, count: int, num_pe: int) -> str:
    """How a list lies in its words."""
    if count < 2:
        return ""
    end = first % num_pe + count
    words = "straddles" if end > num_pe else "inside"
    if end % num_pe:
        return words
    return "to_last_lane" if words == "inside" else "straddles_to_last_lane"


def theta_class(theta: int, hw: HwConfig) -> str:
    """Kind of a threshold."""
    if theta >= 0x8000:
        return "negative"
    if theta == 0:
        return "zero"
    if not hw.is_fp:
        return "largest" if theta == 0x7FFF else "usual"
    if theta < 0x80:
        return "subnormal"
    if theta > 0x7F80:
        return "nan"
    return {0x80: "least", 0x7F7F: "largest", 0x7F80: "infinite"}.get(theta, "usual")


def distances(d: Array, theta: int, hw: HwConfig) -> set[str]:
    """Which patterns next to the threshold occur."""
    if hw.is_fp:
        negative, magnitude = d >> np.uint32(31) != 0, (d & np.uint32(0x7FFFFFFF)).astype(np.int64)
    else:
        number = d.view(np.int16).astype(np.int64)
        negative, magnitude = number < 0, np.abs(number)
    limit, names = limit_of(theta, hw), ("below", "equal", "above")
    return {
        f"{name}{'-' if minus else '+'}"
        for gap, name in enumerate(names, -1)
        for minus in (0, 1)
        if np.any((magnitude == limit + gap) & (negative == minus))
    }


def specials(d: Array) -> set[str]:
    """Which special numbers occur."""
    magnitude = d & np.uint32(0x7FFFFFFF)
    found = {"nan"} if np.any(magnitude > 0x7F800000) else set()
    found |= {"subnormal"} if np.any((magnitude > 0) & (magnitude < 0x800000)) else set()
    named = {"+0": 0, "-0": 1 << 31, "+inf": 0x7F800000, "-inf": 0xFF800000}
    return found | {name for name, pattern in named.items() if np.any(d == pattern)}


class OpmCoverage(CoverageBase):
    """Samples are dictionaries; a point takes what it knows."""

    # Instructions that are completed so few cycles after each other followed at once.
    AT_ONCE = 64

    def build_phase(self) -> None:
        """Look up the configuration."""
        env_cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.hw, self._clocking = env_cfg.hw, env_cfg.clocking
        self.forget()
        super().build_phase()

    def forget(self) -> None:
        """Nothing came before."""
        self._before, self._completed = "", -self.AT_ONCE

    def items(self) -> list[Any]:
        """Points and crosses of opm_cg."""
        hw = self.hw

        def known(name: str, bins: Any) -> Any:
            return point(f"opm_cg.cp_{name}", lambda s: s.get(name), bins)

        def crossed(one: str, other: str, ignore: Any = ()) -> Any:
            return cross(f"opm_cg.cr_{one}_{other}", [f"opm_cg.cp_{one}", f"opm_cg.cp_{other}"], ignore)

        forms = ["linear", "sequence", "list", *(["linear_wide", "sequence_wide"] if hw.is_fp else [])]
        possible = {
            "WORDS": [name for name in forms if name != "list"],
            "SUMS": ["linear", "sequence", "list"],
            "MOVE": ["linear", "sequence"],
        }
        writers = list(possible)
        impossible = [(mode, name) for mode in writers for name in forms if name not in possible[mode]]
        return [
            known("mode", MODES),
            known("before", MODES),
            known("writer", writers),
            known("form", forms),
            known("target", TARGETS),
            known("empty", ["WORDS", "SUMS"]),
            known("lanes", range(1, hw.num_pe + 1)),
            known("partial", range(hw.num_pe)),
            known("fired", COUNTS),
            known("place", PLACES),
            known("head", range(hw.num_pe)),
            known("joined", ["new", "appended"]),
            known("list", (0, 1)),
            known("direct", ("kept", "handed")),
            known("theta", THETAS if hw.is_fp else FXP_THETAS),
            known("distance", DISTANCES),
            *([known("special", SPECIALS)] if hw.is_fp else []),
            known("scattered", COUNTS),
            crossed("writer", "form", impossible),
            crossed("writer", "target"),
            crossed("mode", "before"),
            crossed("joined", "head"),
            crossed("joined", "fired"),
            crossed("joined", "place"),
            crossed("list", "direct"),
        ]

    def write(self, done: Any) -> None:
        """One instruction (Done)."""
        cfg, hw = done.cfg, self.hw
        mode, now = OpmMode(cfg.mode), self._clocking.now()
        sample: dict[str, Any] = {"mode": mode.name}
        if now - self._completed <= self.AT_ONCE:
            sample["before"] = self._before
        self._before, self._completed = mode.name, now
        match mode:
            case OpmMode.WORDS | OpmMode.SUMS | OpmMode.MOVE:
                sample |= {
                    "writer": mode.name,
                    "form": form(cfg, hw),
                    "target": TARGETS[cfg.to_smem | cfg.to_dram << 1],
                }
                if done.taken == 0 and mode is not OpmMode.MOVE:
                    sample["empty"] = mode.name
                if mode is OpmMode.WORDS:
                    sample["lanes"] = cfg.lanes + 1
                if mode is OpmMode.SUMS:
                    sample["partial"] = (done.taken if cfg.sparse else cfg.cnt1 + 1) % hw.num_pe
            case OpmMode.SCATTER:
                sample["scattered"] = count_class(done.taken, cfg.cnt1 + 1)
            case OpmMode.ENCODE:
                sample |= self._encoded(done)
        self.sample(sample)

    def _encoded(self, done: Any) -> dict[str, Any]:
        cfg, hw, out = done.cfg, self.hw, done.out
        size = cfg.cnt0 * hw.num_pe + cfg.lanes + 1
        valid = done.results.reshape(-1)[:size]
        for distance in distances(valid, cfg.theta, hw):
            self.sample({"distance": distance})
        for special in specials(valid) if hw.is_fp else ():
            self.sample({"special": special})
        first = out.descriptor.word * hw.num_pe + out.descriptor.lane
        return {
            "lanes": cfg.lanes + 1,
            "fired": count_class(out.fired, size),
            "place": place_class(first, out.fired, hw.num_pe),
            "head": out.descriptor.lane,
            "joined": ("new", "appended")[cfg.append],
            "list": cfg.list,
            "direct": ("kept", "handed")[cfg.direct],
            "theta": theta_class(cfg.theta, hw),
        }
