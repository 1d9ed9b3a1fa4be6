"""cocotbext-axi's models: stall profiles for their channels, and less talk."""

from __future__ import annotations

import logging
import random
import warnings
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any

from reneta.verif.common.stalls import Stall, Staller

# Release 0.1.28 uses what cocotb 2 still has, but does not want to keep.
warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"cocotbext\.axi\.")


def silence() -> None:
    """Let models report problems only; else they name each port and log each burst."""
    logging.getLogger("cocotb.tb").setLevel(logging.WARNING)


def pauses(profile: Stall | str, source: random.Random) -> Iterator[bool]:
    """For each cycle whether a channel pauses."""
    staller = Staller(profile, source)
    while True:
        yield from repeat(False, staller.run())
        yield from repeat(True, staller.pause())


def set_pauses(channels: Iterable[Any], profile: Stall | str, source: random.Random) -> None:
    """Let channels (of a model of cocotbext-axi) pause as a profile says."""
    for channel in channels:
        # A channel keeps the last value of a generator that is taken away.
        channel.clear_pause_generator()
        channel.pause = profile == Stall.BLOCKED
        if profile not in (Stall.NONE, Stall.BLOCKED):
            channel.set_pause_generator(pauses(profile, random.Random(source.random())))
