"""A golden machine that shows missing dependencies, input for layers, and access to memories."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from reneta.compiler.layer_plan import LayerPlan, weight_images
from reneta.golden.arith import Arithmetic
from reneta.golden.arrays import F64, U16, Array
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction, Units
from reneta.golden.layers import Fired, GruWeights, LstmWeights
from reneta.golden.lists import pack_sequence, row_groups, unpack_sequence
from reneta.golden.machine import Machine
from reneta.golden.opm import Output


class LateMachine(Machine):
    """A machine in which results reach memory as late as they may.

    An instruction finds there what the last instruction that it, or one before it, waits for has left, and
    nothing of what came after. In DRAM it finds what was written before the last fence. So a program gives
    the right results here only if every `dep` and `fence` that it needs is there. SMEM is full of random
    patterns at first.
    """

    def __init__(self, hw: HwConfig, dram_bytes: int = 0) -> None:
        super().__init__(hw, dram_bytes)
        self._pending: deque[tuple[Units, Output]] = deque()
        self._for_dram: deque[tuple[Units, Output]] = deque()
        self.smem[:] = np.random.default_rng(0).integers(0, 1 << 16, self.smem.shape, np.uint16)

    def execute(self, instruction: Instruction) -> None:
        if instruction.fence or instruction.moves_descriptors:
            self.finish()
        elif instruction.dep:
            self._end_all_but(instruction.dep - 1)
        super().execute(instruction)

    def finish(self) -> None:
        """Let everything end."""
        self._end_all_but(0)
        while self._for_dram:
            super()._store(*self._for_dram.popleft())

    def _store(self, units: Units, output: Output) -> None:
        self._pending.append((units, output))

    def _end_all_but(self, count: int) -> None:
        while len(self._pending) > count:
            units, output = self._pending.popleft()
            super()._store(units, replace(output, dram=None))
            self._for_dram.append((units, Output(dram=output.dram)))


def random_walk(arith: Arithmetic, size: int, steps: int, seed: int) -> Array:
    """An input sequence [size, steps]."""
    rng = np.random.default_rng(seed)
    return arith.encode(np.cumsum(rng.standard_normal((size, steps)) * 0.3, axis=1))


def random_parameters(gates: int, inputs: int, units: int, seed: int) -> tuple[F64, F64, F64, F64]:
    """w_ih, w_hh, b_ih and b_hh as PyTorch initialises them."""
    rng = np.random.default_rng(seed)
    shapes = ((gates * units, inputs), (gates * units, units), (gates * units,), (gates * units,))
    w_ih, w_hh, b_ih, b_hh = (rng.uniform(-1, 1, shape) * units**-0.5 for shape in shapes)
    return w_ih, w_hh, b_ih, b_hh


def bits(operands: Array) -> U16:
    """Any operands or results as 16-bit patterns."""
    return np.ascontiguousarray(operands).view(np.uint16)


def load(machine: Machine, plan: LayerPlan, weights: LstmWeights | GruWeights) -> None:
    """Write a layer's matrices to DRAM."""
    for addr, data in weight_images(plan, *weights):
        machine.dram[addr : addr + len(data)] = data


def check_list(machine: Machine, plan: LayerPlan, which: int, t: int, fired: Fired) -> None:
    """Compare a list in memory with column t of what fired."""
    descriptor = machine.descriptor(which, plan.step(t))
    first = descriptor.first_entry(machine.hw.num_pe)
    entries = slice(first, first + descriptor.count)
    indices, values = (machine.smem[addr:].reshape(-1)[entries] for addr in plan.lists[which])
    np.testing.assert_array_equal(indices, np.flatnonzero(fired.fires[:, t]))
    np.testing.assert_array_equal(values, bits(fired.delta[fired.fires[:, t], t]))


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
