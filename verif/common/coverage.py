"""Functional coverage: cocotb-coverage's points and crosses, made inside a pyuvm subscriber.

A group is named `<what>_cg`, its points `cp_*`, its crosses `cr_*`; testplan.yaml uses the same names
(`fifo_cg.cp_level`). Bins have labels, which are what the reports show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cocotb_coverage.coverage import CoverCross, CoverPoint, coverage_db, coverage_section
from pyuvm import uvm_subscriber

FILE = "coverage.yml"

Sampler = Callable[[Any], None]


def point(name: str, of: Callable[[Any], Any], bins: Iterable[Any], at_least: int = 1) -> Any:
    """A point with one bin for each value of `of(sample)` named in `bins`; other values are not counted."""
    values = list(bins)
    return CoverPoint(name, xf=of, bins=values, bins_labels=[str(v) for v in values], at_least=at_least)


def range_point(
    name: str, of: Callable[[Any], int], bins: Mapping[str, tuple[int, int]], at_least: int = 1
) -> Any:
    """A point whose bins are ranges, given as label -> (lowest, highest)."""
    return CoverPoint(
        name,
        xf=of,
        bins=list(bins.values()),
        bins_labels=list(bins),
        rel=lambda value, limits: limits[0] <= value <= limits[1],
        at_least=at_least,
    )


def cross(name: str, points: Sequence[str], ignore: Sequence[tuple[str | None, ...]] = ()) -> Any:
    """The cross of points by name; `ignore` lists impossible bins, None standing for any label."""
    return CoverCross(name, items=list(points), ign_bins=list(ignore))


def sampler(*items: Any) -> Sampler:
    """A function that samples points and crosses (in this order, points first) with one sample."""
    made: Sampler = coverage_section(*items)(lambda _: None)
    return made


def record(name: str, counts: Mapping[str, int]) -> None:
    """Add hits to the bins of a point by label, for samples that were counted in bulk (with numpy, say).

    Raises:
        KeyError: no such point or bin.
    """
    item = coverage_db[name]
    by_label = item._labels_bins
    bins = {label: value for value, label in by_label.items()}
    before = item.coverage
    for label, count in counts.items():
        item._hits[bins[label]] += int(count)
    item._parent._update_coverage(item.coverage - before)


class CoverageBase(uvm_subscriber):
    """A covergroup: subclasses give points in `items`, and may turn a transaction into samples in `write`."""

    def build_phase(self) -> None:
        """Make the points."""
        self.sample: Sampler = sampler(*self.items())

    def items(self) -> list[Any]:
        """Points, then crosses."""
        raise NotImplementedError

    def write(self, transaction: Any) -> None:
        """Sample a transaction as it is."""
        self.sample(transaction)


def export(file: str = FILE) -> None:
    """Write all coverage of this test into the run's folder."""
    if coverage_db:
        coverage_db.export_to_yaml(file)
