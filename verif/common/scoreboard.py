"""The scoreboard: compares in order what the predictor expects with what the monitor saw."""

from __future__ import annotations

from collections import deque
from typing import Any

from pyuvm import uvm_scoreboard

from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.clocking import Clocking


class ScoreboardError(AssertionError):
    """Mismatches, nothing compared, or transactions left over."""


class Scoreboard(uvm_scoreboard):
    """In-order compare of raw transactions (ints, tuples of ints).

    Connect the predictor to `expected` and the output's monitor to `actual`. Mismatches are logged in full;
    after `MAX_MISMATCHES` the test ends. At the end the check phase demands that something was compared,
    nothing differed, and nothing is left on either side.
    """

    MAX_MISMATCHES = 5
    # Whether the check phase demands that something was compared; the test as a whole always must.
    must_compare = True

    def build_phase(self) -> None:
        """Make the inputs."""
        self.expected = AnalysisImp("expected", self, self._write_expected)
        self.actual = AnalysisImp("actual", self, self._write_actual)
        self.compared = 0
        self.mismatches = 0
        self.discarded = 0
        self._expected: deque[Any] = deque()
        self._actual: deque[Any] = deque()

    def same(self, expected: Any, actual: Any) -> bool:
        """Whether two transactions agree; override to leave out what does not matter."""
        return bool(expected == actual)

    def show(self, transaction: Any) -> str:
        """A transaction in words, for messages; override to decode it."""
        if isinstance(transaction, tuple):
            names = getattr(transaction, "_fields", range(len(transaction)))
            return ", ".join(
                f"{name}={self.show(value)}" for name, value in zip(names, transaction, strict=True)
            )
        return f"0x{transaction:x}" if isinstance(transaction, int) else str(transaction)

    @property
    def pending(self) -> int:
        """Expected transactions that have not come."""
        return len(self._expected)

    def reset(self) -> None:
        """Forget what waits on both sides, as a reset of the design does."""
        self.discarded += len(self._expected) + len(self._actual)
        self._expected.clear()
        self._actual.clear()

    def _write_expected(self, transaction: Any) -> None:
        self._expected.append(transaction)
        if self._actual:
            self._compare()

    def _write_actual(self, transaction: Any) -> None:
        self._actual.append(transaction)
        if self._expected:
            self._compare()

    def _compare(self) -> None:
        expected, actual = self._expected.popleft(), self._actual.popleft()
        index = self.compared
        self.compared += 1
        if self.same(expected, actual):
            return
        self.mismatches += 1
        self.logger.error(
            "mismatch %d: %s, transaction %d, cycle %d: expected %s; actual %s",
            self.mismatches,
            self.get_name(),
            index,
            Clocking.now(),
            self.show(expected),
            self.show(actual),
        )
        if self.mismatches >= self.MAX_MISMATCHES:
            raise ScoreboardError(f"{self.get_name()}: {self.mismatches} mismatches")

    def check_phase(self) -> None:
        """Give the verdict.

        Raises:
            ScoreboardError: see the class.
        """
        name = self.get_name()
        if self.mismatches:
            raise ScoreboardError(f"{name}: {self.mismatches} mismatches in {self.compared} transactions")
        if self._expected:
            raise ScoreboardError(
                f"{name}: {len(self._expected)} missing, first {self.show(self._expected[0])}"
            )
        if self._actual:
            raise ScoreboardError(
                f"{name}: {len(self._actual)} unexpected, first {self.show(self._actual[0])}"
            )
        if self.must_compare and not self.compared:
            raise ScoreboardError(f"{name}: nothing was compared")
