"""Rules of AXI4 that a master has to keep, beyond those that stream monitors see to (an offer stays)."""

from __future__ import annotations

from collections import deque

from pyuvm import uvm_component

from reneta.verif.axi.channels import INCR, PAGE, AddressBeat, DataBeat
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import StreamAgent


class AxiError(AssertionError):
    """The master broke a rule of AXI."""


class AxiChecker(uvm_component):
    """Counts beats and bursts of one master without IDs whose bursts use the whole width of the bus.

    Attributes:
        word_bytes: bytes of a beat; most_beats, most_reads, most_writes: limits that the master has promised.
        deepest_reads, deepest_writes: most bursts that were in flight.
    """

    word_bytes: int
    most_beats: int
    most_reads: int
    most_writes: int

    def build_phase(self) -> None:
        """Make the inputs."""
        handlers = {"ar": self._ar, "r": self._r, "aw": self._aw, "w": self._w, "b": self._b}
        self._inputs = {name: AnalysisImp(f"{name}_in", self, handler) for name, handler in handlers.items()}
        self.deepest_reads = self.deepest_writes = 0
        self.restart()

    def listen(self, name: str, agent: StreamAgent) -> None:
        """Connect the monitor of a channel."""
        agent.ap.connect(self._inputs[name])

    def restart(self) -> None:
        """Forget what is under way, as a reset of the bus does."""
        self._reads: deque[int] = deque()  # beats of bursts that are not complete
        self._read_beats = 0  # of the oldest one
        self._writes: deque[int] = deque()  # beats of bursts whose words have not all left
        self._early: deque[bool] = deque()  # words that came before their address: whether they say last
        self._write_beats = 0
        self._unanswered = 0  # bursts whose words have all left
        self._begun = 0  # addresses without an answer

    @property
    def idle(self) -> bool:
        """Whether every burst is complete and answered."""
        return not (self._reads or self._writes or self._early or self._begun)

    @property
    def open_reads(self) -> int:
        """Read bursts that lack words."""
        return len(self._reads)

    @property
    def open_writes(self) -> int:
        """Write bursts without an answer."""
        return self._begun

    def _demand(self, holds: bool, text: str) -> None:
        if not holds:
            raise AxiError(text)

    def _address(self, beat: Beat) -> int:
        burst = AddressBeat._make(beat)
        length = (burst.len + 1) * self.word_bytes
        self._demand(burst.burst == INCR, f"{burst}: not incrementing")
        self._demand(1 << burst.size == self.word_bytes, f"{burst}: beats are {self.word_bytes} bytes wide")
        self._demand(burst.addr % self.word_bytes == 0, f"{burst}: not at a word")
        self._demand(burst.len < self.most_beats, f"{burst}: more than {self.most_beats} beats")
        self._demand(burst.addr % PAGE + length <= PAGE, f"{burst}: crosses a 4 KiB boundary")
        return burst.len + 1

    def _ar(self, beat: Beat) -> None:
        self._reads.append(self._address(beat))
        self.deepest_reads = max(self.deepest_reads, len(self._reads))
        self._demand(len(self._reads) <= self.most_reads, f"{len(self._reads)} reads in flight")

    def _r(self, beat: Beat) -> None:
        self._demand(bool(self._reads), "a word nobody asked for")
        self._read_beats += 1
        ends = self._read_beats == self._reads[0]
        self._demand(beat[-1] == ends, f"RLAST is {beat[-1]} at beat {self._read_beats} of {self._reads[0]}")
        if ends:
            self._reads.popleft()
            self._read_beats = 0

    def _aw(self, beat: Beat) -> None:
        self._writes.append(self._address(beat))
        self._begun += 1
        self.deepest_writes = max(self.deepest_writes, self._begun)
        self._demand(self._begun <= self.most_writes, f"{self._begun} writes in flight")
        self._count_words()

    def _w(self, beat: Beat) -> None:
        self._early.append(bool(DataBeat._make(beat).last))
        self._count_words()

    def _count_words(self) -> None:
        while self._writes and self._early:
            self._write_beats += 1
            ends, last = self._write_beats == self._writes[0], self._early.popleft()
            self._demand(last == ends, f"WLAST is {last} at beat {self._write_beats} of {self._writes[0]}")
            if ends:
                self._writes.popleft()
                self._write_beats = 0
                self._unanswered += 1

    def _b(self, _: Beat) -> None:
        self._demand(self._unanswered > 0, "an answer to a burst that is not complete")
        self._unanswered -= 1
        self._begun -= 1
