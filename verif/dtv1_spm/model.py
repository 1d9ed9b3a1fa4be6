"""What dtv1_spm does in each cycle, as docs/memory.md says it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from reneta.golden.config import HwConfig

# Commands that may wait, descriptors that may be owed, cycles from a read to its descriptor.
COMMANDS = 2
DESCRIPTORS = 3
LATENCY = 2


class Inputs(NamedTuple):
    """The inputs in a cycle, by port."""

    host_valid_i: int
    host_we_i: int
    host_addr_i: int
    host_be_i: int
    host_wdata_i: int
    w_valid_i: int
    w_list_i: int
    w_step_i: int
    w_desc_i: int
    cmd_valid_i: int
    cmd_list_i: int
    cmd_first_i: int
    cmd_last_i: int
    desc_ready_i: int


class Word(NamedTuple):
    """Bits of a word, and which of them are known: what was never written is not."""

    bits: int
    known: int


class Command(NamedTuple):
    """Steps first .. last of a list."""

    which: int
    first: int
    last: int


class Owed(NamedTuple):
    """A descriptor that was read, whether it is its command's last, and the cycle from which it shows."""

    cycle: int
    word: Word
    last: bool


class Outputs(NamedTuple):
    """The outputs in a cycle; None where nothing is valid or, for host_ready, nothing was asked."""

    host_ready: bool | None
    cmd_ready: bool
    host_answer: Word | None
    descriptor: Owed | None
    err: bool


@dataclass(frozen=True)
class Cycle:
    """The outputs, and what coverage wants to know."""

    outputs: Outputs
    # Why the host waits, and by whose write the machine is held up: empty strings where they are not.
    host_waits: str
    machine_waits: str
    # A command's first step was read one cycle after another's last.
    follows: bool


class SpmModel:
    """One call of `cycle` for each cycle."""

    def __init__(self, hw: HwConfig) -> None:
        """Nothing waits, nothing is known."""
        self._hw = hw
        self._all = (1 << hw.desc_w) - 1
        self.words: dict[int, Word] = {}
        self.now = 0
        self.commands: deque[Command] = deque()
        self.owed: deque[Owed] = deque()
        self.err = False
        self._step: int | None = None
        self._host_answer: Word | None = None
        self._ended = False

    @property
    def pending(self) -> int:
        """Descriptors that will still come."""
        return len(self.owed) + (0 if self.err else len(self.commands))

    def cycle(self, i: Inputs) -> Cycle:
        """Give the outputs for these inputs and go on by one cycle."""
        head = self.commands[0] if self.commands else None
        bad = head is not None and (head.last < head.first or head.last >= self._hw.max_m)
        step = self._step if self._step is not None or head is None else head.first
        host_write = bool(i.host_valid_i and i.host_we_i and not i.w_valid_i)
        written = self._address(i.w_list_i, i.w_step_i) if i.w_valid_i else i.host_addr_i
        writes = bool(i.w_valid_i) or host_write
        machine: int | None = None
        if head is not None and step is not None and not (bad or self.err or len(self.owed) == DESCRIPTORS):
            machine = self._address(head.which, step)
        machine_reads = machine is not None and not (writes and written == machine)
        host_waits = self._host_waits(i, machine, writes, written)
        shown = self.owed[0] if self.owed and self.owed[0].cycle <= self.now else None
        outputs = Outputs(
            not host_waits if i.host_valid_i else None,
            len(self.commands) < COMMANDS,
            self._host_answer,
            shown,
            self.err,
        )

        # The edge.
        host_reads = i.host_valid_i and not i.host_we_i and not host_waits
        self._host_answer = self._host_word(i.host_addr_i) if host_reads else None
        follows = machine_reads and self._ended and self._step is None
        self._ended = False
        if shown and i.desc_ready_i:
            self.owed.popleft()
        if machine_reads and machine is not None and head is not None and step is not None:
            self._ended = step == head.last
            word = self.words.get(machine, Word(0, 0))
            self.owed.append(Owed(self.now + LATENCY, word, self._ended))
            self._step = None if self._ended else step + 1
        if i.cmd_valid_i and outputs.cmd_ready:
            self.commands.append(Command(i.cmd_list_i, i.cmd_first_i, i.cmd_last_i))
        if self._ended:
            self.commands.popleft()
        if writes:
            self._write(written, i)
        self.err |= bad
        self.now += 1
        blocker = "module" if i.w_valid_i else "host"
        return Cycle(outputs, host_waits, "" if machine is None or machine_reads else blocker, follows)

    def _address(self, which: int, step: int) -> int:
        return which << self._hw.step_w | step

    def _host_waits(self, i: Inputs, machine: int | None, writes: bool, written: int) -> str:
        """Why an access of the host waits."""
        if i.host_valid_i and i.host_we_i:
            return "module" if i.w_valid_i else ""
        if i.host_valid_i and machine is not None:
            return "machine"
        return "collision" if i.host_valid_i and writes and written == i.host_addr_i else ""

    def _host_word(self, address: int) -> Word:
        """A word as the host sees it: zero above the descriptor."""
        word = self.words.get(address, Word(0, 0))
        return Word(word.bits, word.known | ~self._all)

    def _write(self, address: int, i: Inputs) -> None:
        """The module's descriptor, or those bytes of the host's word that its byte enables name."""
        mask, data = self._all, i.w_desc_i
        if not i.w_valid_i:
            mask = sum(0xFF << 8 * byte for byte in range(4) if i.host_be_i >> byte & 1) & self._all
            data = i.host_wdata_i
        old = self.words.get(address, Word(0, 0))
        self.words[address] = Word(old.bits & ~mask | data & mask, old.known | mask)
