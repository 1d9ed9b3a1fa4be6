"""Random networks compiled and run on the RTL, against the golden layer functions, bit by bit.

    python -m reneta.scripts.random_images [--config NAME] [--seed N] [--count N] [--largest N] [--golden]

Each is one of compiler.random_models: 1 to 3 layers, sequences one after another, whole and step by step,
half of them with a training step. The chip is the fast simulation, with a DRAM of random speed. With --golden
they run on the golden machine only. The exit code is 1 after the first difference; its seed repeats it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial

import numpy as np

from reneta.compiler.errors import CompileError
from reneta.compiler.image_folder import ImageFolder
from reneta.compiler.image_machine import ImageMachine, ImageRunner
from reneta.compiler.random_models import DifferenceError, check_random
from reneta.golden.arrays import U8
from reneta.golden.config import DEFAULT_CONFIG, ConfigError, HwConfig, load_config
from reneta.scripts.fuzz import random_timing
from reneta.scripts.toolpath import BuildError
from reneta.sw_driver.devices.fast_sim import FastSimDevice
from reneta.sw_driver.errors import DriverError
from reneta.sw_driver.fast_sim import FastSim, Library, SimulationError, build_library
from reneta.sw_driver.program import run_program

CONFIGS = (DEFAULT_CONFIG.stem, "fxp16_pe8")
"""Where none is named: one of each number format."""


class ImageChip(ImageRunner):
    """An image on the verilated chip."""

    def __init__(self, image: ImageFolder, library: Library, seed: int) -> None:
        """Make a chip with an image; the seed decides how fast its DRAM is, too."""
        sim = FastSim(library, len(image.dram), seed, random_timing(np.random.default_rng(seed)))
        self._device = FastSimDevice(sim)
        super().__init__(image)

    @property
    def dram(self) -> U8:
        """The chip's DRAM."""
        return self._device.sim.dram

    def run_at(self, address: int, length: int) -> None:
        """Run a program.

        Raises:
            DriverError: it does not end well.
            SimulationError: the chip broke a rule.
        """
        run_program(self._device, address, length)


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="random_images", description=__doc__.partition("\n")[0])
    parser.add_argument("--config", help=f"configuration of the chip (default: {', '.join(CONFIGS)})")
    parser.add_argument("--seed", type=int, default=1, help="first seed (default: 1)")
    parser.add_argument("--count", type=int, default=20, help="networks for each configuration (default: 20)")
    parser.add_argument("--largest", type=int, default=128, help="largest layer (default: 128)")
    parser.add_argument("--golden", action="store_true", help="on the golden machine only")
    args = parser.parse_args(argv)
    seeds = range(args.seed, args.seed + args.count)
    try:
        for name in [args.config] if args.config else CONFIGS:
            hw = load_config(name)
            library = None if args.golden else build_library(hw)
            if not _all_equal(hw, seeds, args.largest, library):
                return 1
    except (ConfigError, BuildError) as error:
        print(f"random_images: {error}", file=sys.stderr)
        return 2
    return 0


def _all_equal(hw: HwConfig, seeds: range, largest: int, library: Library | None) -> bool:
    """Run a network for each seed, up to the first difference; without a library on the golden machine."""
    for seed in seeds:
        load: Callable[[ImageFolder], ImageRunner] = ImageMachine
        if library is not None:
            load = partial(ImageChip, library=library, seed=seed)
        try:
            model = check_random(hw, seed, largest, load)
        except (CompileError, DifferenceError, DriverError, SimulationError) as error:
            print(f"random_images: seed {seed}: {error}", file=sys.stderr)
            return False
        print(f"{hw.name} seed {seed}: {model}: equal", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
