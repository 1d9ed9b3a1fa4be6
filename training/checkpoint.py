"""Checkpoints: a trained network with all that is needed to use it, and the state of a run to go on from.

Both are written under another name and renamed, so that a file of the right name is complete. Both are read
with `weights_only`, so that a file from elsewhere cannot run code.
"""

from __future__ import annotations

import pickle
import struct
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from reneta.training.data.feature_config import FeatureInfo
from reneta.training.data.files import replaced_file
from reneta.training.errors import TrainingError
from reneta.training.formats import NumberFormat
from reneta.training.models import Classifier, NetworkConfig

FORMAT = "reneta-checkpoint"
STATE_FORMAT = "reneta-training-state"
VERSION = 1

_BROKEN = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    pickle.UnpicklingError,
)
"""What reading a damaged file may end with."""
_SPARE = 1 << 20
"""Parameters for which there is always memory."""


@dataclass(frozen=True)
class Checkpoint:
    """A trained classifier.

    Attributes:
        config: the network.
        labels: names of the classes, in the order of the logits.
        features: how its features are made and normalised.
        state_dict: its parameters, on the CPU.
        metrics: what was measured of it.
    """

    config: NetworkConfig
    labels: tuple[str, ...]
    features: FeatureInfo
    state_dict: dict[str, Tensor]
    metrics: dict[str, float] = field(default_factory=dict)


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint.

    Raises:
        TrainingError: the file cannot be written.
    """
    content = {
        "format": FORMAT,
        "version": VERSION,
        "config": checkpoint.config.to_dict(),
        "labels": list(checkpoint.labels),
        "features": checkpoint.features.to_dict(),
        "state_dict": checkpoint.state_dict,
        "metrics": checkpoint.metrics,
    }
    with replaced_file(path) as part:
        torch.save(content, part)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint and check it, shapes and all.

    Raises:
        TrainingError: there is none, it is cut off, something else, of a newer version, incomplete, or its
            parameters do not fit its configuration.
    """
    return parse_checkpoint(
        _load(path, FORMAT, ("config", "labels", "features", "state_dict", "metrics")), str(path)
    )


def parse_checkpoint(content: dict[str, Any], where: str) -> Checkpoint:
    """A checkpoint of what its file holds, checked, shapes and all.

    Args:
        content: config, labels, features, state_dict and metrics.
        where: what it was read from, for messages.

    Raises:
        TrainingError: it is incomplete, holds what cannot be, or its parameters do not fit its configuration.
    """
    try:
        config = NetworkConfig.from_dict(dict(content["config"]))
        labels = tuple(str(label) for label in content["labels"])
        metrics = {str(name): float(value) for name, value in content["metrics"].items()}
        state = {str(name): value for name, value in content["state_dict"].items()}
    except KeyError as error:
        raise TrainingError(f"{where}: the checkpoint's configuration lacks {error}; train it anew") from None
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise TrainingError(
            f"{where}: the checkpoint holds what cannot be ({error}); train it anew"
        ) from None
    if not labels:
        raise TrainingError(f"{where}: the checkpoint has no labels; train it anew")
    features = FeatureInfo.from_dict(content["features"], where)
    if features.config.filters != config.input_size:
        raise TrainingError(
            f"{where}: the network takes {config.input_size} features, those described are "
            f"{features.config.filters}; train it anew"
        )
    # Before a network of the described size is made, which may be too large for any memory.
    there = sum(value.numel() for value in state.values() if isinstance(value, Tensor))
    if there + _SPARE < config.rnn_layers * config.rnn_size * (config.rnn_size + config.input_size):
        raise TrainingError(
            f"{where}: the configuration is of {config.rnn_layers} layers of {config.rnn_size} units, "
            f"but there are {there} parameters only; train it anew"
        )
    try:
        model = Classifier(config, len(labels))
    except (TypeError, ValueError, RuntimeError) as error:
        raise TrainingError(f"{where}: no network can be like this ({error}); train it anew") from None
    check_shapes(state, model, where)
    return Checkpoint(config, labels, features, state, metrics)


def in_format(checkpoint: Checkpoint, number_format: NumberFormat) -> Checkpoint:
    """The same network with other rounding; FLOAT for none."""
    return replace(checkpoint, config=replace(checkpoint.config, number_format=number_format))


def build_classifier(checkpoint: Checkpoint) -> Classifier:
    """The network of a checkpoint, for use: dropout is off."""
    model = Classifier(checkpoint.config, len(checkpoint.labels))
    model.load_state_dict(checkpoint.state_dict)
    return model.eval()


def check_shapes(state: dict[str, Tensor], model: Classifier, where: str) -> None:
    """Check that parameters fit a network.

    Args:
        state: the parameters by their names.
        model: the network.
        where: what the parameters were read from, for the message.

    Raises:
        TrainingError: one is missing, is too many, or has another shape.
    """
    wanted = model.state_dict()
    for name in sorted(wanted.keys() | state.keys()):
        if name not in state:
            raise TrainingError(f"{where}: {name} is missing, the network has it ({_shape(wanted[name])})")
        if name not in wanted:
            raise TrainingError(f"{where}: {name} ({_shape(state[name])}) is there, the network has none")
        if not (isinstance(state[name], Tensor) and state[name].is_floating_point()):
            raise TrainingError(f"{where}: {name} holds no floating-point numbers; train it anew")
        if _shape(state[name]) != _shape(wanted[name]):
            raise TrainingError(
                f"{where}: {name} is {_shape(state[name])}, the network's is {_shape(wanted[name])}; "
                "give the options that it was trained with, or train it anew"
            )


@dataclass(frozen=True)
class TrainingState:
    """A run after some epochs.

    What is random in an epoch follows from seed and epoch, so no generator's state is kept.

    Attributes:
        settings: all that the result depends on, as words, by the options' names.
        epochs: epochs that are done.
        model: parameters.
        optimiser: state of the optimiser.
        scheduler: state of the learning rate's schedule.
        best: accuracy and loss of the best network so far, on the validation set.
        rows: of the log, one an epoch.
    """

    settings: dict[str, str]
    epochs: int
    model: dict[str, Tensor]
    optimiser: dict[str, Any]
    scheduler: dict[str, Any]
    best: tuple[float, float]
    rows: list[dict[str, Any]]

    def save(self, path: Path) -> None:
        """Write it.

        Raises:
            TrainingError: the file cannot be written.
        """
        with replaced_file(path) as part:
            torch.save({"format": STATE_FORMAT, "version": VERSION, **vars(self)}, part)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read it.

        Raises:
            TrainingError: it is cut off, something else, of a newer version, or incomplete.
        """
        content = _load(path, STATE_FORMAT, tuple(cls.__dataclass_fields__))
        return cls(**{name: content[name] for name in cls.__dataclass_fields__})


def _load(path: Path, kind: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """The content of a file of that format, with at least these keys."""
    if not path.is_file():
        raise TrainingError(f"there is no checkpoint {path}; --step pretrain and --step retrain make them")
    try:
        # torch does not look at the checksums in the file.
        with zipfile.ZipFile(path) as archive:
            whole = archive.testzip() is None
        content = torch.load(path, map_location="cpu", weights_only=True) if whole else None
    except _BROKEN:
        raise TrainingError(f"{path}: cut off, or no checkpoint; train it anew with --restart 1") from None
    if not whole:
        raise TrainingError(
            f"{path}: a checksum is wrong, the file is damaged; train it anew with --restart 1"
        )
    if not isinstance(content, dict) or content.get("format") != kind:
        raise TrainingError(f"{path}: no file of the format {kind}; train it anew with --restart 1")
    if content.get("version") != VERSION:
        raise TrainingError(
            f"{path}: version {content.get('version')} of {kind}, this program reads {VERSION}; "
            "use the program that wrote it, or train it anew with --restart 1"
        )
    for key in keys:
        if key not in content:
            raise TrainingError(f"{path}: {key} is missing in it; train it anew with --restart 1")
    return content


def _shape(value: object) -> str:
    """Shape of a parameter, for messages."""
    return " x ".join(str(size) for size in value.shape) if isinstance(value, Tensor) else "no tensor"
