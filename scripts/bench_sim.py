"""Time the fast simulation of the whole chip, against the same chip under cocotb; what `make bench-sim` runs.

    python -m reneta.scripts.bench_sim [--config configs/NAME.yaml] [--asserts] [--no-cocotb]

A delta LSTM layer is trained on a sequence: forward, backward, gradients. On a shorter sequence the chip does
the same under cocotb, with AxiRam of cocotbext-axi as its DRAM. What they leave in DRAM is compared with the
golden machine's. Seconds are the processor's. The figures also go to `build/bench/bench_sim.json`. A slow
machine is no failure.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from reneta.golden.arrays import U8
from reneta.golden.config import DEFAULT_CONFIG, REPO, ConfigError, HwConfig, load_config
from reneta.scripts.sources import BUILD
from reneta.scripts.toolpath import BuildError
from reneta.sw_driver.devices.fast_sim import FastSimDevice
from reneta.sw_driver.example import Example, lstm_example
from reneta.sw_driver.fast_sim import FastSim, build_library
from reneta.sw_driver.program import run_program
from reneta.verif.common import runner
from reneta.verif.common.sources import collect

FAST, SAME, COCOTB = "fast simulation", "shorter program", "cocotb, AxiRam"
BENCH = BUILD / "bench"
REPORT = BENCH / "bench_sim.json"
INPUTS, UNITS, THETA = 32, 128, 0.1
# Steps of the sequence: for the fast simulation alone, and for both.
LONG, SHORT = 50, 8
# The fastest of so many runs counts: the one that other work on the machine disturbed least.
REPEATS = 3
TIMEOUT_S = 600.0
COCOTB_TIMEOUT_S = 1800.0


class BenchError(Exception):
    """A simulation gave wrong results, or none; the message is one line."""


@dataclass(frozen=True)
class Speed:
    """How fast a simulation ran a program; seconds of the processor."""

    instructions: int
    cycles: int
    seconds: float

    @property
    def rate(self) -> float:
        """Cycles a second."""
        return self.cycles / self.seconds


def fast_speed(hw: HwConfig, example: Example, asserts: bool) -> Speed:
    """The fast simulation.

    Raises:
        BenchError: the DRAM is not the golden machine's.
        BuildError: the library cannot be built.
    """
    library, runs = build_library(hw, asserts), []
    for _ in range(REPEATS):
        sim = FastSim(library, example.dram.copy())
        with FastSimDevice(sim) as device:
            begin, seconds = sim.cycles, time.process_time()
            run_program(device, example.address, example.length, TIMEOUT_S)
            runs.append(Speed(example.length, sim.cycles - begin, time.process_time() - seconds))
            _check("the fast simulation", sim.dram, example)
    return max(runs, key=lambda run: run.rate)


def cocotb_speed(hw: HwConfig, example: Example) -> Speed:
    """The environment's build of the chip, driven by cocotb.

    Raises:
        BenchError: the run failed, or the DRAM is not the golden machine's.
        BuildError: the simulation cannot be built.
    """
    folder = BENCH / f"cocotb-{hw.name}"
    image, result = BENCH / f"{hw.name}.dram", BENCH / f"{hw.name}.json"
    image.parent.mkdir(parents=True, exist_ok=True)
    image.write_bytes(example.dram.tobytes())
    result.unlink(missing_ok=True)
    env = {
        "BENCH_DRAM": str(image),
        "BENCH_PROGRAM": f"{example.address} {example.length}",
        "BENCH_RESULT": str(result),
    }
    built = runner.build("dtv1", collect("dtv1", hw))
    module = "reneta.verif.bench.program"
    outcome = runner.run(built, module, "run_program", 1, folder, COCOTB_TIMEOUT_S, env)
    if not result.is_file():
        raise BenchError(f"the run under cocotb failed (log: {_shown(outcome.log)})")
    _check("cocotb", np.frombuffer(image.with_suffix(".out").read_bytes(), np.uint8), example)
    return Speed(example.length, **json.loads(result.read_text(encoding="utf-8")))


def _check(who: str, dram: U8, example: Example) -> None:
    differing = int(np.count_nonzero(dram != example.expected()))
    if differing:
        raise BenchError(f"{who}: {differing} bytes of DRAM are not those of the golden machine")


def _shown(path: Path) -> str:
    return str(path.relative_to(REPO) if path.is_relative_to(REPO) else path)


def measure(hw: HwConfig, asserts: bool, cocotb: bool) -> dict[str, Speed]:
    """Run what is asked for, printing a line for each simulation.

    Raises:
        BenchError, BuildError: see fast_speed and cocotb_speed.
    """
    long, short = (lstm_example(hw, INPUTS, UNITS, steps, THETA) for steps in (LONG, SHORT))
    speeds: dict[str, Speed] = {}

    def took(name: str, speed: Speed) -> None:
        speeds[name] = speed
        print(
            f"{name:16} {speed.instructions:5,} instructions, {speed.cycles:8,} cycles in "
            f"{speed.seconds:6.2f} s: {speed.rate:8,.0f} cycles/s",
            flush=True,
        )

    took(FAST, fast_speed(hw, long, asserts=False))
    if asserts:
        took("with assertions", fast_speed(hw, long, asserts=True))
    if cocotb:
        took(SAME, fast_speed(hw, short, asserts=False))
        took(COCOTB, cocotb_speed(hw, short))
    return speeds


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="bench_sim", description="Time the fast simulation of the chip")
    made.add_argument("--config", default=str(DEFAULT_CONFIG), help="configuration file")
    made.add_argument("--asserts", action="store_true", help="also with the design's assertions")
    made.add_argument("--no-cocotb", action="store_true", help="leave out the slow half")
    return made


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    args = parser().parse_args(argv)
    try:
        hw = load_config(args.config)
        speeds = measure(hw, args.asserts, not args.no_cocotb)
    except ConfigError as error:
        print(f"bench_sim: {error}", file=sys.stderr)
        return 2
    except (BenchError, BuildError) as error:
        print(f"bench_sim: {error}", file=sys.stderr)
        return 1
    report: dict[str, object] = {"config": hw.name, "layer": {"inputs": INPUTS, "units": UNITS}}
    report["speeds"] = {name: asdict(speed) | {"rate": speed.rate} for name, speed in speeds.items()}
    if not args.no_cocotb:
        report["ratio"] = speeds[SAME].rate / speeds[COCOTB].rate
        print(f"the fast simulation is {report['ratio']:.0f} times as fast")
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
