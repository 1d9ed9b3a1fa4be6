"""What dtv1_smem does in each cycle, as docs/memory.md says it: queues, grants, and a memory."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from reneta.golden.config import HwConfig

READERS = 3
WRITERS = 2
BANKS = 2
# Requests of a channel that may wait, answers that a channel may be owed, cycles from a grant to its answer.
REQUESTS = 4
ANSWERS = 5
LATENCY = 4


class Request(NamedTuple):
    """A request as it stands in its FIFO; a read has no data."""

    addr: int
    sel: int
    data: int = 0


class Word(NamedTuple):
    """Bits of a word, and which of them are known: what was never written is not."""

    bits: int
    known: int


class Answer(NamedTuple):
    """A read's word and the cycle from which it shows."""

    cycle: int
    word: Word


class Grant(NamedTuple):
    """A request that was granted, and the cycle."""

    cycle: int
    write: bool
    channel: int
    request: Request


class Waiting(NamedTuple):
    """The requests that ask for one bank in a cycle, by channel."""

    writes: dict[int, Request]
    reads: dict[int, Request]


@dataclass
class Outputs:
    """What the outputs must be: a bit or a word for each channel (None: nothing is valid)."""

    rreq_ready: list[bool]
    wreq_ready: list[bool]
    wbusy: list[bool]
    answers: list[Word | None]


@dataclass
class Memory:
    """Words by address; all unknown at first."""

    num_pe: int
    lane_w: int
    data_w: int
    words: dict[int, Word] = field(default_factory=dict)

    def lane(self, sel: int) -> int | None:
        """The lane that a select field names; None for a whole word."""
        return sel & self.num_pe - 1 if sel >> self.lane_w else None

    def read(self, addr: int, sel: int) -> Word:
        """The answer to a read: a lane alone stands in lane 0 among zeros."""
        word = self.words.get(addr, Word(0, 0))
        lane = self.lane(sel)
        if lane is None:
            return word
        one = (1 << self.data_w) - 1
        shift = lane * self.data_w
        known = (word.known >> shift) & one
        return Word((word.bits >> shift) & one, self._all & ~one | known)

    def write(self, addr: int, sel: int, data: int) -> None:
        """Replace a word, or one lane of it by the data's lane 0."""
        lane = self.lane(sel)
        if lane is None:
            self.words[addr] = Word(data, self._all)
            return
        one = (1 << self.data_w) - 1
        shift = lane * self.data_w
        old = self.words.get(addr, Word(0, 0))
        self.words[addr] = Word(old.bits & ~(one << shift) | (data & one) << shift, old.known | one << shift)

    @property
    def _all(self) -> int:
        return (1 << self.num_pe * self.data_w) - 1


class SmemModel:
    """One call of `outputs`, `arbitrate` and `advance` for each cycle, in this order."""

    def __init__(self, hw: HwConfig) -> None:
        """Nothing waits, nothing is known."""
        self._bank_shift = hw.smem_addr_w - 1
        self.memory = Memory(hw.num_pe, hw.lane_w, hw.data_w)
        self.now = 0
        self.reads: list[deque[Request]] = [deque() for _ in range(READERS)]
        self.writes: list[deque[Request]] = [deque() for _ in range(WRITERS)]
        self.owed: list[deque[Answer]] = [deque() for _ in range(READERS)]
        self._last_read = [READERS - 1] * BANKS
        self._last_write = [WRITERS - 1] * BANKS

    @property
    def pending(self) -> int:
        """Requests that wait and answers that are owed."""
        requests = sum(len(queue) for queue in (*self.reads, *self.writes))
        return requests + sum(len(queue) for queue in self.owed)

    def outputs(self) -> Outputs:
        """The outputs of this cycle."""
        return Outputs(
            [len(queue) < REQUESTS for queue in self.reads],
            [len(queue) < REQUESTS for queue in self.writes],
            [bool(queue) for queue in self.writes],
            [queue[0].word if queue and queue[0].cycle <= self.now else None for queue in self.owed],
        )

    def waiting(self, bank: int) -> Waiting:
        """Who asks for a bank; a reader that is owed too much does not."""
        return Waiting(
            {w: q[0] for w, q in enumerate(self.writes) if q and self._bank(q[0]) == bank},
            {
                r: q[0]
                for r, q in enumerate(self.reads)
                if q and self._bank(q[0]) == bank and len(self.owed[r]) < ANSWERS
            },
        )

    def arbitrate(self) -> list[Grant]:
        """Grant and do the accesses of this cycle."""
        grants = []
        # Both banks look at the queues of this cycle, before either takes from them.
        for bank, (writes, reads) in enumerate([self.waiting(bank) for bank in range(BANKS)]):
            if writes:
                w = _next(writes, self._last_write[bank], WRITERS)
                self._last_write[bank] = w
                grants.append(Grant(self.now, True, w, self.writes[w].popleft()))
                self.memory.write(*grants[-1].request)
            elif reads:
                r = _next(reads, self._last_read[bank], READERS)
                self._last_read[bank] = r
                request = self.reads[r].popleft()
                grants.append(Grant(self.now, False, r, request))
                word = self.memory.read(request.addr, request.sel)
                self.owed[r].append(Answer(self.now + LATENCY, word))
        return grants

    def advance(self, reads: list[Request | None], writes: list[Request | None], taken: list[bool]) -> None:
        """End the cycle: requests that were accepted in it, and which answers were taken."""
        for queues, requests in ((self.reads, reads), (self.writes, writes)):
            for queue, request in zip(queues, requests, strict=True):
                if request is not None:
                    queue.append(request)
        for owed, gone in zip(self.owed, taken, strict=True):
            if gone:
                owed.popleft()
        self.now += 1

    def _bank(self, request: Request) -> int:
        return request.addr >> self._bank_shift


def _next(asking: dict[int, Request], last: int, count: int) -> int:
    """The first one that asks after the one that was granted last, going round."""
    return next(i % count for i in range(last + 1, last + 1 + count) if i % count in asking)
