"""Stall profiles: how long a source or sink goes on, and how long it pauses."""

from __future__ import annotations

import random
from enum import StrEnum

# For each profile the ranges of beats (source) or cycles (sink) that pass, and of idle cycles between them.
_RANGES: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "light": ((1, 24), (1, 2)),
    "heavy": ((1, 2), (1, 5)),
    "burst": ((8, 40), (8, 40)),
    "starved": ((1, 1), (10, 40)),
}


class Stall(StrEnum):
    """Profiles of random backpressure."""

    NONE = "none"
    LIGHT = "light"
    HEAVY = "heavy"
    BURST = "burst"
    STARVED = "starved"
    BLOCKED = "blocked"


class Staller:
    """Draws the run lengths of one profile. NONE never pauses; BLOCKED never goes on."""

    def __init__(self, profile: Stall | str, random_source: random.Random) -> None:
        """Args: the profile or its name; where the lengths are drawn from."""
        self.profile = Stall(profile)
        self._random = random_source

    def run(self) -> int:
        """Beats or cycles until the next pause."""
        return self._random.randint(*_RANGES[self.profile][0])

    def pause(self) -> int:
        """Cycles of the pause."""
        return self._random.randint(*_RANGES[self.profile][1])
