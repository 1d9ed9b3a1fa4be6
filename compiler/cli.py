"""The command `reneta compile`: a trained network in, an image folder out.

reneta compile build/training/.../best.pt --out build/image
reneta compile model.onnx --out build/image --config bf16_pe8 --steps 200
reneta compile best.pt --out build/image --train --dump build/stages
"""

from __future__ import annotations

import sys
from pathlib import Path

from rich.table import Table

from reneta.compiler.command_line import Parser, console
from reneta.compiler.compile import Compiled, compile_network
from reneta.compiler.dump import write_dump
from reneta.compiler.errors import CompileError, ImageError
from reneta.compiler.frontends import load_network
from reneta.compiler.network import Network, with_thresholds
from reneta.compiler.quantise import Quantised
from reneta.golden.config import DEFAULT_CONFIG, ConfigError, load_config
from reneta.training.data.feature_config import FeatureInfo

STEPS = 100
"""Of a sequence, where the checkpoint does not say how its features are made."""


def parser() -> Parser:
    """The command line."""
    made = Parser(prog="reneta compile", description=__doc__.partition("\n")[0])
    made.add_argument("checkpoint", type=Path, help="trained network: .pt, .safetensors or .onnx")
    made.add_argument("--out", type=Path, required=True, help="image folder to write")
    made.add_argument("--config", default=DEFAULT_CONFIG.stem, help="configuration of the machine")
    made.add_argument("--steps", type=int, help="longest sequence; one second where the features are known")
    made.add_argument("--thx", type=float, help="threshold of the inputs, instead of the network's own")
    made.add_argument("--thh", type=float, help="threshold of the hidden states, likewise")
    made.add_argument("--train", action="store_true", help="with the programs of a training step, too")
    made.add_argument("--dump", type=Path, help="folder for what each stage made, as JSON and text")
    return made


def main(argv: list[str]) -> int:
    """Command line; returns the exit code."""
    try:
        options = parser().parse_args(argv)
        network = with_thresholds(load_network(options.checkpoint), options.thx, options.thh)
        steps = default_steps(network) if options.steps is None else options.steps
        compiled = compile_network(network, load_config(options.config), steps, options.train)
        if options.dump:
            write_dump(compiled, options.dump)
        compiled.image.write(options.out)
    except (CompileError, ImageError, ConfigError) as error:
        print(f"reneta compile: {error}", file=sys.stderr)
        return 2
    out = console()
    out.print(quantisation_table(compiled.quantised))
    out.print(summary(compiled, options.out), soft_wrap=True)
    return 0


def default_steps(network: Network) -> int:
    """Steps of one second of audio; without features STEPS."""
    if network.features is None:
        return STEPS
    config = FeatureInfo.from_dict(network.features, "the network's features").config
    return config.frames(config.sample_rate)


def quantisation_table(quantised: Quantised) -> Table:
    """The error of each tensor."""
    table = Table(title=f"Quantisation to {quantised.arith.config.format}", title_justify="left")
    table.add_column("tensor")
    for name in ("elements", "largest", "largest error", "rms error", "saturated", "to zero"):
        table.add_column(name, justify="right")
    for row in quantised.report:
        errors = (f"{value:.3g}" for value in (row.largest, row.largest_error, row.rms_error))
        table.add_row(row.tensor, str(row.elements), *errors, str(row.saturated), str(row.zeroed))
    return table


def summary(compiled: Compiled, out: Path) -> str:
    """What was made, in a few lines."""
    image = compiled.image
    programs = ", ".join(f"{name} {entry.length}" for name, entry in image.manifest.entries.items())
    return (
        f"{out}: {image.hw.name}, sequences of up to {image.manifest.network.steps} steps\n"
        f"instructions: {programs}\n"
        f"DRAM {len(image.dram)} bytes; reneta inspect {out} shows what lies where"
    )
