"""The demonstration's runs: the same image and utterances on the golden machine and on the RTL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from reneta.compiler.image_folder import ImageFolder
from reneta.golden.arrays import F32
from reneta.sw_driver.device import Device
from reneta.sw_driver.devices.fast_sim import FastSimDevice
from reneta.sw_driver.devices.golden import GoldenDevice
from reneta.sw_driver.fast_sim import FastSim
from reneta.sw_driver.program import Counters
from reneta.sw_driver.session import Session


@dataclass(frozen=True)
class Run:
    """An utterance on a machine.

    Attributes:
        word: what was recognised.
        steps: its frames.
        parts: counters of each program.
        memory: hash of all of DRAM afterwards: data, states that were stored, results.
    """

    word: str
    steps: int
    parts: dict[str, Counters]
    memory: str

    @property
    def sequence(self) -> Counters:
        """Counters of the steps themselves."""
        return self.parts["sequence"]


def run_utterance(session: Session, features: F32) -> Run:
    """Recognise an utterance.

    Raises:
        DriverError: a program does not end well.
    """
    found = session.run(features)
    dram = session.device.read_dram(0, len(session.image.dram))
    return Run(found.label, found.steps, found.parts, hashlib.sha256(dram.tobytes()).hexdigest())


def on_device(device: Device, image: ImageFolder, utterances: list[F32]) -> Iterator[Run]:
    """Run utterances one after another, from a freshly loaded image on.

    Raises:
        DriverError: a program does not end well.
    """
    session = Session(device)
    session.load(image)
    for features in utterances:
        yield run_utterance(session, features)


def rtl_device(image: ImageFolder) -> FastSimDevice:
    """The verilated RTL of the image's configuration with as much DRAM as the image; built where needed.

    Raises:
        BuildError: it cannot be built.
    """
    return FastSimDevice(FastSim(image.hw, len(image.dram)))


class GoldenRuns:
    """The golden machine on all utterances, in a process of its own meanwhile. A context manager."""

    def __init__(self, folder: Path, utterances: list[F32]) -> None:
        """Begin.

        Args:
            folder: of the image.
            utterances: features of each.
        """
        self._pool = ProcessPoolExecutor(1, get_context("spawn"))
        self._runs: Future[list[Run]] = self._pool.submit(_golden, folder, utterances)

    def __enter__(self) -> GoldenRuns:
        """The runs themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give up what has not been done."""
        self._pool.shutdown(cancel_futures=True)

    def result(self) -> list[Run]:
        """Wait for the runs."""
        return self._runs.result()


def _golden(folder: Path, utterances: list[F32]) -> list[Run]:
    image = ImageFolder.load(folder)
    return list(on_device(GoldenDevice(image.hw, len(image.dram)), image, utterances))
