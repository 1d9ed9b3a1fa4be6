"""Simulate a module: build it, run its tests in parallel, merge their coverage, evaluate its test plan."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from reneta.golden.config import CONFIG_DIR, DEFAULT_CONFIG, REPO, HwConfig, load_config
from reneta.scripts.sources import RTL, VERIF
from reneta.verif.common import coverage as sim_coverage
from reneta.verif.common.functional_coverage import FunctionalCoverage
from reneta.verif.common.hw import CONFIG_VARIABLE
from reneta.verif.common.runner import SIM_BUILD, Build, build, run
from reneta.verif.common.sources import collect
from reneta.verif.common.testplan import (
    PlannedTest,
    PointStatus,
    Testplan,
    TestplanError,
    evaluate,
    find_tests,
    load_testplan,
)
from reneta.verif.common.verdict import TestResult, judge

DEFAULT_SEED = 1


class UsageError(Exception):
    """Something that was asked for does not exist; the message is one line that lists what does."""


def known_modules(verif_dir: Path = VERIF) -> list[str]:
    """Modules that have an environment."""
    return sorted(plan.parent.name for plan in verif_dir.glob("*/testplan.yaml"))


def default_config(plan: Testplan) -> Path:
    """The configuration that a module is simulated in when none is asked for."""
    default = load_config(DEFAULT_CONFIG)
    if default.format in plan.formats:
        return DEFAULT_CONFIG
    return CONFIG_DIR / f"{plan.formats[0]}_pe{default.num_pe}.yaml"


@dataclass(frozen=True)
class SimReport:
    """What a simulation of a module found."""

    module: str
    config_file: Path
    config: HwConfig
    seed: int
    # Whether every test of the plan ran.
    full: bool
    built: Build
    results: list[TestResult]
    coverage: FunctionalCoverage
    points: list[PointStatus]

    @property
    def unmet(self) -> list[PointStatus]:
        """Testpoints that make this run fail; a part of the tests need not reach the coverage."""
        return [s for s in self.points if not s.met and (self.full or not s.only_coverage)]

    @property
    def passed(self) -> bool:
        """Whether all tests passed and, in a full run, every testpoint was met."""
        return bool(self.results) and all(result.passed for result in self.results) and not self.unmet

    def repeat(self, result: TestResult, waves: bool = True) -> str:
        """The command that repeats one test."""
        file = self.config_file
        config = file.relative_to(REPO) if file.is_relative_to(REPO) else file
        command = f"make sim MODULE={self.module} CONFIG={config} TEST={result.test} SEED={result.seed}"
        return f"{command} WAVES=1" if waves else command


@dataclass(frozen=True)
class Job:
    """A simulation that is ready to build: everything that was asked for exists."""

    module: str
    folder: Path
    plan: Testplan
    config_file: Path
    config: HwConfig
    tests: list[PlannedTest]
    full: bool
    expect_fail: dict[str, bool] = field(default_factory=dict)

    @property
    def test_module(self) -> str:
        """Dotted name of the Python module with the tests."""
        return f"reneta.verif.{self.module}.test_{self.module}"


def prepare(
    module: str, config: str | Path | None = None, tests: Sequence[str] | None = None, verif_dir: Path = VERIF
) -> Job:
    """Find everything that a simulation needs.

    Args:
        module: name of the module.
        config: configuration file or bare name; None for the module's default.
        tests: names of the tests; None for all of the plan.
        verif_dir: folder of the environments.

    Raises:
        UsageError: no such module, or no such test in this configuration.
        ConfigError: the configuration cannot be used.
        TestplanError: the module's plan cannot be used.
    """
    folder = verif_dir / module
    if module not in known_modules(verif_dir):
        raise UsageError(
            f"no environment for module '{module}'; known: {', '.join(known_modules(verif_dir))}"
        )
    plan = load_testplan(folder)
    file = default_config(plan) if config is None else Path(config)
    hw = load_config(file)
    if not file.exists():
        file = CONFIG_DIR / f"{file}.yaml"
    planned = plan.tests_for(hw.format)
    if not planned:
        raise UsageError(f"{module} has no tests for {hw.format} configurations such as {hw.name}")
    by_name = {test.name: test for test in planned}
    for name in tests or ():
        if name not in by_name:
            raise UsageError(f"{module} has no test '{name}' in {hw.name}; known: {', '.join(by_name)}")
    chosen = planned if tests is None else [by_name[name] for name in tests]
    expect_fail = find_tests(folder / f"test_{module}.py")
    return Job(module, folder, plan, file.resolve(), hw, chosen, len(chosen) == len(planned), expect_fail)


def simulate(
    module: str,
    config: str | Path | None = None,
    tests: Sequence[str] | None = None,
    seed: int | None = None,
    waves: bool = False,
    cov: bool = False,
    rtl_dir: Path = RTL,
    work_dir: Path = SIM_BUILD,
    jobs: int | None = None,
    stop_on_failure: bool = False,
    lint: bool = True,
    on_result: Callable[[TestResult], None] | None = None,
) -> SimReport:
    """Build a module's simulation and run its tests, each in a process of its own.

    Args:
        module: name of the module.
        config: configuration file or bare name; None for the module's default.
        tests: names of the tests; None for all of the plan.
        seed: of all randomness; None for 1.
        waves: write FST waves.
        cov: collect line coverage of the RTL (coverage.dat in each run's folder).
        rtl_dir: folder of the design.
        work_dir: where builds and runs go.
        jobs: processes at a time; None for the number of cores.
        stop_on_failure: start no further test after a failure.
        lint: treat all of Verilator's warnings as errors.
        on_result: called with each result as it comes, from one thread at a time.

    Raises:
        UsageError, ConfigError, TestplanError: what was asked for does not exist or cannot be used.
        BuildError: the simulation cannot be built.
    """
    job = prepare(module, config, tests)
    number = DEFAULT_SEED if seed is None else seed
    built = build(module, collect(module, job.config, rtl_dir), waves, cov, work_dir, lint)
    runs = work_dir / "runs" / module / f"{job.config.name}-{number}"
    stopped, lock = threading.Event(), threading.Lock()

    def one(test: PlannedTest) -> TestResult | None:
        if stopped.is_set():
            return None
        env = {CONFIG_VARIABLE: str(job.config_file)}
        outcome = run(built, job.test_module, test.name, number, runs / test.name, test.timeout_s, env)
        result = judge(test.name, number, outcome, job.expect_fail[test.name])
        if stop_on_failure and not result.passed:
            stopped.set()
        if on_result:
            with lock:
                on_result(result)
        return result

    with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        results = [result for result in pool.map(one, job.tests) if result is not None]

    merged = FunctionalCoverage()
    for result in results:
        merged.merge(FunctionalCoverage.load(result.folder / sim_coverage.FILE))
    passed = {result.test: result.passed for result in results}
    points = evaluate(job.plan, job.config.format, passed, merged)
    return SimReport(module, job.config_file, job.config, number, job.full, built, results, merged, points)


__all__ = ["Job", "SimReport", "TestplanError", "UsageError", "known_modules", "prepare", "simulate"]
