"""Frontend for checkpoints of training (.pt): a state_dict with its configuration, labels and features."""

from __future__ import annotations

from pathlib import Path

from reneta.compiler.errors import CompileError
from reneta.compiler.frontends.module import from_module
from reneta.compiler.network import Network
from reneta.training.checkpoint import Checkpoint, build_classifier, load_checkpoint
from reneta.training.errors import TrainingError


def from_checkpoint(path: Path) -> Network:
    """The network of a checkpoint.

    Raises:
        CompileError: it is damaged, or the machine cannot do what it asks for.
    """
    try:
        return from_parsed(load_checkpoint(path))
    except TrainingError as error:
        raise CompileError(str(error)) from None


def from_parsed(checkpoint: Checkpoint) -> Network:
    """The network of a checkpoint that was read.

    Raises:
        CompileError: the machine cannot do what it asks for.
    """
    model = build_classifier(checkpoint)
    return from_module(model, checkpoint.labels, checkpoint.features.to_dict())
