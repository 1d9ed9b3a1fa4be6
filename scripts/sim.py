"""Simulate a module with its environment; what `make sim` runs.

    python -m reneta.scripts.sim --module dtv1_ccm [--config configs/NAME.yaml] [--test NAME] [--seed N]
                                 [--waves] [--cov] [--sim verilator]

The exit code is 0 when everything passed, 1 when something failed, 2 when something asked for does not exist.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from reneta.golden.config import REPO, ConfigError
from reneta.scripts import coverage
from reneta.scripts.toolpath import BuildError
from reneta.verif.common.line_coverage import WaiverError
from reneta.verif.common.simulate import SimReport, TestplanError, UsageError, known_modules, simulate

SIMULATORS = ("verilator",)
# Holes of one coverage point that are printed; the rest is counted.
MAX_HOLES = 8

console = Console(highlight=False, soft_wrap=True)


def shown(path: Path) -> str:
    """A path as the user would type it."""
    return str(path.relative_to(REPO) if path.is_relative_to(REPO) else path)


def print_results(report: SimReport) -> None:
    """The table of tests."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("test", "result"):
        table.add_column(heading)
    for heading in ("compared", "cycles", "seconds"):
        table.add_column(heading, justify="right")
    for result in report.results:
        style = "green" if result.passed else "red"
        verdict = f"[{style}]{result.mode}[/]"
        table.add_row(
            result.test, verdict, f"{result.compared:,}", f"{result.cycles:,}", f"{result.wall_s:.1f}"
        )
    console.print(table)


def print_shown(report: SimReport) -> None:
    """What tests want shown."""
    for result in report.results:
        if result.report:
            console.print(f"\n{result.test}:")
            for line in result.report:
                console.print(f"  {line}", markup=False)


def print_plan(report: SimReport) -> None:
    """Testpoints met and unmet, and functional coverage with its holes."""
    met = sum(status.met for status in report.points)
    console.print(f"\ntestplan: {met} of {len(report.points)} testpoints met")
    ran = {result.test for result in report.results}
    for status in report.points:
        if ran.isdisjoint(status.point.tests):
            continue
        mark = "[green]met  [/]" if status.met else "[red]unmet[/]"
        reason = f": {status.reason}" if status.reason else ""
        console.print(f"  {mark} {status.point.name}{reason}")
    for group in report.coverage.groups:
        names = report.coverage.under(group)
        console.print(f"coverage: {group} {report.coverage.percent(names):.1f} % of {len(names)} points")
        for name in names:
            holes = report.coverage.points[name].holes
            if holes:
                more = f" and {len(holes) - MAX_HOLES} more" if len(holes) > MAX_HOLES else ""
                console.print(f"  {name} lacks {', '.join(holes[:MAX_HOLES])}{more}", markup=False)


def print_failures(report: SimReport) -> None:
    """For each failed test what went wrong and the command that repeats it."""
    for result in report.results:
        if not result.passed:
            console.print(f"\n[red]{result.test}[/]: ", end="")
            console.print(result.message, markup=False)
            console.print(f"  log: {shown(result.folder / 'sim.log')}\n  repeat: {report.repeat(result)}")


def print_report(report: SimReport, waves: bool, cov: bool) -> None:
    """Everything about one simulation."""
    print_results(report)
    print_shown(report)
    print_plan(report)
    print_failures(report)
    if waves:
        for result in report.results:
            console.print(f"waves: {shown(result.folder / 'dump.fst')}")
    if cov:
        coverage.print_report(
            report.module, [result.folder / "coverage.dat" for result in report.results], console
        )
    verdict = "[green]passed[/]" if report.passed else "[red]failed[/]"
    console.print(f"\n{report.module} in {report.config.name}, seed {report.seed}: {verdict}")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="sim", description="Simulate a module with its environment")
    made.add_argument("--module", help="module to simulate")
    made.add_argument("--config", help="configuration file (default: configs/bf16_pe16.yaml)")
    made.add_argument("--test", help="one test, or several separated by commas (default: all)")
    made.add_argument("--seed", type=int, help="seed of all randomness (default: 1)")
    made.add_argument("--waves", action="store_true", help="write FST waves")
    made.add_argument("--cov", action="store_true", help="report line coverage of the RTL")
    made.add_argument("--sim", default="verilator", help="simulator")
    return made


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    args = parser().parse_args(argv)
    try:
        if args.sim not in SIMULATORS:
            raise UsageError(f"SIM={args.sim} is not supported; known: {', '.join(SIMULATORS)}")
        if not args.module:
            raise UsageError(f"MODULE is missing; known: {', '.join(known_modules())}")
        tests = args.test.split(",") if args.test else None
        report = simulate(args.module, args.config, tests, args.seed, args.waves, args.cov)
        print_report(report, args.waves, args.cov)
    except (UsageError, ConfigError, TestplanError, WaiverError) as error:
        print(f"sim: {error}", file=sys.stderr)
        return 2
    except BuildError as error:
        print(f"sim: build failed: {error}", file=sys.stderr)
        return 1
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
