"""The image folder: all that a machine needs to run a network, as files, and how they are read and checked.

    image = ImageFolder.load(Path("build/demo/image"), hw)
    x = image.tensor("x")
    dram[x.address :][: x.size(hw)] = x.encode(features, image.arith)
    address, length = image.sequence(steps)

docs/compiler.md describes the files. A folder is written beside its place and renamed, so one of the right
name is complete.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reneta.compiler.errors import ImageError
from reneta.compiler.image import Entry
from reneta.compiler.manifest import AGAIN, MANIFEST, EntryPoint, FileInfo, Manifest, Tensor
from reneta.golden.arith import Arithmetic, arithmetic
from reneta.golden.arrays import U8
from reneta.golden.config import HwConfig
from reneta.training.data.files import replaced_folder
from reneta.training.errors import TrainingError

MEMORIES = ("dram", "smem", "spm")
"""Memories of which there are images, each as .bin, .hex ($readmemh) and .coe (Xilinx)."""
LISTING = "program.txt"
PROGRAM = "program.bin"
FILES = {f"{name}.{suffix}" for name in MEMORIES for suffix in ("bin", "hex", "coe")} | {LISTING, PROGRAM}
"""All files of a folder but the manifest."""
SPM_BYTES = 4
"""Bytes of a descriptor."""


@dataclass(frozen=True)
class ImageFolder:
    """A compiled network with its memories.

    Attributes:
        manifest: what stands where.
        dram: from address 0 on, uint8[dram_bytes].
        smem: what SMEM holds at first, uint8; all zero, as the programs load what they need.
        spm: what the descriptor memory holds at first, uint8; all zero, likewise.
        listing: the programs as text.
    """

    manifest: Manifest
    dram: U8
    smem: U8
    spm: U8
    listing: str

    @property
    def hw(self) -> HwConfig:
        """The configuration that it was compiled for."""
        return self.manifest.hardware

    @property
    def arith(self) -> Arithmetic:
        """The number format of the tensors."""
        return arithmetic(self.hw)

    @property
    def trains(self) -> bool:
        """Whether it has the programs of a training step."""
        return self.manifest.network.train_steps > 0

    def tensor(self, name: str) -> Tensor:
        """A tensor by its name.

        Raises:
            ImageError: there is none.
        """
        for tensor in self.manifest.tensors:
            if tensor.name == name:
                return tensor
        known = ", ".join(tensor.name for tensor in self.manifest.tensors)
        raise ImageError(f"the image has no tensor {name}; it has {known}")

    def entry(self, name: str) -> EntryPoint:
        """A program by its name.

        Raises:
            ImageError: there is none.
        """
        if name not in self.manifest.entries:
            raise ImageError(f"the image has no program {name}; it has {', '.join(self.manifest.entries)}")
        return self.manifest.entries[name]

    def sequence(self, steps: int) -> Entry:
        """The program that runs the first `steps` steps of the tensor x.

        Raises:
            ImageError: there are no such steps, or more than the image was compiled for.
        """
        network = self.manifest.network
        if not 1 <= steps <= network.steps:
            raise ImageError(
                f"a sequence of {steps} steps: the image takes 1 to {network.steps}; "
                "cut it, or compile with a larger --steps"
            )
        return Entry(self.entry("sequence").address, network.lead + steps * network.step_length)

    def write(self, path: Path) -> None:
        """Write the folder, in place of an image folder that is there.

        Raises:
            ImageError: something else is there, or it cannot be written.
        """
        if path.exists() and not (path / MANIFEST).is_file() and not (path.is_dir() and _is_empty(path)):
            raise ImageError(f"{path} is there and is no image folder; give another --out")
        files = _files(self)
        manifest = self.manifest.model_copy(update={"files": _infos(files)})
        try:
            with replaced_folder(path) as part:
                for name, content in files.items():
                    (part / name).write_bytes(content)
                (part / MANIFEST).write_text(manifest.to_text(), encoding="utf-8")
        except (TrainingError, OSError) as error:
            raise ImageError(str(error)) from None

    @classmethod
    def load(cls, path: Path, hw: HwConfig | None = None) -> ImageFolder:
        """Read a folder and check it.

        Args:
            path: of the folder.
            hw: the machine that it is meant for; None: any.

        Raises:
            ImageError: there is none, it is for another configuration, of a newer version, damaged or
                incomplete.
        """
        try:
            text = (path / MANIFEST).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise ImageError(f"{path / MANIFEST}: no text: the file is damaged; {AGAIN}") from None
        except OSError as error:
            reason = error.strerror or "cannot be read"
            raise ImageError(f"{path / MANIFEST}: {reason}; reneta compile makes image folders") from None
        try:
            manifest = Manifest.from_text(text)
        except ImageError as error:
            raise ImageError(f"{path / MANIFEST}: {error}") from None
        if hw is not None:
            check_hardware(manifest.hardware, hw, str(path))
        if {*manifest.files} != FILES:
            raise ImageError(f"{path}: the manifest does not list the files of an image; {AGAIN}")
        content = {name: _read(path / name, info) for name, info in manifest.files.items()}
        dram, smem, spm = (np.frombuffer(content[f"{name}.bin"], np.uint8).copy() for name in MEMORIES)
        image = cls(manifest, dram, smem, spm, content[LISTING].decode(errors="replace"))
        image._check_memories(path)
        if _infos(_files(image)) != manifest.files:
            raise ImageError(f"{path}: its files do not belong to each other; {AGAIN}")
        return image

    def _check_memories(self, path: Path) -> None:
        hw = self.hw
        for name, wanted in (
            ("dram", self.manifest.dram_bytes),
            ("smem", hw.smem_words * hw.word_bytes),
            ("spm", 2 * hw.max_m * SPM_BYTES),
        ):
            found = len(getattr(self, name))
            if found != wanted:
                raise ImageError(f"{path / name}.bin: {found} bytes, the memory has {wanted}; {AGAIN}")


def check_hardware(compiled: HwConfig, machine: HwConfig, where: str) -> None:
    """Check that an image is for a machine.

    Raises:
        ImageError: it is for another one; the first parameter in which they differ is named.
    """
    if compiled.digest() == machine.digest():
        return
    wanted, found = compiled.model_dump(exclude={"name"}), machine.model_dump(exclude={"name"})
    name = next(name for name in wanted if wanted[name] != found[name])
    raise ImageError(
        f"{where}: compiled for {compiled.name} ({name} {wanted[name]}), the machine is {machine.name} "
        f"({name} {found[name]}); compile with --config {machine.name}"
    )


def _files(image: ImageFolder) -> dict[str, bytes]:
    """All files but the manifest: names and contents."""
    hw, files = image.hw, dict[str, bytes]()
    widths = {"dram": hw.word_bytes, "smem": hw.word_bytes, "spm": SPM_BYTES}
    for name in MEMORIES:
        memory: U8 = getattr(image, name)
        files[f"{name}.bin"] = memory.tobytes()
        words = _hex_words(memory, widths[name])
        files[f"{name}.hex"] = "".join(f"{word}\n" for word in words).encode()
        head = "memory_initialization_radix=16;\nmemory_initialization_vector=\n"
        files[f"{name}.coe"] = (head + ",\n".join(words) + ";\n").encode()
    entries = sorted(image.manifest.entries.values(), key=lambda entry: entry.address)
    files[PROGRAM] = b"".join(image.dram[entry.address : entry.end].tobytes() for entry in entries)
    files[LISTING] = image.listing.encode()
    return files


def _infos(files: Mapping[str, bytes]) -> dict[str, FileInfo]:
    return {
        name: FileInfo(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
        for name, content in files.items()
    }


def _hex_words(memory: U8, width: int) -> list[str]:
    """Words of `width` bytes, the low byte first in memory, as digits with the high one first."""
    digits = np.ascontiguousarray(memory.reshape(-1, width)[:, ::-1]).tobytes().hex()
    return [digits[start : start + 2 * width] for start in range(0, len(digits), 2 * width)]


def _read(file: Path, info: FileInfo) -> bytes:
    """A file of the folder, which the manifest describes.

    Raises:
        ImageError: it is missing, cut off or damaged.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ImageError(f"{file}: {error.strerror or 'cannot be read'}; {AGAIN}") from None
    if len(content) != info.bytes:
        what = "cut off" if len(content) < info.bytes else "too long"
        raise ImageError(f"{file}: {what}, {len(content)} bytes instead of {info.bytes}; {AGAIN}")
    if hashlib.sha256(content).hexdigest() != info.sha256:
        raise ImageError(f"{file}: the checksum is wrong: the file is damaged; {AGAIN}")
    return content


def _is_empty(path: Path) -> bool:
    return next(path.iterdir(), None) is None
