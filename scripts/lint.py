"""Check the RTL, the Python code and the generated files; what `make lint` and `make format` run.

    python -m reneta.scripts.lint [--format] [CHECK ...]

Every check runs even when another one fails. It prints a line for each, and the complaints of failed ones.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from reneta.golden.config import CONFIG_DIR, REPO, load_config
from reneta.scripts.sources import PACKAGE, RTL, VERIF, generated_files
from reneta.scripts.toolpath import verilator_environment

BIN = Path(sys.executable).parent
LINT = REPO / "lint"
FORMAL = REPO / "formal"
# Written by peakrdl-regblock in a style of its own; Verilator looks at it all the same.
FOREIGN = ("dtv1_regs.sv", "dtv1_regs_pkg.sv")
REGISTER_PACKAGE = RTL / "dtv1_regs_pkg.sv"
# Both formats, a wide and a narrow array.
CONFIGS = ("bf16_pe16.yaml", "bf16_pe4.yaml", "fxp16_pe4.yaml")


@dataclass(frozen=True)
class Outcome:
    """What a check found: the complaints (empty where all is well) and the number of things looked at."""

    complaints: str
    looked_at: str


def _run(*command: str | Path, env: dict[str, str] | None = None, silent: bool = False) -> str:
    """All that a command printed where it failed, else the empty string.

    A `silent` one has failed when it printed anything, whatever its exit code.
    """
    done = subprocess.run(
        [str(part) for part in command],
        cwd=REPO,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode == 0 and not (silent and done.stdout):
        return ""
    return done.stdout or f"{command[0]} failed with exit code {done.returncode}\n"


def design_files() -> list[Path]:
    """All SystemVerilog files of the repository, headers too."""
    return sorted([*RTL.glob("*.sv*"), *VERIF.glob("*/*.sv*"), *FORMAL.glob("*.sv*")])


def own_files() -> list[Path]:
    """Those of them that are in the project's style."""
    return [file for file in design_files() if file.name not in FOREIGN]


def python_files() -> str:
    """How many Python files there are, in words."""
    folders = [path for path in REPO.iterdir() if path.is_dir() and not path.name.startswith((".", "build"))]
    return f"{sum(1 for folder in folders for _ in folder.rglob('*.py'))} files"


def _verilator_commands() -> Iterator[tuple[str | Path, ...]]:
    """A command for each module in several configurations, with that module as the top."""
    for file in CONFIGS:
        generated = generated_files(load_config(CONFIG_DIR / file))
        package = generated / f"{PACKAGE}.sv"
        for source in design_files():
            if source.name in (package.name, REGISTER_PACKAGE.name) or source.suffix == ".svh":
                continue
            top = "tb" if source.name.startswith("tb_") else source.stem
            yield (
                *("verilator", "--lint-only", "-Wall", "--top-module", top, LINT / "verilator.vlt"),
                # Modules and headers are found by name, those generated for the configuration first.
                *("-y", generated, "-y", RTL, "-y", FORMAL, package, REGISTER_PACKAGE, source),
            )


def _messages(output: str) -> list[str]:
    """Verilator's messages: what and where, once each, as many tops and configurations give the same ones."""
    blocks = re.split(r"^(?=%)", output, flags=re.MULTILINE)
    # The first three lines are the message, the source line and its mark; the rest is advice.
    short = ["".join(block.splitlines(keepends=True)[:3]) for block in blocks]
    return list(dict.fromkeys(block for block in short if block and "Exiting due to" not in block))


def check_verilator() -> Outcome:
    """Verilator with all warnings, every module as the top, in several configurations."""
    env = verilator_environment()
    commands = list(_verilator_commands())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outputs = pool.map(lambda command: _run(*command, env=env), commands)
        complaints = _messages("".join(outputs))
    return Outcome("".join(complaints), f"{len(commands)} elaborations")


def check_verible_lint() -> Outcome:
    """Verible's style rules."""
    files = own_files()
    options = ("--rules_config", LINT / "verible.rules", "--waiver_files", LINT / "verible.waiver")
    return Outcome(_run(BIN / "verible-verilog-lint", *options, *files), f"{len(files)} files")


def check_verible_format() -> Outcome:
    """Whether verible-verilog-format would change anything."""
    files = own_files()
    # With --verify nothing is written; --inplace only allows several files. A syntax error gives exit code 0.
    complaints = _run(BIN / "verible-verilog-format", "--verify", "--inplace", *files, silent=True)
    return Outcome(complaints, f"{len(files)} files")


def check_ruff() -> Outcome:
    """Ruff's rules and its formatter."""
    concise = ("--quiet", "--output-format", "concise")
    rules = _run(BIN / "ruff", "check", *concise, ".")
    return Outcome(rules + _run(BIN / "ruff", "format", "--check", *concise, "."), python_files())


def check_mypy() -> Outcome:
    """Types, strictly."""
    return Outcome(_run(BIN / "mypy"), python_files())


def check_generated() -> Outcome:
    """Whether the committed generated files are what their generators write."""
    generators = ("gen_pkg", "gen_act_rom", "gen_regs", "config_doc", "isa_doc", "step_budget")
    complaints = [_run(sys.executable, "-m", f"reneta.scripts.{name}", "--check") for name in generators]
    return Outcome("".join(complaints), f"{len(generators)} generators")


CHECKS: dict[str, Callable[[], Outcome]] = {
    "verilator": check_verilator,
    "verible-lint": check_verible_lint,
    "verible-format": check_verible_format,
    "ruff": check_ruff,
    "mypy": check_mypy,
    "generated": check_generated,
}


def run_checks(names: list[str]) -> bool:
    """Run checks by name and print what they found; returns whether all is well."""
    clean = True
    for name in names:
        start = time.monotonic()
        outcome = CHECKS[name]()
        verdict = "FAILED" if outcome.complaints else "ok"
        seconds = time.monotonic() - start
        print(f"{verdict:6}  {name:14}  {outcome.looked_at:>16}  {seconds:6.1f} s", flush=True)
        if outcome.complaints:
            clean = False
            print(outcome.complaints.rstrip(), flush=True)
    return clean


def apply_formats() -> bool:
    """Rewrite all sources in the project's format; returns whether every formatter could read them."""
    complaints = (
        _run(BIN / "ruff", "check", "--quiet", "--fix-only", ".")
        + _run(BIN / "ruff", "format", "--quiet", ".")
        + _run(BIN / "verible-verilog-format", "--inplace", "--failsafe_success=false", *own_files())
    )
    print(complaints, end="")
    return not complaints


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="lint", description="Check all sources, or format them")
    parser.add_argument("--format", action="store_true", help="rewrite the sources instead of checking them")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=f"of {', '.join(CHECKS)}; default: all")
    args = parser.parse_args(argv)
    unknown = [name for name in args.checks if name not in CHECKS]
    if unknown:
        parser.error(f"no such check: {', '.join(unknown)}; known: {', '.join(CHECKS)}")
    clean = apply_formats() if args.format else run_checks(args.checks or list(CHECKS))
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
