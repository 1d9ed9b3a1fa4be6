"""Libraries that the tests share: each is built once, whichever process comes first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reneta.golden.config import HwConfig, load_config
from reneta.sw_driver.device import Device
from reneta.sw_driver.devices.fast_sim import FastSimDevice
from reneta.sw_driver.devices.golden import GoldenDevice
from reneta.sw_driver.example import Example, lstm_example
from reneta.sw_driver.fast_sim import FastSim, Library, build_library

ROGUE = Path(__file__).resolve().parent / "rogue"


@pytest.fixture(scope="session")
def hw() -> HwConfig:
    """A narrow array, which is built fast."""
    return load_config("bf16_pe4")


@pytest.fixture(scope="session")
def library(hw: HwConfig) -> Library:
    """The chip, with its assertions."""
    return build_library(hw, asserts=True)


@pytest.fixture(scope="session")
def rogue(hw: HwConfig) -> Library:
    """A chip that breaks rules."""
    return build_library(hw, asserts=True, rtl_dir=ROGUE)


@pytest.fixture(scope="session")
def example(hw: HwConfig) -> Example:
    """A program that uses every unit of the chip."""
    return lstm_example(hw, inputs=6, units=9, steps=4, theta=0.1)


@pytest.fixture(params=["golden", "sim"])
def device(request: pytest.FixtureRequest, library: Library) -> Iterator[Device]:
    """The golden machine, and the chip, with as much DRAM as the test's module says: DRAM_BYTES."""
    made: Device
    if request.param == "golden":
        made = GoldenDevice(library.hw, request.module.DRAM_BYTES)
    else:
        made = FastSimDevice(FastSim(library, request.module.DRAM_BYTES))
    with made:
        yield made
