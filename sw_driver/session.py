"""A network on a machine: load its image folder, run sequences, stream, read what the machine counted.

    with open_device(...) as device:
        session = Session(device)
        session.load(ImageFolder.load(Path("build/demo/image")))
        print(session.run(features).label)
        with session.stream() as stream:
            for frame in features:
                stream.step(frame)
            print(stream.finish().label)

docs/compiler.md says what the programs of an image do, docs/driver.md how they are used here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType

import numpy as np

from reneta.compiler.image import Entry
from reneta.compiler.image_folder import ImageFolder
from reneta.golden.arrays import F64, Array
from reneta.sw_driver.device import Device
from reneta.sw_driver.errors import DriverError
from reneta.sw_driver.program import DEFAULT_TIMEOUT_S, Counters, run_program


class InputError(DriverError):
    """An input that the network does not take."""


def total(parts: Iterable[Counters]) -> Counters:
    """Counters of programs that ran one after another."""
    return Counters(*(sum(column) for column in zip(*parts, strict=True)))


@dataclass(frozen=True)
class Inference:
    """What came of a sequence.

    Attributes:
        logits: of the classes, float64 [C].
        number: of the class with the largest one, the first where there are several.
        label: its name; its number where the image has no names.
        steps: length of the sequence.
        parts: counters of each program: begin, sequence (of a stream: all its steps), finish.
    """

    logits: F64
    number: int
    label: str
    steps: int
    parts: dict[str, Counters]

    @property
    def counters(self) -> Counters:
        """Of all programs together."""
        return total(self.parts.values())


class Session:
    """A device with an image in its DRAM.

    Attributes:
        device: the machine.
        timeout_s: after which a program is given up.
    """

    def __init__(self, device: Device, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """A session without an image."""
        self.device, self.timeout_s = device, timeout_s
        self._image: ImageFolder | None = None

    @property
    def image(self) -> ImageFolder:
        """The image that is loaded.

        Raises:
            DriverError: none is.
        """
        if self._image is None:
            raise DriverError(f"{self.device.name}: no image is loaded")
        return self._image

    def load(self, image: ImageFolder) -> None:
        """Reset the machine and write an image into its DRAM.

        SMEM and descriptors are left as they are: the programs write what they read.

        Raises:
            DriverError: the DRAM is too small.
            MismatchError: the image is for another machine.
        """
        self.device.require(image.hw)
        size = len(image.dram)
        if size > self.device.dram_bytes:
            raise DriverError(
                f"the image takes {size} bytes of DRAM, {self.device.name} has {self.device.dram_bytes}: "
                "give it a larger buffer"
            )
        self.device.reset()
        self.device.write_dram(0, image.dram)
        self._image = image

    def run(self, features: Array) -> Inference:
        """Recognise a sequence.

        Args:
            features: [T, F], as the network was trained on.

        Raises:
            DriverError: a program does not end well (errors.py has the kinds).
            ImageError: there are no steps, or more than the image takes.
            InputError: they are not F features, or not finite numbers.
        """
        image = self.image
        x, tensor = self._checked(features, 2), image.tensor("x")
        entry = image.sequence(len(x))
        padded = np.zeros(tensor.shape)
        padded[: len(x)] = x
        self.write("x", padded)
        return self._finish({"begin": self.execute("begin"), "sequence": self._run(entry)}, len(x))

    def stream(self) -> Stream:
        """Begin a sequence that comes step by step; to be used as a context manager."""
        return Stream(self)

    def execute(self, name: str) -> Counters:
        """Run a program of the image.

        Raises:
            DriverError: it does not end well.
            ImageError: there is no such program.
        """
        entry = self.image.entry(name)
        return self._run(Entry(entry.address, entry.length))

    def read(self, name: str) -> F64:
        """A tensor of the image as it stands in DRAM now, of its shape.

        Raises:
            ImageError: there is none of that name.
        """
        image, tensor = self.image, self.image.tensor(name)
        return tensor.decode(self.device.read_dram(tensor.address, tensor.size(image.hw)), image.arith)

    def write(self, name: str, values: Array) -> None:
        """Write a tensor of the image, rounded to its format.

        Raises:
            ImageError: there is none of that name, or it has another shape.
        """
        tensor = self.image.tensor(name)
        self.device.write_dram(tensor.address, tensor.encode(values, self.image.arith))

    def _run(self, entry: Entry) -> Counters:
        return run_program(self.device, entry.address, entry.length, self.timeout_s)

    def _finish(self, parts: dict[str, Counters], steps: int) -> Inference:
        parts = parts | {"finish": self.execute("finish")}
        logits = self.read("logits")
        number, labels = int(np.argmax(logits)), self.image.manifest.network.labels
        return Inference(logits, number, labels[number] if labels else str(number), steps, parts)

    def _checked(self, features: Array, dimensions: int) -> F64:
        """Features of one or several steps."""
        x, inputs = np.asarray(features, np.float64), self.image.manifest.network.layers[0].inputs
        if x.ndim != dimensions or x.shape[-1] != inputs:
            wanted = " x ".join(["steps"] * (dimensions - 1) + [str(inputs)])
            found = " x ".join(map(str, x.shape)) or "a single number"
            raise InputError(f"the network takes features of {wanted}, not {found}")
        if not np.isfinite(x).all():
            raise InputError("the features hold numbers that are not finite")
        return x


class Stream:
    """A sequence of any length, step by step; the network's state stays in the machine.

    Nothing else may run in the session until it has ended.
    """

    def __init__(self, session: Session) -> None:
        """See Session.stream."""
        self._session = session
        self._begun: Counters | None = None
        self._steps: list[Counters] = []

    def __enter__(self) -> Stream:
        """Set the states to their beginning."""
        self._begun, self._steps = self._session.execute("begin"), []
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the sequence."""
        self._begun = None

    def step(self, x: Array) -> F64:
        """One step.

        Args:
            x: features [F].

        Returns:
            h of the last recurrent layer [H].

        Raises:
            DriverError: the stream has not begun or has ended, or a program does not end well.
            InputError: they are not F finite features.
        """
        self._demand()
        session = self._session
        session.write("x_step", session._checked(x, 1))
        self._steps.append(session.execute("stream"))
        return session.read("h_step")

    def finish(self) -> Inference:
        """What the sequence so far is recognised as; it may go on afterwards.

        Raises:
            DriverError: there was no step, or a program does not end well.
        """
        begun = self._demand()
        if not self._steps:
            raise DriverError("a stream without a step cannot be recognised")
        return self._session._finish({"begin": begun, "sequence": total(self._steps)}, len(self._steps))

    def _demand(self) -> Counters:
        if self._begun is None:
            raise DriverError("a stream is used outside of its with statement")
        return self._begun
