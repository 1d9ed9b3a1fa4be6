"""Instruction sequences of a delta LSTM on the golden machine: every bit that the layer functions give."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from reneta.compiler import lstm_plan, lstm_steps
from reneta.compiler.delta_steps import encode_x
from reneta.compiler.hazards import with_deps
from reneta.compiler.layer_plan import Input, Sizes, without_padding
from reneta.compiler.lstm_plan import LstmPlan
from reneta.compiler.parts import Dram, Smem
from reneta.compiler.tests.workbench import (
    LateMachine,
    bits,
    check_list,
    load,
    put,
    put_vectors,
    random_parameters,
    random_walk,
    sequence_at,
    vectors_at,
)
from reneta.golden import layers
from reneta.golden.arith import Arithmetic, arithmetic
from reneta.golden.arrays import U16, Array
from reneta.golden.config import HwConfig, load_config
from reneta.golden.instruction import Instruction
from reneta.golden.layers import LstmStates, LstmWeights
from reneta.golden.machine import Machine

FORMATS = pytest.mark.parametrize("name", ["bf16_pe4", "bf16_pe16", "fxp16_pe4", "fxp16_pe16"])
# Nx, Nh, T, θ: whole words, none whole, everything fires, a single unit, a single step, nothing fires.
CASES = [
    (16, 16, 20, 0.1),
    (13, 7, 20, 0.05),
    (5, 34, 20, 0.0),
    (1, 1, 3, 0.0),
    (33, 20, 1, 0.1),
    (8, 24, 20, 90.0),
]
DRAM_BASE = 64


class Layer(NamedTuple):
    """A layer with its results by the layer functions."""

    arith: Arithmetic
    weights: LstmWeights
    x: Array
    theta: Array
    states: LstmStates


def random_layer(arith: Arithmetic, x: Array, units: int, theta: float, seed: int) -> Layer:
    """A layer on an input sequence."""
    weights = layers.lstm_weights(arith, *random_parameters(4, len(x), units, seed))
    level = arith.encode(np.array(theta))
    return Layer(arith, weights, x, level, layers.lstm_forward(arith, weights, x, level, level))


def planned(
    layer: Layer,
    smem: Smem,
    dram: Dram,
    x: Input | None = None,
    keep: bool = True,
    first: int = 0,
    base: int = 0,
) -> LstmPlan:
    inputs, steps = layer.x.shape
    theta = int(bits(layer.theta[None])[0])
    sizes = Sizes(inputs, layer.weights.wh.shape[1], steps, keep, theta, theta, first, base)
    return lstm_plan.plan_lstm(smem, dram, layer.arith.config, sizes, x)


def check_states(machine: Machine, plan: LstmPlan, states: LstmStates) -> None:
    """All that a kept layer's forward pass left in SMEM, and the lists."""

    def held(addr: int, size: int) -> U16:
        return sequence_at(machine, addr, size, plan.room)

    gates = bits(states.gates).reshape(4, plan.units, plan.steps)
    for number in range(3):
        addr = plan.ifo + number * plan.groups * plan.room
        np.testing.assert_array_equal(held(addr, plan.units)[:, : plan.steps], gates[number])
    np.testing.assert_array_equal(held(plan.g, plan.units)[:, : plan.steps], gates[3])
    np.testing.assert_array_equal(held(plan.c, plan.units), bits(states.c))
    np.testing.assert_array_equal(held(plan.tc, plan.units)[:, : plan.steps], bits(states.tc))
    np.testing.assert_array_equal(held(plan.h, plan.units)[:, 1:], bits(states.h)[:, 1:])
    for which, fired in enumerate((states.dx, states.dh)):
        for t in range(which, plan.steps):
            check_list(machine, plan, which, t, fired)


@FORMATS
@pytest.mark.parametrize(("inputs", "units", "steps", "theta"), CASES)
def test_training_sequence(name: str, inputs: int, units: int, steps: int, theta: float) -> None:
    arith = arithmetic(load_config(name))
    layer = random_layer(arith, random_walk(arith, inputs, steps, seed=1), units, theta, seed=2)
    dl = arith.encode(np.random.default_rng(3).standard_normal((units, steps)))
    want = layers.lstm_backward(arith, layer.weights, layer.states, dl)

    smem, dram = Smem(arith.config), Dram(arith.config, DRAM_BASE)
    plan = planned(layer, smem, dram)
    back = lstm_plan.plan_back(smem, dram, plan)
    machine = LateMachine(arith.config, dram.end)
    load(machine, plan, layer.weights)
    put(machine, plan.x.addr, bits(layer.x))
    put_vectors(machine, back.dl, bits(dl))
    program = [*lstm_steps.forward(plan), *lstm_steps.backward(plan, back), *lstm_steps.gradients(plan, back)]
    machine.run(with_deps(program, arith.config))
    machine.finish()

    check_states(machine, plan, layer.states)
    np.testing.assert_array_equal(vectors_at(machine, back.dx, inputs, steps), bits(want.x))
    dm = sequence_at(machine, back.dm, 4 * plan.groups * arith.config.num_pe, plan.room)[:, :steps]
    np.testing.assert_array_equal(without_padding(dm, units, 4), bits(want.m))
    for addr, columns, gates, gradient in (
        (back.wx, inputs, back.gates_x, want.wx),
        (back.wh, units, back.gates_h, want.wh),
        (back.bias, 1, 4, want.bias[:, None]),
    ):
        found = lstm_plan.read_gradient(plan, machine.dram, addr, columns, gates)
        np.testing.assert_array_equal(bits(found), bits(gradient))
    assert not machine.core.acc.any(), "the accumulators are not clean for the next sequence"


@FORMATS
@pytest.mark.parametrize(("inputs", "units", "theta"), [(13, 20, 0.05), (16, 7, 0.0)])
def test_two_layers_step_by_step(name: str, inputs: int, units: int, theta: float) -> None:
    """Inference: two layers, every vector in place, one step after the other."""
    steps = 20
    arith = arithmetic(load_config(name))
    below = random_layer(arith, random_walk(arith, inputs, steps, seed=4), units, theta, seed=5)
    above = random_layer(arith, below.states.h[:, 1:], 9, theta, seed=6)
    smem, dram = Smem(arith.config), Dram(arith.config, DRAM_BASE)
    low = planned(below, smem, dram, keep=False)
    high = planned(above, smem, dram, Input(low.h, 1), keep=False, first=1, base=low.end_acc)
    machine = LateMachine(arith.config, dram.end)
    load(machine, low, below.weights)
    load(machine, high, above.weights)
    put(machine, low.x.addr, bits(below.x))

    program: list[Instruction] = []
    ends = []
    for plan in (low, high):
        program += lstm_steps.begin(plan)
    for t in range(steps):
        for plan in (low, high):
            program += [encode_x(plan, t), *lstm_steps.forward_step(plan, t)]
        ends.append(len(program))
    program = with_deps(program, arith.config)
    for t, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        machine.run(program[start:end])
        machine.finish()
        for plan, layer in ((low, below), (high, above)):
            h = vectors_at(machine, plan.h, plan.units, 1)
            np.testing.assert_array_equal(h[:, 0], bits(layer.states.h)[:, t + 1])


def test_two_kept_layers() -> None:
    """Training of two layers: the upper one's lists are behind the lower one's, its dx is their dL/dh."""
    arith = arithmetic(load_config("bf16_pe4"))
    steps = 6
    below = random_layer(arith, random_walk(arith, 5, steps, seed=7), 10, 0.05, seed=8)
    above = random_layer(arith, below.states.h[:, 1:], 7, 0.05, seed=9)
    dl = arith.encode(np.random.default_rng(10).standard_normal((7, steps)))
    want_above = layers.lstm_backward(arith, above.weights, above.states, dl)
    want_below = layers.lstm_backward(arith, below.weights, below.states, want_above.x)

    smem, dram = Smem(arith.config), Dram(arith.config)
    low = planned(below, smem, dram)
    high = planned(above, smem, dram, Input(low.h + 1, low.room), first=steps, base=low.end_acc)
    high_back = lstm_plan.plan_back(smem, dram, high)
    low_back = lstm_plan.plan_back(smem, dram, low, dl=high_back.dx)
    machine = LateMachine(arith.config, dram.end)
    load(machine, low, below.weights)
    load(machine, high, above.weights)
    put(machine, low.x.addr, bits(below.x))
    put_vectors(machine, high_back.dl, bits(dl))
    program = [*lstm_steps.forward(low), *lstm_steps.forward(high)]
    layers_down = ((high, high_back), (low, low_back))
    for part in (lstm_steps.backward, lstm_steps.gradients):
        program += [instruction for plan, back in layers_down for instruction in part(plan, back)]
    machine.run(with_deps(program, arith.config))
    machine.finish()
    check_states(machine, low, below.states)
    check_states(machine, high, above.states)
    for plan, back, want in ((low, low_back, want_below), (high, high_back, want_above)):
        found = lstm_plan.read_gradient(plan, machine.dram, back.wx, plan.inputs, back.gates_x)
        np.testing.assert_array_equal(bits(found), bits(want.wx))


def test_gradient_in_parts() -> None:
    """A matrix whose gradient does not fit the accumulators leaves gate by gate."""
    small: HwConfig = load_config("bf16_pe4").model_copy(update={"acc_words": 256})
    arith = arithmetic(small)
    layer = random_layer(arith, random_walk(arith, 30, 5, seed=11), 24, 0.05, seed=12)
    dl = arith.encode(np.ones((24, 5)))
    want = layers.lstm_backward(arith, layer.weights, layer.states, dl)
    smem, dram = Smem(small), Dram(small)
    plan = planned(layer, smem, dram)
    back = lstm_plan.plan_back(smem, dram, plan)
    assert (back.gates_x, back.gates_h) == (1, 1)
    machine = LateMachine(small, dram.end)
    load(machine, plan, layer.weights)
    put(machine, plan.x.addr, bits(layer.x))
    put_vectors(machine, back.dl, bits(dl))
    program = [*lstm_steps.forward(plan), *lstm_steps.backward(plan, back), *lstm_steps.gradients(plan, back)]
    machine.run(with_deps(program, small))
    machine.finish()
    for addr, columns, gradient in ((back.wx, 30, want.wx), (back.wh, 24, want.wh)):
        np.testing.assert_array_equal(lstm_plan.read_gradient(plan, machine.dram, addr, columns, 1), gradient)


def test_every_dependency_counts() -> None:
    """Without any one of the marks the late machine gives other bits (or the mark repeats an earlier one)."""
    arith = arithmetic(load_config("bf16_pe4"))
    layer = random_layer(arith, random_walk(arith, 6, 3, seed=13), 6, 0.0, seed=14)
    plan = planned(layer, Smem(arith.config), Dram(arith.config))
    size = plan.bias + 2 * 4 * plan.groups * 8

    def run(program: list[Instruction]) -> U16:
        machine = LateMachine(arith.config, size)
        load(machine, plan, layer.weights)
        put(machine, plan.x.addr, bits(layer.x))
        machine.run(program)
        machine.finish()
        return machine.smem

    program = with_deps(lstm_steps.forward(plan), arith.config)
    right = run(program)
    waited = -1
    for number, instruction in enumerate(program):
        needed = instruction.dep and number - instruction.dep > waited
        if needed:
            waited = number - instruction.dep
            broken = [*program[:number], replace(instruction, dep=0), *program[number + 1 :]]
            assert not np.array_equal(run(broken), right), f"instruction {number} need not wait"
