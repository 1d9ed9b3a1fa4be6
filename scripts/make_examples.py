"""Train the example networks and choose the example utterances: everything in `examples/`.

    python -m reneta.scripts.make_examples

Synthesises spoken words (unless build/data/gscdv2 is there), trains an LSTM and a GRU on the ten words with
silence and unknown, retrains them as bf16-aware delta networks, and writes examples/: the two checkpoints,
some utterances of each class from the test set as OGG files, and what the networks recognise in them. Every
step that was done before is left out, so a run that was stopped goes on. docs/training.md has the results.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
import torch
from torch import Tensor

from reneta.compiler import reference
from reneta.compiler.frontends.module import from_module
from reneta.compiler.quantise import quantise
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import F32
from reneta.golden.config import DEFAULT_CONFIG, REPO, load_config
from reneta.training import networks, steps
from reneta.training.batches import Batches
from reneta.training.checkpoint import (
    Checkpoint,
    build_classifier,
    in_format,
    load_checkpoint,
    save_checkpoint,
)
from reneta.training.data.audio import SAMPLE_RATE, read_audio
from reneta.training.data.feature_set import FeatureSet
from reneta.training.data.features import extract, normalise
from reneta.training.data.manifest import Item, Manifest
from reneta.training.distributed import Place
from reneta.training.errors import TrainingError
from reneta.training.evaluation import evaluate
from reneta.training.formats import FLOAT
from reneta.training.models import NetworkConfig
from reneta.training.options import Options

EXAMPLES = REPO / "examples"
UTTERANCES = EXAMPLES / "utterances"
RECOGNISED = EXAMPLES / "recognised.json"
PER_CLASS = 4
THRESHOLDS = {"LSTM": 0.15, "GRU": 0.19}
"""Of inputs and states: about as accurate as without, by the study over thresholds."""
OPTIONS = Options(
    data_dir=REPO / "build/data/gscdv2",
    out_dir=REPO / "build/training",
    num_utterances=700,
    epochs_pretrain=40,
    epochs_retrain=25,
    batch_size=32,
    lr=3e-3,
    lr_retrain=1e-3,
    beta=1.0,
    bf16=True,
)


def checkpoint_path(rnn_type: str) -> Path:
    """Where the example network of a kind lies."""
    return EXAMPLES / f"delta{rnn_type.lower()}.pt"


def recognise(checkpoint: Checkpoint, files: list[Path]) -> list[str]:
    """The words that a network hears in sound files, each by itself."""
    model = build_classifier(checkpoint)
    words = []
    for file in files:
        frames = normalise(extract(read_audio(file), checkpoint.features.config), checkpoint.features.stats)
        with torch.no_grad():
            logits, _ = model(torch.from_numpy(frames).unsqueeze(1), torch.tensor([len(frames)]))
        words.append(checkpoint.labels[int(logits.argmax())])
    return words


def utterance_files() -> list[Path]:
    """The example utterances, in order; each lies in a folder named by its class."""
    return sorted(UTTERANCES.glob("*/*.ogg"))


def make_data(options: Options = OPTIONS) -> None:
    """Raw data, manifest and features, as far as they are missing; features alone are enough."""
    data = options.data
    places = {"synthesize": data.data_dir, "prepare": data.manifest_dir, "feature": data.feature_dir}
    there = [number for number, place in enumerate(places.values(), 1) if place.is_dir()]
    for step in list(places)[max(there, default=0) :]:
        steps.run(replace(options, step=step))


def train(rnn_type: str) -> Checkpoint:
    """The retrained network of a kind, with its test results; its weights are in the machine's format."""
    theta = THRESHOLDS[rnn_type]
    options = replace(OPTIONS, rnn_type=rnn_type, thx=theta, thh=theta)
    for step in ("pretrain", "retrain", "test"):
        steps.run(replace(options, step=step))
    config = NetworkConfig.of(options, True, networks.load_features(options).config.filters)
    best = networks.run_folder(options, "retrain", config) / "best.pt"
    found = json.loads(best.with_suffix(".test.json").read_text(encoding="utf-8"))
    trained = load_checkpoint(best)
    metrics = {name: float(found[name]) for name in ("accuracy", "sparsity", "sparsity_x", "sparsity_h")}
    rounded = replace(trained, state_dict=_rounded(trained.state_dict), metrics=metrics)
    test_set = networks.load_set(options, "test")
    metrics["accuracy_float32"] = float32_accuracy(rounded, test_set, options)
    metrics["accuracy_golden"] = golden_accuracy(rounded, test_set)
    return rounded


def float32_accuracy(checkpoint: Checkpoint, test_set: FeatureSet, options: Options) -> float:
    """Accuracy on a set of PyTorch's layers without any rounding."""
    model = build_classifier(in_format(checkpoint, FLOAT))
    place = Place(torch.device("cpu"))
    data = Batches.of(test_set, place.device)
    return evaluate(model, data, options.batch_size_eval, place).accuracy


def golden_accuracy(checkpoint: Checkpoint, test_set: FeatureSet) -> float:
    """Accuracy on a set of the golden layer functions, in the default configuration."""
    network = from_module(build_classifier(checkpoint), checkpoint.labels)
    quantised = quantise(network, arithmetic(load_config(DEFAULT_CONFIG)))
    right = 0
    for x, target in (test_set[number] for number in range(len(test_set))):
        logits = reference.forward(quantised, quantised.arith.encode(x.double().numpy())).logits
        right += int(np.argmax(quantised.arith.decode_result(logits))) == target
    return right / len(test_set)


def _rounded(parameters: dict[str, Tensor]) -> dict[str, Tensor]:
    """Parameters as bfloat16 numbers: what the network computes with anyway, in half the space."""
    return {name: value.to(torch.bfloat16) for name, value in parameters.items()}


def write_utterances() -> None:
    """Copy the first utterances of each class of the test set."""
    data = OPTIONS.data
    chosen: dict[str, list[Item]] = {}
    for item in Manifest.load(data.manifest_dir).items["test"]:
        chosen.setdefault(item.label, []).append(item)
    wanted = set()
    for label, items in sorted(chosen.items()):
        (UTTERANCES / label).mkdir(parents=True, exist_ok=True)
        for number, item in enumerate(items[:PER_CLASS]):
            file = UTTERANCES / label / f"{number}.ogg"
            write_utterance(file, read_audio(data.data_dir / item.path, item.start))
            wanted.add(file)
    for file in {*utterance_files()} - wanted:
        file.unlink()


def write_utterance(file: Path, audio: F32) -> None:
    """Write a sound file, unless it sounds the same already: each OGG stream has another random number."""
    new = file.with_suffix(".new")
    soundfile.write(new, audio, SAMPLE_RATE, format="OGG", subtype="VORBIS")
    if file.is_file() and np.array_equal(read_audio(new), read_audio(file)):
        new.unlink()
    else:
        new.rename(file)


def main() -> int:
    """Command line; returns the exit code."""
    try:
        make_data()
        checkpoints = {rnn_type: train(rnn_type) for rnn_type in THRESHOLDS}
    except TrainingError as error:
        print(f"make_examples: {error}", file=sys.stderr)
        return 1
    write_utterances()
    heard = {}
    for rnn_type, checkpoint in checkpoints.items():
        path = checkpoint_path(rnn_type)
        save_checkpoint(path, checkpoint)
        words = recognise(checkpoint, utterance_files())
        names = [str(file.relative_to(UTTERANCES)) for file in utterance_files()]
        heard[path.name] = dict(zip(names, words, strict=True))
    RECOGNISED.write_text(json.dumps(heard, indent=1) + "\n", encoding="utf-8")
    size = sum(file.stat().st_size for file in EXAMPLES.rglob("*") if file.is_file())
    print(f"examples: {len(utterance_files())} utterances, {size / 1024:.0f} KiB in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
