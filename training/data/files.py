"""Files and folders that are there as a whole or not at all: written elsewhere, renamed when complete."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reneta.training.errors import TrainingError


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """Give a name to write to, beside the file; when the block ends well, it takes the file's place.

    Raises:
        TrainingError: the folder cannot be made or written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise TrainingError(f"cannot write {path}: {error.strerror}") from None
    os.close(descriptor)
    part = Path(name)
    try:
        yield part
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except OSError as error:
        raise TrainingError(f"cannot write {path}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def replaced_folder(path: Path) -> Iterator[Path]:
    """Give a new folder, beside the one meant; when the block ends well, it takes that one's place.

    What lay there before stays until then, and is gone afterwards.

    Raises:
        TrainingError: the parent folder cannot be made or written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise TrainingError(f"cannot write {path}: {error.strerror}") from None
    try:
        yield part
        part.chmod(0o777 & ~_umask())
        if path.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
            path.rename(old / path.name)
            part.rename(path)
            shutil.rmtree(old)
        else:
            part.rename(path)
    except OSError as error:
        raise TrainingError(f"cannot write {path}: {error.strerror}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _umask() -> int:
    """The process's mask for new files, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
