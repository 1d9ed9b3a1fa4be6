"""The command `reneta compare`: where do the forms of a network differ, and do those that must be equal?

reneta compare examples/deltalstm.pt --audio examples/utterances/yes/0.ogg
reneta compare model.onnx --input features.npy --config fxp16_pe8 --out build/compare
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from rich.table import Table

from reneta.compiler.analysis import random_input
from reneta.compiler.cli import default_steps
from reneta.compiler.command_line import Parser, console
from reneta.compiler.compile import compile_network
from reneta.compiler.errors import CompileError, ImageError
from reneta.compiler.frontends import load_network
from reneta.compiler.inspect import read_features
from reneta.compiler.network import Network
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import F64
from reneta.golden.config import DEFAULT_CONFIG, ConfigError, HwConfig, load_config
from reneta.scripts.compare.levels import (
    Difference,
    Level,
    first_difference,
    golden_level,
    machine_format,
    machine_level,
    pairs,
    torch_level,
)
from reneta.scripts.toolpath import BuildError
from reneta.sw_driver.devices.fast_sim import FastSimDevice
from reneta.sw_driver.devices.golden import GoldenDevice
from reneta.sw_driver.errors import DriverError
from reneta.sw_driver.fast_sim import FastSim
from reneta.training.data.audio import read_audio
from reneta.training.data.feature_config import FeatureInfo
from reneta.training.data.features import extract, normalise
from reneta.training.errors import TrainingError
from reneta.training.formats import FLOAT

DATA, FIGURE = "compare.json", "compare.svg"


def parser() -> Parser:
    """The command line."""
    made = Parser(prog="reneta compare", description=__doc__.partition("\n")[0])
    made.add_argument("checkpoint", type=Path, help="trained network: .pt, .safetensors or .onnx")
    made.add_argument("--audio", type=Path, help="sound file, where the network knows its features")
    made.add_argument(
        "--input", type=Path, help="features [steps, size] as .npy; without either a random walk"
    )
    made.add_argument("--config", default=DEFAULT_CONFIG.stem, help="configuration of the machine")
    made.add_argument("--rtl", choices=["0", "1"], default="1", help="0: without the RTL")
    made.add_argument("--out", type=Path, help=f"folder for {DATA} and {FIGURE}")
    return made


def main(argv: list[str]) -> int:
    """Command line; returns the exit code: 1 where forms differ that must not."""
    try:
        options = parser().parse_args(argv)
        network, hw = load_network(options.checkpoint), load_config(options.config)
        x = _input(network, hw, options.audio, options.input)
        levels = compare(network, hw, x, options.rtl == "1")
    except (BuildError, CompileError, ConfigError, DriverError, ImageError, TrainingError) as error:
        print(f"reneta compare: {error}", file=sys.stderr)
        return 2
    arith = arithmetic(hw)
    found = [first_difference(a, b, arith) for a, b in pairs(levels)]
    differences = [difference for difference in found if difference is not None]
    out = console()
    out.print(table(levels))
    for difference in differences:
        out.print(f"first difference: {difference}", soft_wrap=True, markup=False)
    if not differences:
        out.print("equal, bit by bit: " + ", ".join(level.name for level in levels if level.exact))
    if options.out:
        write(levels, differences, options.out)
        out.print(f"written: {options.out / DATA}, {options.out / FIGURE}", soft_wrap=True)
    return 1 if differences else 0


def compare(network: Network, hw: HwConfig, x: F64, rtl: bool) -> list[Level]:
    """The network on x, [T, F], in all forms.

    Raises:
        BuildError: the RTL cannot be built.
        CompileError: the network does not fit the machine.
        DriverError: a program does not end well.
    """
    compiled = compile_network(network, hw, len(x))
    image = compiled.image
    levels = [
        torch_level(network, x, FLOAT, "PyTorch float32"),
        torch_level(network, x, machine_format(hw), f"PyTorch {hw.format}"),
        golden_level(compiled.quantised, x),
    ]
    with GoldenDevice(hw, len(image.dram)) as golden:
        levels.append(machine_level(golden, image, x, "golden machine"))
    if rtl:
        with FastSimDevice(FastSim(hw, len(image.dram))) as chip:
            levels.append(machine_level(chip, image, x, "RTL"))
    return levels


def distances(levels: list[Level]) -> dict[str, dict[str, F64]]:
    """Root mean square distance of h from the first level, by level and layer: [T]."""
    first = levels[0]
    return {
        level.name: {
            layer: np.sqrt(np.mean((level.h[layer] - first.h[layer]) ** 2, axis=1)) for layer in first.h
        }
        for level in levels[1:]
    }


def table(levels: list[Level]) -> Table:
    """Distances of each level from the first one, by layer."""
    first = levels[0]
    made = Table(title=f"distance from {first.name}", title_justify="left")
    made.add_column("form")
    for layer in first.h:
        made.add_column(f"h of {layer}: rms", justify="right")
        made.add_column("largest", justify="right")
    made.add_column("logits: largest", justify="right")
    made.add_column("class", justify="right")
    for level in levels:
        cells = []
        for layer, h in first.h.items():
            error = level.h[layer] - h
            cells += [f"{np.sqrt(np.mean(error**2)):.3g}", f"{np.abs(error).max():.3g}"]
        cells.append(f"{np.abs(level.logits - first.logits).max():.3g}")
        made.add_row(level.name, *cells, str(int(np.argmax(level.logits))))
    return made


def write(levels: list[Level], differences: list[Difference], folder: Path) -> None:
    """Write the same as JSON, and a plot of the distances by step."""
    by_level = distances(levels)
    content: dict[str, Any] = {
        "distances_by_step": {
            name: {layer: values.tolist() for layer, values in layers.items()}
            for name, layers in by_level.items()
        },
        "logits": {level.name: level.logits.tolist() for level in levels},
        "differences": [vars(difference) for difference in differences],
        "equal": [level.name for level in levels if level.exact] if not differences else [],
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DATA).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    layers = list(levels[0].h)
    figure = Figure(figsize=(8, 3 * len(layers)), layout="constrained")
    for axes, layer in zip(figure.subplots(len(layers), squeeze=False)[:, 0], layers, strict=True):
        for number, (name, found) in enumerate(by_level.items()):
            # Equal lines lie on top of each other: the later ones are thinner.
            axes.plot(found[layer], label=name, linewidth=2 * (len(by_level) - number))
        axes.set_title(f"h of {layer}")
        axes.set_xlabel("step")
        axes.set_ylabel(f"rms distance from {levels[0].name}")
        axes.legend()
    figure.savefig(folder / FIGURE, metadata={"Date": None})


def _input(network: Network, hw: HwConfig, audio: Path | None, features: Path | None) -> F64:
    """Features [T, F].

    Raises:
        CompileError: there are two inputs, or the network does not know how its features are made.
        ImageError: the features cannot be read.
        TrainingError: the sound file cannot be read.
    """
    if audio and features:
        raise CompileError("--audio and --input are two inputs: give one of them")
    if features:
        x = read_features(features)
    elif audio:
        if network.features is None:
            raise CompileError("the network does not say how its features are made: give --input")
        info = FeatureInfo.from_dict(network.features, "the network's features")
        x = normalise(extract(read_audio(audio), info.config), info.stats).astype(np.float64)
    else:
        x = random_input(compile_network(network, hw, default_steps(network)).image)
    size = network.layers[0].inputs
    if x.ndim != 2 or x.shape[1] != size or not len(x):
        raise CompileError(
            f"the network takes features of steps x {size}, not {' x '.join(map(str, x.shape))}"
        )
    return x
