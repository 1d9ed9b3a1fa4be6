"""Checkpoints: what is written is read again, and what is wrong is told in a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from reneta.training.checkpoint import (
    Checkpoint,
    TrainingState,
    build_classifier,
    load_checkpoint,
    save_checkpoint,
)
from reneta.training.errors import TrainingError
from reneta.training.formats import BF16
from reneta.training.models import Classifier, NetworkConfig
from reneta.training.tests.artificial import FILTERS, feature_info

CONFIG = NetworkConfig("LSTM", True, FILTERS, 6, thx=0.1, thh=0.1, number_format=BF16)
CLASSES = 3


def checkpoint(model: Classifier) -> Checkpoint:
    info = feature_info(CLASSES)
    return Checkpoint(CONFIG, info.labels, info, model.state_dict(), {"accuracy": 0.5})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "new" / "best.pt"
    save_checkpoint(written, checkpoint(Classifier(CONFIG, CLASSES)))
    return written


def test_what_is_read_computes_the_same(tmp_path: Path) -> None:
    model = Classifier(CONFIG, CLASSES).eval()
    save_checkpoint(tmp_path / "best.pt", checkpoint(model))
    read = load_checkpoint(tmp_path / "best.pt")
    assert (read.config, read.labels, read.features) == (CONFIG, ("word0", "word1", "word2"), feature_info(3))
    assert read.metrics == {"accuracy": 0.5}
    features, lengths = torch.randn(7, 2, FILTERS), torch.tensor([7, 3])
    assert torch.equal(build_classifier(read)(features, lengths)[0], model(features, lengths)[0])


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"there is no checkpoint .*none\.pt; --step pretrain"):
        load_checkpoint(tmp_path / "none.pt")


@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.98])
def test_a_file_that_is_cut_off(path: Path, kept: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(kept if kept > 1 else kept * len(content))])
    with pytest.raises(TrainingError, match=r"best\.pt: cut off, or no checkpoint") as told:
        load_checkpoint(path)
    assert "\n" not in str(told.value)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_text("hello")
    with pytest.raises(TrainingError, match="cut off, or no checkpoint"):
        load_checkpoint(tmp_path / "a.pt")
    torch.save({"weights": torch.ones(3)}, tmp_path / "b.pt")
    with pytest.raises(TrainingError, match="no file of the format reneta-checkpoint"):
        load_checkpoint(tmp_path / "b.pt")


class Payload:
    """Unpickling it would run code."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('code of a checkpoint was run')",))


def test_a_file_cannot_run_code(tmp_path: Path) -> None:
    torch.save({"format": "reneta-checkpoint", "version": 1, "config": Payload()}, tmp_path / "a.pt")
    with pytest.raises(TrainingError, match="cut off, or no checkpoint"):
        load_checkpoint(tmp_path / "a.pt")


def change(path: Path, **changes: Any) -> None:
    content = torch.load(path, weights_only=True)
    torch.save({**content, **changes}, path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 2}, "version 2 of reneta-checkpoint, this program reads 1"),
        ({"labels": []}, "the checkpoint has no labels"),
        ({"labels": ["a", "b"]}, "cl.bias is 3, the network's is 2"),
        ({"config": {**CONFIG.to_dict(), "rnn_size": 7}}, "cl.weight is 3 x 6, the network's is 3 x 7"),
        ({"config": {**CONFIG.to_dict(), "rnn_type": "RNN"}}, "holds what cannot be"),
        ({"config": {**CONFIG.to_dict(), "input_size": 9}}, "takes 9 features, those described are 16"),
        ({"config": {"rnn_type": "LSTM"}}, "configuration lacks"),
        ({"state_dict": {}}, "cl.bias is missing, the network has it"),
        ({"metrics": {"accuracy": "high"}}, "holds what cannot be"),
        ({"features": {}}, "no description of features"),
    ],
)
def test_a_checkpoint_that_cannot_be(path: Path, changes: dict[str, Any], said: str) -> None:
    change(path, **changes)
    with pytest.raises(TrainingError) as told:
        load_checkpoint(path)
    assert said in str(told.value)
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("key", ["config", "labels", "features", "state_dict", "metrics"])
def test_a_checkpoint_that_lacks_something(path: Path, key: str) -> None:
    content = torch.load(path, weights_only=True)
    del content[key]
    torch.save(content, path)
    with pytest.raises(TrainingError, match=f"{key} is missing in it"):
        load_checkpoint(path)


def test_a_layer_too_many(path: Path) -> None:
    content = torch.load(path, weights_only=True)
    change(path, state_dict={**content["state_dict"], "rnn.weight_ih_l1": torch.ones(24, 6)})
    with pytest.raises(TrainingError, match=r"rnn\.weight_ih_l1 \(24 x 6\) is there, the network has none"):
        load_checkpoint(path)


def test_a_write_that_fails_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(TrainingError, match="No space left on device"):
        save_checkpoint(path, checkpoint(Classifier(CONFIG, CLASSES)))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_state_is_no_checkpoint(tmp_path: Path) -> None:
    state = TrainingState({"--lr": "1"}, 1, {}, {}, {}, (0.5, 1.0), [{"epoch": 1}])
    state.save(tmp_path / "last.pt")
    assert TrainingState.load(tmp_path / "last.pt") == state
    with pytest.raises(TrainingError, match="no file of the format reneta-checkpoint"):
        load_checkpoint(tmp_path / "last.pt")
