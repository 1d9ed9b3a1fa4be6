"""What an image will do on the machine: instructions, predicted cycles, utilisation and DRAM traffic.

The programs run on the golden machine, as the lengths of the lists decide; cycles are those of
compiler.cycles.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reneta.compiler.cycles import CycleModel, DramTiming, executed
from reneta.compiler.errors import ImageError
from reneta.compiler.hazards import dram_written
from reneta.compiler.image import Entry
from reneta.compiler.image_folder import ImageFolder
from reneta.compiler.image_machine import ImageMachine
from reneta.compiler.manifest import EntryPoint
from reneta.compiler.traffic import dram_words_read, operand_words, program_bytes
from reneta.golden import asm
from reneta.golden.arrays import F64
from reneta.golden.ccm_types import Proc
from reneta.golden.instruction import Instruction
from reneta.golden.isa_types import INSN_BYTES

OTHER = "-"
"""Instead of a layer's name: loads and stores."""
TRAINING = ("forward", "backward", "gradients")


@dataclass
class Share:
    """What some instructions of a program take together.

    Attributes:
        instructions: their number.
        cycles: from the end of the core's work for what came before until the end of theirs.
        operand_words: operations of the PE array.
        dram_read: words, without the program itself.
        dram_written: words.
    """

    instructions: int = 0
    cycles: int = 0
    operand_words: int = 0
    dram_read: int = 0
    dram_written: int = 0

    def add(self, other: Share) -> None:
        """Add another share."""
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Program:
    """A program that was run, once or several times one after another.

    Attributes:
        runs: how often.
        cycles: predicted, from the first dispatch until all is in DRAM.
        total: of all instructions.
        program_words: words of DRAM that the instructions themselves take.
        shares: by layer and procedure.
        fired: elements that were encoded and that fired, by list: Δx, Δh.
    """

    runs: int = 0
    cycles: int = 0
    total: Share = field(default_factory=Share)
    program_words: int = 0
    shares: dict[tuple[str, str], Share] = field(default_factory=dict)
    fired: dict[str, tuple[int, int]] = field(default_factory=lambda: {"Δx": (0, 0), "Δh": (0, 0)})

    @property
    def utilisation(self) -> float:
        """Share of the cycles in which the PE array works."""
        return self.total.operand_words / self.cycles

    @property
    def sparsity(self) -> dict[str, float | None]:
        """Share of the encoded elements that did not fire; None where nothing was encoded."""
        return {name: 1 - fired / all_ if all_ else None for name, (all_, fired) in self.fired.items()}

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **vars(self.total),
            "runs": self.runs,
            "cycles": self.cycles,
            "utilisation": self.utilisation,
            "sparsity": self.sparsity,
            "program_words": self.program_words,
            "shares": [
                {"layer": layer, "procedure": proc, **vars(share)}
                for (layer, proc), share in self.shares.items()
            ],
        }


def random_input(image: ImageFolder) -> F64:
    """Features as they might be, [N, F]: normalised, each step close to the one before; always the same."""
    steps, size = image.tensor("x").shape
    noise, x = np.random.default_rng(1).standard_normal((steps, size)), np.zeros((steps, size))
    for t in range(steps):
        x[t] = noise[t] if t == 0 else 0.9 * x[t - 1] + (1 - 0.9**2) ** 0.5 * noise[t]
    return x


def check_input(image: ImageFolder, x: F64) -> None:
    """Check that features can be run.

    Raises:
        ImageError: they have another shape, or more steps than the image takes.
    """
    size = image.tensor("x").shape[1]
    if x.ndim != 2 or x.shape[1] != size or not len(x):
        shape = " x ".join(map(str, x.shape))
        raise ImageError(f"features [steps, {size}] are needed, not {shape}")
    image.sequence(len(x))


def analyse(image: ImageFolder, x: F64, timing: DramTiming | None = None) -> dict[str, Program]:
    """Run all programs: a sequence, the same as a stream, and where there is one a training step.

    Args:
        image: the image.
        x: features, [T, F].
        timing: of the DRAM.

    Raises:
        ImageError: x has another shape, or the image has no such programs.
        IllegalError: the image's programs are none.
        MachineError: they are faulty.
    """
    check_input(image, x)
    machine, notes = ImageMachine(image), _notes(image)
    whole = np.zeros(image.tensor("x").shape)
    whole[: len(x)] = x
    machine.write("x", whole)
    programs: dict[str, Program] = {}

    def run(name: str, entry: EntryPoint | Entry) -> None:
        _run(machine, entry, notes, timing, programs.setdefault(name, Program()))

    run("begin", image.entry("begin"))
    run("sequence", image.sequence(len(x)))
    run("finish", image.entry("finish"))
    machine.run("begin")
    for step in x:
        machine.write("x_step", step)
        run("stream", image.entry("stream"))
    if image.trains:
        rng = np.random.default_rng(2)
        machine.write("dl_dh", rng.standard_normal(image.tensor("dl_dh").shape) * 0.1)
        for name in TRAINING:
            run(name, image.entry(name))
    return programs


def kinds(image: ImageFolder) -> dict[str, Counter[str]]:
    """Instructions by procedure, of each program."""
    found, notes = {}, _notes(image)
    for name, entry in image.manifest.entries.items():
        places = range(entry.address, entry.end, INSN_BYTES)
        found[name] = Counter(asm.mnemonic(notes[place].proc) for place in places)
    return found


def _notes(image: ImageFolder) -> dict[int, Instruction]:
    """Instructions with their notes, by their addresses.

    Raises:
        ImageError: the listing is not that of the program.
    """
    try:
        program = asm.assemble(image.listing, image.hw)
    except asm.AsmError as error:
        raise ImageError(f"program.txt: {error}") from None
    entries = image.manifest.entries.values()
    places = [place for entry in entries for place in range(entry.address, entry.end, INSN_BYTES)]
    if len(places) != len(program):
        raise ImageError(f"program.txt has {len(program)} instructions, the programs have {len(places)}")
    return dict(zip(places, program, strict=True))


def _run(
    machine: ImageMachine,
    entry: EntryPoint | Entry,
    notes: dict[int, Instruction],
    timing: DramTiming | None,
    program: Program,
) -> None:
    """Run a program and add what it took."""
    hw, layers = machine.image.hw, {layer.name for layer in machine.image.manifest.network.layers}
    model, before = CycleModel(hw, timing), 0
    for number, item in enumerate(executed(machine.machine, entry.address, entry.length)):
        times = model.feed(item)
        one, entries = item.instruction, sum(item.counts)
        _, _, note = notes[entry.address + INSN_BYTES * number].note.partition(" ")
        layer = note.partition(": ")[0]
        share = Share(
            instructions=1,
            cycles=times.done - before,
            operand_words=operand_words(one, entries),
            dram_read=dram_words_read(one, entries, hw),
            dram_written=len(dram_written(one, hw)) // hw.word_bytes,
        )
        before = times.done
        key = (layer if layer in layers else OTHER, asm.mnemonic(one.proc))
        program.shares.setdefault(key, Share()).add(share)
        program.total.add(share)
        if one.proc == Proc.DELTA:
            which = "Δh" if one.list else "Δx"
            all_, fired = program.fired[which]
            size = one.cnt0 * hw.num_pe + one.lanes + 1
            program.fired[which] = (all_ + size, fired + entries)
    program.runs += 1
    program.cycles += model.cycles
    program.program_words += len(program_bytes(entry.address, entry.length, hw)) // hw.word_bytes
