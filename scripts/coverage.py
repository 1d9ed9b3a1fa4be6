"""Line coverage of the RTL over any number of runs; `make sim COV=1` prints the same report for its own runs.

    python -m reneta.scripts.coverage [PATH ...]

PATHs are coverage.dat files or folders that are searched for them; without any, all runs under build/sim/runs
are taken, which then gives the coverage of the whole design by all environments that ran with COV=1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from reneta.golden.config import REPO
from reneta.scripts.sources import BUILD
from reneta.verif.common.line_coverage import (
    FileCoverage,
    Waiver,
    WaiverError,
    line_coverage,
    load_waivers,
    write_lcov,
)
from reneta.verif.common.simulate import known_modules

OUT = BUILD / "coverage"


def _percent(part: int, whole: int) -> str:
    return f"{100.0 * part / whole:.1f} %" if whole else "-"


def _print_missed(item: FileCoverage, waivers: Iterable[Waiver], console: Console) -> int:
    """List the lines of a file that were not hit; returns how many are waived."""
    missed = item.missed(waivers)
    for line in missed:
        mark = f"  (waived: {line.waived})" if line.waived else ""
        console.print(f"  {item.path.name}:{line.number}: {line.text}{mark}", markup=False)
    return sum(1 for line in missed if line.waived)


def print_report(name: str, files: Sequence[Path], console: Console) -> None:
    """Print lines hit of each file and the lines missed, and write build/coverage/NAME.info.

    Args:
        name: what was run; names the lcov file.
        files: coverage.dat of each run; those that do not exist (a run that crashed) are left out.
        console: where to print.
    """
    coverage = line_coverage([file for file in files if file.is_file()])
    waivers = load_waivers(known_modules())
    console.print("\nlines of the RTL:")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("file")
    for heading in ("hit", "lines", "share"):
        table.add_column(heading, justify="right")
    for item in coverage:
        total = len(item.hits)
        table.add_row(item.path.name, str(item.hit), str(total), _percent(item.hit, total))
    console.print(table)
    waived = sum(_print_missed(item, waivers, console) for item in coverage)
    hit, total = sum(item.hit for item in coverage), sum(len(item.hits) for item in coverage)
    with_waivers = _percent(hit, total - waived)
    console.print(f"line coverage: {_percent(hit, total)} ({hit} of {total}), with waivers {with_waivers}")
    out = write_lcov(coverage, OUT / f"{name}.info")
    console.print(f"lcov: {out.relative_to(REPO)}")


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="coverage", description="Line coverage of the RTL over many runs")
    parser.add_argument("paths", nargs="*", type=Path, help="coverage.dat files, or folders with them")
    args = parser.parse_args(argv)
    paths = args.paths or [BUILD / "sim" / "runs"]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("coverage.dat"))]
    if not files:
        print("coverage: no coverage.dat found; run make sim with COV=1 first", file=sys.stderr)
        return 2
    try:
        print_report("all", files, Console(highlight=False, soft_wrap=True))
    except WaiverError as error:
        print(f"coverage: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
