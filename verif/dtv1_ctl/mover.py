"""Plays the data mover behind dtv1_dm_share, and the DRAM: words in the order of their commands, errors.

It behaves as docs/axi_dm.md says. Words that came wait in a queue of two; an error shows one cycle after its
answer, while good words from before it may still wait. Writes are in DRAM when they are answered.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from pyuvm import ConfigDB, uvm_subscriber

from reneta.golden.ccm_types import ErrorCause
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.clocking import Clocking
from reneta.verif.common.hw import rng
from reneta.verif.dtv1_ctl.ports import Ports

FETCH, MOVE, ENGINE = "fetch", "move", "engine"
# Words that have come and wait.
_SHOWN = 2
_BTT = (1 << 23) - 1


@dataclass
class Read:
    """A word to be read: for whom, for which instruction of the engine, where, from which cycle on."""

    owner: str
    token: int
    address: int
    cycle: int


@dataclass
class Write:
    """A write whose words are all handed over: its words by address, when it is answered, and how."""

    words: dict[int, int]
    cycle: int
    bad: bool


class Mover(uvm_subscriber):
    """Takes and gives one word a cycle at most, with random stalls and latencies.

    Attributes:
        words: contents of DRAM by address; what was never written is some function of the address.
        bad_read: whether a read of this address fails.
        bad_write: whether a write of this address fails.
        latency: most cycles until an answer.
        lazy: probability of a cycle in which nothing is taken or given, for commands and words alike.
    """

    def build_phase(self) -> None:
        """Look up the handles."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.dut, self.hw = cfg.dut, cfg.hw
        self.random = rng(self.get_full_name())
        self.words: dict[int, int] = {}
        self.latency, self.lazy = 20, 0.2
        self.no_errors()
        self.restart()

    def no_errors(self) -> None:
        """All answers are good."""
        self.bad_read: Callable[[int], bool] = lambda _: False
        self.bad_write: Callable[[int], bool] = lambda _: False

    def restart(self) -> None:
        """Forget all that is under way, and drive silence."""
        self._ar: deque[Read] = deque()
        self._shown: deque[Read] = deque()
        self._handing: deque[tuple[int, int | None]] = deque()
        self._places: deque[int] = deque()
        self._flight: deque[Write] = deque()
        self._engine_words = 0
        self._stopping = self._broken = False
        self._drained = 0
        self.rd_err = self.wr_err = ErrorCause.NONE
        self._drive(0, 0)

    # The engine's side; what it does takes effect in the next cycle.

    def engine_reads(self, token: int, addresses: list[int]) -> None:
        """The engine asks for words for one of its instructions."""
        self._order(ENGINE, token, addresses)

    def engine_waits(self, token: int) -> bool:
        """Whether an instruction lacks a word that is not there."""
        return bool(self.missing(token)) and not (self._shown and self._shown[0].owner == ENGINE)

    def missing(self, token: int) -> int:
        """Words that an instruction of the engine has not got."""
        return sum(read.owner == ENGINE and read.token == token for read in (*self._shown, *self._ar))

    def engine_writes(self, address: int) -> None:
        """The engine hands over the last word of a command."""
        self._engine_words += 1
        self._flight.append(
            Write({address: self.random.getrandbits(16)}, self._due(), self.bad_write(address))
        )

    # What the checker asks.

    def waiting(self, owner: str) -> int:
        """Words that have come for somebody and were not handed over."""
        return sum(read.owner == owner for read in self._shown)

    @property
    def quiet(self) -> bool:
        """Whether all reads have been handed over and all writes answered."""
        return not (self._ar or self._shown or self._flight or self._places)

    def word(self, address: int) -> int:
        """A word of DRAM."""
        if address not in self.words:
            self.words[address] = random.Random(address).getrandbits(16 * self.hw.num_pe)
        return self.words[address]

    def _due(self) -> int:
        return Clocking.now() + self.random.randint(1, max(1, self.latency))

    def _order(self, owner: str, token: int, addresses: list[int]) -> None:
        due = self._due()
        self._ar.extend(Read(owner, token, address, due) for address in addresses)

    def _block(self, bits: int) -> list[int]:
        """The words of a command."""
        start, size = bits >> 32 & 0xFFFF_FFFF, self.hw.word_bytes
        return [(start + place) % (1 << 32) for place in range(0, bits & _BTT, size)]

    def write(self, ports: Ports) -> None:
        """One cycle."""
        if not ports.core_rst_no:
            self.restart()
            return
        room = len(self._shown) < _SHOWN
        read = self._take_read(ports)
        written = self._take_write(ports)
        if self._stopping:
            self._ar.clear()
            self._shown.clear()
            self._places.clear()
            self._drained = max(0, self._drained - 1)
            if not ports.dm_stop_o and not self._drained:
                self._stopping = False
        elif ports.dm_stop_o:
            # From the next cycle on it is deaf; what is under way on the bus takes its time.
            self._stopping = True
            self._drained = self.random.randint(0, 2 * self.latency)
        if room and not self._stopping:
            self._receive()
        self._answer()
        self._drive(read, written)

    def _take_read(self, ports: Ports) -> int:
        dut = self.dut
        if ports.fetch_cmd_valid_o and ports.fetch_cmd_ready_i:
            self._order(FETCH, 0, self._block(int(dut.fetch_cmd_o.value)))
        if ports.move_rd_cmd_valid_o and ports.move_rd_cmd_ready_i:
            self._order(MOVE, 0, self._block(int(dut.move_cmd_o.value)))
        taken = (ports.fetch_valid_i and ports.fetch_ready_o) or (
            ports.move_rd_valid_i and ports.move_rd_ready_o
        )
        engine = bool(self._shown) and self._shown[0].owner == ENGINE and self.random.random() >= self.lazy
        if taken or engine:
            self._shown.popleft()
        return int(taken or engine)

    def _take_write(self, ports: Ports) -> int:
        dut, written = self.dut, min(self._engine_words, 1)
        self._engine_words -= written
        if ports.move_wr_cmd_valid_o and ports.move_wr_cmd_ready_i:
            self._places.extend(self._block(int(dut.move_cmd_o.value)))
        if ports.move_wr_valid_o and ports.move_wr_ready_i:
            assert self._places, "a move writes more words than it has asked to"
            address, word = self._places.popleft(), int(dut.move_wr_data_o.value)
            assert bool(ports.move_wr_last_o) == (not self._places), "the last word of a move is not marked"
            self._handing.append((address, word))
            if ports.move_wr_last_o:
                words = {a: w for a, w in self._handing if w is not None}
                self._flight.append(Write(words, self._due(), any(map(self.bad_write, words))))
                self._handing.clear()
            written = 1
        return written

    def _receive(self) -> None:
        """A word comes from the bus."""
        if self._broken or not self._ar:
            return
        if self._ar[0].cycle > Clocking.now() or self.random.random() < self.lazy:
            return
        if self.bad_read(self._ar[0].address):
            self._broken = True
            self.rd_err = ErrorCause.AXI
        else:
            self._shown.append(self._ar.popleft())

    def _answer(self) -> None:
        """A write is answered; after an error none is."""
        if not self._flight or self._flight[0].cycle > Clocking.now() or self.wr_err:
            return
        if self._flight[0].bad:
            self.wr_err = ErrorCause.AXI
            return
        self.words.update(self._flight.popleft().words)

    def _drive(self, read: int, written: int) -> None:
        dut, draw, lazy = self.dut, self.random.random, self.lazy
        takes = not self._stopping
        reads = takes and not self.rd_err
        dut.fetch_cmd_ready_i.value = int(reads and draw() >= lazy)
        dut.move_rd_cmd_ready_i.value = int(reads and draw() >= lazy)
        dut.move_wr_cmd_ready_i.value = int(takes and not self.wr_err and draw() >= lazy)
        dut.move_wr_ready_i.value = int(takes and bool(self._places) and draw() >= lazy)
        head = self._shown[0] if self._shown and takes else None
        dut.fetch_valid_i.value = int(head is not None and head.owner == FETCH)
        dut.move_rd_valid_i.value = int(head is not None and head.owner == MOVE)
        dut.rd_data_i.value = (
            self.random.getrandbits(16 * self.hw.num_pe) if head is None else self.word(head.address)
        )
        dut.read_i.value, dut.written_i.value = read, written
        dut.wr_pending_i.value = int(bool(self._flight))
        silent = not self._drained and (not self._flight or bool(self.wr_err))
        dut.dm_idle_i.value = int(self._stopping and silent)
        dut.rd_err_i.value, dut.wr_err_i.value = int(self.rd_err), int(self.wr_err)
