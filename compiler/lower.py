"""Lowering: the instruction sequences of an image's programs.

State stays on the chip from one program to the next. Each is a list of instructions with all marks of what
waits for what; nothing waits over the end of a program. docs/compiler.md says what each of them is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reneta.compiler import gru_steps, lstm_steps
from reneta.compiler.delta_steps import H, encode_x
from reneta.compiler.hazards import with_deps
from reneta.compiler.image import moves, stores
from reneta.compiler.lstm_plan import LstmPlan
from reneta.compiler.parts import noted, shape_of
from reneta.compiler.plan import LinearPlan, MemoryPlan, RecurrentPlan, h_name
from reneta.golden.ccm_types import Func, Proc
from reneta.golden.instruction import Instruction

ANY = 1
"""A step with one before it. Layers that are not kept take each step alike, the first with an empty list."""


class Lowered(NamedTuple):
    """Programs by their names; of `sequence` the instructions before the first step, and those of a step."""

    programs: dict[str, list[Instruction]]
    lead: int
    step_length: int


def lower(plan: MemoryPlan, names: tuple[str, ...]) -> Lowered:
    """All programs of an image.

    Args:
        plan: where everything stands.
        names: of the delta layers.
    """
    lead = [*_load_x(plan, "x", 0), encode_x(plan.inference.recurrent[0], 0)]
    steps = [_sequence_step(plan, t) for t in range(plan.steps)]
    programs = {
        "begin": list(_begin(plan)),
        "sequence": [*lead, *(instruction for step in steps for instruction in step)],
        "stream": list(_stream(plan, names)),
        "finish": list(_finish(plan)),
        **_training(plan),
    }
    marked = {name: with_deps(program, plan.hw) for name, program in programs.items()}
    return Lowered(marked, len(lead), len(steps[0]))


def _begin(plan: MemoryPlan) -> Iterator[Instruction]:
    """States to zero, M at the biases, nothing fired in the step before the first one."""
    layers = plan.inference.recurrent
    empty = Instruction(
        Proc.MOVE,
        spm=1,
        list=H,
        cnt2=len(layers) - 1,
        src0_dram=1,
        dram_src=plan.no_lists,
        note="",
    )
    yield noted("Δh[-1] of all layers: empty lists", empty)
    for layer in layers:
        yield from lstm_steps.begin(layer) if isinstance(layer, LstmPlan) else gru_steps.begin(layer)


def _load_x(plan: MemoryPlan, tensor: str, t: int) -> Iterator[Instruction]:
    """x of a step into the place of the first layer's input."""
    first = plan.inference.recurrent[0]
    source = plan.tensors[tensor].address + t * first.across * plan.hw.word_bytes
    for move in moves(plan.hw, first.across, source, first.x.addr):
        yield noted(f"x[{t}]" if tensor == "x" else "x", move)


def _sequence_step(plan: MemoryPlan, t: int) -> list[Instruction]:
    """A step of a sequence, whose Δx is encoded already; it encodes the next one's (the last: that of x[0])."""
    return [*_load_x(plan, "x", (t + 1) % plan.steps), *_layers(plan, ahead=True)]


def _layers(plan: MemoryPlan, ahead: bool) -> Iterator[Instruction]:
    """A step of all layers; with `ahead` the Δx of the next one is encoded where there is time for it."""
    below: list[Instruction] = []
    for number, layer in enumerate(plan.inference.recurrent):
        if number:
            # Δx of this layer is waited for sooner than Δh of the one below.
            yield encode_x(layer, ANY)
        yield from below
        *step, encode_h = _step(layer, ahead and not number)
        yield from step
        below = [encode_h]
    yield from below


def _step(layer: RecurrentPlan, ahead: bool) -> Iterator[Instruction]:
    if isinstance(layer, LstmPlan):
        return lstm_steps.forward_step(layer, ANY, ahead)
    return gru_steps.forward_step(layer, ANY, ahead)


def _stream(plan: MemoryPlan, names: tuple[str, ...]) -> Iterator[Instruction]:
    """One step, and each layer's h to DRAM."""
    layers = plan.inference.recurrent
    yield from _load_x(plan, "x_step", 0)
    yield encode_x(layers[0], ANY)
    yield from _layers(plan, ahead=False)
    for name, layer in zip(names, layers, strict=True):
        target = plan.tensors[h_name(name, layer is layers[-1])].address
        for move in stores(plan.hw, layer.groups, layer.h, target):
            yield noted("h to DRAM", move)


def _finish(plan: MemoryPlan) -> Iterator[Instruction]:
    """The linear layers on the last h; without any, h itself."""
    top, logits = plan.inference.recurrent[-1], plan.tensors["logits"].address
    if not plan.inference.linear:
        for move in stores(plan.hw, top.groups, top.h, logits):
            yield noted("h to DRAM", move)
    for linear in plan.inference.linear:
        yield from _linear(plan, linear, linear is plan.inference.linear[-1])


def _linear(plan: MemoryPlan, p: LinearPlan, last: bool) -> Iterator[Instruction]:
    """Bias and matrix of a linear layer; the last one's results go to DRAM with the precision they have."""
    shape, name = shape_of(p.units, plan.hw), p.layer.name
    ones = plan.inference.recurrent[0].ones
    common = {"src0_dram": 1, "base": p.base}
    yield noted(f"{name}: bias", shape.instruction(Proc.MXV, dram_src=p.bias, src1_addr=ones, **common))
    where = (
        {"to_dram": 1, "dram_dst": plan.tensors["logits"].address, "wide": int(plan.hw.is_fp)}
        if last
        else {"to_smem": 1, "dst0_addr": p.target}
    )
    product = shape.instruction(
        Proc.MXV,
        cnt1=p.layer.inputs - 1,
        dram_src=p.w,
        src1_addr=p.source,
        cont=1,
        func=Func.RELU if p.layer.relu else Func.NONE,
        **common,
        **where,
    )
    yield noted(f"{name}: W h + bias", product)


def _training(plan: MemoryPlan) -> dict[str, list[Instruction]]:
    """Forward, backward and weight gradients of a training step, layer by layer (compiler.lstm_stack)."""
    if plan.training is None:
        return {}
    layers, backs = plan.training.layers, plan.training.backs
    both = list(zip(layers, backs, strict=True))
    return {
        "forward": [
            *_load_sequence(plan, layers[0]),
            *_all(map(lstm_steps.forward, layers)),
            *_store_h(plan),
        ],
        "backward": [*_load_gradient(plan), *_all(lstm_steps.backward(*pair) for pair in reversed(both))],
        "gradients": list(_all(lstm_steps.gradients(*pair) for pair in both)),
    }


def _all(parts: Iterable[Iterator[Instruction]]) -> Iterator[Instruction]:
    for part in parts:
        yield from part


def _load_sequence(plan: MemoryPlan, first: LstmPlan) -> Iterator[Instruction]:
    """The vectors x of all steps, as a sequence."""
    move = shape_of(first.inputs, plan.hw)._replace(stride=first.x.room)
    fields = {"cnt2": plan.steps - 1, "src0_dram": 1, "dram_src": plan.tensors["x"].address}
    yield noted("x", move.instruction(Proc.MOVE, to_smem=1, seq=1, dst0_addr=first.x.addr, **fields))


def _store_h(plan: MemoryPlan) -> Iterator[Instruction]:
    """The top layer's h of all steps; step 0 of its sequence is the state before the first one."""
    assert plan.training is not None
    top, target = plan.training.layers[-1], plan.tensors["h"].address
    for group in range(top.groups):
        source = top.h + group * top.room + 1
        place = target + group * plan.steps * plan.hw.word_bytes
        for move in stores(plan.hw, plan.steps, source, place):
            yield noted("h to DRAM", move)


def _load_gradient(plan: MemoryPlan) -> Iterator[Instruction]:
    """The loss's gradients by h of all steps."""
    assert plan.training is not None
    top, back = plan.training.layers[-1], plan.training.backs[-1]
    for move in moves(plan.hw, top.groups * plan.steps, plan.tensors["dl_dh"].address, back.dl):
        yield noted("dL/dh", move)
