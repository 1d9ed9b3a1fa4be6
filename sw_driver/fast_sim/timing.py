"""How fast the simulated DRAM is, and how it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Resp(IntEnum):
    """Answers of AXI."""

    OKAY = 0
    SLVERR = 2
    DECERR = 3


@dataclass(frozen=True)
class MemoryTiming:
    """Timing of the DRAM.

    Attributes:
        read_latency: cycles from a burst's address to its first word, from 1 on.
        write_latency: cycles from a burst's last word to its answer, from 1 on.
        read_rate: words a cycle on the average, above 0, up to 1.
        write_rate: the same of writes.
        reads: most read bursts in flight.
        writes: most write bursts in flight.
        stall: probability, below 1, with which each ready and each valid, those of the register port
            too, waits for another cycle; the seed of the simulation determines when.
    """

    read_latency: int = 20
    write_latency: int = 20
    read_rate: float = 1.0
    write_rate: float = 1.0
    reads: int = 64
    writes: int = 64
    stall: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no memory can be.

        Raises:
            ValueError: a setting is out of its range.
        """
        for name in ("read_latency", "write_latency", "reads", "writes"):
            if not 1 <= getattr(self, name) < 1 << 31:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least 1")
        for name in ("read_rate", "write_rate"):
            if not 0 < _fraction(getattr(self, name)) <= ONE:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be above 0, up to 1")
        if not 0 <= _fraction(self.stall) < ONE:
            raise ValueError(f"stall is {self.stall}; it must be from 0 up to but not including 1")

    def native(self) -> tuple[int, ...]:
        """The settings in the order and units of `FastSimTiming`."""
        return (
            *(self.read_latency, self.write_latency),
            *(_fraction(self.read_rate), _fraction(self.write_rate)),
            *(self.reads, self.writes, _fraction(self.stall)),
        )


# The library counts in fractions of this.
ONE = 1 << 16


def _fraction(value: float) -> int:
    return round(value * ONE)
