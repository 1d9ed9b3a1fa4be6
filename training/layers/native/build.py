"""Compile the operator with g++; the library lies in `build/training`, named by a hash of its making."""

from __future__ import annotations

import ctypes
import hashlib
import platform
import subprocess
from functools import cache
from pathlib import Path

from reneta.scripts.sources import BUILD, locked

SOURCE = Path(__file__).resolve().parent / "delta_rnn.cpp"
# No -ffast-math: sums keep their order, and what is not a number stays so. But nobody asks for floating-point
# exceptions, which lets both sides of a choice be computed, in vector code.
MATH_FLAGS = ("-fno-math-errno", "-fno-trapping-math")
FLAGS = ("-std=c++20", "-O3", "-march=native", *MATH_FLAGS, "-Wall", "-Wextra", "-Werror")
LINK_FLAGS = ("-fPIC", "-shared", "-fopenmp")


class NativeBuildError(Exception):
    """The operator cannot be compiled here; the message is one line."""


def build(root: Path = BUILD / "training" / "native") -> Path:
    """The library's path, compiled unless it was before.

    Raises:
        NativeBuildError: g++ is missing or fails.
    """
    # A library made for one processor may not run on another one.
    sources = [file.read_text(encoding="utf-8") for file in (SOURCE, *sorted(SOURCE.parent.glob("*.h")))]
    parts = (*FLAGS, *LINK_FLAGS, platform.machine(), _processor(), *sources)
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    path = root / f"delta_rnn-{digest}.so"
    with locked(root):
        if not path.is_file():
            new = path.with_suffix(".new")
            command = ["g++", *FLAGS, *LINK_FLAGS, "-o", str(new), str(SOURCE)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            except FileNotFoundError:
                raise NativeBuildError("g++ is missing; on Debian: apt-get install g++") from None
            if done.returncode:
                first = next((line for line in done.stderr.splitlines() if "error" in line), "no message")
                raise NativeBuildError(f"g++ cannot compile {SOURCE.name}: {first}")
            new.rename(path)
    return path


def _processor() -> str:
    """What -march=native depends on: the processor's features."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), platform.processor())


@cache
def library() -> ctypes.CDLL:
    """The loaded library.

    Raises:
        NativeBuildError: as from `build`.
    """
    return ctypes.CDLL(str(build()))
