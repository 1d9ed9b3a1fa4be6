"""The soak loop: everything again and again with other data, and what became of it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from reneta.scripts.bringup.bench import Bench, BringupError
from reneta.scripts.bringup.memories import smem, spm
from reneta.scripts.bringup.networks import inference
from reneta.scripts.bringup.procedures import MAKERS
from reneta.sw_driver.errors import DriverError


@dataclass
class Tally:
    """How often a part was run, and how long that took."""

    runs: int = 0
    seconds: float = 0.0


def soak(bench: Bench) -> tuple[str, dict[str, Tally]]:
    """Procedures, memories and, with an image, inference in turns until the time is up; at least once each.

    The first difference ends it, as the test's failure that names the round. The same seed gives the same
    data in the same order.

    Returns:
        What was done in a line, and the tally of each part.
    """
    parts = [*MAKERS, "SMEM", "SPM"] + (["inference"] if bench.image else [])
    tallies = {name: Tally() for name in parts}
    begin = time.monotonic()
    rounds = 0
    while rounds == 0 or time.monotonic() - begin < bench.soak_s:
        for name in parts:
            start = time.monotonic()
            try:
                _run(bench, name)
            except (BringupError, DriverError) as error:
                raise BringupError(f"round {rounds + 1}: {error}") from None
            tallies[name].runs += 1
            tallies[name].seconds += time.monotonic() - start
        rounds += 1
    seconds = time.monotonic() - begin
    runs = sum(tally.runs for tally in tallies.values())
    return f"{rounds} rounds, {runs} runs in {seconds:.1f} s, no difference", tallies


def _run(bench: Bench, name: str) -> None:
    match name:
        case "SMEM":
            smem(bench)
        case "SPM":
            spm(bench)
        case "inference":
            inference(bench)
        case _:
            bench.ready()
            dram, entries = MAKERS[name](bench.device.hw, bench.rng)
            bench.compare(dram, entries, name)
