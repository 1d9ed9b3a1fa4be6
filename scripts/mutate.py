"""Mutation check: put deliberate faults into a module, one at a time; its environment must notice each.

    python -m reneta.scripts.mutate --module dtv1_ccm [--config configs/NAME.yaml] [--seed N] [--only A,B]

A fault is caught when a test fails, or when a full run does not meet its test plan. A fault that does not
compile is an error of the list, not a catch. The exit code is 0 when every fault was caught, 1 when one
survived or could not be tried, 2 when something asked for does not exist.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from reneta.golden.config import CONFIG_DIR, ConfigError
from reneta.scripts.sources import BUILD, RTL
from reneta.scripts.toolpath import BuildError
from reneta.verif.common.mutation import Mutation, MutationError, load_mutations, write_mutant
from reneta.verif.common.simulate import Job, SimReport, UsageError, prepare, simulate
from reneta.verif.common.testplan import TestplanError

MUTATE = BUILD / "mutate"
# Small, so that a fault costs seconds.
FAST_CONFIGS = {"bf16": CONFIG_DIR / "bf16_pe4.yaml", "fxp16": CONFIG_DIR / "fxp16_pe4.yaml"}
STYLES = {"caught": "green", "survived": "bold red", "error": "bold red"}

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Verdict:
    """What became of one fault."""

    mutation: Mutation
    outcome: str
    by: str
    detail: str
    wall_s: float


def catcher(report: SimReport) -> tuple[str, str]:
    """Which test (or testpoint) noticed, and how; two empty strings where none did."""
    for result in report.results:
        if not result.passed:
            return result.test, f"{result.mode}: {result.message}"
    for status in report.unmet:
        return f"testpoint {status.point.name}", status.reason
    return "", ""


def try_mutation(mutation: Mutation, job: Job, seed: int | None) -> Verdict:
    """Build the design with one fault and run the environment until a test fails."""
    start = time.monotonic()
    folder = MUTATE / job.module / mutation.name
    try:
        copy = write_mutant(mutation, RTL, folder / "rtl")
        runs_in = job.config.format
        tests = None if mutation.tests is None else list(mutation.tests)
        report = simulate(
            job.module,
            job.config_file,
            tests,
            seed,
            rtl_dir=copy,
            work_dir=folder / runs_in,
            jobs=1,
            stop_on_failure=True,
            # A fault may leave a signal unused.
            lint=False,
        )
    except (BuildError, MutationError, UsageError) as error:
        return Verdict(mutation, "error", "", str(error), time.monotonic() - start)
    by, detail = catcher(report)
    return Verdict(mutation, "caught" if by else "survived", by, detail, time.monotonic() - start)


def print_verdicts(module: str, verdicts: list[Verdict]) -> None:
    """The table, and the faults that were not caught."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("fault", "outcome", "caught by"):
        table.add_column(heading)
    table.add_column("seconds", justify="right")
    for verdict in verdicts:
        outcome = f"[{STYLES[verdict.outcome]}]{verdict.outcome}[/]"
        table.add_row(verdict.mutation.name, outcome, verdict.by, f"{verdict.wall_s:.1f}")
    console.print(table)
    for verdict in verdicts:
        if verdict.outcome != "caught":
            where = f"{verdict.mutation.name} ({verdict.mutation.file}: {verdict.mutation.why})"
            console.print(f"{verdict.outcome}: {where}: {verdict.detail or 'no test failed'}", markup=False)
    caught = sum(verdict.outcome == "caught" for verdict in verdicts)
    console.print(f"\n{module}: {caught} of {len(verdicts)} faults caught")


def run_all(job: Job, mutations: list[Mutation], seed: int | None) -> list[Verdict]:
    """Try all faults, as many at a time as there are cores, with a line for each as it ends."""

    def one(mutation: Mutation) -> Verdict:
        verdict = try_mutation(mutation, job, seed)
        console.print(f"  {verdict.outcome:8} {mutation.name} ({verdict.wall_s:.1f} s)", markup=False)
        return verdict

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one, mutations))


def fast_config(module: str) -> Path:
    """The configuration in which faults are tried when none is asked for."""
    return FAST_CONFIGS[prepare(module).plan.formats[0]]


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="mutate", description="Check that an environment notices faults")
    parser.add_argument("--module", required=True, help="module to put faults into")
    parser.add_argument("--config", help="configuration file (default: the one with 4 PEs)")
    parser.add_argument("--seed", type=int, help="seed of all randomness (default: 1)")
    parser.add_argument("--only", help="names of faults, separated by commas (default: all)")
    args = parser.parse_args(argv)
    try:
        job = prepare(args.module, args.config or fast_config(args.module))
        mutations = load_mutations(job.folder, job.plan)
        if args.only:
            known = {mutation.name: mutation for mutation in mutations}
            unknown = [name for name in args.only.split(",") if name not in known]
            if unknown:
                raise UsageError(f"no fault {', '.join(unknown)}; known: {', '.join(known)}")
            mutations = [known[name] for name in args.only.split(",")]
        mutations = [mutation for mutation in mutations if job.config.format in mutation.formats]
        console.print(f"{job.module} in {job.config.name}: without a fault …")
        clean = simulate(job.module, job.config_file, seed=args.seed)
    except (UsageError, ConfigError, TestplanError, MutationError) as error:
        print(f"mutate: {error}", file=sys.stderr)
        return 2
    except BuildError as error:
        print(f"mutate: build failed: {error}", file=sys.stderr)
        return 1
    if not clean.passed:
        print(f"mutate: {job.module} fails without a fault: {': '.join(catcher(clean))}", file=sys.stderr)
        return 1
    verdicts = run_all(job, mutations, args.seed)
    print_verdicts(job.module, verdicts)
    return 0 if all(verdict.outcome == "caught" for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
