"""An image on the golden machine: tensors in, programs run, tensors out."""

from __future__ import annotations

import numpy as np

from reneta.compiler.image import Entry
from reneta.compiler.image_folder import ImageFolder
from reneta.compiler.manifest import EntryPoint
from reneta.golden.arrays import F64, Array
from reneta.golden.machine import Machine


class ImageMachine:
    """A golden machine with an image in its DRAM.

    Attributes:
        image: the image.
        machine: the machine.
    """

    def __init__(self, image: ImageFolder, machine: Machine | None = None) -> None:
        """Load an image.

        Args:
            image: what is loaded.
            machine: with as much DRAM as the image at least; None: a new one.
        """
        self.image = image
        self.machine = machine or Machine(image.hw, len(image.dram))
        self.machine.dram[: len(image.dram)] = image.dram

    def write(self, name: str, values: Array) -> None:
        """Write a tensor; see Tensor.encode."""
        self._put(name, self.image.tensor(name).encode(values, self.image.arith))

    def write_operands(self, name: str, operands: Array) -> None:
        """Write a tensor; see Tensor.pack."""
        self._put(name, self.image.tensor(name).pack(operands, self.image.arith))

    def read(self, name: str) -> F64:
        """A tensor as numbers."""
        return self.image.tensor(name).decode(self._bytes(name), self.image.arith)

    def read_operands(self, name: str) -> Array:
        """A tensor as operands or result lanes."""
        return self.image.tensor(name).unpack(self._bytes(name), self.image.arith)

    def run(self, program: str | Entry | EntryPoint) -> None:
        """Run a program.

        Raises:
            MachineError: it is faulty.
        """
        entry = self.image.entry(program) if isinstance(program, str) else program
        self.machine.run_image(entry.address, entry.length)

    def _put(self, name: str, data: bytes) -> None:
        start = self.image.tensor(name).address
        self.machine.dram[start : start + len(data)] = np.frombuffer(data, np.uint8)

    def _bytes(self, name: str) -> Array:
        tensor = self.image.tensor(name)
        return self.machine.dram[tensor.address : tensor.address + tensor.size(self.image.hw)]
