"""The Makefile: its help is complete, each target sets up first, variables arrive as options."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from reneta.golden.config import REPO

TEXT = (REPO / "Makefile").read_text(encoding="utf-8")
PHONY = next(line for line in TEXT.splitlines() if line.startswith(".PHONY:")).split()[1:]
WITHOUT_SETUP = {"help", "setup", "clean", "distclean"}


def make(*arguments: str) -> list[str]:
    """The lines that make prints; fails the test when make does."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    command = ["make", *arguments]
    return subprocess.run(
        command, cwd=REPO, env=env, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def options(*arguments: str) -> list[str]:
    """The words after the script's name in the last command that a make with these arguments would run."""
    words = " ".join(make("-n", *arguments)).replace("\\", " ").split()
    return words[max(i for i, word in enumerate(words) if word.startswith("reneta.scripts.")) + 1 :]


def test_help_is_the_default_and_lists_every_target() -> None:
    lines = make("help")
    assert lines == make()
    assert [line.split()[1] for line in lines] == PHONY
    assert all(len(line) <= 110 for line in lines)


@pytest.mark.parametrize("target", sorted(set(PHONY) - WITHOUT_SETUP))
def test_targets_set_up_first(target: str) -> None:
    assert re.search(rf"^{target}: setup ##", TEXT, re.MULTILINE)


def test_every_command_exists() -> None:
    modules = set(re.findall(r"\$\(RUN\)\.(\w+)", TEXT))
    assert modules
    assert not [name for name in modules if not (REPO / "scripts" / f"{name}.py").is_file()]


def test_variables_become_options() -> None:
    given = ("MODULE=dtv1_ccm", "CONFIG=configs/bf16_pe4.yaml", "TEST=Smoke", "SEED=7", "SIM=verilator")
    expected = "--module 'dtv1_ccm' --config 'configs/bf16_pe4.yaml' --test 'Smoke' --seed '7'"
    assert options("sim", *given, "WAVES=1", "COV=1") == [
        *expected.split(),
        *("--waves", "--cov", "--sim", "'verilator'"),
    ]
    assert options("sim", "WAVES=0", "COV=") == []
    image = ("CHECKPOINT=examples/a b.pt", "OUT=build/image", "STEPS=61", "TRAIN=1")
    words = ["compile", "'examples/a", "b.pt'", "--out", "'build/image'", "--steps", "'61'", "--train"]
    assert options("image", *image) == words
    assert options("regress", "SEEDS=3", "MODULES=dtv1_fifo dtv1_ccm") == [
        *("--seeds", "'3'", "--modules", "'dtv1_fifo", "dtv1_ccm'"),
    ]
    assert options("mutate", "MODULE=dtv1_ccm") == ["--module", "'dtv1_ccm'"]
    assert options("synth", "MODULE=dtv1_ccm", "PNR=0") == ["--module", "'dtv1_ccm'", "--pnr", "'0'"]
