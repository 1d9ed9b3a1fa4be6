"""A program with its DRAM: a delta LSTM layer on one sequence, forward and backward.

It begins with the input sequence in DRAM and ends with all results there, so that the DRAM alone shows
whether a chip computes what the golden machine does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reneta.compiler import lstm_plan, lstm_steps
from reneta.compiler.hazards import with_deps
from reneta.compiler.image import moves, place_programs
from reneta.compiler.layer_plan import Sizes, weight_images
from reneta.compiler.parts import Dram, Smem
from reneta.golden import layers
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import U8
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.layers import GATES
from reneta.golden.lists import pack_sequence
from reneta.golden.machine import Machine


@dataclass(frozen=True)
class Example:
    """A program in its DRAM.

    Attributes:
        hw: the configuration.
        dram: what the DRAM holds at first, the program included.
        address: of the program.
        length: number of its instructions.
    """

    hw: HwConfig
    dram: U8
    address: int
    length: int

    def expected(self) -> U8:
        """What the DRAM holds in the end, by the golden machine."""
        machine = Machine(self.hw, len(self.dram))
        machine.dram[:] = self.dram
        machine.run_image(self.address, self.length)
        return machine.dram


def lstm_example(hw: HwConfig, inputs: int, units: int, steps: int, theta: float, seed: int = 1) -> Example:
    """A layer with random weights on a random walk.

    Args:
        hw: the configuration.
        inputs: size of the layer's input.
        units: its size.
        steps: length of the sequence.
        theta: threshold of both delta encoders.
        seed: of weights and input.
    """
    arith, rng = arithmetic(hw), np.random.default_rng(seed)
    x, dl = (
        arith.encode(values)
        for values in (
            np.cumsum(rng.standard_normal((inputs, steps)) * 0.3, axis=1),
            rng.standard_normal((units, steps)),
        )
    )
    pattern = int(arith.encode(np.array([theta])).view(np.uint16)[0])
    smem, dram = Smem(hw), Dram(hw)
    plan = lstm_plan.plan_lstm(smem, dram, hw, Sizes(inputs, units, steps, True, pattern, pattern))
    back = lstm_plan.plan_back(smem, dram, plan)
    across, groups = plan.across, plan.groups
    x_addr, dl_addr = dram.take(across * steps), dram.take(groups * steps)
    h_addr, dx_addr = [dram.take(steps) for _ in range(groups)], dram.take(across * steps)

    shapes = ((GATES * units, inputs), (GATES * units, units), (GATES * units,), (GATES * units,))
    weights = layers.lstm_weights(arith, *(rng.uniform(-1, 1, shape) * units**-0.5 for shape in shapes))
    images = [
        *weight_images(plan, *weights),
        (x_addr, pack_sequence(x, hw.num_pe)),
        (dl_addr, np.concatenate([pack_sequence(column[:, None], hw.num_pe) for column in dl.T])),
    ]
    program = [
        *moves(hw, across * steps, x_addr, plan.x.addr),
        *moves(hw, groups * steps, dl_addr, back.dl),
        *lstm_steps.forward(plan),
        *lstm_steps.backward(plan, back),
        *lstm_steps.gradients(plan, back),
        # Step 0 of the sequence is h before the first step, which nobody has written.
        *(
            _move(1, steps, src0_addr=plan.h + group * plan.room + 1, to_dram=1, dram_dst=addr)
            for group, addr in enumerate(h_addr)
        ),
        _move(across, steps, src0_addr=back.dx, to_dram=1, dram_dst=dx_addr),
    ]
    memory, (entry,) = place_programs(hw, [with_deps(program, hw)], images, dram.end)
    return Example(hw, memory, *entry)


def _move(words: int, count: int, **fields: int) -> Instruction:
    """Move `words` times `count` words."""
    return Instruction(Proc.MOVE, cnt0=words - 1, cnt1=count - 1, stride=1, note="", **fields)
