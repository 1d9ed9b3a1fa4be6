"""Model of dtv1_axi_dm: from commands and words to bursts, words, answers and the contents of memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from pyuvm import ConfigDB, uvm_analysis_port

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.config import HwConfig
from reneta.verif.axi.channels import ADDRESS_SPACE, AddressBeat, Resp, cut
from reneta.verif.axi.memory import initial_word
from reneta.verif.common.analysis import AnalysisImp, Predictor
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.stream import Beat


def max_burst(hw: HwConfig) -> int:
    """Most beats of a burst, as the wrapper of the environment sets it."""
    return 64 if hw.num_pe < 16 else 256


class Command(NamedTuple):
    """What a 72-bit command asks for."""

    address: int
    length: int
    incr: int

    @classmethod
    def decode(cls, bits: int) -> Command:
        """From the 72 bits; other fields do not matter."""
        return cls(bits >> 32 & 0xFFFF_FFFF, bits & 0x7F_FFFF, bits >> 23 & 1)

    def legal(self, word_bytes: int) -> bool:
        """Whether the mover carries it out."""
        whole = self.address % word_bytes == 0 and self.length % word_bytes == 0
        return whole and self.length > 0 and bool(self.incr)


class Place(NamedTuple):
    """Where a word to be written goes."""

    address: int
    ends_burst: bool
    ends_command: bool


@dataclass
class WriteBurst:
    """A burst to be written, and what its words turned out to be: address, data, whether written."""

    beat: AddressBeat
    ends_command: bool
    words: list[tuple[int, int, bool]] = field(default_factory=list)


class MoverModel(Predictor):
    """Listens to commands, words to be written and to AW, W and B; announces what the mover must put out.

    `ap` announces words read (data, last); `ar`, `aw` bursts; `w` words written; `done` completed commands.
    After an error it announces more bursts than may come: those that were begun before the mover saw it.

    Attributes:
        image: contents of memory, without words that were never written.
        resp: the memory's answers, by address.
        read_error, write_error: what the mover must report in the end.
    """

    def build_phase(self) -> None:
        """Make inputs and outputs."""
        super().build_phase()
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.word_bytes = cfg.hw.num_pe * 2
        self.max_burst = max_burst(cfg.hw)
        self.clocking = cfg.clocking
        self.ar, self.aw = uvm_analysis_port("ar", self), uvm_analysis_port("aw", self)
        self.w, self.done = uvm_analysis_port("w", self), uvm_analysis_port("done", self)
        self.write_command = AnalysisImp("write_command", self, self._write_command)
        self.write_word = AnalysisImp("write_word", self, self._write_word)
        self.aw_seen = AnalysisImp("aw_seen", self, self._aw_seen)
        self.w_seen = AnalysisImp("w_seen", self, self._w_seen)
        self.b_seen = AnalysisImp("b_seen", self, self._b_seen)
        self.image: dict[int, int] = {}
        self.resp: Callable[[int], int] = lambda _: Resp.OKAY
        self.reset()

    def reset(self) -> None:
        """Nothing is under way and nothing is wrong; the memory stays as it is."""
        self.read_error = self.write_error = ErrorCause.NONE
        self._cut = False
        self._bad_since: int | None = None
        self.forgive()

    def forgive(self) -> None:
        """Nothing is under way, as after a stop; errors stay."""
        self._places: deque[Place] = deque()
        self._words: deque[Beat] = deque()
        self._waiting: deque[WriteBurst] = deque()  # no address seen yet
        self._filling: deque[WriteBurst] = deque()  # words missing
        self._begun: deque[WriteBurst] = deque()  # no answer yet
        self._left: deque[bool] = deque()  # whether a word to leave disagrees with its command

    @property
    def pending(self) -> int:
        """Bursts that are not answered, and words without a command."""
        if self.write_error:
            return len(self._begun)
        return len(self._begun) + len(self._places) + len(self._words)

    def peek(self, address: int) -> int:
        """The word that memory must hold."""
        word = self.image.get(address)
        return initial_word(address, self.word_bytes) if word is None else word

    def bursts(self, command: Command) -> list[AddressBeat]:
        """How a command is cut; the negative test overrides this."""
        return cut(command.address, command.length // self.word_bytes, self.word_bytes, self.max_burst)

    def write(self, beat: Beat) -> None:
        """A read command."""
        if self.read_error == ErrorCause.ADDRESS:
            return
        command = Command.decode(beat[0])
        if not command.legal(self.word_bytes):
            self.read_error = self.read_error or ErrorCause.ADDRESS
            return
        for burst in self.bursts(command):
            self.ar.write(burst)
        if self.read_error:
            return
        for offset in range(0, command.length, self.word_bytes):
            address = (command.address + offset) % ADDRESS_SPACE
            if self.resp(address) != Resp.OKAY:
                self.read_error = ErrorCause.AXI
                return
            self.ap.write((self.peek(address), int(offset + self.word_bytes == command.length)))

    def _write_command(self, beat: Beat) -> None:
        if self.write_error:
            return
        command = Command.decode(beat[0])
        if not command.legal(self.word_bytes):
            self.write_error = ErrorCause.ADDRESS
            return
        bursts = self.bursts(command)
        for index, burst in enumerate(bursts):
            ends_command = index == len(bursts) - 1
            self.aw.write(burst)
            record = WriteBurst(burst, ends_command)
            self._waiting.append(record)
            self._filling.append(record)
            addresses = burst.words(self.word_bytes)
            for address in addresses:
                ends = address == addresses[-1]
                self._places.append(Place(address, ends, ends and ends_command))
        self._join()

    def _write_word(self, beat: Beat) -> None:
        self._words.append(beat)
        self._join()

    def _join(self) -> None:
        while self._places and self._words:
            place, (data, last) = self._places.popleft(), self._words.popleft()
            disagrees = bool(last) != place.ends_command
            self._cut |= disagrees
            strobes = 0 if self._cut else (1 << self.word_bytes) - 1
            self.w.write((data, strobes, int(place.ends_burst)))
            self._left.append(disagrees)
            self._filling[0].words.append((place.address, data, not self._cut))
            if place.ends_burst:
                self._filling.popleft()

    def _aw_seen(self, _: Beat) -> None:
        if not self._waiting:
            return  # the scoreboard tells
        burst = self._waiting.popleft()
        beats = burst.beat.len + 1
        assert len(burst.words) == beats, f"{burst.beat}: begun with {len(burst.words)} of {beats} words"
        self._begun.append(burst)
        for address, data, written in burst.words:
            if written and self.resp(address) == Resp.OKAY:
                self.image[address] = data

    def _w_seen(self, _: Beat) -> None:
        if self._left and self._left.popleft():
            self._fail(ErrorCause.SIZE)

    def _b_seen(self, beat: Beat) -> None:
        if not self._begun:
            return  # the checker tells
        burst = self._begun.popleft()
        # An error is known to the mover one cycle later.
        good = self._bad_since is None or self._bad_since >= self.clocking.now()
        if beat[0] >= Resp.SLVERR:
            self._fail(ErrorCause.AXI)
        elif good and burst.ends_command:
            self.done.write((1,))

    def _fail(self, cause: ErrorCause) -> None:
        if self._bad_since is None:
            self._bad_since = self.clocking.now()
        if not self.write_error:
            self.write_error = cause
