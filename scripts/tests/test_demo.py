"""The demonstration on a small network of random weights, with few utterances: every figure of its report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from reneta.compiler.compile import compile_network
from reneta.compiler.frontends import load_network
from reneta.golden.config import load_config
from reneta.scripts import make_examples
from reneta.scripts.demo import main, training_step, words
from reneta.scripts.demo.report import DATA, PAGE
from reneta.scripts.demo.runs import GoldenRuns, Run
from reneta.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from reneta.training.formats import BF16
from reneta.training.models import Classifier, NetworkConfig

CONFIG = "bf16_pe4"


def save_small(path: Path, rnn_type: str = "LSTM", layers: int = 1) -> Path:
    """A checkpoint of eight units."""
    example = load_checkpoint(make_examples.checkpoint_path("LSTM"))
    torch.manual_seed(7)
    config = NetworkConfig(rnn_type, True, 16, 8, layers, thx=0.2, thh=0.1, number_format=BF16)
    state = Classifier(config, len(example.labels)).state_dict()
    save_checkpoint(path, Checkpoint(config, example.labels, example.features, state))
    return path


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint; of the utterances every eighth is taken."""
    path = save_small(tmp_path / "small.pt")
    some = make_examples.utterance_files()[::8]
    monkeypatch.setattr(words, "utterance_files", lambda: some)
    return path


def test_the_report_has_every_figure(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main.main(["--checkpoint", str(small), "--config", CONFIG, "--out", str(out)]) == 0
    found = json.loads((out / DATA).read_text(encoding="utf-8"))
    assert len(found["words"]) == 6
    assert found["different"] == []
    assert [word["golden"] for word in found["words"]] == [word["rtl"] for word in found["words"]]
    assert found["speedup"] > 1.2
    assert 0 < found["dram_traffic_saved"] < 1
    assert 0 < found["sparse"]["utilisation"] < 1
    assert found["training"]["loss_after"] < found["training"]["loss_before"]
    assert set(found["training"]["rounded"]) == {"rnn.l0.wx", "rnn.l0.wh", "rnn.l0.bias", "cl.w", "cl.bias"}
    assert max(found["training"]["rounded"].values()) < 0.1
    assert len(found["zeros"]["Δx of rnn.l0"]) == 61
    page = (out / PAGE).read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    printed = capsys.readouterr().out
    assert "bit-equal after 6 of 6" in printed
    assert "speed-up" in page


def test_layers_that_the_machine_cannot_train(small: Path, tmp_path: Path) -> None:
    out, gru = tmp_path / "out", save_small(small, "GRU")
    assert main.main(["--checkpoint", str(gru), "--config", CONFIG, "--out", str(out)]) == 0
    found = json.loads((out / DATA).read_text(encoding="utf-8"))
    assert found["training"] is None
    assert found["different"] == []
    assert "no training step" in (out / PAGE).read_text(encoding="utf-8")


@pytest.mark.parametrize(("config", "most"), [("bf16_pe4", 0.05), ("fxp16_pe4", 0.2)])
def test_gradients_are_compared_in_the_machines_numbers(tmp_path: Path, config: str, most: float) -> None:
    """Two layers; the network was made for bfloat16, whatever the machine has; fixed point rounds more."""
    path, hw = save_small(tmp_path / "two.pt", layers=2), load_config(config)
    checkpoint = load_checkpoint(path)
    (utterance,) = words.load_utterances(checkpoint, make_examples.utterance_files()[-1:])
    x = utterance.features[:20]
    image = compile_network(load_network(path), hw, len(x), train=True).image
    trained = training_step.train_once(checkpoint, image, x, 3, 0.01)
    assert len(trained.rounded) == 8
    assert max(trained.rounded.values()) < most
    assert trained.rounded["cl.w"] < 1e-4


def test_memories_that_differ_are_told(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As if the golden machine had not run."""

    class Other(GoldenRuns):
        def result(self) -> list[Run]:
            *found, last = super().result()
            return [*found, replace(last, memory="other")]

    monkeypatch.setattr(main, "GoldenRuns", Other)
    out = tmp_path / "out"
    assert main.main(["--checkpoint", str(small), "--config", CONFIG, "--out", str(out)]) == 1
    assert "differ after up/0.ogg" in capsys.readouterr().err


def test_mistakes_take_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--checkpoint", str(tmp_path / "none.pt")]) == 1
    line = capsys.readouterr().err
    assert "none.pt" in line
    assert line.count("\n") == 1
