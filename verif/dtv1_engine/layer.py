"""Delta layers to run: random weights and inputs in a golden machine's memories, and the program on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reneta.compiler import gru_steps, lstm_plan, lstm_steps
from reneta.compiler.hazards import with_deps
from reneta.compiler.layer_plan import LayerPlan, Sizes, weight_images
from reneta.compiler.parts import Dram, Smem
from reneta.golden import layers
from reneta.golden.arith import Arithmetic, arithmetic
from reneta.golden.arrays import Array
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.lists import pack_sequence
from reneta.golden.machine import Machine


@dataclass(frozen=True)
class Task:
    """What to run.

    `kind` is lstm or gru, `thetas` are the thresholds of inputs and units; `train` adds the backward pass and
    the weight gradients.
    """

    kind: str
    inputs: int
    units: int
    steps: int
    thetas: tuple[float, float]
    train: bool = False


@dataclass(frozen=True)
class Layer:
    """A layer ready to run.

    Attributes:
        program: instructions with their dependencies.
        machine: a golden machine with inputs and weights in its memories; the program has not run.
        spare: first byte of DRAM behind what the layer uses; there is room for SMEM twice.
    """

    program: list[Instruction]
    machine: Machine
    spare: int


def random_weights(arith: Arithmetic, task: Task, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """wx, wh and bias of a layer as PyTorch initialises it."""
    gates, bound = (4 if task.kind == "lstm" else 3), task.units**-0.5
    shapes = ((task.inputs,), (task.units,), (), ())
    parts = [rng.uniform(-bound, bound, (gates * task.units, *shape)) for shape in shapes]
    make = layers.lstm_weights if task.kind == "lstm" else layers.gru_weights
    return make(arith, *parts)


def prepare(hw: HwConfig, task: Task, rng: np.random.Generator) -> Layer:
    """A layer with random weights and a random walk as its input."""
    arith, smem, dram = arithmetic(hw), Smem(hw), Dram(hw)
    theta_x, theta_h = (int(arith.encode(np.array([t])).view(np.uint16)[0]) for t in task.thetas)
    sizes = Sizes(task.inputs, task.units, task.steps, theta_x=theta_x, theta_h=theta_h)
    walk = np.cumsum(rng.standard_normal((task.inputs, task.steps)) * 0.3, axis=1)
    x = arith.encode(walk).view(np.uint16)
    weights = random_weights(arith, task, rng)
    vectors: list[tuple[int, Array]] = []
    plan: LayerPlan
    if task.kind == "gru":
        plan = gru = gru_steps.plan_gru(smem, dram, hw, sizes)
        program = list(gru_steps.forward(gru))
    else:
        plan = lstm = lstm_plan.plan_lstm(smem, dram, hw, sizes)
        program = list(lstm_steps.forward(lstm))
        if task.train:
            back = lstm_plan.plan_back(smem, dram, lstm)
            program += [*lstm_steps.backward(lstm, back), *lstm_steps.gradients(lstm, back)]
            dl = arith.encode(rng.standard_normal((task.units, task.steps)) * 0.1).view(np.uint16)
            # Vectors one after another: each step is a sequence of one step.
            vectors = [
                (back.dl + t * plan.groups, pack_sequence(dl[:, t : t + 1], hw.num_pe))
                for t in range(task.steps)
            ]
    smem_bytes = hw.smem_words * hw.num_pe * 2
    machine = Machine(hw, dram.end + 2 * smem_bytes)
    machine.smem[:] = rng.integers(0, 1 << 16, machine.smem.shape)
    vectors.append((plan.x.addr, pack_sequence(x, hw.num_pe, plan.x.room)))
    for addr, words in vectors:
        machine.smem[addr : addr + len(words)] = words
    for addr, data in weight_images(plan, *weights):
        machine.dram[addr : addr + len(data)] = data
    return Layer(with_deps(program, hw), machine, dram.end)


def matrix_words(instruction: Instruction, machine: Machine) -> int:
    """Operand words of a sparse matrix procedure, which are its limit in cycles; 0 for all else."""
    if instruction.proc not in (Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP):
        return 0
    steps = range(instruction.step, instruction.step + instruction.cnt2 + 1)
    counts = (machine.descriptor(instruction.list, step).count for step in steps)
    return sum(counts) * (instruction.cnt0 + 1)
