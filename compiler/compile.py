"""The compiler as a whole: a network in, an image folder out. Each stage can be looked at by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reneta.compiler.errors import CompileError
from reneta.compiler.image import place_programs
from reneta.compiler.image_folder import SPM_BYTES, ImageFolder
from reneta.compiler.lower import Lowered, lower
from reneta.compiler.manifest import EntryPoint, Layer, Manifest, NetworkInfo
from reneta.compiler.network import Layer as NetworkLayer
from reneta.compiler.network import Linear, Network
from reneta.compiler.plan import MemoryPlan, plan_memory
from reneta.compiler.quantise import Quantised, quantise
from reneta.golden import asm
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import U8
from reneta.golden.config import HwConfig
from reneta.golden.isa_types import INSN_BYTES
from reneta.golden.lists import LayoutError


@dataclass(frozen=True)
class Compiled:
    """What the stages made.

    Attributes:
        quantised: the network with its operands, and the errors.
        plan: where everything stands.
        image: the result.
    """

    quantised: Quantised
    plan: MemoryPlan
    image: ImageFolder


def compile_network(network: Network, hw: HwConfig, steps: int, train: bool = False) -> Compiled:
    """Compile a network for a machine.

    Args:
        network: the network.
        hw: the machine.
        steps: N, the longest sequence.
        train: whether the programs of a training step are wanted, too.

    Raises:
        CompileError: something does not fit, or is not supported.
    """
    quantised = quantise(network, arithmetic(hw))
    try:
        plan = plan_memory(quantised, steps, train)
        lowered = lower(plan)
    except LayoutError as error:
        raise CompileError(f"the network does not fit {hw.name}: {error}") from None
    return Compiled(quantised, plan, emit(quantised, plan, lowered))


def emit(quantised: Quantised, plan: MemoryPlan, lowered: Lowered) -> ImageFolder:
    """The image of what was planned and lowered.

    Raises:
        CompileError: it is larger than the machine has addresses.
    """
    hw, programs = plan.hw, lowered.programs
    if plan.end + INSN_BYTES * sum(map(len, programs.values())) > 1 << 32:
        raise CompileError("DRAM: data and programs need more than 4 GiB: give fewer --steps")
    dram, entries = place_programs(hw, programs.values(), _weights(quantised, plan), plan.end)
    network = quantised.network
    info = NetworkInfo(
        layers=tuple(map(_layer, network.layers)),
        labels=network.labels,
        features=network.features,
        steps=plan.steps,
        lead=lowered.lead,
        step_length=lowered.step_length,
        train_steps=plan.steps if plan.training else 0,
    )
    manifest = Manifest(
        hardware=hw,
        network=info,
        tensors=tuple(sorted(plan.tensors.values(), key=lambda tensor: tensor.address)),
        regions=plan.regions,
        entries={
            name: EntryPoint(address=entry.address, length=entry.length)
            for name, entry in zip(programs, entries, strict=True)
        },
        dram_bytes=len(dram),
        files={},
    )
    # The programs load all that they need.
    smem, spm = (
        np.zeros(hw.smem_words * hw.word_bytes, np.uint8),
        np.zeros(2 * hw.max_m * SPM_BYTES, np.uint8),
    )
    return ImageFolder(manifest, dram, smem, spm, _listing(manifest, lowered))


def _weights(quantised: Quantised, plan: MemoryPlan) -> list[tuple[int, U8]]:
    """Addresses and bytes of all matrices."""
    images = []
    for layer in quantised.layers:
        for key, matrix in layer.weights._asdict().items():
            tensor = plan.tensors[f"{layer.layer.name}.{key}"]
            data = tensor.pack(matrix.reshape(tensor.shape), quantised.arith)
            images.append((tensor.address, np.frombuffer(data, np.uint8)))
    return images


def _layer(layer: NetworkLayer) -> Layer:
    kind = type(layer).__name__
    common = {"name": layer.name, "kind": kind, "inputs": layer.inputs, "units": layer.units}
    if isinstance(layer, Linear):
        return Layer.model_validate({**common, "relu": layer.relu})
    return Layer.model_validate({**common, "theta_x": layer.theta_x, "theta_h": layer.theta_h})


def _listing(manifest: Manifest, lowered: Lowered) -> str:
    """The programs as text that the assembler reads, with addresses in the notes."""
    parts = []
    for name, entry in manifest.entries.items():
        parts.append(f"; {name}: {entry.length} instructions from {entry.address:#x} on\n")
        parts.append(
            asm.listing(
                replace(one, note=f"{entry.address + INSN_BYTES * number:#x} {one.note}".strip())
                for number, one in enumerate(lowered.programs[name])
            )
        )
    return "".join(parts)
