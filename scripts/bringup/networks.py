"""A whole network from an image folder, on the device and on the golden machine."""

from __future__ import annotations

import numpy as np

from reneta.compiler.image_folder import ImageFolder
from reneta.golden.arrays import F64
from reneta.scripts.bringup.bench import Bench, BringupError, same
from reneta.sw_driver.devices.golden import GoldenDevice
from reneta.sw_driver.session import Inference, Session

# The longest sequence that is run: enough for every part of the programs, short enough for simulations.
MOST_STEPS = 12


def inference(bench: Bench) -> str:
    """A random sequence through all programs, in one piece and as a stream; logits and DRAM are compared."""
    if bench.image is None:
        raise BringupError("inference needs an image folder; give --image")
    image = ImageFolder.load(bench.image)
    network = image.manifest.network
    x = random_walk(bench.rng, min(network.steps, MOST_STEPS), network.layers[0].inputs)
    bench.ready()
    session, golden = _loaded(bench, image)
    found, wanted = session.run(x), golden.run(x)
    _equal(session, golden, found, wanted, "a sequence")
    streamed, expected = (_streamed(one, x) for one in (session, golden))
    _equal(session, golden, streamed, expected, "a stream")
    if not np.array_equal(streamed.logits, found.logits):
        raise BringupError(f"a stream gives {streamed.logits}, the same steps in one piece {found.logits}")
    cycles = found.parts["sequence"].cycles
    return f"{len(x)} steps, {cycles / len(x):.0f} cycles each; in one piece and as a stream"


def random_walk(rng: np.random.Generator, steps: int, inputs: int) -> F64:
    """Features [steps, inputs] of which some move in each step."""
    moves = (rng.random((steps, inputs)) < 0.3) * rng.standard_normal((steps, inputs))
    return np.asarray(np.cumsum(moves, axis=0))


def _loaded(bench: Bench, image: ImageFolder) -> tuple[Session, Session]:
    """Sessions on the device and on a golden machine."""
    sessions = Session(bench.device, bench.timeout_s), Session(GoldenDevice(image.hw, len(image.dram)))
    for session in sessions:
        session.load(image)
    return sessions


def _streamed(session: Session, x: F64) -> Inference:
    with session.stream() as stream:
        for step in x:
            stream.step(step)
        return stream.finish()


def _equal(session: Session, golden: Session, found: Inference, wanted: Inference, what: str) -> None:
    size = len(session.image.dram)
    same(session.device.read_dram(0, size), golden.device.read_dram(0, size), f"DRAM behind {what}")
    for name in ("dram_read", "dram_written", "mac", "fired", "instructions"):
        count, expected = getattr(found.counters, name), getattr(wanted.counters, name)
        if count != expected:
            raise BringupError(f"{what}: counter {name} is {count}, the golden machine's {expected}")
