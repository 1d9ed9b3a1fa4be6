"""A training step of several delta LSTM layers on top of each other, as programs with their data.

Layer by layer: all steps of the first layer, then all of the second one, as each list in memory goes on where
the step before has ended. The backward pass takes the layers in the other order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reneta.compiler import lstm_plan, lstm_steps
from reneta.compiler.hazards import with_deps
from reneta.compiler.image import Entry, moves, place_programs
from reneta.compiler.layer_plan import Input, Sizes, weight_images
from reneta.compiler.lstm_plan import BackPlan, LstmPlan
from reneta.compiler.parts import Dram, Smem
from reneta.golden import layers
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import U8, Array
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.layers import GATES
from reneta.golden.lists import pack_sequence


@dataclass(frozen=True)
class Stack:
    """What is wanted: sizes, steps of the sequence, and for each layer the thresholds of Δx and Δh."""

    inputs: int
    units: int
    steps: int
    thetas: Sequence[tuple[float, float]]

    @property
    def delta_elements(self) -> int:
        """Elements of all deltas that are encoded; Δh of the last step is needed by nobody."""
        layer_inputs = self.inputs + self.units * (len(self.thetas) - 1)
        return layer_inputs * self.steps + self.units * len(self.thetas) * (self.steps - 1)


@dataclass(frozen=True)
class StackProgram:
    """The programs, which run one after another, and what DRAM holds at first."""

    dram: U8
    load: Entry
    forward: Entry
    backward: Entry
    gradients: Entry


def stack_program(hw: HwConfig, stack: Stack, rng: np.random.Generator) -> StackProgram:
    """Random weights, inputs of which a fifth moves far in each step, and random gradients of the loss.

    Raises:
        LayoutError: something does not fit.
    """
    arith, smem, dram = arithmetic(hw), Smem(hw), Dram(hw)
    plans: list[LstmPlan] = []
    images: list[tuple[int, Array]] = []
    for number, thetas in enumerate(stack.thetas):
        below = plans[-1] if plans else None
        inputs = stack.inputs if below is None else stack.units
        theta_x, theta_h = (int(theta) for theta in arith.encode(np.array(thetas)).view(np.uint16))
        sizes = Sizes(
            inputs,
            stack.units,
            stack.steps,
            theta_x=theta_x,
            theta_h=theta_h,
            first=number * stack.steps,
            base=0 if below is None else below.end_acc,
        )
        # Step 0 of the sequence of h is the state before the first step.
        x = None if below is None else Input(below.h + 1, below.room)
        plans.append(lstm_plan.plan_lstm(smem, dram, hw, sizes, x))
        shapes = (
            (GATES * stack.units, inputs),
            (GATES * stack.units, stack.units),
            *[(GATES * stack.units,)] * 2,
        )
        parameters = (rng.uniform(-1, 1, shape) * 2 * stack.units**-0.5 for shape in shapes)
        images += weight_images(plans[-1], *layers.lstm_weights(arith, *parameters))
    backs: list[BackPlan] = []
    for plan in reversed(plans):
        backs.insert(0, lstm_plan.plan_back(smem, dram, plan, backs[0].dx if backs else None))
    load = _data(hw, stack, plans[0], backs[-1], dram, images, rng)
    programs = (
        load,
        with_deps([i for plan in plans for i in lstm_steps.forward(plan)], hw),
        with_deps(
            [
                i
                for plan, back in zip(plans[::-1], backs[::-1], strict=True)
                for i in lstm_steps.backward(plan, back)
            ],
            hw,
        ),
        with_deps(
            [i for plan, back in zip(plans, backs, strict=True) for i in lstm_steps.gradients(plan, back)], hw
        ),
    )
    memory, entries = place_programs(hw, programs, images, dram.end)
    return StackProgram(memory, *entries)


def _data(
    hw: HwConfig,
    stack: Stack,
    first: LstmPlan,
    last: BackPlan,
    dram: Dram,
    images: list[tuple[int, Array]],
    rng: np.random.Generator,
) -> list[Instruction]:
    """Inputs and gradients of the loss: into DRAM, and the instructions that move them to SMEM."""
    arith = arithmetic(hw)
    shape = (stack.inputs, stack.steps)
    jumps = (rng.random(shape) < 0.2) * rng.choice([-1.5, 1.5], shape)
    x = pack_sequence(arith.encode(np.cumsum(jumps, axis=1)), hw.num_pe)
    dl = arith.encode(rng.standard_normal((stack.units, stack.steps)) * 0.1)
    vectors = np.concatenate([pack_sequence(column[:, None], hw.num_pe) for column in dl.T])
    load: list[Instruction] = []
    for words, target in ((x, first.x.addr), (vectors, last.dl)):
        source = dram.take(len(words))
        images.append((source, words))
        load += moves(hw, len(words), source, target)
    return load
