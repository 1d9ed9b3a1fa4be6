"""What random programs are like."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """How long and how large programs are.

    Attributes:
        instructions: those between the ones that load memories and the ones that store them, at most.
        work: cycles that they take together, about; drawing ends there.
        words: operand words of an instruction, about.
        groups, columns, steps: largest sizes of most instructions.
        extreme: share of instructions that may be as large as the machine lets them, within `work`.
        tall: share of programs whose regions have room for vectors of MAX_N elements.
        pause, fence: shares of instructions that have these flags for no reason.
        eager: share of instructions that wait for more than they have to.
        wild: share of words of the data with numbers of any kind: NaN, infinite, subnormal, largest.
        epilogue: whether everything is stored in DRAM at the end.
    """

    instructions: int = 30
    work: int = 1800
    words: int = 120
    groups: int = 4
    columns: int = 24
    steps: int = 3
    extreme: float = 0.06
    tall: float = 0.3
    pause: float = 0.03
    fence: float = 0.03
    eager: float = 0.2
    wild: float = 0.02
    epilogue: bool = True


SMALL = Options()
"""Around 3000 cycles: seconds in a simulation with an environment."""

LARGE = Options(
    instructions=300, work=150_000, words=1500, groups=12, columns=160, steps=8, extreme=0.15, tall=0.9
)
"""For fast simulations."""

PRESETS = {"small": SMALL, "large": LARGE}
