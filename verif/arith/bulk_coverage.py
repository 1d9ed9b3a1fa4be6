"""Coverage of vectors that are classified by the thousand, with numpy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from reneta.golden.arrays import Array, Bool
from reneta.verif.common.coverage import CoverageBase, point, record

# Class of what a point does not count.
NONE = -1


def choose(shape: tuple[int, ...], *classes: Bool) -> Array:
    """For each element the index of the first of `classes` that holds, NONE where none does."""
    return np.select(classes, range(len(classes)), np.full(shape, NONE))


def crossed(first: Iterable[str], second: Iterable[str]) -> list[str]:
    """Labels of a cross, in the order of `cross_index`."""
    second = list(second)
    return [f"{one}*{other}" for one in first for other in second]


def cross_index(first: Array, second: Array, second_count: int) -> Array:
    """Indices into a cross of two points with classes `first` and `second`."""
    return np.where((first < 0) | (second < 0), NONE, first * second_count + second)


class VectorCoverage(CoverageBase):
    """A covergroup whose points are counted in bulk; crosses are points with the labels of `crossed`."""

    # Beats that are collected before they are classified.
    CHUNK = 512

    def build_phase(self) -> None:
        """Make the points."""
        self._labels = {name: list(labels) for name, labels in self.points().items()}
        self._waiting: list[Mapping[str, Array]] = []
        super().build_phase()

    def points(self) -> Mapping[str, Sequence[str | None]]:
        """Labels of all points by name; None for a class that cannot be, or is not counted."""
        raise NotImplementedError

    def classify(self, **vectors: Array) -> Mapping[str, Array]:
        """For each point the index of its label for each vector, NONE where it does not count."""
        raise NotImplementedError

    def items(self) -> list[Any]:
        """The points."""
        return [point(name, lambda _: None, filter(None, labels)) for name, labels in self._labels.items()]

    def write(self, vectors: Mapping[str, Array]) -> None:
        """One beat: an array for each operand and the result."""
        self._waiting.append(vectors)
        if len(self._waiting) >= self.CHUNK:
            self._count()

    def extract_phase(self) -> None:
        """Count the rest, before the test exports."""
        if self._waiting:
            self._count()

    def _count(self) -> None:
        lanes = max(len(values) for values in self._waiting[0].values())
        vectors = {
            # One value for several lanes counts for each.
            name: np.repeat(np.concatenate([beat[name] for beat in self._waiting]), lanes // len(first))
            for name, first in self._waiting[0].items()
        }
        self._waiting.clear()
        for name, classes in self.classify(**vectors).items():
            labels = self._labels[name]
            counts = np.bincount(classes[classes >= 0], minlength=len(labels))
            record(name, {label: hits for label, hits in zip(labels, counts.tolist(), strict=True) if label})
