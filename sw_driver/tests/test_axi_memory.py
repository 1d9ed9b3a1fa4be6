"""The DRAM model and its checks of the bus, in C++ without a chip."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reneta.sw_driver.fast_sim import build

SOURCE = Path(__file__).resolve().parent / "axi_memory_test.cpp"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("axi_memory") / "test"
    flags = ("-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined")
    command = ["g++", *flags, "-o", str(made), str(SOURCE), str(build.HERE / "axi_memory.cpp")]
    subprocess.run(command, check=True)
    return made


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("words", "8/0 9/0L 32/0L"),
        ("read latency", "10"),
        ("write latency", "5"),
        ("read pace 1", "127"),
        ("read pace 3/4", "169"),
        ("write pace 1", "127"),
        ("write pace 1/2", "253"),
        ("reads in flight", "4"),
        ("order", "8/0L 99/0L"),
        ("errors", "2 1/0 /2L 9 3"),
        ("strobes", "0 8"),
    ],
)
def test_memory(program: Path, case: str, says: str) -> None:
    assert found(program, case) == says


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("fixed burst", "AR: the burst of 4 words at 0x00000040 is not incrementing"),
        ("narrow", "AR: the burst of 4 words at 0x00000040 is not as wide as the bus"),
        ("unaligned", "AR: the burst of 4 words at 0x0000003c does not begin at a word"),
        ("page", "AR: the burst of 4 words at 0x00000fe8 crosses a 4 KiB boundary"),
        ("id", "AR: the burst of 4 words at 0x00000040 has another ID"),
        ("early last", "W: WLAST is 1 at word 2 of 4 at 0x00000040"),
        ("no last", "W: WLAST is 0 at word 4 of 4 at 0x00000040"),
        ("part of a word", "W: strobes for a part of a word"),
        ("address withdrawn", "AR: an offer was withdrawn"),
        ("address changed", "AW: an offer changed while it waited, to address 0x00000100"),
        ("word withdrawn", "W: a word was withdrawn"),
        ("word changed", "W: a word changed while it waited"),
    ],
)
def test_broken_rules_are_found(program: Path, case: str, says: str) -> None:
    assert found(program, case) == says


def found(program: Path, case: str) -> str:
    done = subprocess.run([str(program), case], capture_output=True, text=True, check=True)
    return done.stdout.removesuffix("\n")
