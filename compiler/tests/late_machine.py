"""A golden machine that shows missing dependencies, and access to what its memories hold."""

from __future__ import annotations

from collections import deque

import numpy as np

from reneta.golden.arrays import U16
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction, Units
from reneta.golden.lists import pack_sequence, row_groups, unpack_sequence
from reneta.golden.machine import Machine
from reneta.golden.opm import Output


class LateMachine(Machine):
    """A machine in which results reach memory as late as they may.

    An instruction finds there what the last instruction that it, or one before it, waits for has left, and
    nothing of what came after. So a program gives the right results here only if every `dep` that it needs is
    there. SMEM is full of random patterns at first.
    """

    def __init__(self, hw: HwConfig, dram_bytes: int = 0) -> None:
        super().__init__(hw, dram_bytes)
        self._pending: deque[tuple[Units, Output]] = deque()
        self.smem[:] = np.random.default_rng(0).integers(0, 1 << 16, self.smem.shape, np.uint16)

    def execute(self, instruction: Instruction) -> None:
        if instruction.dep:
            self._end_all_but(instruction.dep - 1)
        super().execute(instruction)

    def finish(self) -> None:
        """Let everything end."""
        self._end_all_but(0)

    def _store(self, units: Units, output: Output) -> None:
        self._pending.append((units, output))

    def _end_all_but(self, count: int) -> None:
        while len(self._pending) > count:
            super()._store(*self._pending.popleft())


def put(machine: Machine, addr: int, values: U16, room: int | None = None) -> None:
    """Write a sequence [N, T] to SMEM."""
    words = pack_sequence(values, machine.hw.num_pe, room)
    machine.smem[addr : addr + len(words)] = words


def sequence_at(machine: Machine, addr: int, size: int, room: int) -> U16:
    """The sequence [size, room] in SMEM."""
    words = machine.smem[addr : addr + row_groups(size, machine.hw.num_pe) * room]
    return np.asarray(unpack_sequence(words, size, room))


def put_vectors(machine: Machine, addr: int, values: U16) -> None:
    """Write the columns of [N, T] as vectors one after another."""
    for t, column in enumerate(values.T):
        put(machine, addr + t * row_groups(len(values), machine.hw.num_pe), column[:, None])


def vectors_at(machine: Machine, addr: int, size: int, count: int) -> U16:
    """Vectors one after another as [size, count]."""
    words = machine.smem[addr : addr + row_groups(size, machine.hw.num_pe) * count]
    return np.asarray(words.reshape(count, -1)[:, :size].T)
