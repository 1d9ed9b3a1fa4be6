"""The steps pretrain, retrain and test on the command line, and what is said of what does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from reneta.training import cli
from reneta.training.checkpoint import load_checkpoint
from reneta.training.data.feature_set import FeatureSet
from reneta.training.data.options import DataOptions
from reneta.training.models import Classifier
from reneta.training.tests import artificial

NAME = "lstm-1x8-s0"
DELTA_NAME = "deltalstm-1x8-x0.1-h0.1-s0"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    artificial.write_features(tmp_path)
    return tmp_path


def run(out: Path, *more: str) -> int:
    return cli.main(artificial.arguments(out, *more))


def best(out: Path, step: str, name: str) -> Path:
    return out / "gscdv2" / step / name / "best.pt"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What an error said: one line."""
    told = capsys.readouterr().err
    assert told.startswith("reneta train: ")
    assert told.count("\n") == 1
    return told


def test_all_three_steps(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(out, "--run_through", "1", "--epochs_pretrain", "6", "--epochs_retrain", "4") == 0
    results = {}
    for step, name in (("pretrain", NAME), ("retrain", DELTA_NAME)):
        path = best(out, step, name)
        results[step] = json.loads(path.with_name("best.test.json").read_text())
        assert results[step]["checkpoint"] == str(path)
        assert results[step]["labels"] == ["word0", "word1", "word2", "word3"]
        confusion = torch.tensor(results[step]["confusion"])
        assert confusion.sum(1).tolist() == [artificial.COUNTS["test"]] * 4
        assert results[step]["accuracy"] == float(confusion.diagonal().sum()) / 24
        assert results[step]["accuracy"] > 0.9
    assert "sparsity" not in results["pretrain"]
    for share in ("sparsity_x", "sparsity_h", "sparsity", "saved_forward", "saved_backward"):
        assert 0 < results["retrain"][share] < 1
    shown = capsys.readouterr().out
    assert "deltalstm-1x8-x0.1-h0.1" in shown
    assert "saved backward" in shown
    assert "word3" in shown


def test_retraining_begins_with_the_pretrained_parameters(out: Path) -> None:
    assert run(out) == 0
    assert run(out, "--step", "retrain", "--epochs_retrain", "1", "--lr", "1e-9", "--lr_end", "0") == 0
    before = load_checkpoint(best(out, "pretrain", NAME))
    after = load_checkpoint(best(out, "retrain", DELTA_NAME))
    assert after.config.delta
    assert (after.config.thx, after.config.thh) == (0.1, 0.1)
    for name, value in before.state_dict.items():
        assert torch.allclose(after.state_dict[name], value, atol=1e-6), name


def test_the_first_epoch_of_retraining_warms_up(out: Path) -> None:
    run(out)
    run(out, "--step", "retrain")
    rows = best(out, "retrain", DELTA_NAME).with_name("log.csv").read_text().splitlines()
    assert [row.split(",")[1] for row in rows] == ["lr", "0.002", "0.02"]


@pytest.mark.parametrize("more", [("--bf16", "1"), ("--qa", "1", "--qw", "1", "--aqi", "3", "--aqf", "5")])
def test_quantised_delta_networks(out: Path, more: tuple[str, ...]) -> None:
    assert run(out, "--rnn_type", "GRU") == 0
    assert run(out, "--rnn_type", "GRU", "--step", "retrain", *more) == 0
    assert run(out, "--rnn_type", "GRU", "--step", "test", *more) == 0
    (path,) = (out / "gscdv2" / "retrain").glob("*/best.pt")
    assert load_checkpoint(path).config.number_format.rounds_activations


def test_the_test_takes_any_checkpoint(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(out)
    (out / "elsewhere").mkdir()
    path = best(out, "pretrain", NAME).rename(out / "elsewhere" / "mine.pt")
    capsys.readouterr()
    assert run(out, "--step", "test", "--path_net", str(path)) == 0
    assert json.loads((out / "elsewhere" / "mine.test.json").read_text())["utterances"] == 24


def test_no_features(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 1
    assert "features.json; make it with --step feature" in said(capsys)
    assert list(tmp_path.iterdir()) == []


def test_a_set_that_is_missing_cut_off_or_of_other_labels(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    valid = out / "gscdv2" / "features" / "valid.npz"
    content = valid.read_bytes()
    valid.unlink()
    assert run(out) == 1
    assert "there is no" in said(capsys)
    valid.write_bytes(content[:1000])
    assert run(out) == 1
    assert "valid.npz: cut off" in said(capsys)
    artificial.feature_set("valid", 3).save(valid)
    assert run(out) == 1
    assert "valid.npz does not belong to the features.json beside it" in said(capsys)
    artificial.feature_set("valid", 4).subset([]).save(valid)
    assert run(out) == 1
    assert "valid.npz has no utterances" in said(capsys)


def test_no_pretrained_network(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(out, "--step", "retrain") == 1
    told = said(capsys)
    assert f"there is no pretrained network {best(out, 'pretrain', NAME)}" in told
    assert "run --step pretrain" in told


def test_no_network_to_test(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(out, "--step", "test") == 1
    assert "these options trained no network" in said(capsys)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (("--rnn_size", "9"), "its network has 8 for --rnn_size, not 9"),
        (("--rnn_type", "GRU"), "its network has LSTM for --rnn_type, not GRU"),
        (("--rnn_layers", "2"), "its network has 1 for --rnn_layers, not 2"),
    ],
)
def test_a_pretrained_network_of_another_shape(
    out: Path, more: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(out)
    path = str(best(out, "pretrain", NAME))
    assert run(out, "--step", "retrain", "--path_net_pretrain", path, *more) == 1
    assert expected in said(capsys)
    assert not (out / "gscdv2" / "retrain").exists()


def test_a_pretrained_network_that_is_cut_off(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(out)
    path = best(out, "pretrain", NAME)
    path.write_bytes(path.read_bytes()[:-100])
    assert run(out, "--step", "retrain") == 1
    assert "best.pt: cut off, or no checkpoint" in said(capsys)


def test_a_network_of_other_labels(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(out)
    artificial.write_features(out, 5)
    for step in ("retrain", "test"):
        assert run(out, "--step", step) == 1
        assert "its 4 labels are not the features' 5 (not in both: word4)" in said(capsys)


def test_a_network_of_other_features(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(out)
    described = out / "gscdv2" / "features" / "features.json"
    described.write_text(described.read_text().replace('"mean": -1.0', '"mean": -2.0'))
    assert run(out, "--step", "test") == 1
    assert "trained on features that were made or normalised otherwise" in said(capsys)


def test_a_run_that_is_interrupted(
    out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Classifier, "classify", interrupted)
        assert run(out) == 130
    assert "the same command goes on" in said(capsys)
    assert run(out) == 0


def test_results_that_cannot_be_written(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (out / "gscdv2" / "pretrain").write_text("in the way")
    assert run(out) == 1
    assert "cannot write" in said(capsys)


def test_a_missing_data_folder_stops_the_steps_that_follow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--step", "prepare", "--run_through", "1", "--data_dir", str(tmp_path / "nowhere"))
    assert run(tmp_path / "out", *more) == 1
    assert "nowhere" in said(capsys)


def test_all_steps_on_synthesised_words(tiny_set: DataOptions, tmp_path: Path) -> None:
    more = ("--data_dir", str(tiny_set.data_dir), "--words", "yes,no,up,down", "--processes", "1")
    assert run(tmp_path, *more, "--step", "prepare", "--run_through", "1", "--batch_size", "8") == 0
    path = best(tmp_path, "retrain", DELTA_NAME)
    assert load_checkpoint(path).labels == ("yes", "no", "up", "down", "_silence_", "_unknown_")
    tested = json.loads(path.with_name("best.test.json").read_text())
    assert tested["utterances"] == len(FeatureSet.load(tiny_set.feature_dir / "test.npz"))
