"""Where the vectors and matrices of a delta layer stand that every kind of layer has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reneta.compiler.parts import Dram, Ref, Shape, Smem, sequence, shape_of
from reneta.golden.arrays import Array
from reneta.golden.config import HwConfig
from reneta.golden.layers import GATES
from reneta.golden.lists import LayoutError, pack_matrix, row_groups

LOW, HIGH = 0, 1
"""Banks of SMEM. What an instruction uses together is spread over both."""


@dataclass(frozen=True)
class Input:
    """An input sequence that stands in SMEM already: its address, and the steps for which it has room."""

    addr: int
    room: int


@dataclass(frozen=True)
class Sizes:
    """What is to be planned.

    A kept layer has its states in sequences with room for `steps` + 1 steps, which the backward pass needs. A
    layer that is not kept has room for one step, which the next one overwrites.

    Attributes:
        inputs: Nx.
        units: Nh.
        steps: of a sequence.
        keep: whether all steps' states are kept.
        theta_x: pattern of the inputs' threshold.
        theta_h: pattern of the hidden state's threshold.
        first: number of the first step in the descriptor memory.
        base: first accumulator word.
    """

    inputs: int
    units: int
    steps: int
    keep: bool = True
    theta_x: int = 0
    theta_h: int = 0
    first: int = 0
    base: int = 0


@dataclass(frozen=True)
class LayerPlan:
    """Addresses of one layer; words of SMEM, accumulator words, bytes of DRAM.

    Vectors of several gates consist of the gates' vectors, each padded to whole words.

    Attributes:
        hw: configuration.
        sizes: what was asked for.
        x: input sequence, and the steps for which it has room.
        state: x̂ and ĥ, one behind the other.
        lists: regions of indices and values, of Δx and of Δh.
        h: sequence; where steps are kept, step t + 1 is h[t].
        ones: a word of ones.
        wx: matrix of the inputs in DRAM.
        wh: matrix of the hidden state.
        bias: matrix of two columns and four gates.
    """

    hw: HwConfig
    sizes: Sizes
    x: Input
    state: int
    lists: tuple[tuple[int, int], tuple[int, int]]
    h: int
    ones: int
    wx: int
    wh: int
    bias: int

    @property
    def inputs(self) -> int:
        """Nx."""
        return self.sizes.inputs

    @property
    def units(self) -> int:
        """Nh."""
        return self.sizes.units

    @property
    def steps(self) -> int:
        """Steps of a sequence."""
        return self.sizes.steps

    @property
    def base(self) -> int:
        """Accumulators of M: four gates."""
        return self.sizes.base

    @property
    def room(self) -> int:
        """Steps for which the sequences have room."""
        return self.steps + 1 if self.sizes.keep else 1

    @property
    def after(self) -> int:
        """Distance of h[t] from h[t-1] in their sequence."""
        return int(self.sizes.keep)

    @property
    def groups(self) -> int:
        """Words of a vector of units."""
        return row_groups(self.units, self.hw.num_pe)

    @property
    def across(self) -> int:
        """Words of a vector of inputs."""
        return row_groups(self.inputs, self.hw.num_pe)

    @property
    def x_hat(self) -> int:
        """Stored state of the inputs."""
        return self.state

    @property
    def h_hat(self) -> int:
        """Stored state of the units."""
        return self.state + self.across

    @property
    def scratch(self) -> int:
        """Accumulators of a vector of units, behind those of M."""
        return self.base + GATES * self.groups

    @property
    def end_acc(self) -> int:
        """The first accumulator behind those of this layer."""
        return self.scratch + self.groups

    def step(self, t: int) -> int:
        """The number of step t in the descriptor memory; instructions name it."""
        return self.sizes.first + (t if self.sizes.keep else 0)

    def shape(self, t: int) -> Shape:
        """The shape of a vector of units at step t."""
        return shape_of(self.units, self.hw)._replace(step=self.step(t), stride=self.room)

    def seq(self, base: int, offset: int = 0) -> Ref:
        """A sequence at `base`, `offset` steps further on than the instruction says.

        Raises:
            LayoutError: it stands too low for the number of the first step.
        """
        addr = base + offset - self.sizes.first
        if addr < 0:
            raise LayoutError(f"a sequence at word {base} cannot begin with step {self.sizes.first}")
        return sequence(addr)


def plan_layer(
    smem: Smem, dram: Dram, hw: HwConfig, sizes: Sizes, gates: int, x: Input | None = None
) -> LayerPlan:
    """Find room for a layer whose matrices have this many gates; without `x` its input gets room, too.

    Raises:
        LayoutError: something does not fit.
    """
    groups, across = row_groups(sizes.units, hw.num_pe), row_groups(sizes.inputs, hw.num_pe)
    kept = sizes.steps if sizes.keep else 1
    if sizes.first + kept > hw.max_m:
        last = sizes.first + kept - 1
        raise LayoutError(f"steps {sizes.first} .. {last} do not fit into {hw.max_m} descriptors")
    needed = sizes.base + (GATES + 1) * groups
    if needed > hw.acc_words:
        raise LayoutError(f"{needed} words of accumulators are needed, there are {hw.acc_words}")
    state, ones = smem.take(across + groups, LOW), smem.take(1, LOW)
    listed = [row_groups(kept * size, hw.num_pe) for size in (sizes.inputs, sizes.units)]
    (x_list, h_list) = ((smem.take(count, LOW), smem.take(count, LOW)) for count in listed)
    return LayerPlan(
        hw=hw,
        sizes=sizes,
        x=x or Input(smem.take(across * sizes.steps, HIGH), sizes.steps),
        state=state,
        lists=(x_list, h_list),
        h=smem.take(groups * (sizes.steps + 1 if sizes.keep else 1), HIGH),
        ones=ones,
        wx=dram.take(gates * groups * sizes.inputs),
        wh=dram.take(gates * groups * sizes.units),
        bias=dram.take(GATES * groups * 2),
    )


def padded_gates(rows: Array, hw: HwConfig, gates: int) -> Array:
    """Rows of several gates, each gate filled up with zero rows to whole words."""
    parts = np.split(rows, gates)
    padding = [(0, -len(parts[0]) % hw.num_pe), *[(0, 0)] * (rows.ndim - 1)]
    return np.concatenate([np.pad(part, padding) for part in parts])


def without_padding(rows: Array, units: int, gates: int) -> Array:
    """Inverse of padded_gates."""
    return np.concatenate([part[:units] for part in np.split(rows, gates)])


def weight_images(plan: LayerPlan, wx: Array, wh: Array, bias: Array) -> list[tuple[int, Array]]:
    """What a layer needs in DRAM: addresses and bytes of its matrices."""
    images = []
    for addr, matrix in ((plan.wx, wx), (plan.wh, wh), (plan.bias, bias)):
        rows = padded_gates(matrix, plan.hw, len(matrix) // plan.units)
        images.append((addr, pack_matrix(rows, plan.hw.num_pe).reshape(-1).view(np.uint8)))
    return images
