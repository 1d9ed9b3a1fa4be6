"""Files that simulations are built from: what a module needs, and what is generated for a configuration.

Everything that builds the design takes it from here: environments, the fast simulation, lint, synthesis.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reneta.golden.config import REPO, HwConfig
from reneta.scripts.gen_act_rom import write_roms
from reneta.scripts.gen_pkg import write_package

RTL = REPO / "rtl"
VERIF = REPO / "verif"
BUILD = REPO / "build"
# The same waivers as in `make lint`.
LINT_WAIVERS = REPO / "lint" / "verilator.vlt"
PACKAGE = "dtv1_pkg"
# Written for each configuration; the committed ones are those of the default configuration.
ROMS = ("dtv1_act_rom_fp", "dtv1_act_rom_fxp")
GENERATED = (PACKAGE, *ROMS)

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_MODULE_NAME = re.compile(r"\bdtv1(?:_[a-z0-9_]+)?\b")


@dataclass(frozen=True)
class SourceSet:
    """Files of one simulation in Verilator's order, the headers that they include, and the top."""

    top: str
    files: tuple[Path, ...]
    headers: tuple[Path, ...] = ()

    def digest(self, *extra: str) -> str:
        """Hash of names and contents of all files and of `extra` (flags, tool version)."""
        text = hashlib.sha256("\0".join((self.top, *extra)).encode())
        for file in (*self.files, *self.headers):
            text.update(f"\0{file.name}\0".encode() + file.read_bytes())
        return text.hexdigest()[:12]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `folder` (made when missing) against other processes and threads."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def modules_used(top_text: str, find: Callable[[str], Path | None]) -> dict[str, Path]:
    """Design files that a text needs, directly or not, as name -> file.

    Args:
        top_text: SystemVerilog of the top.
        find: gives the file of a module or package name, None where the name is neither.
    """
    found: dict[str, Path] = {}
    waiting = [top_text]
    while waiting:
        for name in sorted(set(_MODULE_NAME.findall(_COMMENT.sub(" ", waiting.pop())))):
            file = None if name in found else find(name)
            if file is not None:
                found[name] = file
                waiting.append(file.read_text(encoding="utf-8"))
    return found


def generated_files(config: HwConfig) -> Path:
    """Folder with the package of `config` and its tables; made when missing or older than its generators."""
    scripts = REPO / "scripts"
    makers = sorted([*(REPO / "golden").glob("*.py"), *scripts.glob("gen_*.py"), *scripts.glob("*_sv.py")])
    text = hashlib.sha256(config.model_dump_json().encode())
    for maker in makers:
        text.update(maker.read_bytes())
    folder = BUILD / "gen" / f"{config.name}-{text.hexdigest()[:12]}"
    with locked(folder):
        done = folder / ".done"
        if not done.exists():
            write_package(config, folder / f"{PACKAGE}.sv")
            write_roms(config, folder)
            done.touch()
    return folder


def design_files(top_file: Path, top: str, config: HwConfig, rtl_dir: Path = RTL) -> tuple[Path, ...]:
    """The packages and modules that a top needs, and the top, in this order.

    Only what the top needs is taken, so that an error elsewhere cannot break it.

    Args:
        top_file: SystemVerilog of the top.
        top: its module's name.
        config: configuration that the generated files are made for.
        rtl_dir: folder of the design; the mutation check gives a copy.
    """
    generated = generated_files(config)

    def find(name: str) -> Path | None:
        file = (generated if name in GENERATED else rtl_dir) / f"{name}.sv"
        return file if file.is_file() else None

    used = modules_used(top_file.read_text(encoding="utf-8"), find)
    used.pop(top, None)
    # Tools want packages before those who import them.
    order = sorted(used, key=lambda name: (not name.endswith("_pkg"), name))
    return (*(used[name] for name in order), top_file)
