"""What an image folder says about itself: hardware, network, tensors in DRAM, entry points, checksums.

`manifest.yaml` is one `Manifest`; docs/compiler.md explains it. A tensor knows where its elements stand, so
compiler and driver write and read it by the same methods.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reneta.compiler.errors import ImageError
from reneta.golden.arith import Arithmetic
from reneta.golden.arrays import F64, I64, Array
from reneta.golden.config import HwConfig, one_line
from reneta.golden.isa_types import INSN_BYTES
from reneta.golden.lists import matrix_place, row_groups, vector_place

FORMAT: Final = "reneta-image"
VERSION: Final = 1
MANIFEST = "manifest.yaml"
AGAIN = "compile it anew"

_CHECKSUM = "checksum: "


class _Part(BaseModel):
    """A part of the manifest: nothing may be missing, too many, or of another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Layer(_Part):
    """A layer of the network.

    Attributes:
        name: its name in the model that it comes from.
        kind: what it is.
        inputs: size of its input.
        units: size of its output.
        theta_x: threshold of its inputs, as a number (recurrent layers only).
        theta_h: threshold of its hidden state.
        relu: whether negative results become zero (Linear only).
    """

    name: str
    kind: Literal["DeltaLstm", "DeltaGru", "Linear"]
    inputs: int = Field(ge=1)
    units: int = Field(ge=1)
    theta_x: float = 0.0
    theta_h: float = 0.0
    relu: bool = False


class NetworkInfo(_Part):
    """The network of an image.

    Attributes:
        layers: from the input to the output.
        labels: names of the classes, in the order of the logits; none where they are not known.
        features: how its input is made (training's FeatureInfo.to_dict); None where that is not known.
        steps: N, the longest sequence.
        lead: instructions of the program `sequence` before its first step.
        step_length: its instructions for each step.
        train_steps: steps of the training programs; 0 where there are none.
    """

    layers: tuple[Layer, ...] = Field(min_length=1)
    labels: tuple[str, ...]
    features: dict[str, Any] | None
    steps: int = Field(ge=1)
    lead: int = Field(ge=0)
    step_length: int = Field(ge=1)
    train_steps: int = Field(ge=0)

    @property
    def recurrent(self) -> list[Layer]:
        """The delta layers."""
        return [layer for layer in self.layers if layer.kind != "Linear"]


class Region(_Part):
    """What stands in a part of SMEM or of the accumulators while some of the programs run.

    Attributes:
        memory: which of the two.
        name: layer and vector.
        address: first word.
        words: their number.
        during: the programs: begin, sequence, stream and finish, or those of the training step.
    """

    memory: Literal["smem", "accumulators"]
    name: str
    address: int = Field(ge=0)
    words: int = Field(ge=1)
    during: Literal["inference", "training"]


class EntryPoint(_Part):
    """A program in DRAM: its address in bytes, and the number of its instructions."""

    address: int = Field(ge=0, multiple_of=INSN_BYTES)
    length: int = Field(ge=1)

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.address + self.length * INSN_BYTES


class FileInfo(_Part):
    """A file of the folder: its size in bytes and its SHA-256."""

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Tensor(_Part):
    """A tensor in DRAM, in whole words of the machine. What stands in lanes without an element is zero.

    Layouts, by the shape of the tensor:

    - vectors, [T, N] or [N]: vector after vector, each padded to whole words.
    - sequence, [T, N]: as sequences lie in SMEM: row group after row group, of each all T steps.
    - matrix, [R, C]: column after column. The rows are `gates` blocks of equal size, each padded to whole
      words; the blocks are dealt out to `parts` matrices, which stand one behind the other.

    Attributes:
        name: of the tensor.
        role: what it is for.
        address: in bytes, that of a word.
        shape: of its elements.
        format: operand: 16 bits, as activations; weight: 16 bits, as weights; result: float32 in bf16
            builds, 16 bits as activations in fxp16 builds.
        layout: see above.
        gates: blocks of a matrix's rows.
        parts: matrices that they are dealt out to.
        words: of the machine that it takes.
    """

    name: str
    role: Literal["weight", "input", "output", "gradient"]
    address: int = Field(ge=0)
    shape: tuple[int, ...] = Field(min_length=1, max_length=2)
    format: Literal["operand", "weight", "result"]
    layout: Literal["vectors", "sequence", "matrix"]
    gates: int = Field(default=1, ge=1, le=4)
    parts: int = Field(default=1, ge=1, le=4)
    words: int = Field(ge=1)

    def size(self, hw: HwConfig) -> int:
        """Bytes in DRAM."""
        return self.words * hw.word_bytes

    def encode(self, values: Array | Sequence[float], arith: Arithmetic) -> bytes:
        """Real numbers as they lie in DRAM, rounded to the tensor's format.

        Args:
            values: of the tensor's shape.
            arith: of the image's configuration.

        Raises:
            ImageError: they have another shape, or are no numbers.
        """
        numbers: F64 = np.asarray(values, np.float64)
        if np.isnan(numbers).any():
            raise ImageError(f"{self.name}: {np.count_nonzero(np.isnan(numbers))} values are no numbers")
        if self.format == "result" and arith.config.is_fp:
            return self.pack(numbers.astype(np.float32), arith)
        return self.pack(arith.encode(numbers, weight=self.format == "weight"), arith)

    def decode(self, data: bytes | Array, arith: Arithmetic) -> F64:
        """The real numbers of the tensor's shape that lie in its bytes.

        Raises:
            ImageError: there are more or fewer bytes.
        """
        found = self.unpack(data, arith)
        if self.format == "result":
            return arith.decode_result(found)
        return arith.decode(found, weight=self.format == "weight")

    def pack(self, elements: Array, arith: Arithmetic) -> bytes:
        """Operands or result lanes of the tensor's shape as they lie in DRAM.

        Raises:
            ImageError: they have another shape.
        """
        if elements.shape != self.shape:
            raise ImageError(f"{self.name} is {_by(self.shape)}, not {_by(elements.shape)}")
        dtype = self._dtype(arith)
        flat = np.zeros(self.size(arith.config) // np.dtype(dtype).itemsize, dtype)
        flat[self._places(arith.config)] = elements
        return flat.tobytes()

    def unpack(self, data: bytes | Array, arith: Arithmetic) -> Array:
        """Inverse of pack.

        Raises:
            ImageError: there are more or fewer bytes than the tensor has.
        """
        raw = np.frombuffer(bytes(data), np.uint8)
        if len(raw) != self.size(arith.config):
            raise ImageError(f"{self.name} takes {self.size(arith.config)} bytes, not {len(raw)}")
        return np.asarray(raw.view(self._dtype(arith))[self._places(arith.config)])

    def needed_words(self, hw: HwConfig) -> int:
        """Words that a tensor of this shape, layout and format takes.

        Raises:
            ImageError: the shape cannot be dealt out like this.
        """
        if min(self.shape) < 1:
            raise ImageError(f"{self.name}: there is no tensor of {_by(self.shape)}")
        width = 2 if self.format == "result" and hw.is_fp else 1
        if self.layout == "matrix":
            if len(self.shape) != 2 or self.shape[0] % self.gates or self.gates % self.parts:
                raise ImageError(f"{self.name}: {_by(self.shape)} is no matrix of {self.gates} gates")
            return width * self.gates * row_groups(self.shape[0] // self.gates, hw.num_pe) * self.shape[1]
        steps = self.shape[0] if len(self.shape) == 2 else 1
        return width * steps * row_groups(self.shape[-1], hw.num_pe)

    def _dtype(self, arith: Arithmetic) -> type[np.generic]:
        return arith.result_dtype if self.format == "result" else arith.operand_dtype

    def _places(self, hw: HwConfig) -> I64:
        """Numbers of the lanes that the elements stand in, of the tensor's shape."""
        pe = hw.num_pe
        if self.layout == "matrix":
            return self._matrix_places(pe)
        steps = self.shape[0] if len(self.shape) == 2 else 1
        t, n = np.arange(steps)[:, None], np.arange(self.shape[-1])[None, :]
        # Vectors one after another are the columns of a matrix.
        place = (
            vector_place(n, t, steps, pe)
            if self.layout == "sequence"
            else matrix_place(n, t, self.shape[-1], pe)
        )
        return np.asarray(place.word * pe + place.lane).reshape(self.shape)

    def _matrix_places(self, pe: int) -> I64:
        rows, columns = self.shape
        block, together = rows // self.gates, self.gates // self.parts
        padded = row_groups(block, pe) * pe
        gate, within = np.divmod(np.arange(rows), block)
        part, number = np.divmod(gate, together)
        inner = (number * padded + within)[:, None]
        place = matrix_place(inner, np.arange(columns)[None, :], together * padded, pe)
        return np.asarray(part[:, None] * (together * padded * columns) + place.word * pe + place.lane)


class Manifest(_Part):
    """All of `manifest.yaml` but its checksum."""

    format: Literal["reneta-image"] = FORMAT
    version: Literal[1] = VERSION
    hardware: HwConfig
    network: NetworkInfo
    tensors: tuple[Tensor, ...]
    regions: tuple[Region, ...]
    entries: dict[str, EntryPoint]
    dram_bytes: int = Field(ge=1)
    files: dict[str, FileInfo]

    def check(self) -> None:
        """Check that all stands within DRAM, at a word, and nothing over something else.

        Raises:
            ImageError: something does not.
        """
        areas = [(f"program {name}", entry.address, entry.end) for name, entry in self.entries.items()]
        for tensor in self.tensors:
            if tensor.words != tensor.needed_words(self.hardware):
                raise ImageError(f"{tensor.name}: {tensor.words} words are not what its shape takes")
            if tensor.address % self.hardware.word_bytes:
                raise ImageError(f"{tensor.name}: {tensor.address:#x} is no word's address")
            areas.append((tensor.name, tensor.address, tensor.address + tensor.size(self.hardware)))
        end, before = 0, "nothing"
        for name, start, stop in sorted(areas, key=lambda area: area[1:]):
            if stop > self.dram_bytes:
                raise ImageError(f"{name} ends at {stop:#x}, behind the {self.dram_bytes:#x} bytes of DRAM")
            if start < end:
                raise ImageError(f"{before} and {name} stand one over the other")
            end, before = stop, name
        self._check_programs()

    def _check_programs(self) -> None:
        if len({tensor.name for tensor in self.tensors}) != len(self.tensors):
            raise ImageError("two tensors have the same name")
        network, sequence = self.network, self.entries.get("sequence")
        if sequence and sequence.length != network.lead + network.steps * network.step_length:
            raise ImageError(
                f"a sequence of {network.steps} steps cannot have {sequence.length} instructions"
            )

    def to_text(self) -> str:
        """The file's content: keys in the order of their declaration, the checksum in the last line."""
        body = yaml.safe_dump(
            self.model_dump(mode="json"),
            sort_keys=False,
            allow_unicode=True,
            width=110,
            default_flow_style=None,
        )
        return f"{body}{_CHECKSUM}{_digest(body)}\n"

    @classmethod
    def from_text(cls, text: str) -> Manifest:
        """The reverse of to_text, checked.

        Raises:
            ImageError: it is something else, of a newer version, damaged, or says what cannot be.
        """
        try:
            data = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, RecursionError):
            raise ImageError(f"no YAML: the file is damaged; {AGAIN}") from None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ImageError(f"no manifest of the format {FORMAT}; {AGAIN}")
        version = data.get("version")
        if version != VERSION:
            newer = isinstance(version, int) and version > VERSION
            what = "newer format version" if newer else "format version"
            fix = "use the toolkit that wrote it, or " if newer else ""
            raise ImageError(f"{what} {version!r}, this program reads {VERSION}; {fix}{AGAIN}")
        body, mark, checksum = text.rpartition(_CHECKSUM)
        if not mark or checksum != f"{_digest(body)}\n":
            raise ImageError(f"the manifest's own checksum is wrong: the file is damaged; {AGAIN}")
        del data[_CHECKSUM.strip(": ")]
        try:
            manifest = cls.model_validate_json(json.dumps(data))
        except ValidationError as error:
            raise ImageError(f"{one_line(error)}; {AGAIN}") from None
        except (TypeError, ValueError):
            raise ImageError(f"values that no manifest has; {AGAIN}") from None
        manifest.check()
        return manifest


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(str(size) for size in shape) or "a single number"
