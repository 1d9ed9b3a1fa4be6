"""An AXI4 memory made of five stream agents: any latency and backpressure, errors, bursts in flight."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import cocotb
from cocotb.task import Task
from cocotb.triggers import Event
from pyuvm import ConfigDB, uvm_component

from reneta.verif.axi.channels import AddressBeat, DataBeat, Resp
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import StreamAgent

# Cycles between a monitor's view of a beat and what a driver makes of it.
_REACTION = 2


# An odd factor that spreads an address over the bits of the widest word.
_SPREAD = random.Random(0).getrandbits(1024) | 1


def initial_word(address: int, word_bytes: int) -> int:
    """What memory holds at a word that was never written: bits that its address determines."""
    return (address + 1) * _SPREAD & (1 << 8 * word_bytes) - 1


@dataclass
class _Burst:
    """A write burst that waits for its words."""

    addresses: list[int]
    resp: int = Resp.OKAY


class AxiMemory(uvm_component):
    """Answers bursts in order. `ar`, `aw` and `w` are sinks, `r` and `b` sources, which the environment sets.

    Attributes:
        words: what was written, by byte address of the word; other words hold `initial_word`.
        resp: the answer for the word at an address; a write burst is answered with its worst.
        read_latency: cycles from an address to its first word at the earliest.
        write_latency: cycles from a burst's last word to its answer.
    """

    ar: StreamAgent
    aw: StreamAgent
    w: StreamAgent
    r: StreamAgent
    b: StreamAgent

    def build_phase(self) -> None:
        """Make the inputs."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.clocking = cfg.clocking
        self.word_bytes = cfg.hw.num_pe * 2
        self.words: dict[int, int] = {}
        self.resp: Callable[[int], int] = lambda _: Resp.OKAY
        self.read_latency = self.write_latency = _REACTION
        self._ar_in = AnalysisImp("ar_in", self, self._read)
        self._aw_in = AnalysisImp("aw_in", self, self._write_address)
        self._w_in = AnalysisImp("w_in", self, self._write_data)
        self._reads: deque[tuple[int, AddressBeat]] = deque()
        self._answers: deque[tuple[int, int]] = deque()
        self._bursts: deque[_Burst] = deque()
        self._data: deque[DataBeat] = deque()
        self._asked, self._written = Event(), Event()
        self._tasks: list[Task[None]] = []

    def listen(self) -> None:
        """Connect the agents' monitors; the environment calls this in its connect phase."""
        self.ar.ap.connect(self._ar_in)
        self.aw.ap.connect(self._aw_in)
        self.w.ap.connect(self._w_in)

    def restart(self) -> None:
        """Forget what is under way, as a reset of the bus does; contents stay."""
        for waiting in (self._reads, self._answers, self._bursts, self._data):
            waiting.clear()
        for task in self._tasks:
            task.cancel()
        self._tasks = [cocotb.start_soon(self._serve_reads()), cocotb.start_soon(self._serve_writes())]

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        waiting = (self._reads, self._answers, self._bursts, self._data)
        return not any(waiting) and self.r.idle and self.b.idle

    def peek(self, address: int) -> int:
        """The word at a byte address."""
        word = self.words.get(address)
        return initial_word(address, self.word_bytes) if word is None else word

    def _read(self, beat: Beat) -> None:
        self._reads.append((self.clocking.now(), AddressBeat._make(beat)))
        self._asked.set()

    def _write_address(self, beat: Beat) -> None:
        self._bursts.append(_Burst(AddressBeat._make(beat).words(self.word_bytes)))
        self._store()

    def _write_data(self, beat: Beat) -> None:
        self._data.append(DataBeat._make(beat))
        self._store()

    def _store(self) -> None:
        whole = (1 << self.word_bytes) - 1
        while self._bursts and self._data:
            burst, (data, strobes, _) = self._bursts[0], self._data.popleft()
            address = burst.addresses.pop(0)
            resp = self.resp(address)
            burst.resp = max(burst.resp, resp)
            assert strobes in (0, whole), f"strobes 0x{strobes:x}: this memory takes whole words"
            if strobes and resp == Resp.OKAY:
                self.words[address] = data
            if not burst.addresses:
                self._bursts.popleft()
                self._answers.append((self.clocking.now(), burst.resp))
                self._written.set()

    async def _serve_reads(self) -> None:
        while True:
            while not self._reads:
                self._asked.clear()
                await self._asked.wait()
            asked, burst = self._reads[0]
            await self.clocking.cycles(asked + self.read_latency - _REACTION - self.clocking.now())
            addresses = burst.words(self.word_bytes)
            last = addresses[-1]
            await self.r.send([(self.peek(at), self.resp(at), int(at == last)) for at in addresses])
            self._reads.popleft()

    async def _serve_writes(self) -> None:
        while True:
            while not self._answers:
                self._written.clear()
                await self._written.wait()
            written, resp = self._answers[0]
            await self.clocking.cycles(written + self.write_latency - _REACTION - self.clocking.now())
            await self.b.send([(resp,)])
            self._answers.popleft()
