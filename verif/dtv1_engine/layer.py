"""Delta layers to run: random weights and inputs in a golden machine's memories, and the program on them."""

from __future__ import annotations

from dataclasses import dataclass, replace

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

Weights = layers.LstmWeights | layers.GruWeights


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
    thetas: tuple[float, float] = (0.0, 0.0)
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


def random_data(arith: Arithmetic, task: Task, rng: np.random.Generator) -> tuple[Weights, Array]:
    """Weights as PyTorch initialises them, and a random walk as the input [inputs, steps]; operands."""
    gates, bound = (4 if task.kind == "lstm" else 3), task.units**-0.5
    shapes = ((task.inputs,), (task.units,), (), ())
    parts = [rng.uniform(-bound, bound, (gates * task.units, *shape)) for shape in shapes]
    make = layers.lstm_weights if task.kind == "lstm" else layers.gru_weights
    walk = np.cumsum(rng.standard_normal((task.inputs, task.steps)) * 0.3, axis=1)
    return make(arith, *parts), arith.encode(walk)


def with_sparsity(hw: HwConfig, task: Task, rng: np.random.Generator, sparsity: float) -> Task:
    """The task with thresholds for which about this share of Δx and of Δh is zero, first steps left out.

    Args:
        hw: configuration.
        task: its thresholds do not matter.
        rng: in the state in which `prepare` will get it.
        sparsity: wanted share of zeros.
    """
    arith = arithmetic(hw)
    weights, x = random_data(arith, task, rng)

    def fired(theta_x: float, theta_h: float) -> tuple[float, float]:
        levels = (arith.encode(np.array(theta)) for theta in (theta_x, theta_h))
        if isinstance(weights, layers.LstmWeights):
            states: layers.LstmStates | layers.GruStates = layers.lstm_forward(arith, weights, x, *levels)
        else:
            states = layers.gru_forward(arith, weights, x, *levels)
        return float(states.dx.fires[:, 2:].mean()), float(states.dh.fires[:, 2:].mean())

    thetas = [0.0, 0.0]
    for which in (0, 1):
        low, high = 0.0, 2.0
        for _ in range(12):
            thetas[which] = (low + high) / 2
            low, high = (
                (thetas[which], high) if fired(*thetas)[which] > 1 - sparsity else (low, thetas[which])
            )
    return replace(task, thetas=(thetas[0], thetas[1]))


def prepare(hw: HwConfig, task: Task, rng: np.random.Generator) -> Layer:
    """A layer with random weights and a random walk as its input."""
    arith, smem, dram = arithmetic(hw), Smem(hw), Dram(hw)
    theta_x, theta_h = (int(arith.encode(np.array([t])).view(np.uint16)[0]) for t in task.thetas)
    sizes = Sizes(task.inputs, task.units, task.steps, theta_x=theta_x, theta_h=theta_h)
    weights, x = random_data(arith, task, rng)
    x = x.view(np.uint16)
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
