"""The study over thresholds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reneta.training import cli
from reneta.training.tests import artificial

MORE = ("--step", "sweep", "--thresholds", "0,0.2", "--epochs_pretrain", "5")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    artificial.write_features(tmp_path)
    return tmp_path


def test_a_sweep(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(artificial.arguments(out, *MORE)) == 0
    folder = out / "gscdv2" / "sweep" / "1x8-s0"
    rows = json.loads((folder / "results.json").read_text())
    assert [(row["rnn_type"], row["threshold"]) for row in rows] == [
        (kind, threshold) for kind in ("LSTM", "GRU") for threshold in (None, 0.0, 0.2)
    ]
    for plain, exact, sparse in (rows[:3], rows[3:]):
        assert plain["network"].startswith(plain["rnn_type"].lower())
        assert "sparsity" not in plain
        assert exact["sparsity"] == 0
        assert 0 < sparse["saved_backward"] < 1
        assert min(row["accuracy"] for row in (plain, exact, sparse)) > 0.7
    table = (folder / "table.md").read_text()
    assert table.count("\n") == 8
    assert "| DeltaGRU | 0.2 | " in table
    assert table in capsys.readouterr().out
    assert (folder / "sweep.png").read_bytes().startswith(b"\x89PNG")
    assert "DeltaLSTM" in (folder / "sweep.svg").read_text()


def test_a_sweep_that_is_repeated_trains_nothing_again(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = (*MORE, "--rnn_types", "LSTM")
    assert cli.main(artificial.arguments(out, *more)) == 0
    svg = out / "gscdv2" / "sweep" / "1x8-s0" / "sweep.svg"
    before = svg.read_bytes()
    capsys.readouterr()
    assert cli.main(artificial.arguments(out, *more)) == 0
    assert capsys.readouterr().out.count("finished before") == 3
    assert svg.read_bytes() == before


def test_a_sweep_over_a_given_network(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(artificial.arguments(out)) == 0
    given = out / "gscdv2" / "pretrain" / "lstm-1x8-s0" / "best.pt"
    more = (*MORE, "--path_net_pretrain", str(given))
    assert cli.main(artificial.arguments(out, *more, "--rnn_types", "LSTM")) == 0
    assert cli.main(artificial.arguments(out, *more, "--rnn_types", "GRU")) == 1
    assert "its network has LSTM for --rnn_type, not GRU" in capsys.readouterr().err
