"""The set-up: what it says on a machine that lacks something, when it does nothing, what a failure leaves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reneta.scripts import setup


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in which no .venv is made yet, on a machine that has all it needs and no Verilator."""
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text(f"# {name}\n", encoding="utf-8")
    monkeypatch.setattr(setup, "REPO", tmp_path)
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "STAMP", tmp_path / ".venv" / ".reneta-setup")
    monkeypatch.setattr(setup, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(setup, "PYPROJECT", tmp_path / "pyproject.toml")
    monkeypatch.setattr(setup, "CONSTRAINTS", tmp_path / "constraints.txt")
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "verilator" else f"/usr/bin/{name}")
    return tmp_path


class Commands:
    """Stands in for subprocess.run: notes what is run, makes an empty environment, fails on demand."""

    def __init__(self, venv: Path) -> None:
        self.venv = venv
        self.log: list[str] = []
        self.failing = ""

    def __call__(self, command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        text = " ".join(str(part) for part in command)
        kind = next(kind for kind in ("-m venv", "-m pip", "-c import", "--version") if kind in text)
        self.log.append(kind)
        if kind == "-m venv":
            (self.venv / "bin").mkdir(parents=True)
            (self.venv / "bin" / "python").write_text("", encoding="utf-8")
            (self.venv / "bin" / "pip").write_text(f"#!{self.venv}/bin/python\n", encoding="utf-8")
        if kind == self.failing:
            raise subprocess.CalledProcessError(1, command)
        answer = f"{sys.version_info[0]} {sys.version_info[1]}\n"
        return subprocess.CompletedProcess(command, 0, stdout=answer, stderr="")


@pytest.fixture
def commands(repo: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """The commands that the set-up would run."""
    fake = Commands(repo / ".venv")
    monkeypatch.setattr(subprocess, "run", fake)
    return fake


def test_second_call_does_nothing(commands: Commands) -> None:
    assert setup.main() == 0
    assert commands.log == ["-m venv", "-m pip"]
    assert setup.main() == 0
    assert commands.log == ["-m venv", "-m pip"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_requirement_is_installed_into_the_same_environment(
    repo: Path, commands: Commands, name: str
) -> None:
    setup.main()
    (repo / name).write_text("# changed\n", encoding="utf-8")
    commands.log.clear()
    assert setup.main() == 0
    assert commands.log == ["-c import", "-m pip"]


def test_a_deleted_environment_is_made_again(repo: Path, commands: Commands) -> None:
    setup.main()
    shutil.rmtree(repo / ".venv")
    assert setup.main() == 0
    assert commands.log == ["-m venv", "-m pip"] * 2


def test_a_copied_environment_is_made_again(repo: Path, commands: Commands) -> None:
    setup.main()
    (repo / ".venv" / "bin" / "pip").write_text("#!/elsewhere/.venv/bin/python\n", encoding="utf-8")
    (repo / ".venv" / ".reneta-setup").write_text("hash of the other path\n", encoding="utf-8")
    assert setup.main() == 0
    assert commands.log == ["-m venv", "-m pip"] * 2


def test_an_environment_without_stamp_is_completed(repo: Path, commands: Commands) -> None:
    setup.main()
    (repo / ".venv" / ".reneta-setup").unlink()
    assert setup.main() == 0
    assert commands.log == ["-m venv", "-m pip", "-c import", "-m pip"]


@pytest.mark.parametrize("failing", ["-m venv", "-m pip"])
def test_a_failed_first_set_up_leaves_nothing(
    repo: Path, commands: Commands, capsys: pytest.CaptureFixture[str], failing: str
) -> None:
    commands.failing = failing
    assert setup.main() == 1
    assert not (repo / ".venv").exists()
    expected = f"setup: {failing.removeprefix('-m ')} failed, see above; no .venv was left behind\n"
    assert capsys.readouterr().err == expected


def test_a_failed_update_is_tried_again(repo: Path, commands: Commands) -> None:
    setup.main()
    before = (repo / "pyproject.toml").read_bytes()
    (repo / "pyproject.toml").write_text("# changed\n", encoding="utf-8")
    commands.failing = "-m pip"
    assert setup.main() == 1
    assert (repo / ".venv").is_dir()
    # Also where the change is taken back, as pip may have been half done.
    (repo / "pyproject.toml").write_bytes(before)
    commands.failing = ""
    commands.log.clear()
    assert setup.main() == 0
    assert commands.log == ["-c import", "-m pip"]


def test_a_set_up_that_was_killed_is_begun_again(repo: Path, commands: Commands) -> None:
    setup.main()
    (repo / ".venv" / ".reneta-setup").write_text(setup.PARTIAL, encoding="utf-8")
    commands.log.clear()
    assert setup.main() == 0
    assert commands.log == ["-m venv", "-m pip"]


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ({"g++"}, "missing g++; on Debian: apt-get install g++"),
        ({"perl", "g++"}, "missing g++, perl; on Debian: apt-get install g++ perl"),
        ({"git", "make"}, "missing git, make; on Debian: apt-get install git make"),
    ],
)
def test_missing_commands_name_their_packages(
    repo: Path,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    missing: set[str],
    says: str,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name in missing else f"/usr/bin/{name}")
    assert setup.main() == 1
    assert capsys.readouterr().err == f"setup: {says}\n"
    assert commands.log == []
    assert not (repo / ".venv").exists()


def test_missing_venv_names_its_package(
    repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "find_spec", lambda _: None)
    assert setup.main() == 1
    assert "missing Python's venv; on Debian: apt-get install python3-venv\n" in capsys.readouterr().err
    assert not (repo / ".venv").exists()


def test_an_old_python_is_refused(
    repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "MIN_PYTHON", (sys.version_info[0], sys.version_info[1] + 1))
    assert setup.main() == 1
    assert "or newer is needed" in capsys.readouterr().err
    assert not (repo / ".venv").exists()


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ("Verilator 5.036 2025-04-27 rev v5.036", "5.036"),
        ("Verilator 6.000 2030-01-01", "6.000"),
        ("Verilator 5.035 2025-02-01", None),
        ("Verilator 5.006 2023-01-22 rev (Debian 5.006-3)", None),
        ("", None),
    ],
)
def test_system_verilator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, version: str | None
) -> None:
    command = tmp_path / "verilator"
    command.write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert setup.system_verilator() == version


@pytest.mark.usefixtures("repo")
def test_fingerprint_depends_on_where_verilator_comes_from() -> None:
    assert setup.fingerprint("5.036") != setup.fingerprint(None)
    assert setup.fingerprint("5.036") == setup.fingerprint("5.040")
