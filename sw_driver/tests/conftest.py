"""Libraries that the tests share: each is built once, whichever process comes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from reneta.golden.config import HwConfig, load_config
from reneta.sw_driver.example import Example, lstm_example
from reneta.sw_driver.fast_sim import Library, build_library

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
