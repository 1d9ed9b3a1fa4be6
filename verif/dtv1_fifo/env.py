"""Environment of dtv1_fifo: a count and a clear besides what the FIFOs share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from reneta.verif.common.coverage import point
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.memory.fifo_env import (
    FifoCfg,
    FifoCoverage,
    FifoEnv,
    FifoModel,
    FifoShape,
    Flags,
    FlagScoreboard,
    Seen,
)

# As in tb_dtv1_fifo.sv.
_SIZES = ((8, 1), (1, 2), (33, 3), (16, 5), (72, 64))
SHAPES = (
    *(FifoShape(width, depth, latency=2) for width, depth in _SIZES),
    *(FifoShape(width, depth, latency=1, fwft=False) for width, depth in _SIZES),
)


@dataclass
class ClearFifoCfg(FifoCfg):
    """The shapes."""

    shapes: ClassVar[tuple[FifoShape, ...]] = SHAPES


class ClearFifoCycle(NamedTuple):
    """What the ports show at one rising edge."""

    clr_i: int
    valid_i: int
    ready_o: int
    data_i: int
    valid_o: int
    ready_i: int
    data_o: int
    count_o: int


class ClearFifoMonitor(PortMonitor):
    """Watches all ports."""

    cycle_type = ClearFifoCycle


class ClearFifoModel(FifoModel):
    """A word offered with a clear is dropped, a word taken with it is taken."""

    def write(self, cycle: ClearFifoCycle) -> None:
        """One cycle."""
        super().write(cycle)
        if cycle.clr_i:
            self.clear()


class CountScoreboard(FlagScoreboard):
    """Compares the count, too."""

    def same(self, expected: Flags, actual: ClearFifoCycle) -> bool:
        """Flags and count."""
        return super().same(expected, actual) and actual.count_o == expected.words


# Levels and actions at which a clear must have come.
CLEARS = [
    *(("empty", "none"), ("empty", "push"), ("partial", "none"), ("partial", "push")),
    *(("partial", "pop"), ("partial", "both"), ("full", "none"), ("full", "pop")),
]


class ClearFifoCoverage(FifoCoverage):
    """Adds what a clear met."""

    group = "fifo_cg"

    def items(self) -> list[Any]:
        """Points and crosses."""

        def cleared(seen: Seen) -> str:
            return f"{seen.level}_{seen.action}" if seen.cycle.clr_i else ""

        bins = [f"{level}_{action}" for level, action in CLEARS]
        return [*super().items(), point("fifo_cg.cp_clear", cleared, bins)]


class ClearFifoEnv(FifoEnv):
    """The common environment with all that a clear changes: it withdraws an offered word."""

    monitor_type = ClearFifoMonitor
    model_type = ClearFifoModel
    flags_type = CountScoreboard
    coverage_type = ClearFifoCoverage
    offers_stay = False
