"""Coverage of the PE arrays: modes, columns and what happens inside them, resets, classes of results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pyuvm import ConfigDB

from reneta.golden.arrays import Array
from reneta.golden.ccm_types import Mode
from reneta.verif.arith.bulk_coverage import VectorCoverage, crossed
from reneta.verif.common.base_env import CFG
from reneta.verif.common.clocking import Clocking
from reneta.verif.common.coverage import CoverageBase, point, record

MODES = tuple(mode.name for mode in Mode)
PACES = ("back_to_back", "gap")
# What comes between the words of a column.
INSIDES = ("nothing", "gap", "other_mode", "gap_and_other_mode")
SIZES = ("1", "2", "3", "4", "5", "6", "7", "8", "odd", "even", "most")
# What a reset finds under way.
CUTS = ("nothing", "open_column", "parallel", "sum")

# Component that counts the sums of columns.
SUMS = "cas_results"


class Word(NamedTuple):
    """What coverage counts of a word."""

    cycle: int
    mode: Mode
    zero: bool
    neg: bool
    last: bool


class ColumnCoverage(CoverageBase):
    """How words follow each other, how long columns are, and what comes between their words."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        self._cfg: Any = ConfigDB().get(self, "", CFG)
        self._counts: dict[str, Counter[str]] = {}
        self._before: Word | None = None
        self._start_column()
        super().build_phase()

    def items(self) -> list[Any]:
        """Points of macc_cg."""
        flags = [f"zero{zero}_neg{neg}" for zero in (0, 1) for neg in (0, 1)]
        labels = {
            "macc_cg.cr_mode_mode_pace": crossed(crossed(MODES, MODES), PACES),
            "macc_cg.cr_mode_flags": crossed(MODES, flags),
            "macc_cg.cp_groups": SIZES,
            "macc_cg.cp_inside": INSIDES,
            "macc_cg.cp_last_of_other_mode": ("open_column", "no_column"),
            "macc_cg.cp_reset": CUTS,
        }
        self._counts = {name: Counter() for name in labels}
        return [point(name, lambda _: None, of) for name, of in labels.items()]

    def write(self, word: Word) -> None:
        """One word."""
        counts, before = self._counts, self._before
        cascade = word.mode is Mode.CASCADE
        gap = before is not None and word.cycle > before.cycle + 1
        if before is not None:
            pace = PACES[gap]
            counts["macc_cg.cr_mode_mode_pace"][f"{before.mode.name}*{word.mode.name}*{pace}"] += 1
        counts["macc_cg.cr_mode_flags"][f"{word.mode.name}*zero{word.zero:d}_neg{word.neg:d}"] += 1
        if self._groups:
            self._gap |= gap
            self._other |= not cascade
        if cascade:
            self._groups += 1
            if word.last:
                self._end_column()
        elif word.last:
            counts["macc_cg.cp_last_of_other_mode"]["open_column" if self._groups else "no_column"] += 1
        self._before = word

    def cut_off(self) -> None:
        """A reset came: note what was under way."""
        kind, counts, now = self._cfg.kind, self._counts["macc_cg.cp_reset"], Clocking.now()
        last, ended = self._before, self._ended
        parallel = last is not None and last.mode is not Mode.CASCADE and now - last.cycle < kind.par_lat
        found = {"open_column": self._groups > 0, "parallel": parallel, "sum": now - ended < kind.cas_lat}
        counts.update([name for name, there in found.items() if there] or ["nothing"])
        self._before = None
        self._start_column()

    def extract_phase(self) -> None:
        """Hand the counts over, before the test exports."""
        for name, counts in self._counts.items():
            record(name, counts)

    def _start_column(self) -> None:
        self._groups, self._gap, self._other = 0, False, False
        self._ended = -(1 << 30)

    def _end_column(self) -> None:
        groups, most = self._groups, self._cfg.hw.max_groups
        parity = "odd" if groups % 2 else "even"
        size = "most" if groups == most else str(groups) if groups <= 8 else parity
        self._counts["macc_cg.cp_groups"][size] += 1
        self._counts["macc_cg.cp_inside"][INSIDES[self._gap + 2 * self._other]] += 1
        self._start_column()
        self._ended = Clocking.now()


class ResultCoverage(VectorCoverage):
    """Classes of the results of one output, in a group that has the component's name."""

    def build_phase(self) -> None:
        """Look up the classes."""
        cfg: Any = ConfigDB().get(self, "", CFG)
        self._kind = cfg.kind
        self._point = f"{self.get_name()}_cg.cp_class"
        super().build_phase()

    def points(self) -> Mapping[str, Sequence[str | None]]:
        """One point."""
        rare = self._kind.rare if self.get_name() == SUMS else ()
        return {self._point: [None if label in rare else label for label in self._kind.classes]}

    def classify(self, **vectors: Array) -> Mapping[str, Array]:
        """The kind's classes."""
        return {self._point: self._kind.classify(vectors["result"])}
