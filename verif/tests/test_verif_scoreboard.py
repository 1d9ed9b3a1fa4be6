"""The scoreboard's verdict, and the stall profiles."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from pyuvm import uvm_root

from reneta.verif.common.clocking import Clocking
from reneta.verif.common.scoreboard import Scoreboard, ScoreboardError
from reneta.verif.common.stalls import Stall, Staller


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scoreboard]:
    monkeypatch.setattr(Clocking, "now", staticmethod(lambda: 7))
    made = Scoreboard("board", None)
    made.build_phase()
    yield made
    uvm_root().clear_children()


def test_either_side_may_come_first(board: Scoreboard) -> None:
    board.expected.write((1, 2))
    board.expected.write(3)
    assert board.pending == 2
    board.actual.write((1, 2))
    board.actual.write(3)
    board.actual.write(4)
    board.expected.write(4)
    board.check_phase()
    assert (board.compared, board.mismatches) == (3, 0)


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        ([], [], "nothing was compared"),
        ([1, 2], [1], "1 missing, first 0x2"),
        ([1], [1, 3], "1 unexpected, first 0x3"),
        ([1, 2], [1, 3], "1 mismatches in 2 transactions"),
    ],
)
def test_complaints(board: Scoreboard, expected: list[int], actual: list[int], message: str) -> None:
    for value in expected:
        board.expected.write(value)
    for value in actual:
        board.actual.write(value)
    with pytest.raises(ScoreboardError, match=message):
        board.check_phase()


def test_many_mismatches_end_the_test(board: Scoreboard) -> None:
    for value in range(Scoreboard.MAX_MISMATCHES - 1):
        board.expected.write(value)
        board.actual.write(value + 1)
    board.expected.write(0)
    with pytest.raises(ScoreboardError, match="5 mismatches"):
        board.actual.write(1)


def test_reset_forgets(board: Scoreboard) -> None:
    board.expected.write(1)
    board.reset()
    board.expected.write(2)
    board.actual.write(2)
    board.check_phase()
    assert board.discarded == 1


def test_stall_profiles() -> None:
    for profile in (Stall.LIGHT, Stall.HEAVY, Stall.BURST, Stall.STARVED):
        first, second = (Staller(profile, random.Random(1)) for _ in range(2))
        lengths = [(first.run(), first.pause()) for _ in range(50)]
        assert lengths == [(second.run(), second.pause()) for _ in range(50)]
        assert min(min(pair) for pair in lengths) >= 1
    with pytest.raises(ValueError, match="nonsense"):
        Staller("nonsense", random.Random(1))
