"""The steps pretrain, retrain and test: which network, from which start, on which features, and where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from reneta.training.batches import Batches, mixed
from reneta.training.checkpoint import Checkpoint, build_classifier, load_checkpoint
from reneta.training.data.feature_config import FeatureInfo
from reneta.training.data.feature_set import FeatureSet
from reneta.training.data.files import replaced_file
from reneta.training.distributed import Place
from reneta.training.errors import TrainingError
from reneta.training.evaluation import Evaluation, evaluate
from reneta.training.models import Classifier, NetworkConfig
from reneta.training.options import Options
from reneta.training.trainer import BEST, Job, train

DELTA = "cla-deltarnn"


@dataclass(frozen=True)
class Tested:
    """A network on the test set.

    Attributes:
        path: its checkpoint.
        checkpoint: the network.
        found: what the test gave.
    """

    path: Path
    checkpoint: Checkpoint
    found: Evaluation


def pretrain(options: Options, place: Place) -> Path:
    """Train a network from random parameters; the path of its checkpoint.

    Raises:
        TrainingError: there are no features, or the run cannot go on.
    """
    info, train_set, valid_set = (
        load_features(options),
        load_set(options, "train"),
        load_set(options, "valid"),
    )
    config = NetworkConfig.of(options, options.model_pretrain == DELTA, info.config.filters)
    model = random_classifier(config, len(info.labels), options.seed)
    settings = {"the features' digest": digest_of_sets(train_set, valid_set)}
    folder = run_folder(options, "pretrain", config)
    _train(model, folder, settings, (train_set, valid_set), info, options, place)
    return folder / BEST


def retrain(options: Options, place: Place) -> Path:
    """Train a pretrained network on, as a delta network; the path of its checkpoint.

    Raises:
        TrainingError: there are no features or no pretrained network, the latter has other labels or another
            shape, or the run cannot go on.
    """
    info, train_set, valid_set = (
        load_features(options),
        load_set(options, "train"),
        load_set(options, "valid"),
    )
    config = NetworkConfig.of(options, options.model_retrain == DELTA, info.config.filters)
    path = pretrained_path(options, info)
    if not path.is_file():
        raise TrainingError(
            f"there is no pretrained network {path}: run --step pretrain with the same options, or give "
            "--path_net_pretrain"
        )
    start = load_checkpoint(path)
    check_features(start, path, info)
    model = Classifier(config, len(info.labels))
    take_parameters(model, start, path)
    settings = {
        "the features' digest": digest_of_sets(train_set, valid_set),
        "the pretrained network's digest": digest(*start.state_dict.values()),
    }
    folder = run_folder(options, "retrain", config)
    _train(model, folder, settings, (train_set, valid_set), info, options, place)
    return folder / BEST


def test(options: Options, place: Place) -> list[Tested]:
    """Test --path_net, or the networks that these options pretrained and retrained, and write what was found.

    Raises:
        TrainingError: there are no features or no networks, or they do not belong together.
    """
    info, data = load_features(options), load_set(options, "test")
    configs = {
        step: NetworkConfig.of(options, model == DELTA, info.config.filters)
        for step, model in (("pretrain", options.model_pretrain), ("retrain", options.model_retrain))
    }
    paths = [options.path_net] if options.path_net else []
    if not paths:
        paths = [run_folder(options, step, config) / BEST for step, config in configs.items()]
        paths = [path for path in paths if path.is_file()]
    if not paths:
        folder = options.data.result_dir
        raise TrainingError(f"these options trained no network in {folder}: run --step pretrain first")
    return [tested(path, data, info, options, place) for path in paths]


def tested(path: Path, data: FeatureSet, info: FeatureInfo, options: Options, place: Place) -> Tested:
    """Test a network, and write what was found beside its checkpoint, as .test.json.

    Raises:
        TrainingError: it is damaged, or was trained on other features.
    """
    checkpoint = load_checkpoint(path)
    check_features(checkpoint, path, info)
    model = build_classifier(checkpoint).to(place.device)
    found = evaluate(model, Batches.of(data, place.device), options.batch_size_eval, place)
    result = Tested(path, checkpoint, found)
    if place.is_main:
        write_json(path.with_suffix(".test.json"), summary(result))
    return result


def summary(result: Tested) -> dict[str, Any]:
    """A test as plain numbers, strings, lists and dicts."""
    return {
        "checkpoint": str(result.path),
        "network": result.checkpoint.config.name,
        "utterances": int(result.found.confusion.sum()),
        **result.found.metrics,
        "labels": list(result.checkpoint.labels),
        "confusion": result.found.confusion.tolist(),
    }


def write_json(path: Path, content: object) -> None:
    """Write a JSON file.

    Raises:
        TrainingError: it cannot be written.
    """
    write_text(path, json.dumps(content, indent=1) + "\n")


def write_text(path: Path, content: str) -> None:
    """Write a text file.

    Raises:
        TrainingError: it cannot be written.
    """
    with replaced_file(path) as part:
        part.write_text(content, encoding="utf-8")


def run_folder(options: Options, step: str, config: NetworkConfig) -> Path:
    """Folder of a run: of the step, and named by the network and by what else it is often compared over."""
    parts = [config.name]
    if config.delta and options.beta:
        parts.append(f"beta{options.beta:g}")
    if options.cbtd:
        parts.append(f"cbtd{options.gamma_rnn:g}")
    return options.data.result_dir / step / "-".join([*parts, f"s{options.seed}"])


def pretrained_path(options: Options, info: FeatureInfo) -> Path:
    """Checkpoint that retraining begins with."""
    if options.path_net_pretrain:
        return options.path_net_pretrain
    config = NetworkConfig.of(options, options.model_pretrain == DELTA, info.config.filters)
    return run_folder(options, "pretrain", config) / BEST


def load_features(options: Options) -> FeatureInfo:
    """How the features are made.

    Raises:
        TrainingError: they are missing or damaged.
    """
    return FeatureInfo.load(options.data.feature_dir)


def load_set(options: Options, split: str) -> FeatureSet:
    """Features of train, valid or test.

    Raises:
        TrainingError: they are missing, damaged, empty, or do not belong to the folder's features.json.
    """
    info, path = load_features(options), options.data.feature_dir / f"{split}.npz"
    data = FeatureSet.load(path)
    if tuple(data.labels) != info.labels or data.features.shape[1] != info.config.filters:
        raise TrainingError(
            f"{path} does not belong to the features.json beside it: run --step feature again"
        )
    if not len(data):
        raise TrainingError(f"{path} has no utterances: look at --data_dir, and run --step prepare again")
    return data


def random_classifier(config: NetworkConfig, classes: int, seed: int) -> Classifier:
    """A network whose parameters follow from the seed."""
    torch.manual_seed(mixed(seed, 0, 0))
    return Classifier(config, classes)


def take_parameters(model: Classifier, start: Checkpoint, path: Path) -> None:
    """Give a network the parameters of another one; what it knows of further classes stays.

    Raises:
        TrainingError: that one has another shape.
    """
    for name in ("rnn_type", "rnn_layers", "rnn_size", "input_size"):
        was, now = getattr(start.config, name), getattr(model.config, name)
        if was != now:
            option = "the number of features" if name == "input_size" else f"--{name}"
            raise TrainingError(f"{path}: its network has {was} for {option}, not {now}: give the same")
    parameters = model.state_dict()
    for name, value in start.state_dict.items():
        parameters[name][: len(value)] = value
    model.load_state_dict(parameters)


def check_features(checkpoint: Checkpoint, path: Path, info: FeatureInfo) -> None:
    """Check that a network was trained on these features.

    Raises:
        TrainingError: it has other labels, or they are made or normalised otherwise.
    """
    if checkpoint.labels != info.labels:
        other = sorted(set(checkpoint.labels) ^ set(info.labels))
        what = (
            f"not in both: {', '.join(other[:4])}{' ...' if len(other) > 4 else ''}" if other else "reordered"
        )
        raise TrainingError(
            f"{path}: its {len(checkpoint.labels)} labels are not the features' {len(info.labels)} ({what}): "
            "make the features for its words, or train it anew"
        )
    if (checkpoint.features.config, checkpoint.features.stats) != (info.config, info.stats):
        raise TrainingError(
            f"{path}: it was trained on features that were made or normalised otherwise: "
            "make those again with --step feature, or train it anew"
        )


def digest(*parts: Tensor, words: Sequence[str] = ()) -> str:
    """Twelve digits that tell whether tensors, or words, changed."""
    content = hashlib.sha256("\0".join(words).encode())
    for part in parts:
        content.update(part.contiguous().numpy().tobytes())
    return content.hexdigest()[:12]


def digest_of_sets(*sets: FeatureSet) -> str:
    """Twelve digits that tell whether feature sets changed."""
    parts = (part for data in sets for part in (data.features, data.lengths, data.targets))
    return digest(*parts, words=sets[0].labels)


def _train(
    model: Classifier,
    folder: Path,
    settings: dict[str, str],
    sets: tuple[FeatureSet, FeatureSet],
    info: FeatureInfo,
    options: Options,
    place: Place,
) -> None:
    """Train a network in a folder, whose parent is named as the step."""
    step = folder.parent.name
    train_set, valid_set = (Batches.of(part, place.device) for part in sets)
    job = Job(
        title=f"{step} {folder.name}",
        folder=folder,
        epochs=options.epochs_retrain if step == "retrain" else options.epochs_pretrain,
        retraining=step == "retrain",
        settings=settings,
        features=info,
        labels=info.labels,
        train=train_set,
        valid=valid_set,
    )
    train(model, job, options, place)
