"""The cycles that the compute core takes when no stream makes it wait and every result is taken at once.

`Timing` predicts in which cycle each operation starts and when the last word of a drain leaves: what stands
under "Cycles" in docs/ccm.md.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reneta.golden.arrays import Array
from reneta.golden.ccm import held_words, muted, need, step_columns
from reneta.golden.ccm_types import CcmCfg, Proc
from reneta.golden.config import HwConfig


@dataclass(frozen=True)
class Operation:
    """One operation of the loop nest as far as timing goes.

    Attributes:
        address: the accumulator that it uses, if any.
        reads: it goes on from what the accumulator holds.
        books: it gives a result or ends its instruction.
        drains: the accumulators that are sent out behind it.
    """

    address: int | None = None
    reads: bool = False
    books: bool = False
    drains: range | None = None


def operations(cfg: CcmCfg, counts: Sequence[int], indices: Array) -> Iterator[Operation | None]:
    """The operations of an instruction in their order; None for a cycle of the nest without one."""
    *before, last = _points(cfg, counts, indices)
    yield from before
    # What ends the instruction has to leave, also where there is nothing to compute.
    last = last or Operation()
    if cfg.drain and Proc(cfg.proc).kind == Proc.VXV:
        yield replace(last, drains=range(cfg.base, cfg.base + held_words(cfg)))
    else:
        yield replace(last, books=True)


def _points(cfg: CcmCfg, counts: Sequence[int], indices: Array) -> Iterator[Operation | None]:
    """The points of the loop nest; one without anything to compute, the last one too, is None."""
    kind = Proc(cfg.proc).kind
    held = range(cfg.base, cfg.base + held_words(cfg))
    match kind:
        case Proc.IDLE:
            yield None
        case Proc.ACC:
            yield from (Operation(word, reads=True, books=True) for word in held)
        case Proc.EWISE:
            words = held if cfg.acc else [None] * need(replace(cfg, mute=0)).results
            yield from (Operation(word, bool(cfg.cont), books=not muted(cfg)) for word in words)
        case _:
            column = iter(indices[:: cfg.cnt0 + 1])
            for columns in step_columns(cfg, counts):
                if columns == 0 and kind == Proc.MXV and not cfg.mute:
                    yield from (Operation(word, bool(cfg.cont), books=True) for word in held)
                elif columns == 0:
                    yield None
                for k in range(columns):
                    index = int(next(column)) if Proc(cfg.proc).sparse else k
                    yield from _column(cfg, k == 0, k == columns - 1, index)


def _column(cfg: CcmCfg, first: bool, last: bool, index: int) -> Iterator[Operation]:
    """The operations of one column, which is the first or last one of its step, of a matrix procedure."""
    for g in range(cfg.cnt0 + 1):
        match Proc(cfg.proc).kind:
            case Proc.MXV:
                yield Operation(cfg.base + g, not first or bool(cfg.cont), books=last and not cfg.mute)
            case Proc.VXV:
                yield Operation(cfg.base + index * (cfg.cnt0 + 1) + g, reads=True)
            case _:
                yield Operation(books=g == cfg.cnt0)


class Drain:
    """Accumulators that are sent out and cleared beside the operations."""

    BANKS = 2
    """A word is read where the operation of its cycle does not use its bank, the lowest address bit."""
    PATIENCE = 3
    """Cycles that are lost in a row before an operation has to leave the bank free."""

    def __init__(self, words: range, start: int, sum_latency: int) -> None:
        """These words; the operation that ends their VXV started in cycle `start`."""
        self.words = words
        self.sum_latency = sum_latency
        self.cycle = start + sum_latency + 1  # the next one to be gone through: no sum is under way any more
        self.read: list[int] = []  # the cycle of each word that has been read
        self.lost = 0

    def advance(self, cycle: int, used: dict[int, int]) -> None:
        """Go on to this cycle, exclusively; `used` holds the accumulators that operations use, by cycle."""
        while self.cycle < cycle and not self.booked:
            if self.cycle in used and self._same_bank(used[self.cycle]):
                self.lost += 1
            else:
                self.lost = 0
                self.read.append(self.cycle)
            self.cycle += 1

    @property
    def booked(self) -> bool:
        """Whether every word has been read and has its place among the results."""
        return len(self.read) == len(self.words)

    def over(self, cycle: int) -> bool:
        """Whether the last word has been cleared, so that another drain may begin in this cycle."""
        return self.booked and cycle > self.read[-1] + self.sum_latency

    def holds(self, address: int, cycle: int) -> bool:
        """Whether an operation on this accumulator has to wait in this cycle."""
        if self.lost == self.PATIENCE and self._same_bank(address):
            return True
        if address not in self.words:
            return False
        place = self.words.index(address)
        # An odd distance: what follows the drain word by word never uses its bank.
        distance = self.sum_latency + 1 + self.sum_latency % 2
        return place >= len(self.read) or cycle < self.read[place] + distance

    def _same_bank(self, address: int) -> bool:
        return not self.booked and (address - self.words[len(self.read)]) % self.BANKS == 0


class Timing:
    """Cycle in which each operation starts, with every stream ready and every result taken."""

    PLACES = 3
    """Operations that wait between the loop nest and the PE array, the one at the door included."""
    TO_DOOR = 2
    """Cycles from the loop nest to the door, from where an operation starts."""
    TO_ARRAY = 1
    """Cycles from the door to the PE array."""
    READ = 2
    """Cycles from there in which an accumulator is read that is drained."""
    QUEUE = 2
    """Cycles that a result takes through its queue."""

    def __init__(self, config: HwConfig) -> None:
        """An idle core; cycle 0 is the first cycle of the loop nest."""
        self.config = config
        self.nest = -1  # the last cycle that the nest used
        self.start = -1  # the last operation's start at the PE array
        self._starts = deque([-1] * self.PLACES, self.PLACES)
        self._used: dict[int, int] = {}  # the last use of each accumulator
        self._uses: dict[int, int] = {}  # the accumulator that is used in a cycle, since the drain began
        self._drain: Drain | None = None

    def run(self, cfg: CcmCfg, counts: Sequence[int], indices: Array) -> int:
        """Go through one instruction; the cycle in which its last operation started."""
        for operation in operations(cfg, counts, indices):
            self.nest += 1
            if operation is None:
                continue
            # The operation that takes the last free place waits for the one that had it before to start.
            self.nest = max(self.nest, self._starts[0] + 1)
            self.start = max(self.nest + self.TO_DOOR, self.start + 1)
            if operation.reads and operation.address is not None:
                earlier = self._used.get(operation.address, -self.config.add_lat)
                self.start = max(self.start, earlier + self.config.add_lat)
            self._wait_for_drain(operation)
            if operation.address is not None:
                self._used[operation.address] = self.start
                self._uses[self.start] = operation.address
            self._starts.append(self.start)
            if operation.drains is not None:
                self._uses.clear()
                self._drain = Drain(operation.drains, self.start, self._sum_latency)
        return self.start

    def drained(self) -> int:
        """Let the last drain finish; the cycle in which its last word leaves.

        Raises:
            ValueError: nothing was drained.
        """
        if self._drain is None:
            raise ValueError("nothing was drained")
        while not self._drain.booked:
            self._drain.advance(self._drain.cycle + 1, self._uses)
        return self._drain.read[-1] + self.TO_ARRAY + self.READ + self.QUEUE + self.config.act_lat

    def latency(self, proc: Proc) -> int:
        """Cycles from an operand word to its result when nothing else is on the way."""
        adders = self.config.cas_lat if proc.kind == Proc.MTXV else self._sum_latency
        return self.end_latency + adders

    @property
    def end_latency(self) -> int:
        """Cycles from the last operand word of an instruction to its end where that is no result."""
        return self.TO_DOOR + self.TO_ARRAY + self.QUEUE + self.config.act_lat

    @property
    def _sum_latency(self) -> int:
        return self.config.mul_lat + self.config.add_lat

    def _wait_for_drain(self, operation: Operation) -> None:
        """Move the start of an operation behind what the drain in progress does not let it do."""
        drain = self._drain
        while drain is not None:
            drain.advance(self.start, self._uses)
            waits = operation.books and not drain.booked
            waits |= operation.drains is not None and not drain.over(self.start)
            waits |= operation.address is not None and drain.holds(operation.address, self.start)
            if not waits:
                return
            self.start += 1
