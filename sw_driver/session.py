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
from reneta.golden.arrays import F32, F64, Array
from reneta.sw_driver.classifier import LinearLayer, Loss, classify, sgd
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


@dataclass(frozen=True)
class TrainingStep:
    """What came of a training step.

    Attributes:
        before: cross entropy with the weights that there were.
        after: of the same sequence with the new ones.
        logits: with the weights that there were [C].
        gradients: of all weights, by the names and in the shapes of their tensors; a recurrent layer's biases
            have one gradient [rows, 1]. Rows are in the machine's order of gates (golden/layers.py).
        parts: counters of the programs forward, backward, gradients.
    """

    before: float
    after: float
    logits: F64
    gradients: dict[str, F64]
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
        master: float32 weights that training goes on from, by their tensors' names; the rounded ones of the
            image at first. Who has better ones puts them here before the first step.
    """

    def __init__(self, device: Device, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """A session without an image."""
        self.device, self.timeout_s = device, timeout_s
        self.master: dict[str, F32] = {}
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
        weights = (tensor.name for tensor in image.manifest.tensors if tensor.role == "weight")
        self.master = {name: self.read(name).astype(np.float32) for name in weights}

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

    def train_step(self, features: Array, target: int, rate: float) -> TrainingStep:
        """One step of training on a sequence: forward, backward, new weights in the DRAM.

        A sequence shorter than the image's is filled up; what is filled in has no part in the gradients, as
        the loss does not depend on it.

        Args:
            features: [T, F].
            target: number of its class.
            rate: learning rate.

        Raises:
            DriverError: a program does not end well.
            ImageError: there are no steps or more than the image takes, or it has no training programs.
            InputError: features, class or rate are not possible.
        """
        x, shape = self._checked(features, 2), self.image.tensor("dl_dh").shape
        if not 1 <= len(x) <= shape[0]:
            raise InputError(f"a training step takes 1 to {shape[0]} steps, not {len(x)}")
        classes = self.image.manifest.network.layers[-1].units
        if not 0 <= target < classes:
            raise InputError(f"there is no class {target}; there are {classes}, from 0 on")
        if not 0 <= rate < np.inf:
            raise InputError(f"the learning rate {rate} is not a number from 0 on")
        self.write("x", np.concatenate([x, np.repeat(x[-1:], shape[0] - len(x), axis=0)]))
        before, forward = self._loss(len(x), target)
        dl_dh = np.zeros(shape)
        dl_dh[len(x) - 1] = before.dl_dh
        self.write("dl_dh", dl_dh)
        parts = {"forward": forward, **{name: self.execute(name) for name in ("backward", "gradients")}}
        mine = [name for name in self.master if name not in before.gradients]
        gradients = before.gradients | {name: self.read(f"{name}.grad") for name in mine}
        self.master = sgd(self.master, gradients, rate)
        for name, value in self.master.items():
            self.write(name, value)
        after, _ = self._loss(len(x), target)
        return TrainingStep(before.loss, after.loss, before.logits, gradients, parts)

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

    def _loss(self, steps: int, target: int) -> tuple[Loss, Counters]:
        """The forward pass of what is in x; loss and gradients by h of its last step, counters of the pass.

        The classifier uses the weights as the machine holds them.
        """
        counters = self.execute("forward")
        linear = [
            LinearLayer(
                layer.name, self.read(f"{layer.name}.w"), self.read(f"{layer.name}.bias")[:, 0], layer.relu
            )
            for layer in self.image.manifest.network.layers
            if layer.kind == "Linear"
        ]
        return classify(linear, self.read("h")[steps - 1], target), counters

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
