"""Words for the PE arrays: modes, flags and columns drawn at random, operands of several styles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from reneta.golden.arrays import Array
from reneta.golden.ccm_types import Mode
from reneta.golden.config import HwConfig
from reneta.verif.arith.macc_env import MaccKind
from reneta.verif.common.stream import Beat


class Style(Enum):
    """Kinds of operands and accumulators."""

    MODERATE = "numbers of similar size, whose sums are rounded"
    CANCELLING = "few small integers, whose sums are often zero"
    FINITE = "corners without infinities and NaNs, among numbers of all sizes"
    SPIKED = "moderate numbers, here and there a corner"
    CORNERS = "corners only"
    PATTERNS = "any bits"


@dataclass(frozen=True)
class Control:
    """What a word does."""

    mode: Mode
    last: bool = False
    zero: bool = False
    neg: bool = False


@dataclass(frozen=True)
class Mix:
    """How random words are drawn.

    Attributes:
        cascade: share of words in cascade mode; the rest is half parallel, half elementwise.
        stay: chance that a word has the mode of the one before.
        groups: draws the number of words of a column.
        zero: share of words without operands.
    """

    cascade: float
    stay: float
    groups: Callable[[np.random.Generator], int]
    zero: float = 0.1


class Stimulus:
    """Draws words for one array; `values` gives operands or accumulators of a style."""

    def __init__(
        self,
        hw: HwConfig,
        kind: MaccKind,
        rng: np.random.Generator,
        values: Callable[[np.random.Generator, tuple[int, int], Style, bool], Array],
    ) -> None:
        """Take all that words depend on; `values(rng, shape, style, acc)` gives lanes, as in MaccTest."""
        self.hw, self.kind, self.rng, self._values = hw, kind, rng, values

    def controls(self, count: int, mix: Mix) -> list[Control]:
        """Random words, and as many more as it takes to end the last column."""
        rng = self.rng
        made: list[Control] = []
        left, mode = 0, Mode.PARALLEL
        while len(made) < count or left:
            if rng.random() >= mix.stay:
                cascade = rng.random() < mix.cascade
                mode = Mode.CASCADE if cascade else Mode(int(rng.choice([Mode.PARALLEL, Mode.ELEMENTWISE])))
            if len(made) >= count:
                mode = Mode.CASCADE
            # Outside a column last_i means nothing.
            last = bool(rng.integers(2))
            if mode is Mode.CASCADE:
                left = (left or mix.groups(rng)) - 1
                last = left == 0
            made.append(Control(mode, last, bool(rng.random() < mix.zero), bool(rng.integers(2))))
        return made

    def column(self, groups: int) -> list[Control]:
        """The words of one column."""
        return [Control(Mode.CASCADE, last=left == 0) for left in reversed(range(groups))]

    def beats(self, controls: Sequence[Control], style: Style) -> list[Beat]:
        """Words with operands of this style."""
        shape = (len(controls), self.hw.num_pe)
        a, b, acc = (self._values(self.rng, shape, style, is_acc) for is_acc in (False, False, True))
        return self.with_values(controls, a, b, acc)

    def with_values(self, controls: Sequence[Control], a: Array, b: Array, acc: Array) -> list[Beat]:
        """Words with these operands and accumulators, [words, lanes]."""
        packed = zip(
            self.kind.operand.pack(a), self.kind.operand.pack(b), self.kind.acc.pack(acc), strict=True
        )
        return [
            (int(word.mode), int(word.zero), int(word.neg), int(word.last), *values)
            for word, values in zip(controls, packed, strict=True)
        ]


def short_columns(rng: np.random.Generator) -> int:
    """Mostly few groups."""
    return int(rng.geometric(0.3))
