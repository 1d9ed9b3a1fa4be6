"""A machine on a board with PYNQ: its bitstream, registers and DRAM through that package.

PYNQ is imported when a device is opened, as only its boards have it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from reneta.sw_driver.device import REGISTER_SPACE
from reneta.sw_driver.devices.mmio import MappedDevice, check_base
from reneta.sw_driver.errors import DeviceError

IP = "dtv1_0"


class PynqDevice(MappedDevice):
    """A machine in an overlay; its interrupt is asked for."""

    def __init__(self, bitstream: Path, ip: str = IP, dram_bytes: int = 1 << 22, base: int = 0) -> None:
        """Load the bitstream, and find the machine in it.

        Args:
            bitstream: the overlay's .bit, with its .hwh beside it.
            ip: name of the machine in the block design.
            dram_bytes: size of the DRAM.
            base: physical address that is the machine's address 0.

        Raises:
            DeviceError: there is no PYNQ, no such file or machine, or the DRAM lies elsewhere.
        """
        try:
            pynq: Any = import_module("pynq")
        except ImportError:
            raise DeviceError(
                "the package pynq is missing; it comes with a PYNQ board's image: run this there, "
                "or use --device uio"
            ) from None
        if not bitstream.is_file():
            raise DeviceError(f"{bitstream}: no such bitstream")
        overlay = pynq.Overlay(str(bitstream))
        if ip not in overlay.ip_dict:
            known = ", ".join(overlay.ip_dict) or "nothing"
            raise DeviceError(f"{bitstream}: there is no {ip} in it, but {known}; give its name with --ip")
        registers = pynq.MMIO(overlay.ip_dict[ip]["phys_addr"], REGISTER_SPACE)
        self._buffer: Any = pynq.allocate((dram_bytes,), np.uint8, cacheable=False)
        super().__init__(f"PYNQ {bitstream.name} {ip}", registers.array, np.asarray(self._buffer))
        try:
            check_base("the buffer that PYNQ gives", int(self._buffer.physical_address), base)
        except DeviceError:
            self.close()
            raise

    def close(self) -> None:
        """Give the DRAM back."""
        self._buffer.freebuffer()
