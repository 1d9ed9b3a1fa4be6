"""Functional coverage on the host's side: reading what tests exported, merging it, and asking for holes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml


@dataclass
class Point:
    """A point or cross: hits for each bin, by label."""

    at_least: int
    hits: dict[str, int]

    @property
    def covered(self) -> int:
        """Bins that were hit often enough."""
        return sum(1 for count in self.hits.values() if count >= self.at_least)

    @property
    def holes(self) -> list[str]:
        """Bins that were not."""
        return [label for label, count in self.hits.items() if count < self.at_least]


@dataclass
class FunctionalCoverage:
    """All points by full name (`group.point`)."""

    points: dict[str, Point] = field(default_factory=dict)

    @classmethod
    def load(cls, file: Path) -> FunctionalCoverage:
        """Read a file that cocotb-coverage exported; an empty database where there is none."""
        if not file.is_file():
            return cls()
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        data = yaml.load(file.read_text(encoding="utf-8"), Loader=loader) or {}
        return cls(
            {
                name: Point(
                    entry["at_least"], {str(bin_): hits for bin_, hits in entry["bins:_hits"].items()}
                )
                for name, entry in data.items()
                if "bins:_hits" in entry
            }
        )

    def merge(self, other: FunctionalCoverage) -> None:
        """Add the hits of another run, bin by bin."""
        for name, point in other.points.items():
            mine = self.points.setdefault(name, Point(point.at_least, {}))
            for label, count in point.hits.items():
                mine.hits[label] = mine.hits.get(label, 0) + count

    def under(self, name: str) -> list[str]:
        """Names of the points that `name` stands for: itself, or all of a group."""
        return [point for point in self.points if point == name or point.startswith(f"{name}.")]

    def percent(self, names: Iterable[str]) -> float:
        """Covered share of all bins of these points; 0 where there is none."""
        points = [self.points[name] for name in names]
        bins = sum(len(point.hits) for point in points)
        return 100.0 * sum(point.covered for point in points) / bins if bins else 0.0

    @property
    def groups(self) -> list[str]:
        """Names of the groups."""
        return sorted({name.rpartition(".")[0] for name in self.points})
