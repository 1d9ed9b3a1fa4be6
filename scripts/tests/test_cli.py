"""The command `reneta`: help, unknown commands, the way to a subcommand."""

from __future__ import annotations

import pytest

from reneta.scripts import cli


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in cli.COMMANDS)


def test_no_command_and_an_unknown_one_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "usage" in capsys.readouterr().err
    assert cli.main(["trian"]) == 2
    line = capsys.readouterr().err
    assert "'trian'" in line
    assert "train" in line
    assert line.count("\n") == 1


def test_a_subcommand_gets_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "--step", "pretrian"]) == 2
    assert capsys.readouterr().err.startswith("reneta train: --step pretrian")
