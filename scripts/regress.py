"""Regression: every environment in every shipped configuration, with several seeds, in parallel.

    python -m reneta.scripts.regress [--seeds N] [--seed FIRST] [--modules A,B] [--config NAME] [--cov]

Seeds are FIRST, FIRST + 1, … (from 1 unless told otherwise), so that a regression repeats. Prints a summary
and the failures in buckets of equal messages, each with the command that repeats one of them, and writes
JUnit XML to build/regress/junit.xml. The exit code is 1 when anything failed, 2 when something asked for does
not exist.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table

from reneta.golden.config import REPO, ConfigError, load_config, shipped_configs
from reneta.scripts import coverage
from reneta.scripts.sources import BUILD
from reneta.scripts.toolpath import BuildError
from reneta.verif.common.simulate import (
    DEFAULT_SEED,
    SimReport,
    UsageError,
    default_config,
    known_modules,
    prepare,
    simulate,
)
from reneta.verif.common.testplan import TestplanError

JUNIT = BUILD / "regress" / "junit.xml"
# Numbers that differ between failures of one kind.
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\d+")

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Item:
    """One simulation of the regression."""

    module: str
    config: Path
    seed: int

    @property
    def name(self) -> str:
        """Name in tables and in the JUnit file."""
        return f"{self.module}.{self.config.stem}"


@dataclass(frozen=True)
class Done:
    """What became of an item: a report, or the reason why there is none."""

    item: Item
    report: SimReport | None
    error: str
    wall_s: float

    @property
    def passed(self) -> bool:
        """Whether it built and everything passed."""
        return self.report is not None and self.report.passed


@dataclass(frozen=True)
class Failure:
    """One thing that went wrong, and the command that shows it again."""

    what: str
    message: str
    repeat: str

    @property
    def bucket(self) -> str:
        """The message without its numbers: equal for failures of one kind."""
        return _NUMBER.sub("#", self.message)


def plan_items(modules: Sequence[str], config: str | None, seeds: Sequence[int]) -> list[Item]:
    """All simulations: modules x configurations that they exist in x seeds.

    Raises:
        UsageError, ConfigError, TestplanError: something does not exist or cannot be used.
    """
    items = []
    for module in modules:
        plan = prepare(module).plan
        if config is not None:
            files = [prepare(module, config).config_file]
        elif plan.per_config:
            files = [file for file in shipped_configs() if load_config(file).format in plan.formats]
        else:
            files = [default_config(plan)]
        items += [Item(module, file, seed) for file in files for seed in seeds]
    return items


def run_item(item: Item, cov: bool) -> Done:
    """Simulate one item, on one core."""
    start = time.monotonic()
    try:
        report, error = simulate(item.module, item.config, seed=item.seed, cov=cov, jobs=1), ""
    except BuildError as problem:
        report, error = None, str(problem)
    done = Done(item, report, error, time.monotonic() - start)
    console.print(
        f"  {'passed' if done.passed else 'FAILED':6} {item.name} seed {item.seed} ({done.wall_s:.1f} s)",
        markup=False,
    )
    return done


def failures_of(done: Done) -> list[Failure]:
    """Everything that went wrong in one simulation."""
    item = done.item
    where = f"{item.name} seed {item.seed}"
    command = f"make sim MODULE={item.module} CONFIG=configs/{item.config.name} SEED={item.seed}"
    if done.report is None:
        return [Failure(where, f"build failed: {done.error}", command)]
    failed = [result for result in done.report.results if not result.passed]
    failures = [Failure(f"{where} {r.test}", f"{r.mode}: {r.message}", done.report.repeat(r)) for r in failed]
    # A testpoint that is unmet because a test failed adds nothing.
    unmet = [status for status in done.report.unmet if status.only_coverage]
    return failures + [Failure(where, f"testpoint {s.point.name}: {s.reason}", command) for s in unmet]


def write_junit(all_done: Sequence[Done], file: Path) -> None:
    """JUnit XML: a suite for each module and configuration, a case for each test and seed."""
    root = ElementTree.Element("testsuites", name="regress")
    by_name: dict[str, list[Done]] = defaultdict(list)
    for done in all_done:
        by_name[done.item.name].append(done)
    for name, group in by_name.items():
        suite = ElementTree.SubElement(root, "testsuite", name=name)
        for done in group:
            _junit_cases(suite, done)
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
    file.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def _junit_cases(suite: ElementTree.Element, done: Done) -> None:
    def case(name: str, wall_s: float, message: str) -> None:
        label = f"{name}[seed {done.item.seed}]"
        made = ElementTree.SubElement(
            suite, "testcase", classname=done.item.name, name=label, time=f"{wall_s:.2f}"
        )
        if message:
            ElementTree.SubElement(made, "failure", message=message)

    if done.report is None:
        case("build", done.wall_s, done.error)
        return
    for result in done.report.results:
        case(result.test, result.wall_s, "" if result.passed else f"{result.mode}: {result.message}")
    unmet = [f"{status.point.name}: {status.reason}" for status in done.report.unmet]
    case("testplan", 0.0, "; ".join(unmet))


def print_summary(all_done: Sequence[Done]) -> None:
    """A line for each module and configuration, and the buckets of failures."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("module.configuration")
    for heading in ("seeds", "tests", "failed", "testpoints met", "compared", "seconds"):
        table.add_column(heading, justify="right")
    by_name: dict[str, list[Done]] = defaultdict(list)
    for done in all_done:
        by_name[done.item.name].append(done)
    for name, group in by_name.items():
        reports = [done.report for done in group if done.report]
        results = [result for report in reports for result in report.results]
        failed = sum(not result.passed for result in results) + len(group) - len(reports)
        points = [status for report in reports for status in report.points]
        style = "green" if all(done.passed for done in group) else "red"
        table.add_row(
            f"[{style}]{name}[/]",
            str(len(group)),
            str(len(results)),
            str(failed),
            f"{sum(status.met for status in points)}/{len(points)}",
            f"{sum(result.compared for result in results):,}",
            f"{sum(done.wall_s for done in group):.1f}",
        )
    console.print(table)
    buckets: dict[str, list[Failure]] = defaultdict(list)
    for done in all_done:
        for failure in failures_of(done):
            buckets[failure.bucket].append(failure)
    for failures in sorted(buckets.values(), key=len, reverse=True):
        first = failures[0]
        console.print(f"\n{len(failures)} x {first.message}", markup=False, style="red")
        for failure in failures[:5]:
            console.print(f"  {failure.what}", markup=False)
        console.print(f"  repeat: {first.repeat}", markup=False)


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="regress", description="Run all environments")
    parser.add_argument("--seeds", type=int, default=1, help="number of seeds (default: 1)")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="first seed (default: 1)")
    parser.add_argument("--modules", help="modules, separated by commas or spaces (default: all)")
    parser.add_argument("--config", help="only this configuration (default: all shipped ones)")
    parser.add_argument("--cov", action="store_true", help="report line coverage of the RTL over all runs")
    args = parser.parse_args(argv)
    start = time.monotonic()
    try:
        if args.seeds < 1:
            raise UsageError(f"SEEDS is {args.seeds}; it must be at least 1")
        modules = re.split(r"[,\s]+", args.modules.strip()) if args.modules else known_modules()
        items = plan_items(modules, args.config, range(args.seed, args.seed + args.seeds))
    except (UsageError, ConfigError, TestplanError) as error:
        print(f"regress: {error}", file=sys.stderr)
        return 2
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        all_done = list(pool.map(lambda item: run_item(item, args.cov), items))
    write_junit(all_done, JUNIT)
    print_summary(all_done)
    if args.cov:
        results = [result for done in all_done if done.report for result in done.report.results]
        coverage.print_report("regress", [result.folder / "coverage.dat" for result in results], console)
    passed = sum(done.passed for done in all_done)
    seconds = time.monotonic() - start
    console.print(f"\nregress: {passed} of {len(all_done)} simulations passed in {seconds:.0f} s")
    console.print(f"junit: {JUNIT.relative_to(REPO)}")
    return 0 if passed == len(all_done) else 1


if __name__ == "__main__":
    sys.exit(main())
