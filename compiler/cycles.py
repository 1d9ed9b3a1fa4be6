"""How many cycles a program takes on the machine, predicted from its instructions and their lists.

Every unit takes the instructions in their order, so a few times for each instruction tell all: when it is
dispatched, when its first operand word is there, when the core has taken its last one, and when it has ended.
Each is the latest of what it has to wait for, plus a latency. `budget.work` says how long the core and the
banks of SMEM are busy with it. docs/cycles.md explains this and shows how close it comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from reneta.compiler.budget import work
from reneta.compiler.traffic import list_counts
from reneta.golden import isa
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.isa_types import INSN_BYTES
from reneta.golden.lists import row_groups
from reneta.golden.machine import Machine

_NEVER = -(10**9)


class Executed(NamedTuple):
    """An instruction with the lengths of the lists that it read or made, one for each step; else none."""

    instruction: Instruction
    counts: tuple[int, ...]


@dataclass(frozen=True)
class DramTiming:
    """The DRAM: cycles from an address to the first word, words a cycle, cycles from a word to its answer."""

    latency: int = 40
    rate: float = 1.0
    answer: int = 1


@dataclass(frozen=True)
class Latencies:
    """Cycles of the machine's ways, fitted to the RTL (docs/cycles.md). Ways out do not count adders.

    Attributes:
        depth: instructions that may be dispatched before the core is done with the first of them.
        core: from dispatch, or the end of what is waited for, to an operation without operands.
        smem: the same to one with operands from SMEM, lists or not.
        dram: what DRAM takes longer than its own latency.
        word: from an instruction's last result to its end, where it does not encode or scatter.
        encode: an encoder, for each word of its list.
    """

    depth: int = 10
    core: int = 6
    smem: int = 17
    dram: int = 12
    word: int = 14
    encode: float = 0.25


class Times(NamedTuple):
    """When an instruction was dispatched, begun and done in the core, ended: from the first dispatch on."""

    dispatched: int
    begun: int
    done: int
    ended: int


@dataclass
class _Drain:
    """A gradient on its way out: its accumulators, when the last one has left, cycles for each."""

    words: range = field(default_factory=lambda: range(0))
    end: int = 0
    pace: int = 1


class CycleModel:
    """Predicts one program; feed it the instructions in their order."""

    def __init__(
        self, hw: HwConfig, dram: DramTiming | None = None, latencies: Latencies | None = None
    ) -> None:
        """A machine that has nothing to do."""
        self._hw, self._dram, self._lat = hw, dram or DramTiming(), latencies or Latencies()
        self._times: list[Times] = []
        self._drain = _Drain()
        self._apart = False
        self._written = 0

    @property
    def cycles(self) -> int:
        """From the first dispatch until all has ended and is in DRAM."""
        return max(self._times[-1].ended if self._times else 0, self._written) + _NOTICE

    def feed(self, executed: Executed) -> Times:
        """The times of the next instruction."""
        instruction, counts = executed
        if instruction.moves_descriptors:
            times = self._move(instruction)
        else:
            times = self._compute(instruction, counts)
        self._times.append(times)
        return times

    def _move(self, instruction: Instruction) -> Times:
        """A move of descriptors: all before it has ended, and nothing else is under way."""
        dispatched = self._fence()
        count = instruction.cnt2 + 1
        if instruction.to_dram:
            ended = dispatched + 2 * count + self._dram.answer
        else:
            ended = dispatched + self._lat.dram + self._dram.latency + count
        return Times(ended, ended, ended, ended)

    def _fence(self) -> int:
        """When all that was before has ended and is in DRAM."""
        return self.cycles if self._times else 0

    def _compute(self, instruction: Instruction, counts: tuple[int, ...]) -> Times:
        proc, busy = Proc(instruction.proc), work(instruction, counts, self._hw)
        dispatched = self._dispatch(instruction)
        begun = max(self._operands(instruction, dispatched), self._times[-1].done if self._times else 0)
        core = self._core(instruction, counts, busy.core)
        sends = proc.kind == Proc.VXV and instruction.gives
        if instruction.gives and not sends:
            # Results keep their order.
            begun = max(begun, self._drain.end)
        cycles = max(core, *busy.banks, self._dram_words(instruction, counts))
        done = begun + cycles
        done = max(done, self._behind_drain(instruction, counts, cycles))
        ended = self._end(instruction, counts, done, cycles)
        return Times(dispatched, begun, done, ended)

    def _dispatch(self, instruction: Instruction) -> int:
        if not self._times:
            return 0
        earliest = self._times[-1].dispatched + 1
        if len(self._times) >= self._lat.depth:
            earliest = max(earliest, self._times[-self._lat.depth].done)
        return max(earliest, self._fence()) if instruction.fence else earliest

    def _operands(self, instruction: Instruction, dispatched: int) -> int:
        """When the first operand word is there."""
        proc, lat = Proc(instruction.proc), self._lat
        if proc in (Proc.ACC, Proc.IDLE):
            return dispatched + lat.core
        ready = max(dispatched, self._times[-instruction.dep].ended if instruction.dep else _NEVER)
        from_smem = ready + lat.smem
        if not _reads_dram(instruction):
            return from_smem
        # Columns of dense matrices are asked for at once.
        return max(from_smem, (from_smem if proc.sparse else dispatched) + lat.dram + self._dram.latency)

    def _core(self, instruction: Instruction, counts: tuple[int, ...], operations: int) -> int:
        """Cycles of the core: operations, and what steps with empty lists cost."""
        proc, groups = Proc(instruction.proc), instruction.cnt0 + 1
        if proc == Proc.MOVE:
            return groups * (instruction.cnt1 + 1) * (instruction.cnt2 + 1)
        if proc.kind == Proc.VXV and instruction.gives:
            operations -= groups * (instruction.cnt1 + 1)
        if proc.kind == Proc.MXV and groups < self._hw.add_lat:
            # The next column has to wait until the sum is out of the adder.
            operations = operations * self._hw.add_lat // groups
        empty = sum(count == 0 for count in counts) if proc.sparse else 0
        return operations + empty * (groups if proc == Proc.MXV_SP and instruction.gives else 1)

    def _dram_words(self, instruction: Instruction, counts: tuple[int, ...]) -> int:
        """Cycles in which DRAM brings the words of an instruction."""
        if not _reads_dram(instruction):
            return 0
        columns = (
            sum(counts) if Proc(instruction.proc).sparse else (instruction.cnt1 + 1) * (instruction.cnt2 + 1)
        )
        return int((instruction.cnt0 + 1) * columns / self._dram.rate)

    def _uses(self, instruction: Instruction) -> range:
        """Accumulator words."""
        groups = instruction.cnt0 + 1
        match Proc(instruction.proc).kind:
            case Proc.MXV:
                count = groups
            case Proc.VXV | Proc.ACC:
                count = groups * (instruction.cnt1 + 1)
            case Proc.EWISE if instruction.acc:
                count = groups * (instruction.cnt2 + 1)
            case _:
                count = 0
        return range(instruction.base, instruction.base + count)

    def _behind_drain(self, instruction: Instruction, counts: tuple[int, ...], cycles: int) -> int:
        """When the core is done where accumulators have to be sent out first; 0 where there are none.

        The first step, in the order of its columns, goes along with that as far as they reach; behind its
        last column, which stands before the end, the next step begins.
        """
        uses, drained = self._uses(instruction), self._drain.words
        met = min(uses.stop, drained.stop) - max(uses.start, drained.start)
        if met <= 0:
            return 0
        columns = (counts[0] if counts else instruction.cnt1 + 1) * met // len(uses)
        along = columns * (instruction.cnt0 + 1) + met * self._drain.pace // (columns + 1)
        return self._drain.end + max(cycles - along, 0)

    def _end(self, instruction: Instruction, counts: tuple[int, ...], done: int, cycles: int) -> int:
        """When the instruction has ended, after all before it."""
        proc, lat, before = Proc(instruction.proc), self._lat, self._times[-1].ended if self._times else 0
        adders = self._hw.cas_lat if proc.kind == Proc.MTXV else self._hw.mul_lat + self._hw.add_lat
        way = adders + (lat.word if instruction.gives else 0)
        apart = proc == Proc.DELTA or (proc == Proc.MTXV_SP and bool(instruction.scatter))
        if proc == Proc.DELTA:
            way = adders + int(lat.encode * row_groups(sum(counts), self._hw.num_pe))
        elif apart:
            way = adders
        if proc.kind == Proc.VXV and instruction.gives:
            words, pace = self._uses(instruction), 1 + instruction.wide
            self._drain = _Drain(words, max(done, self._drain.end) + len(words) * pace, pace)
            ended = self._drain.end + way
        else:
            ended = done + way
        if apart or self._apart:
            ended = max(ended, before + cycles)
        self._apart = apart
        ended = max(ended, before)
        if instruction.to_dram:
            self._written = max(self._written, ended + self._dram.answer)
        return ended


def _reads_dram(instruction: Instruction) -> bool:
    return bool(instruction.src0_dram) and instruction.proc in isa.DRAM_READERS


_NOTICE = 2
"""Cycles until control sees that all has ended."""


def executed(machine: Machine, address: int, length: int) -> Iterator[Executed]:
    """Run a program out of the golden machine's DRAM; its instructions with the lengths of their lists.

    Raises:
        IllegalError: bits are no instruction.
        MachineError: an instruction is faulty.
    """
    for number in range(length):
        instruction = isa.decode(isa.fetch(machine.dram, address + INSN_BYTES * number), machine.hw)
        machine.execute(instruction)
        yield Executed(instruction, list_counts(machine, instruction))


def predict(hw: HwConfig, program: Iterable[Executed], dram: DramTiming | None = None) -> int:
    """Cycles of a program on a machine that has nothing else to do."""
    model = CycleModel(hw, dram)
    for item in program:
        model.feed(item)
    return model.cycles
