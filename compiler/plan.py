"""Memory plan of a network: what stands where in DRAM, SMEM, accumulators and descriptor memory.

DRAM holds weights, inputs and results for good. SMEM and the accumulators are planned twice, for inference
and for the training step: their programs do not run at the same time, and each begins with its own states, so
both use the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from reneta.compiler.errors import CompileError
from reneta.compiler.gru_steps import GruPlan, plan_gru
from reneta.compiler.layer_plan import HIGH, Input, Sizes
from reneta.compiler.limits import check_limits
from reneta.compiler.lstm_plan import BackPlan, LstmPlan, plan_back, plan_lstm
from reneta.compiler.manifest import Region, Tensor
from reneta.compiler.network import DeltaLstm, Linear
from reneta.compiler.parts import Dram, Smem
from reneta.compiler.quantise import Quantised
from reneta.compiler.regions import accumulator_regions, smem_regions
from reneta.golden.config import HwConfig
from reneta.golden.layers import GATES
from reneta.golden.lists import LayoutError, row_groups

RecurrentPlan = LstmPlan | GruPlan
_Plan = TypeVar("_Plan")


@dataclass(frozen=True)
class LinearPlan:
    """Addresses of a linear layer.

    Attributes:
        layer: what it is.
        w: matrix in DRAM, in bytes.
        bias: column in DRAM, in bytes.
        source: its input in SMEM.
        target: its results in SMEM; the last layer's go to DRAM as the logits.
        base: first accumulator word.
    """

    layer: Linear
    w: int
    bias: int
    source: int
    target: int
    base: int

    @property
    def units(self) -> int:
        """Size of the results."""
        return self.layer.units


@dataclass(frozen=True)
class InferencePlan:
    """Layers that are not kept: every vector in place, one step after the other."""

    recurrent: tuple[RecurrentPlan, ...]
    linear: tuple[LinearPlan, ...]


@dataclass(frozen=True)
class TrainingPlan:
    """LSTM layers whose states are kept, with their backward passes."""

    layers: tuple[LstmPlan, ...]
    backs: tuple[BackPlan, ...]


@dataclass(frozen=True)
class MemoryPlan:
    """All of it.

    Attributes:
        hw: configuration.
        steps: N.
        names: of the delta layers.
        inference: addresses of its programs.
        training: addresses of the training step; None where it is not wanted.
        tensors: in DRAM, by their names.
        no_lists: descriptors of empty lists in DRAM, in bytes.
        regions: of SMEM and of the accumulators, with what stands there and when.
        end: first byte of DRAM behind the data.
    """

    hw: HwConfig
    steps: int
    names: tuple[str, ...]
    inference: InferencePlan
    training: TrainingPlan | None
    tensors: dict[str, Tensor]
    no_lists: int
    regions: tuple[Region, ...]
    end: int


def h_name(layer: str, top: bool) -> str:
    """Name of the tensor that holds a layer's h behind a step of a stream."""
    return "h_step" if top else f"h_step.{layer}"


def plan_memory(quantised: Quantised, steps: int, train: bool) -> MemoryPlan:
    """Find room for a network.

    Args:
        quantised: the network.
        steps: N, the longest sequence.
        train: whether a training step is wanted, too.

    Raises:
        CompileError: something does not fit; by how much is told.
    """
    hw, network = quantised.arith.config, quantised.network
    check_limits(network, hw, steps, train)
    dram = Dram(hw)
    tensors = _Tensors(hw, dram)
    smem, inference = _fitted(
        hw, dram, "inference", lambda hw, smem, dram: _inference(quantised, hw, smem, dram)
    )
    tensors.add_weights(quantised, inference)
    tensors.add_vectors(quantised, steps)
    names = [layer.name for layer in network.recurrent]
    named = list(zip(names, inference.recurrent, strict=True))
    hidden = [(f"{plan.layer.name}: results", plan.target) for plan in inference.linear[:-1]]
    sums = [
        (f"{plan.layer.name}: sums", plan.base, row_groups(plan.layer.units, hw.num_pe))
        for plan in inference.linear
    ]
    regions = smem_regions("inference", smem, named, more=hidden)
    regions += accumulator_regions("inference", named, sums)
    training = None
    if train:
        smem, training = _fitted(
            hw,
            dram,
            f"a training step of {steps} steps",
            lambda hw, smem, dram: _training(quantised, steps, inference, hw, smem, dram),
        )
        tensors.add_training(quantised, steps, training)
        kept = list(zip(names, training.layers, strict=True))
        backs = list(zip(names, training.backs, strict=True))
        regions += smem_regions("training", smem, kept, backs) + accumulator_regions("training", kept)
    no_lists = dram.take(row_groups(2 * len(names), hw.num_pe))
    return MemoryPlan(
        hw, steps, tuple(names), inference, training, tensors.found, no_lists, regions, dram.end
    )


def _fitted(
    hw: HwConfig, dram: Dram, what: str, make: Callable[[HwConfig, Smem, Dram], _Plan]
) -> tuple[Smem, _Plan]:
    """A plan and the SMEM that it takes.

    Raises:
        CompileError: SMEM is too small, by so much.
    """
    smem = Smem(hw)
    try:
        return smem, make(hw, smem, dram)
    except LayoutError:
        roomy = hw.model_copy(update={"smem_words": hw.smem_words << 16})
        wanted = Smem(roomy)
        make(roomy, wanted, Dram(roomy))
        needed, there = sum(wanted.taken.values()), hw.smem_words
        by = f"{needed - there} too many" if needed > there else "no vector may lie in both of its banks"
        raise CompileError(
            f"SMEM: {what} needs {needed} words, there are {there} ({hw.name}): {by}; "
            "take a configuration with a larger smem_words, or (training) fewer --steps"
        ) from None


def _sizes(quantised: Quantised, number: int, steps: int, keep: bool, below: RecurrentPlan | None) -> Sizes:
    found = quantised.layers[number]
    return Sizes(
        found.layer.inputs,
        found.layer.units,
        steps,
        keep,
        found.theta_x,
        found.theta_h,
        first=number * steps if keep else number,
        base=0 if below is None else below.end_acc,
    )


def _inference(quantised: Quantised, hw: HwConfig, smem: Smem, dram: Dram) -> InferencePlan:
    plans: list[RecurrentPlan] = []
    for number, layer in enumerate(quantised.network.recurrent):
        below = plans[-1] if plans else None
        sizes = _sizes(quantised, number, 1, False, below)
        plan = plan_lstm if isinstance(layer, DeltaLstm) else plan_gru
        plans.append(plan(smem, dram, hw, sizes, None if below is None else Input(below.h, 1)))
    linear: list[LinearPlan] = []
    source = plans[-1].h
    for one in quantised.network.linear:
        groups = row_groups(one.units, hw.num_pe)
        w, bias = dram.take(groups * one.inputs), dram.take(groups)
        last = one is quantised.network.linear[-1]
        target = 0 if last else smem.take(groups, HIGH)
        linear.append(LinearPlan(one, w, bias, source, target, plans[-1].end_acc))
        source = target
    return InferencePlan(tuple(plans), tuple(linear))


def _training(
    quantised: Quantised, steps: int, inference: InferencePlan, hw: HwConfig, smem: Smem, dram: Dram
) -> TrainingPlan:
    """The layers again, kept, with the matrices that are in DRAM already."""
    plans: list[LstmPlan] = []
    for number, there in enumerate(inference.recurrent):
        below = plans[-1] if plans else None
        # Step 0 of the sequence of h is the state before the first step.
        x = None if below is None else Input(below.h + 1, below.room)
        made = plan_lstm(smem, Dram(hw), hw, _sizes(quantised, number, steps, True, below), x)
        plans.append(replace(made, wx=there.wx, wh=there.wh, bias=there.bias))
    backs: list[BackPlan] = []
    for plan in reversed(plans):
        backs.insert(0, plan_back(smem, dram, plan, backs[0].dx if backs else None))
    return TrainingPlan(tuple(plans), tuple(backs))


class _Tensors:
    """Tensors in DRAM by their names."""

    def __init__(self, hw: HwConfig, dram: Dram) -> None:
        self.hw, self.dram = hw, dram
        self.found: dict[str, Tensor] = {}

    def add_weights(self, quantised: Quantised, plan: InferencePlan) -> None:
        """Matrices and biases of all layers, which have their places."""
        for layer, there in zip(quantised.layers, (*plan.recurrent, *plan.linear), strict=True):
            for key, matrix in layer.weights._asdict().items():
                rows, columns = len(matrix), matrix.size // len(matrix)
                fields = {"format": "weight", "layout": "matrix", "gates": rows // there.units}
                name, address = f"{layer.layer.name}.{key}", getattr(there, key)
                self._add(name, "weight", (rows, columns), address, **fields)

    def add_vectors(self, quantised: Quantised, steps: int) -> None:
        """Inputs and results of inference."""
        network = quantised.network
        self._vectors("x", "input", (steps, network.layers[0].inputs))
        self._vectors("x_step", "input", (network.layers[0].inputs,))
        for layer in network.recurrent:
            self._vectors(h_name(layer.name, layer is network.recurrent[-1]), "output", (layer.units,))
        form = "result" if network.linear else "operand"
        self._vectors("logits", "output", (network.layers[-1].units,), form)

    def add_training(self, quantised: Quantised, steps: int, plan: TrainingPlan) -> None:
        """Inputs and results of a training step; the gradients have their places."""
        top = quantised.network.recurrent[-1].units
        self._add("h", "output", (steps, top), format="operand", layout="sequence")
        self._vectors("dl_dh", "input", (steps, top))
        for layer, back in zip(quantised.network.recurrent, plan.backs, strict=True):
            for key, columns, parts in (
                ("wx", layer.inputs, GATES // back.gates_x),
                ("wh", layer.units, GATES // back.gates_h),
                ("bias", 1, 1),
            ):
                fields = {"format": "result", "layout": "matrix", "gates": GATES, "parts": parts}
                shape = (GATES * layer.units, columns)
                self._add(f"{layer.name}.{key}.grad", "gradient", shape, getattr(back, key), **fields)

    def _vectors(self, name: str, role: str, shape: tuple[int, ...], form: str = "operand") -> None:
        self._add(name, role, shape, format=form, layout="vectors")

    def _add(
        self, name: str, role: str, shape: tuple[int, ...], address: int | None = None, **fields: object
    ) -> None:
        """A tensor, at its address or where there is room."""
        draft = {"name": name, "role": role, "shape": shape, "address": address or 0, "words": 1}
        made = Tensor.model_validate(draft | fields)
        words = made.needed_words(self.hw)
        place = self.dram.take(words) if address is None else address
        self.found[name] = made.model_copy(update={"words": words, "address": place})
