"""The demonstration on a small network of random weights, with few utterances: every figure of its report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from reneta.scripts import make_examples
from reneta.scripts.demo import main, words
from reneta.scripts.demo.report import DATA, PAGE
from reneta.scripts.demo.runs import GoldenRuns, Run
from reneta.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from reneta.training.formats import BF16
from reneta.training.models import Classifier, NetworkConfig

CONFIG = "bf16_pe4"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint of eight units; of the utterances every eighth is taken."""
    example = load_checkpoint(make_examples.checkpoint_path("LSTM"))
    torch.manual_seed(7)
    config = NetworkConfig("LSTM", True, 16, 8, thx=0.2, thh=0.1, number_format=BF16)
    state = Classifier(config, len(example.labels)).state_dict()
    path = tmp_path / "small.pt"
    save_checkpoint(path, Checkpoint(config, example.labels, example.features, state))
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
