"""The command `reneta inspect`: what an image folder holds, and what it will do on the machine.

reneta inspect build/image
reneta inspect build/image --input features.npy --plot build/memory.svg
reneta inspect build/image --json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from reneta.compiler.analysis import Program, analyse, kinds, random_input
from reneta.compiler.command_line import Parser, console
from reneta.compiler.cycles import DramTiming
from reneta.compiler.errors import CompileError, ImageError
from reneta.compiler.image_folder import ImageFolder
from reneta.compiler.memory_plot import Block, dram_blocks, region_blocks, write_plot
from reneta.golden.arrays import F64
from reneta.golden.isa import IllegalError
from reneta.golden.machine import MachineError


def parser() -> Parser:
    """The command line."""
    made = Parser(prog="reneta inspect", description=__doc__.partition("\n")[0])
    made.add_argument("image", type=Path, help="image folder")
    made.add_argument("--input", type=Path, help="features [steps, size] as .npy; else a random walk")
    made.add_argument("--latency", type=int, default=40, help="of the DRAM, in cycles (default 40)")
    made.add_argument("--rate", type=float, default=1.0, help="of the DRAM, in words a cycle (default 1)")
    made.add_argument("--json", action="store_true", help="print the same as JSON")
    made.add_argument("--plot", type=Path, help="file for a plot of the memory map: .svg, .png or .pdf")
    return made


def main(argv: list[str]) -> int:
    """Command line; returns the exit code."""
    try:
        options = parser().parse_args(argv)
        if options.latency < 0 or not 0 < options.rate <= 1:
            raise ImageError("--latency is 0 or more, --rate is above 0 and at most 1")
        image = ImageFolder.load(options.image)
        x = read_features(options.input) if options.input else random_input(image)
        programs = analyse(image, x, DramTiming(options.latency, options.rate))
        if options.plot:
            write_plot(image, options.plot)
    except (CompileError, ImageError, IllegalError, MachineError) as error:
        print(f"reneta inspect: {error}", file=sys.stderr)
        return 2
    source = str(options.input) if options.input else "a random walk"
    if options.json:
        print(json.dumps(report(image, programs, source, len(x)), indent=1, ensure_ascii=False))
    else:
        print_tables(console(), image, programs, source, len(x))
    return 0


def read_features(path: Path) -> F64:
    """Features from a .npy file.

    Raises:
        ImageError: there is none, or it holds something else.
    """
    try:
        found = np.load(path, allow_pickle=False)
        return np.asarray(found, np.float64)
    except (OSError, ValueError, TypeError, EOFError):
        raise ImageError(f"{path}: no .npy file with an array of numbers") from None


def report(image: ImageFolder, programs: dict[str, Program], source: str, steps: int) -> dict[str, Any]:
    """All figures, for JSON."""
    return {
        "hardware": image.hw.model_dump(),
        "network": image.manifest.network.model_dump(mode="json"),
        "memory": {
            "dram": [block._asdict() for block in dram_blocks(image)],
            "dram_bytes": image.manifest.dram_bytes,
            "regions": [region.model_dump() for region in image.manifest.regions],
        },
        "instructions": {name: dict(sorted(found.items())) for name, found in kinds(image).items()},
        "input": {"source": source, "steps": steps},
        "programs": {name: program.to_dict() for name, program in programs.items()},
    }


def print_tables(
    out: Console, image: ImageFolder, programs: dict[str, Program], source: str, steps: int
) -> None:
    """The same as tables."""
    manifest = image.manifest
    out.print(_layers(image))
    out.print(_map("DRAM", "bytes", manifest.dram_bytes, dram_blocks(image)))
    for during in ("inference", "training") if image.trains else ("inference",):
        for memory, size in (("smem", image.hw.smem_words), ("accumulators", image.hw.acc_words)):
            blocks = region_blocks(image, memory, during)
            out.print(_map(f"{memory.replace('smem', 'SMEM')}, {during}", "words", size, blocks))
    out.print("SMEM and descriptor memory hold nothing but zeros at first: the programs load them.\n")
    out.print(_instructions(image))
    out.print(f"Input: {source}, {steps} steps; `stream` runs for each of them.", soft_wrap=True)
    out.print(_programs(image, programs))
    for name in programs:
        out.print(_shares(name, programs[name]))


def _table(title: str, texts: list[str], numbers: list[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in texts:
        table.add_column(name)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _layers(image: ImageFolder) -> Table:
    title = f"{image.hw.name}, sequences of up to {image.manifest.network.steps} steps"
    table = _table(title, ["layer", "kind"], ["inputs", "units", "θx", "θh"])
    for one in image.manifest.network.layers:
        thetas = ["", ""] if one.kind == "Linear" else [f"{one.theta_x:g}", f"{one.theta_h:g}"]
        kind = f"{one.kind}, ReLU" if one.relu else one.kind
        table.add_row(one.name, kind, str(one.inputs), str(one.units), *thetas)
    return table


def _map(title: str, unit: str, size: int, blocks: list[Block]) -> Table:
    used = sum(block.size for block in blocks)
    table = _table(
        f"{title}: {used} of {size} {unit} used, {used / size:.1%}", ["what", "kind"], ["address", unit]
    )
    for block in blocks:
        table.add_row(block.name, block.kind, f"{block.address:#x}", str(block.size))
    return table


def _instructions(image: ImageFolder) -> Table:
    found = kinds(image)
    names = sorted({name for counts in found.values() for name in counts})
    table = _table("Instructions by procedure", ["program"], [*names, "all"])
    for name, counts in found.items():
        table.add_row(name, *(str(counts[kind] or "") for kind in names), str(counts.total()))
    return table


def _programs(image: ImageFolder, programs: dict[str, Program]) -> Table:
    table = _table(
        "Programs, predicted",
        ["program"],
        ["runs", "cycles", "PE array busy", "Δx silent", "Δh silent", "DRAM read", "written", "bytes read"],
    )
    for name, one in programs.items():
        silent = ("" if share is None else f"{share:.1%}" for share in one.sparsity.values())
        read = one.total.dram_read + one.program_words
        traffic = (read, one.total.dram_written, read * image.hw.word_bytes)
        busy = f"{one.utilisation:.1%}"
        table.add_row(name, str(one.runs), str(one.cycles), busy, *silent, *map(str, traffic))
    table.caption = "DRAM in words, the instructions among them"
    return table


def _shares(name: str, program: Program) -> Table:
    table = _table(
        f"{name}: {program.cycles} cycles, by layer and procedure",
        ["layer", "procedure"],
        ["instructions", "cycles", "share", "operand words", "DRAM read", "written"],
    )
    for (layer, proc), one in sorted(program.shares.items(), key=lambda item: -item[1].cycles):
        share = f"{one.cycles / program.cycles:.1%}"
        numbers = (one.operand_words, one.dram_read, one.dram_written)
        table.add_row(layer, proc, str(one.instructions), str(one.cycles), share, *map(str, numbers))
    return table
