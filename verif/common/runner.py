"""Build a simulation with Verilator, and run one test of it in a process of its own.

cocotb's runner does the work, with three changes: `--public-flat-rw` is dropped (it costs a factor of two and
more; the control files name what cocotb may see), the PyPI wheel's missing makefile variables are filled in,
and a process that takes too long is ended with all its children.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TextIO

from cocotb_tools.runner import Verilator

from reneta.scripts.sources import BUILD, SourceSet, locked
from reneta.scripts.toolpath import (
    STRAY_VARIABLES,
    WHEEL_MAKE_ARGS,
    BuildError,
    build_error,
    keep_objects,
    take_objects,
    verilator_command,
    verilator_environment,
    verilator_version,
)

SIM_BUILD = BUILD / "sim"
BUILD_ARGS = (
    "--assert",
    # Every register and memory starts at a random value, the same for the same seed.
    *("--x-initial", "unique", "--x-assign", "unique"),
)
LINT_ARGS = ("-Wall",)
NO_LINT_ARGS = ("-Wno-lint", "-Wno-fatal")
WAVES_ARGS = ("--trace-fst", "--trace-structs")
# Not --coverage: its state machine part stops Verilator 5.048 with an internal error.
COVERAGE_ARGS = ("--coverage-line",)
MAKE_ARGS = (
    *WHEEL_MAKE_ARGS,
    "OPT_FAST=-O2",
    "OPT_SLOW=-O1",
    "OPT_GLOBAL=-O2",
)
BUILD_TIMEOUT_S = 1800.0

logging.getLogger("FastVerilator").addHandler(logging.NullHandler())


class FastVerilator(Verilator):
    """cocotb's Verilator runner for this project; one object for one build or one run."""

    def __init__(
        self, waves: bool = False, timeout_s: float = BUILD_TIMEOUT_S, library: Path | None = None
    ) -> None:
        """Set up one build or run.

        Args:
            waves: compile tracing in; dump waves.
            timeout_s: limit of each command.
            library: folder in which the objects of Verilator's own library are kept between builds.
        """
        super().__init__()
        self._library = library
        self.log.propagate = False
        self.exit_code = 0
        self.timed_out = False
        self._waves_wanted = waves
        self._timeout_s = timeout_s

    def _set_env_common(self) -> None:
        ours = dict(self.env)
        super()._set_env_common()
        tools = verilator_environment()
        self.env["PATH"] = f"{tools['PATH']}{os.pathsep}{self.env['PATH']}"
        if "VERILATOR_ROOT" in tools:
            self.env["VERILATOR_ROOT"] = tools["VERILATOR_ROOT"]
        for name in STRAY_VARIABLES:
            self.env.pop(name, None)
        # The base class lets the process environment win over what a run asks for.
        self.env.update(ours)
        # Equal seeds give equal runs, whatever iterates over a set.
        self.env["PYTHONHASHSEED"] = "0"

    def _simulator_in_path_build_only(self) -> None:
        self.executable = verilator_command()

    def _build_command(self) -> list[list[str]]:
        self.waves = self._waves_wanted
        verilate, make = super()._build_command()
        return [[arg for arg in verilate if arg != "--public-flat-rw"], [*make, *MAKE_ARGS]]

    def _test_command(self) -> list[list[str]]:
        self.waves = self._waves_wanted
        command: list[list[str]] = super()._test_command()
        return command

    def _execute_cmds(
        self, cmds: Sequence[list[str]], cwd: os.PathLike[str] | str, stdout: TextIO | None = None
    ) -> None:
        for cmd in cmds:
            library = self._library if cmd[0] == "make" else None
            if library:
                take_objects(library, self.build_dir)
            self.exit_code = self._execute_one(cmd, cwd, stdout)
            if self.exit_code:
                return
            if library:
                keep_objects(self.build_dir, library)

    def _execute_one(self, cmd: list[str], cwd: os.PathLike[str] | str, stdout: TextIO | None) -> int:
        """Run a command as the head of a process group of its own; returns its exit code."""
        process = subprocess.Popen(
            cmd, cwd=cwd, env=self.env, stdout=stdout, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            return process.wait(self._timeout_s)
        except subprocess.TimeoutExpired:
            self.timed_out = True
            return -signal.SIGKILL
        finally:
            # A child that outlives its parent would hold the log; on a normal end there is none.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@cache
def missing_wave_headers() -> tuple[str, ...]:
    """Debian packages that FST tracing needs and this machine lacks."""
    packages = {"lz4.h": "liblz4-dev", "zlib.h": "zlib1g-dev"}
    lacks = []
    for header, package in packages.items():
        done = subprocess.run(
            ["g++", "-E", "-x", "c++", "-"],
            input=f"#include <{header}>\n",
            capture_output=True,
            text=True,
            check=False,
        )
        lacks += [package] if done.returncode else []
    return tuple(lacks)


@dataclass(frozen=True)
class Build:
    """A finished simulation binary."""

    folder: Path
    top: str
    waves: bool
    cov: bool
    cached: bool
    wall_s: float


def build(
    name: str,
    sources: SourceSet,
    waves: bool = False,
    cov: bool = False,
    root: Path = SIM_BUILD,
    lint: bool = True,
) -> Build:
    """Verilate and compile, unless the same sources were built with the same flags before.

    Args:
        name: start of the build folder's name.
        sources: what to build.
        waves: with FST tracing.
        cov: with line coverage.
        root: where build folders lie.
        lint: treat all warnings as errors; without it none is.

    Raises:
        BuildError: a tool or header is missing, or the sources do not compile.
    """
    if waves and missing_wave_headers():
        raise BuildError(
            f"WAVES=1 needs headers: on Debian, apt-get install {' '.join(missing_wave_headers())}"
        )
    kind = (WAVES_ARGS if waves else ()) + (COVERAGE_ARGS if cov else ())
    args = BUILD_ARGS + (LINT_ARGS if lint else NO_LINT_ARGS) + kind
    digest = sources.digest(*args, *MAKE_ARGS, verilator_version())
    folder = root / f"{name}-{digest}"
    start = time.monotonic()
    with locked(folder):
        done = folder / ".done"
        cached = done.exists()
        if not cached:
            flags = hashlib.sha256("\0".join((*kind, *MAKE_ARGS, verilator_version())).encode()).hexdigest()
            _compile(sources, folder, args, waves, BUILD / "gen" / f"verilated-{flags[:12]}")
            done.touch()
    return Build(folder, sources.top, waves, cov, cached, time.monotonic() - start)


def _compile(sources: SourceSet, folder: Path, args: Sequence[str], waves: bool, library: Path) -> None:
    runner = FastVerilator(waves, library=library)
    log = folder / "build.log"
    runner.build(
        # Control files come first: the runner takes the language from the last source.
        sources=list(sources.files),
        hdl_toplevel=sources.top,
        build_dir=folder,
        includes=sorted({header.parent for header in sources.headers}),
        build_args=list(args),
        timescale=("1ns", "1ps"),
        log_file=log,
    )
    if runner.exit_code:
        raise build_error(log, runner.exit_code)
    for rest in (*folder.glob("*.o"), *folder.glob("*.a"), *folder.glob("*.gch")):
        rest.unlink()


@dataclass(frozen=True)
class RunOutcome:
    """What a run left behind; `verdict.judge` reads it."""

    folder: Path
    exit_code: int
    timed_out: bool
    wall_s: float

    @property
    def log(self) -> Path:
        """All that the simulator printed."""
        return self.folder / "sim.log"

    @property
    def results(self) -> Path:
        """cocotb's JUnit file."""
        return self.folder / "results.xml"


def run(
    built: Build,
    test_module: str,
    test: str,
    seed: int,
    folder: Path,
    timeout_s: float,
    env: Mapping[str, str] | None = None,
) -> RunOutcome:
    """Run one test with one seed in its own process and folder (emptied first).

    Args:
        built: the simulation.
        test_module: dotted name of the Python module with the test.
        test: name of the test.
        seed: seed of cocotb, and of Verilator's initial values.
        folder: working directory of the run.
        timeout_s: wall-clock limit.
        env: further environment variables.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    runner = FastVerilator(built.waves, timeout_s)
    outcome = RunOutcome(folder, 0, False, 0.0)
    start = time.monotonic()
    # Verilator takes seed 0 as "from the clock", and seeds of 31 bits.
    initial = seed % 0x7FFF_FFFE + 1
    plusargs = ["+verilator+rand+reset+2", f"+verilator+seed+{initial}"]
    if built.cov:
        plusargs.append(f"+verilator+coverage+file+{folder / 'coverage.dat'}")
    # cocotb asks for an exit under pytest when a test failed; the verdict is ours.
    with suppress(SystemExit):
        runner.test(
            test_module=test_module,
            hdl_toplevel=built.top,
            hdl_toplevel_lang="verilog",
            test_filter=rf"\.{test}$",
            seed=seed,
            plusargs=plusargs,
            extra_env=dict(env or {}),
            build_dir=built.folder,
            test_dir=folder,
            results_xml=str(outcome.results),
            log_file=outcome.log,
        )
    return RunOutcome(folder, runner.exit_code, runner.timed_out, time.monotonic() - start)
