"""From files and PyTorch modules to the compiler's own form of a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reneta.compiler.errors import CompileError
from reneta.compiler.network import Network


def load_network(path: Path) -> Network:
    """The network in a file: .pt and .pth (checkpoints of training), .safetensors, .onnx.

    Raises:
        CompileError: there is no such file, it is damaged or of another kind, or holds what is not supported.
    """
    readers: dict[str, Callable[[Path], Network]] = {}
    from reneta.compiler.frontends.checkpoint import from_checkpoint

    readers |= {".pt": from_checkpoint, ".pth": from_checkpoint}
    if path.suffix not in readers:
        raise CompileError(f"{path}: no kind of file that can be compiled; known: {', '.join(readers)}")
    if not path.is_file():
        raise CompileError(f"{path}: there is no such file")
    return readers[path.suffix](path)
