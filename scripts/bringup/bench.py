"""What the bring-up tests share: the machine under test, the golden machine beside it, comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reneta.compiler.image import Entry
from reneta.golden.arrays import U8, Array
from reneta.golden.config import HwConfig
from reneta.golden.machine import Machine, MachineError
from reneta.sw_driver.device import Device
from reneta.sw_driver.errors import DriverError
from reneta.sw_driver.program import run_program

# Bytes of DRAM that are written and read at once.
PIECE = 1 << 20


class BringupError(Exception):
    """The machine does something else than it should; one line that says what, and what to look at."""


@dataclass(frozen=True)
class Bench:
    """A machine under test.

    Attributes:
        device: the machine.
        rng: for all data.
        hw: the configuration that it has to have; None: whatever it says.
        image: folder of an image; None: there is none.
        timeout_s: for each program.
        soak_s: how long the soak test goes on.
    """

    device: Device
    rng: np.random.Generator
    hw: HwConfig | None = None
    image: Path | None = None
    timeout_s: float = 60.0
    soak_s: float = 10.0

    def need(self, size: int, what: str) -> None:
        """Demand this many bytes of DRAM.

        Raises:
            BringupError: the device has fewer.
        """
        if size > self.device.dram_bytes:
            raise BringupError(
                f"{what} takes {size} bytes of DRAM, the device has {self.device.dram_bytes}; give it more"
            )

    def ready(self) -> None:
        """A machine in state IDLE, behind a reset, whatever the test before has left."""
        self.device.reset()

    def run(self, dram: U8, entries: Iterable[Entry], what: str) -> U8:
        """Run programs on the device; the DRAM that they leave.

        Args:
            dram: its contents from address 0 on.
            entries: programs in it, one after another.
            what: is running, for the message.

        Raises:
            BringupError: there is no room.
            DriverError: a program does not end well.
        """
        self.need(len(dram), what)
        self.device.write_dram(0, dram)
        for entry in entries:
            run_program(self.device, *entry, self.timeout_s)
        return self.device.read_dram(0, len(dram))

    def compare(self, dram: U8, entries: Sequence[Entry], what: str) -> None:
        """Run programs on the device and on the golden machine, and compare all of the DRAM.

        Raises:
            BringupError: something differs, or there is no room.
            DriverError: a program does not end well.
        """
        machine = Machine(self.device.hw, len(dram))
        machine.dram[:] = dram
        for entry in entries:
            try:
                machine.run_image(*entry)
            except MachineError as error:
                raise BringupError(f"{what}: the golden machine refuses it: {error}") from None
        try:
            found = self.run(dram, entries, what)
        except DriverError as error:
            raise BringupError(f"{what}: {error}") from None
        same(found, machine.dram, what)


def same(found: U8, wanted: Array, what: str, address: int = 0) -> None:
    """Compare bytes.

    Args:
        found: bytes.
        wanted: as many.
        what: they are.
        address: of the first one.

    Raises:
        BringupError: one differs; the first one is named.
    """
    other = np.flatnonzero(found != wanted)
    if len(other):
        at = int(other[0])
        raise BringupError(
            f"{what}: {len(other)} of {len(found)} bytes differ, the first one at 0x{address + at:x}: "
            f"0x{found[at]:02x}, wanted 0x{wanted[at]:02x}"
        )
