"""What the stages of the compiler made, as JSON and text for people and tools to look at."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from reneta.compiler.compile import Compiled
from reneta.compiler.errors import CompileError
from reneta.compiler.network import Layer, Linear, Network
from reneta.training.data.files import replaced_file
from reneta.training.errors import TrainingError

_PARAMETERS = ("w_ih", "w_hh", "b_ih", "b_hh", "weight", "bias")


def write_dump(compiled: Compiled, folder: Path) -> None:
    """Write `network.json`, `quantisation.json`, `plan.json` and `programs.txt` into a folder.

    Raises:
        CompileError: it cannot be written.
    """
    manifest = compiled.image.manifest
    plan = manifest.model_dump(mode="json", include={"tensors", "regions", "entries", "dram_bytes"})
    contents = {
        "network.json": as_json(network_dump(compiled.quantised.network)),
        "quantisation.json": as_json([row._asdict() for row in compiled.quantised.report]),
        "plan.json": as_json(plan),
        "programs.txt": compiled.image.listing,
    }
    try:
        for name, text in contents.items():
            with replaced_file(folder / name) as part:
                part.write_text(text, encoding="utf-8")
    except TrainingError as error:
        raise CompileError(str(error)) from None


def as_json(content: object) -> str:
    """The text of a JSON file."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def network_dump(network: Network) -> dict[str, Any]:
    """The network as the frontend made it; of parameters shape, range and a digest of their float64 bytes."""
    return {
        "layers": [_layer(layer) for layer in network.layers],
        "labels": list(network.labels),
        "features": network.features,
    }


def _layer(layer: Layer) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": layer.name,
        "kind": type(layer).__name__,
        "inputs": layer.inputs,
        "units": layer.units,
    }
    if isinstance(layer, Linear):
        found["relu"] = layer.relu
    else:
        found |= {"theta_x": layer.theta_x, "theta_h": layer.theta_h}
    parameters = {name: getattr(layer, name) for name in _PARAMETERS if hasattr(layer, name)}
    found["parameters"] = {
        name: {
            "shape": list(values.shape),
            "smallest": float(values.min()),
            "largest": float(values.max()),
            "sha256": hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest(),
        }
        for name, values in parameters.items()
    }
    return found
