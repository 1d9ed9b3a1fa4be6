"""The demonstration's input: a checkpoint, recorded words, and what PyTorch hears in them in float32."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from reneta.golden.arrays import F32
from reneta.scripts.make_examples import utterance_files
from reneta.training.checkpoint import Checkpoint, build_classifier, in_format
from reneta.training.data.audio import read_audio
from reneta.training.data.features import extract, normalise
from reneta.training.formats import FLOAT


@dataclass(frozen=True)
class Utterance:
    """A recorded word.

    Attributes:
        name: its file, with the folder that tells its class.
        label: its class.
        features: [T, F], normalised.
    """

    name: str
    label: str
    features: F32


def load_utterances(checkpoint: Checkpoint, files: list[Path] | None = None) -> list[Utterance]:
    """Features of sound files, each in a folder named by its class; of the example utterances by default.

    Raises:
        TrainingError: a file cannot be read.
    """
    made = []
    for file in utterance_files() if files is None else files:
        features = normalise(extract(read_audio(file), checkpoint.features.config), checkpoint.features.stats)
        made.append(Utterance(f"{file.parent.name}/{file.name}", file.parent.name, features))
    return made


def float32_words(checkpoint: Checkpoint, utterances: list[Utterance]) -> list[str]:
    """What the network hears without any rounding."""
    model = build_classifier(in_format(checkpoint, FLOAT))
    words = []
    for utterance in utterances:
        x = torch.from_numpy(utterance.features).unsqueeze(1)
        with torch.no_grad():
            logits, _ = model(x, torch.tensor([len(x)]))
        words.append(checkpoint.labels[int(logits.argmax())])
    return words
