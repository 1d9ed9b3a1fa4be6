"""The committed examples: networks that load, utterances that they recognise as was written down."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import torch

from reneta.scripts import make_examples as made
from reneta.training.checkpoint import load_checkpoint
from reneta.training.data.audio import read_audio


def test_they_are_many_and_small() -> None:
    files = made.utterance_files()
    assert len(files) >= 40
    assert set(Counter(file.parent.name for file in files).values()) == {made.PER_CLASS}
    assert sum(file.stat().st_size for file in made.EXAMPLES.rglob("*") if file.is_file()) < 900 * 1024


def test_an_utterance_is_written_anew_only_where_it_changed(tmp_path: Path) -> None:
    audio = read_audio(made.utterance_files()[0])
    file = tmp_path / "0.ogg"
    made.write_utterance(file, audio)
    first = file.read_bytes()
    made.write_utterance(file, audio)
    assert file.read_bytes() == first
    made.write_utterance(file, -audio)
    assert file.read_bytes() != first
    assert [entry.name for entry in tmp_path.iterdir()] == ["0.ogg"]


@pytest.mark.parametrize("rnn_type", made.THRESHOLDS)
def test_networks_recognise_what_they_did_when_they_were_made(rnn_type: str) -> None:
    checkpoint = load_checkpoint(made.checkpoint_path(rnn_type))
    config = checkpoint.config
    assert config.delta
    assert (config.rnn_type, config.rnn_size) == (rnn_type, 128)
    assert config.number_format.bf16
    assert all(value.dtype is torch.bfloat16 for value in checkpoint.state_dict.values())
    files = made.utterance_files()
    words = made.recognise(checkpoint, files)
    noted = json.loads(made.RECOGNISED.read_text(encoding="utf-8"))[made.checkpoint_path(rnn_type).name]
    assert noted == {
        str(file.relative_to(made.UTTERANCES)): word for file, word in zip(files, words, strict=True)
    }
    # As good on the examples as on the whole test set, as far as so few can tell.
    right = sum(file.parent.name == word for file, word in zip(files, words, strict=True)) / len(files)
    assert right == pytest.approx(checkpoint.metrics["accuracy"], abs=0.12)
    assert checkpoint.metrics["sparsity"] >= 0.8
    # On the whole test set, which is not here.
    assert abs(checkpoint.metrics["accuracy_golden"] - checkpoint.metrics["accuracy_float32"]) <= 0.005
