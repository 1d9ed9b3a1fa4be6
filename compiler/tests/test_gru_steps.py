"""Instruction sequences of a delta GRU on the golden machine: every bit that the layer function gives."""

from __future__ import annotations

import numpy as np
import pytest

from reneta.compiler import gru_steps
from reneta.compiler.delta_steps import encode_x
from reneta.compiler.gru_steps import GruPlan
from reneta.compiler.hazards import with_deps
from reneta.compiler.layer_plan import Sizes
from reneta.compiler.parts import Dram, Smem
from reneta.compiler.tests.workbench import (
    LateMachine,
    bits,
    check_list,
    load,
    put,
    random_parameters,
    random_walk,
    sequence_at,
    vectors_at,
)
from reneta.golden import layers
from reneta.golden.arith import Arithmetic, arithmetic
from reneta.golden.config import load_config
from reneta.golden.layers import GruStates
from reneta.golden.machine import Machine

STEPS = 20
FORMATS = pytest.mark.parametrize("name", ["bf16_pe4", "bf16_pe16", "fxp16_pe4", "fxp16_pe16"])
SHAPES = pytest.mark.parametrize(
    ("inputs", "units", "theta"), [(16, 16, 0.1), (13, 7, 0.05), (5, 34, 0.0), (1, 1, 0.0), (8, 24, 90.0)]
)


def prepared(
    arith: Arithmetic, inputs: int, units: int, theta: float, keep: bool
) -> tuple[Machine, GruPlan, GruStates]:
    """A machine with a layer and its input, and what the layer function makes of them."""
    weights = layers.gru_weights(arith, *random_parameters(3, inputs, units, seed=1))
    x, level = random_walk(arith, inputs, STEPS, seed=2), arith.encode(np.array(theta))
    pattern = int(bits(level[None])[0])
    smem, dram = Smem(arith.config), Dram(arith.config, 64)
    sizes = Sizes(inputs, units, STEPS, keep, theta_x=pattern, theta_h=pattern)
    plan = gru_steps.plan_gru(smem, dram, arith.config, sizes)
    machine = LateMachine(arith.config, dram.end)
    load(machine, plan, weights)
    put(machine, plan.x.addr, bits(x))
    return machine, plan, layers.gru_forward(arith, weights, x, level, level)


@FORMATS
@SHAPES
def test_sequence(name: str, inputs: int, units: int, theta: float) -> None:
    arith = arithmetic(load_config(name))
    machine, plan, states = prepared(arith, inputs, units, theta, keep=True)
    assert isinstance(machine, LateMachine)
    machine.run(with_deps(gru_steps.forward(plan), arith.config))
    machine.finish()
    for addr, want in (
        (plan.rz, states.gates[:units]),
        (plan.rz + plan.groups * plan.room, states.gates[units:]),
        (plan.n, states.n),
    ):
        held = sequence_at(machine, addr, units, plan.room)[:, :STEPS]
        np.testing.assert_array_equal(held, bits(want))
    np.testing.assert_array_equal(sequence_at(machine, plan.h, units, plan.room), bits(states.h))
    for which, fired in enumerate((states.dx, states.dh)):
        for t in range(which, STEPS):
            check_list(machine, plan, which, t, fired)


@FORMATS
@SHAPES
def test_step_by_step(name: str, inputs: int, units: int, theta: float) -> None:
    """Inference: every vector in place."""
    arith = arithmetic(load_config(name))
    machine, plan, states = prepared(arith, inputs, units, theta, keep=False)
    assert isinstance(machine, LateMachine)
    parts = [[encode_x(plan, t), *gru_steps.forward_step(plan, t)] for t in range(STEPS)]
    start = [*gru_steps.begin(plan)]
    program = with_deps([*start, *(instruction for part in parts for instruction in part)], arith.config)
    done = len(start)
    machine.run(program[:done])
    for t, part in enumerate(parts):
        machine.run(program[done : done + len(part)])
        machine.finish()
        done += len(part)
        h = vectors_at(machine, plan.h, units, 1)[:, 0]
        np.testing.assert_array_equal(h, bits(states.h)[:, t + 1])
