"""Lowering: the instruction sequences of an image's programs.

State stays on the chip from one program to the next. Each is a list of instructions with all marks of what
waits for what; nothing waits over the end of a program. docs/compiler.md says what each of them is for. Notes
begin with the layer's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from reneta.compiler import gru_steps, lstm_steps
from reneta.compiler.delta_steps import H, encode_x
from reneta.compiler.hazards import with_deps
from reneta.compiler.image import moves, stores
from reneta.compiler.lstm_plan import LstmPlan
from reneta.compiler.parts import noted, shape_of
from reneta.compiler.plan import LinearPlan, MemoryPlan, RecurrentPlan, TrainingPlan, h_name
from reneta.golden.ccm_types import Func, Proc
from reneta.golden.instruction import Instruction

ANY = 1
"""A step with one before it. Layers that are not kept take each step alike, the first with an empty list."""


class Lowered(NamedTuple):
    """Programs by their names; of `sequence` the instructions before the first step, and those of a step."""

    programs: dict[str, list[Instruction]]
    lead: int
    step_length: int


def lower(plan: MemoryPlan) -> Lowered:
    """All programs of an image."""
    lead = [*_load_x(plan, "x", 0), *_encode_x(plan, 0)]
    steps = [_sequence_step(plan, t) for t in range(plan.steps)]
    programs = {
        "begin": list(_begin(plan)),
        "sequence": [*lead, *chain.from_iterable(steps)],
        "stream": list(_stream(plan)),
        "finish": list(_finish(plan)),
    }
    if plan.training is not None:
        programs |= _training(plan, plan.training)
    marked = {name: with_deps(program, plan.hw) for name, program in programs.items()}
    return Lowered(marked, len(lead), len(steps[0]))


def _of(name: str, part: Iterable[Instruction]) -> Iterator[Instruction]:
    """Instructions of a layer, noted as such."""
    for instruction in part:
        yield noted(f"{name}: {instruction.note}", instruction)


def _noted(note: str, part: Iterable[Instruction]) -> Iterator[Instruction]:
    return (noted(note, instruction) for instruction in part)


def _begin(plan: MemoryPlan) -> Iterator[Instruction]:
    """States to zero, M at the biases, nothing fired in the step before the first one."""
    layers = plan.inference.recurrent
    descriptors = {"spm": 1, "list": H, "cnt2": len(layers) - 1, "src0_dram": 1, "dram_src": plan.no_lists}
    yield Instruction(Proc.MOVE, **descriptors, note="Δh[-1] of all layers: empty lists")
    for name, layer in zip(plan.names, layers, strict=True):
        begin = lstm_steps.begin(layer) if isinstance(layer, LstmPlan) else gru_steps.begin(layer)
        yield from _of(name, begin)


def _load_x(plan: MemoryPlan, tensor: str, t: int) -> Iterator[Instruction]:
    """x of a step into the place of the first layer's input."""
    first = plan.inference.recurrent[0]
    source = plan.tensors[tensor].address + t * first.across * plan.hw.word_bytes
    note = f"x[{t}] from DRAM" if tensor == "x" else "x from DRAM"
    return _noted(note, moves(plan.hw, first.across, source, first.x.addr))


def _encode_x(plan: MemoryPlan, number: int) -> Iterator[Instruction]:
    return _of(plan.names[number], [encode_x(plan.inference.recurrent[number], ANY)])


def _sequence_step(plan: MemoryPlan, t: int) -> list[Instruction]:
    """A step of a sequence, whose Δx is encoded already; it encodes that of the next one.

    The last step encodes that of x[0], as all steps have the same number of instructions; nobody uses it.
    """
    return [*_load_x(plan, "x", (t + 1) % plan.steps), *_layers(plan, ahead=True)]


def _layers(plan: MemoryPlan, ahead: bool) -> Iterator[Instruction]:
    """A step of all layers; with `ahead` the Δx of the next one is encoded where there is time for it."""
    below: list[Instruction] = []
    for number, layer in enumerate(plan.inference.recurrent):
        if number:
            # Δx of this layer is waited for sooner than Δh of the one below.
            yield from _encode_x(plan, number)
        yield from below
        *step, encode_h = _of(plan.names[number], _step(layer, ahead and not number))
        yield from step
        below = [encode_h]
    yield from below


def _step(layer: RecurrentPlan, ahead: bool) -> Iterator[Instruction]:
    if isinstance(layer, LstmPlan):
        return lstm_steps.forward_step(layer, ANY, ahead)
    return gru_steps.forward_step(layer, ANY, ahead)


def _stream(plan: MemoryPlan) -> Iterator[Instruction]:
    """One step, and each layer's h to DRAM."""
    layers = plan.inference.recurrent
    yield from _load_x(plan, "x_step", 0)
    yield from _encode_x(plan, 0)
    yield from _layers(plan, ahead=False)
    for name, layer in zip(plan.names, layers, strict=True):
        target = plan.tensors[h_name(name, layer is layers[-1])].address
        yield from _noted(f"{name}: h to DRAM", stores(plan.hw, layer.groups, layer.h, target))


def _finish(plan: MemoryPlan) -> Iterator[Instruction]:
    """The linear layers on the last h; without any, h itself."""
    top, logits = plan.inference.recurrent[-1], plan.tensors["logits"].address
    if not plan.inference.linear:
        yield from _noted("h to DRAM", stores(plan.hw, top.groups, top.h, logits))
    for linear in plan.inference.linear:
        last = linear is plan.inference.linear[-1]
        yield from _of(linear.layer.name, _linear(plan, linear, logits if last else None))


def _linear(plan: MemoryPlan, p: LinearPlan, logits: int | None) -> Iterator[Instruction]:
    """Bias and matrix of a linear layer; the last one's results go to DRAM with all their precision."""
    shape = shape_of(p.units, plan.hw)
    common = {"src0_dram": 1, "base": p.base}
    ones = plan.inference.recurrent[0].ones
    yield noted("bias", shape.instruction(Proc.MXV, dram_src=p.bias, src1_addr=ones, **common))
    if logits is None:
        common |= {"to_smem": 1, "dst0_addr": p.target}
    else:
        common |= {"to_dram": 1, "dram_dst": logits, "wide": int(plan.hw.is_fp)}
    func = Func.RELU if p.layer.relu else Func.NONE
    product = {"cnt1": p.layer.inputs - 1, "dram_src": p.w, "src1_addr": p.source, "cont": 1, "func": func}
    yield noted("W h + bias", shape.instruction(Proc.MXV, **product, **common))


def _training(plan: MemoryPlan, training: TrainingPlan) -> dict[str, list[Instruction]]:
    """Forward, backward and weight gradients of a training step, layer by layer."""
    layers = list(zip(plan.names, training.layers, training.backs, strict=True))
    return {
        "forward": [
            _load_sequence(plan, training.layers[0]),
            *chain.from_iterable(_of(name, lstm_steps.forward(layer)) for name, layer, _ in layers),
            *_store_h(plan, training.layers[-1]),
        ],
        "backward": [
            *_load_gradient(plan, training),
            *chain.from_iterable(
                _of(name, lstm_steps.backward(layer, back)) for name, layer, back in reversed(layers)
            ),
        ],
        "gradients": list(
            chain.from_iterable(_of(name, lstm_steps.gradients(layer, back)) for name, layer, back in layers)
        ),
    }


def _load_sequence(plan: MemoryPlan, first: LstmPlan) -> Instruction:
    """The vectors x of all steps, as a sequence."""
    shape = shape_of(first.inputs, plan.hw)._replace(stride=first.x.room)
    fields = {"cnt2": plan.steps - 1, "src0_dram": 1, "dram_src": plan.tensors["x"].address}
    move = shape.instruction(Proc.MOVE, to_smem=1, seq=1, dst0_addr=first.x.addr, **fields)
    return noted("x from DRAM", move)


def _store_h(plan: MemoryPlan, top: LstmPlan) -> Iterator[Instruction]:
    """The top layer's h of all steps; step 0 of its sequence is the state before the first one."""
    for group in range(top.groups):
        source = top.h + group * top.room + 1
        target = plan.tensors["h"].address + group * plan.steps * plan.hw.word_bytes
        yield from _noted("h to DRAM", stores(plan.hw, plan.steps, source, target))


def _load_gradient(plan: MemoryPlan, training: TrainingPlan) -> Iterator[Instruction]:
    """The loss's gradients by h of all steps."""
    words, source = training.layers[-1].groups * plan.steps, plan.tensors["dl_dh"].address
    return _noted("dL/dh from DRAM", moves(plan.hw, words, source, training.backs[-1].dl))
