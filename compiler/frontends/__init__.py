"""From files and PyTorch modules to the compiler's own form of a network."""

from __future__ import annotations

from pathlib import Path

from reneta.compiler.errors import CompileError
from reneta.compiler.frontends.checkpoint import from_checkpoint
from reneta.compiler.frontends.onnx_file import from_onnx
from reneta.compiler.frontends.safetensors_file import from_safetensors
from reneta.compiler.network import Network

READERS = {
    ".pt": from_checkpoint,
    ".pth": from_checkpoint,
    ".safetensors": from_safetensors,
    ".onnx": from_onnx,
}


def load_network(path: Path) -> Network:
    """The network in a file: .pt and .pth (checkpoints of training), .safetensors, .onnx.

    Raises:
        CompileError: there is no such file, it is damaged or of another kind, or holds what is not supported.
    """
    if path.suffix not in READERS:
        raise CompileError(f"{path}: no kind of file that can be compiled; known: {', '.join(READERS)}")
    if not path.is_file():
        raise CompileError(f"{path}: there is no such file")
    return READERS[path.suffix](path)
