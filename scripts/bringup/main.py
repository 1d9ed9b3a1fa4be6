"""The command `reneta bringup`: test a machine step by step.

    reneta bringup [--device golden|sim|uio|devmem|pynq] [--config NAME] [--image DIR] [TEST ...]

Tests are run in their order; the first one that fails ends the run, unless --all. It prints a table and
writes a report as JSON. The exit code is 1 where a test has failed, 2 where none could begin, 130 after
Ctrl-C, which leaves out the test that runs and those behind it.
"""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reneta.compiler.errors import ImageError
from reneta.golden.config import ConfigError
from reneta.golden.lists import LayoutError
from reneta.scripts.bringup import basics, memories, networks, procedures, soak
from reneta.scripts.bringup.bench import Bench, BringupError
from reneta.scripts.sources import BUILD
from reneta.scripts.toolpath import BuildError
from reneta.sw_driver.devices.opening import add_device_options, device_options, open_device
from reneta.sw_driver.errors import DriverError
from reneta.sw_driver.fast_sim import RegisterError, SimulationError

REPORT = BUILD / "bringup" / "report.json"
INTERRUPTED = 130

Detail = dict[str, soak.Tally]


def _plain(test: Callable[[Bench], str]) -> Callable[[Bench], tuple[str, Detail]]:
    return lambda bench: (test(bench), {})


TESTS: dict[str, Callable[[Bench], tuple[str, Detail]]] = {
    "identify": _plain(basics.identify),
    "registers": _plain(basics.registers),
    "dram": _plain(basics.dram),
    "smem": _plain(memories.smem),
    "spm": _plain(memories.spm),
    "procedures": _plain(procedures.procedures),
    "inference": _plain(networks.inference),
    "soak": soak.soak,
}
"""The tests in their order, each of which needs what those before it test."""


@dataclass(frozen=True)
class Result:
    """What became of a test.

    Attributes:
        test: its name.
        passed: whether all was right.
        text: what was tested, or what was wrong.
        seconds: what it took.
        parts: soak: how often each part was run.
    """

    test: str
    passed: bool
    text: str
    seconds: float
    parts: Detail = field(default_factory=dict)


def run_test(bench: Bench, name: str) -> Result:
    """Run a test."""
    begin = time.monotonic()
    parts: Detail = {}
    try:
        text, parts = TESTS[name](bench)
        passed = True
    except (BringupError, DriverError, ImageError, LayoutError, RegisterError, SimulationError) as error:
        text, passed = str(error), False
    return Result(name, passed, text, time.monotonic() - begin, parts)


def parser() -> ArgumentParser:
    """The command line."""
    made = ArgumentParser(prog="reneta bringup", description="Test a machine, from its ID to whole networks")
    known = ", ".join(TESTS)
    made.add_argument("tests", nargs="*", metavar="TEST", help=f"of {known}; default: all that can be run")
    made.add_argument("--image", type=Path, help="image folder, for inference")
    made.add_argument("--seed", type=int, default=1, help="of all data")
    made.add_argument(
        "--soak", type=float, default=10.0, metavar="SECONDS", help="how long the soak loop goes on"
    )
    made.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS", help="for each program")
    made.add_argument("--all", action="store_true", help="go on behind a test that failed")
    made.add_argument("--report", type=Path, default=REPORT, help="where the report goes")
    add_device_options(made)
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    args, console = parser().parse_args(argv), Console(width=130)
    wanted = args.tests or [name for name in TESTS if name != "inference" or args.image]
    unknown = [name for name in wanted if name not in TESTS]
    if unknown:
        return _refuse(f"there is no test {unknown[0]!r}; there are: {', '.join(TESTS)}")
    if "inference" in wanted and args.image is None:
        return _refuse("the test inference needs an image folder; give --image")
    options = device_options(args)
    try:
        hw, device = options.hw, open_device(options)
    except (BuildError, ConfigError, DriverError) as error:
        return _refuse(str(error))
    results: list[Result] = []
    code = 0
    with device:
        console.print(f"{device.name}, seed {args.seed}")
        try:
            for name in wanted:
                bench = Bench(
                    device, np.random.default_rng(args.seed), hw, args.image, args.timeout, args.soak
                )
                results.append(run_test(bench, name))
                code |= int(not results[-1].passed)
                if code and not args.all:
                    break
        except KeyboardInterrupt:
            code = INTERRUPTED
    report = {
        "device": device.name,
        "seed": args.seed,
        "passed": code == 0,
        "tests": [asdict(result) for result in results],
        "left_out": wanted[len(results) :],
    }
    print_results(console, results)
    try:
        args.report.parent.mkdir(parents=True, exist_ok=True)
        args.report.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        return _refuse(f"cannot write {args.report}: {error.strerror}")
    console.print(f"written: {args.report}", soft_wrap=True)
    return code


def print_results(console: Console, results: Sequence[Result]) -> None:
    """The tables: tests, and the parts of the soak loop."""
    table = Table("test", "", "s", "what")
    for result in results:
        table.add_row(
            result.test, "ok" if result.passed else "FAILED", f"{result.seconds:.1f}", Text(result.text)
        )
    console.print(table)
    for result in results:
        if result.parts:
            parts = Table("part", "runs", "ms each", title=f"{result.test}")
            for name, tally in result.parts.items():
                parts.add_row(name, str(tally.runs), f"{1000 * tally.seconds / tally.runs:.1f}")
            console.print(parts)


def _refuse(text: str) -> int:
    print(f"reneta bringup: {text}", file=sys.stderr)
    return 2
