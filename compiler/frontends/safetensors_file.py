"""Frontend for .safetensors: the parameters of training's Classifier, with its configuration.

The file's metadata has the configuration as JSON under the key `reneta`, or it stands beside the file as
.json: config (NetworkConfig), labels, features (FeatureInfo).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from reneta.compiler.errors import CompileError
from reneta.compiler.frontends.checkpoint import from_parsed
from reneta.compiler.network import Network
from reneta.training.checkpoint import parse_checkpoint
from reneta.training.errors import TrainingError

KEY = "reneta"


def from_safetensors(path: Path) -> Network:
    """The network in a file.

    Raises:
        CompileError: it is damaged, has no configuration, or one that does not fit its parameters.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a dict)
    except (OSError, SafetensorError, ValueError, TypeError, RuntimeError):
        raise CompileError(f"{path}: cut off, or no .safetensors file") from None
    content = _configuration(path, metadata)
    try:
        checkpoint = parse_checkpoint({**content, "state_dict": state, "metrics": {}}, str(path))
        return from_parsed(checkpoint)
    except TrainingError as error:
        raise CompileError(str(error)) from None


def _configuration(path: Path, metadata: dict[str, str]) -> dict[str, Any]:
    """Config, labels and features of the metadata, or of the file beside it."""
    beside = path.with_suffix(".json")
    where = f"{path}: its metadata's {KEY!r}" if KEY in metadata else str(beside)
    try:
        text = metadata[KEY] if KEY in metadata else beside.read_text(encoding="utf-8")
        found = json.loads(text)
    except OSError:
        raise CompileError(
            f"{path}: no configuration: neither {KEY!r} in its metadata nor {beside.name} beside it"
        ) from None
    except (ValueError, RecursionError):
        raise CompileError(f"{where} is no JSON") from None
    if not isinstance(found, dict):
        raise CompileError(f"{where} is no JSON object with config, labels and features")
    for key in ("config", "labels", "features"):
        if key not in found:
            raise CompileError(f"{where} has no {key}")
    return found
