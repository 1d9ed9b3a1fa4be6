"""An image on a machine: tensors in, programs run, tensors out; on the golden machine, or on others."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from reneta.compiler.image import Entry
from reneta.compiler.image_folder import ImageFolder
from reneta.compiler.manifest import EntryPoint
from reneta.golden.arrays import F64, U8, Array
from reneta.golden.machine import Machine


class ImageRunner(ABC):
    """A machine with an image in its DRAM.

    Attributes:
        image: the image.
    """

    def __init__(self, image: ImageFolder) -> None:
        """Load an image."""
        self.image = image
        self.dram[: len(image.dram)] = image.dram

    @property
    @abstractmethod
    def dram(self) -> U8:
        """The machine's DRAM itself, from address 0 on: at least as large as the image's."""

    @abstractmethod
    def run_at(self, address: int, length: int) -> None:
        """Run the program at an address, with so many instructions, to its end."""

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
        """Run a program to its end."""
        entry = self.image.entry(program) if isinstance(program, str) else program
        self.run_at(entry.address, entry.length)

    def _put(self, name: str, data: bytes) -> None:
        start = self.image.tensor(name).address
        self.dram[start : start + len(data)] = np.frombuffer(data, np.uint8)

    def _bytes(self, name: str) -> U8:
        tensor = self.image.tensor(name)
        return self.dram[tensor.address : tensor.address + tensor.size(self.image.hw)]


class ImageMachine(ImageRunner):
    """The same on the golden machine.

    Attributes:
        machine: the machine.
    """

    def __init__(self, image: ImageFolder, machine: Machine | None = None) -> None:
        """Load an image.

        Args:
            image: what is loaded.
            machine: with as much DRAM as the image at least; None: a new one.
        """
        self.machine = machine or Machine(image.hw, len(image.dram))
        super().__init__(image)

    @property
    def dram(self) -> U8:
        """The machine's DRAM."""
        return self.machine.dram

    def run_at(self, address: int, length: int) -> None:
        """Run a program.

        Raises:
            MachineError: it is faulty.
        """
        self.machine.run_image(address, length)
