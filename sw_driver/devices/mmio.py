"""Hardware that this computer sees in its memory: registers through UIO or /dev/mem, DRAM through udmabuf.

Registers are read and written as aligned words of 32 bits, which numpy does with one access each. The DRAM is
a buffer that lies in one piece at a physical address; the machine must see its first byte at its own address
0 (docs/driver.md says how).
"""

from __future__ import annotations

import mmap
import os
import select
import struct
import time
from pathlib import Path
from typing import Self

import numpy as np

from reneta.golden.arrays import U8, U32
from reneta.golden.registers import Reg
from reneta.sw_driver.device import REGISTER_BYTES, REGISTER_SPACE, Device, checked_register
from reneta.sw_driver.errors import DeviceError, InterruptTimeoutError

SYSFS = Path("/sys")
UIO, DEV_MEM, UDMABUF = Path("/dev/uio0"), Path("/dev/mem"), Path("/dev/udmabuf0")
# Classes that versions of the udmabuf driver appear under.
_UDMABUF_CLASSES = ("u-dma-buf", "udmabuf")
# The longest sleep between two looks at the interrupt where nobody tells of it.
_POLL_S = 0.001


class Mapping:
    """A part of a device file in memory.

    Attributes:
        memory: uint8[bytes].
    """

    def __init__(self, path: Path, size: int, offset: int = 0) -> None:
        """Map it, uncached where the device can do that.

        Raises:
            DeviceError: the file cannot be opened or mapped.
        """
        try:
            self.descriptor = os.open(path, os.O_RDWR | os.O_SYNC)
        except OSError as error:
            raise DeviceError(f"{path}: {error.strerror}{_advice(error)}") from None
        try:
            self._map = mmap.mmap(self.descriptor, size, offset=offset)
        except (OSError, ValueError) as error:
            os.close(self.descriptor)
            raise DeviceError(f"{path}: 0x{size:x} bytes at 0x{offset:x} cannot be mapped: {error}") from None
        self.memory: U8 = np.frombuffer(self._map, np.uint8)

    def close(self) -> None:
        """Unmap; nobody may hold the memory any more."""
        del self.memory
        self._map.close()
        os.close(self.descriptor)


class MappedDevice(Device):
    """A machine whose registers and DRAM are arrays that it shares with this computer.

    Its interrupt is asked for, again and again.
    """

    def __init__(self, name: str, registers: U32, dram: U8) -> None:
        """A machine behind its arrays.

        Args:
            name: what it is.
            registers: the whole register space.
            dram: the DRAM.
        """
        self.name, self._registers, self._dram = name, registers, dram

    @property
    def dram_bytes(self) -> int:
        """Size of the DRAM."""
        return len(self._dram)

    def read_register(self, address: int) -> int:
        """Read a register."""
        return int(self._registers[checked_register(address) // REGISTER_BYTES])

    def write_register(self, address: int, value: int) -> None:
        """Write a register."""
        self._registers[checked_register(address) // REGISTER_BYTES] = value & 0xFFFF_FFFF

    def wait_interrupt(self, timeout_s: float) -> None:
        """Wait until the interrupt is high.

        Raises:
            DeviceError: there is no way to be told of it.
            InterruptTimeoutError: it is still low.
        """
        limit = time.monotonic() + timeout_s
        # Whoever wakes this up may tell of an interrupt that was cleared meanwhile: registers say the truth.
        while not self.read_register(Reg.IRQ_STATUS) & self.read_register(Reg.IRQ_ENABLE):
            left = limit - time.monotonic()
            if left <= 0:
                raise InterruptTimeoutError(f"{self.name}: no interrupt within {timeout_s:g} s")
            self._sleep(left)

    def _sleep(self, seconds: float) -> None:
        """Sleep until the interrupt may be high, so long at most."""
        time.sleep(min(seconds, _POLL_S))

    def _memory(self) -> U8:
        return self._dram


class MmioDevice(MappedDevice):
    """A machine whose registers and DRAM are device files.

    `uio` and `devmem` open one.
    """

    def __init__(self, name: str, registers: Mapping, dram: Mapping, interrupt: int | None = None) -> None:
        """Take over the mappings; they are closed with the device.

        Args:
            name: what it is.
            registers: the whole register space.
            dram: the DRAM.
            interrupt: descriptor of the UIO device; without one the registers are asked.
        """
        super().__init__(name, registers.memory.view(np.uint32), dram.memory)
        self._mappings, self._interrupt = [registers, dram], interrupt

    @classmethod
    def uio(cls, path: Path = UIO, dram: Path = UDMABUF, base: int = 0, sysfs: Path = SYSFS) -> Self:
        """A machine that the kernel shows as a UIO device, with interrupt.

        Args:
            path: the UIO device; its map 0 is the register space.
            dram: the udmabuf device.
            base: physical address that is the machine's address 0.
            sysfs: where the kernel tells of them.

        Raises:
            DeviceError: something is missing, too small, or not where the machine looks for it.
        """
        facts = sysfs / "class" / "uio" / path.name / "maps" / "map0"
        size = _number(facts / "size", f"is {path} there, and has it a map?")
        if size < REGISTER_SPACE:
            raise DeviceError(
                f"{path}: map 0 has 0x{size:x} bytes, the registers take 0x{REGISTER_SPACE:x}; "
                "correct its reg in the device tree"
            )
        return cls._open(f"UIO {path}", Mapping(path, REGISTER_SPACE), dram, base, sysfs, interrupt=True)

    @classmethod
    def devmem(
        cls,
        address: int,
        dram: Path = UDMABUF,
        base: int = 0,
        sysfs: Path = SYSFS,
        path: Path = DEV_MEM,
    ) -> Self:
        """A machine whose registers are at a physical address; its interrupt is asked for.

        Args:
            address: physical address of the registers, at a page.
            dram: the udmabuf device.
            base: physical address that is the machine's address 0.
            sysfs: where the kernel tells of it.
            path: the memory as a file.

        Raises:
            DeviceError: as for uio.
        """
        if address % mmap.PAGESIZE:
            raise DeviceError(f"0x{address:x} is no page's address; give that of the machine's registers")
        registers = Mapping(path, REGISTER_SPACE, address)
        return cls._open(f"memory 0x{address:x}", registers, dram, base, sysfs, interrupt=False)

    @classmethod
    def _open(
        cls, name: str, registers: Mapping, dram: Path, base: int, sysfs: Path, interrupt: bool
    ) -> Self:
        try:
            buffer = _buffer(dram, base, sysfs)
        except DeviceError:
            registers.close()
            raise
        return cls(name, registers, buffer, registers.descriptor if interrupt else None)

    def close(self) -> None:
        """Unmap registers and DRAM."""
        if self._mappings:
            del self._registers, self._dram
            while self._mappings:
                self._mappings.pop().close()

    def _sleep(self, seconds: float) -> None:
        if self._interrupt is None:
            super()._sleep(seconds)
            return
        try:
            # The kernel masks the interrupt when it tells of it; this lets it come again.
            os.write(self._interrupt, struct.pack("=I", 1))
            ready, _, _ = select.select([self._interrupt], [], [], seconds)
            if ready:
                os.read(self._interrupt, 4)
        except OSError as error:
            raise DeviceError(
                f"{self.name}: no interrupt can be had of it: {error.strerror}; give the device tree's node "
                "its interrupts, or use --device devmem, which needs none"
            ) from None


def _buffer(path: Path, base: int, sysfs: Path) -> Mapping:
    """A udmabuf buffer.

    Raises:
        DeviceError: there is none, or the machine does not see it at its address 0.
    """
    folders = [sysfs / "class" / name / path.name for name in _UDMABUF_CLASSES]
    facts = next((folder for folder in folders if folder.is_dir()), folders[0])
    physical = _number(facts / "phys_addr", "is the module u-dma-buf loaded?")
    size = _number(facts / "size", "is the module u-dma-buf loaded?")
    check_base(str(path), physical, base)
    return Mapping(path, size)


def check_base(name: str, physical: int, base: int) -> None:
    """Check that a buffer begins at the machine's address 0.

    Args:
        name: of the buffer.
        physical: its physical address.
        base: physical address that is the machine's address 0.

    Raises:
        DeviceError: it begins elsewhere.
    """
    if physical != base:
        raise DeviceError(
            f"{name} lies at 0x{physical:x}, the machine's address 0 is 0x{base:x}: reserve memory there for "
            "it, or build the machine's way to memory so that they meet and give --base (docs/driver.md)"
        )


def _number(file: Path, advice: str) -> int:
    """A number in sysfs."""
    try:
        return int(file.read_text(encoding="ascii").strip(), 0)
    except OSError as error:
        raise DeviceError(f"{file}: {error.strerror}; {advice}") from None
    except ValueError:
        raise DeviceError(f"{file}: not a number; {advice}") from None


def _advice(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "; run as root, or give yourself the rights by a udev rule"
    return ""
