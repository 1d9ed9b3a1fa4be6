"""Hardware in memory, on plain files and a sysfs of the test's own: there is no board here."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from reneta.golden import registers as regs
from reneta.golden.config import HwConfig
from reneta.golden.registers import Reg
from reneta.sw_driver.device import ALL_INTERRUPTS
from reneta.sw_driver.devices.golden import GoldenDevice
from reneta.sw_driver.devices.mmio import Mapping, MmioDevice
from reneta.sw_driver.devices.pynq import PynqDevice
from reneta.sw_driver.errors import DeviceError, InterruptTimeoutError

SPACE, DRAM_BYTES, ADDRESS, BASE = 1 << 16, 1 << 14, 0x3000, 0x1000_0000


class Board:
    """Files that look like a board's.

    Attributes:
        sysfs: what the kernel tells.
        uio: the UIO device; the registers of a machine after reset are in it.
        memory: the memory as a file, registers at ADDRESS.
        dram: the udmabuf device.
    """

    def __init__(self, root: Path, hw: HwConfig) -> None:
        self.sysfs, self.uio, self.memory, self.dram = (
            root / name for name in ("sys", "uio3", "mem", "udmabuf1")
        )
        golden = GoldenDevice(hw, 64)
        words = [golden.read_register(address) for address in range(0, SPACE, 4)]
        self.registers = np.array(words, "<u4").tobytes()
        self.uio.write_bytes(self.registers)
        self.memory.write_bytes(bytes(ADDRESS) + self.registers)
        self.dram.write_bytes(bytes(DRAM_BYTES))
        self.tell("class/uio/uio3/maps/map0/size", f"0x{SPACE:x}\n")
        self.tell("class/u-dma-buf/udmabuf1/phys_addr", f"0x{BASE:08x}\n")
        self.tell("class/u-dma-buf/udmabuf1/size", f"{DRAM_BYTES}\n")

    def tell(self, name: str, text: str) -> None:
        """Write a file of sysfs."""
        file = self.sysfs / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="ascii")

    def open_uio(self, base: int = BASE) -> MmioDevice:
        """The machine as a UIO device."""
        return MmioDevice.uio(self.uio, self.dram, base, self.sysfs)

    def open_devmem(self, base: int = BASE) -> MmioDevice:
        """The machine by its physical address."""
        return MmioDevice.devmem(ADDRESS, self.dram, base, self.sysfs, self.memory)


@pytest.fixture
def board(tmp_path: Path, hw: HwConfig) -> Board:
    return Board(tmp_path, hw)


def test_registers_through_uio(board: Board, hw: HwConfig) -> None:
    with board.open_uio() as device:
        assert device.hw == hw
        device.write_register(Reg.PROG_ADDR, 0x1_2345_6789)
        assert device.read_register(Reg.PROG_ADDR) == 0x2345_6789
        device.write_register(SPACE - 4, 5)
    written = bytearray(board.registers)
    written[Reg.PROG_ADDR : Reg.PROG_ADDR + 4] = struct.pack("<I", 0x2345_6789)
    written[SPACE - 4 :] = struct.pack("<I", 5)
    assert board.uio.read_bytes() == bytes(written)


def test_registers_through_dev_mem(board: Board, hw: HwConfig) -> None:
    with board.open_devmem() as device:
        assert device.hw == hw
        device.write_register(Reg.PROG_LEN, 9)
    content = board.memory.read_bytes()
    assert content[ADDRESS + Reg.PROG_LEN :][:4] == struct.pack("<I", 9)
    assert not any(content[:ADDRESS])


def test_addresses_are_checked(board: Board) -> None:
    with board.open_uio() as device:
        for address in (2, -4, SPACE):
            with pytest.raises(DeviceError, match="is not the address of a register"):
                device.write_register(address, 1)
        with pytest.raises(DeviceError, match="are not in its DRAM"):
            device.read_dram(DRAM_BYTES - 1, 2)
    assert board.uio.read_bytes() == board.registers


@pytest.mark.parametrize("name", ["u-dma-buf", "udmabuf"])
def test_dram_is_the_buffer(board: Board, name: str) -> None:
    """Two versions of the driver's module have classes of different names."""
    (board.sysfs / "class" / "u-dma-buf").rename(board.sysfs / "class" / name)
    with board.open_uio() as device:
        assert device.dram_bytes == DRAM_BYTES
        device.write_dram(100, np.array([1, 2], np.uint16))
        assert device.read_dram(100, 4).tolist() == [1, 0, 2, 0]
    assert board.dram.read_bytes()[100:104] == bytes([1, 0, 2, 0])
    with board.open_uio() as device:
        device.close()


def test_a_buffer_that_the_machine_does_not_see_at_zero(board: Board) -> None:
    with pytest.raises(DeviceError, match="lies at 0x10000000, the machine's address 0 is 0x0: reserve"):
        board.open_uio(base=0)
    with pytest.raises(DeviceError, match="lies at 0x10000000, the machine's address 0 is 0x100: reserve"):
        board.open_devmem(base=0x100)
    with pytest.raises(DeviceError, match="lies at 0x10000000, the machine's address 0 is 0x20000000"):
        board.open_uio(base=2 * BASE)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("no uio", r"maps/map0/size: No such file or directory; is .*uio3 there"),
        ("small map", r"map 0 has 0x1000 bytes, the registers take 0x10000; correct"),
        ("no number", r"phys_addr: not a number; is the module u-dma-buf loaded\?"),
        ("no buffer", r"phys_addr: No such file or directory; is the module u-dma-buf loaded\?"),
        ("no device", r"uio3: No such file or directory$"),
        ("short device", r"uio3: 0x10000 bytes at 0x0 cannot be mapped: "),
        ("no dram", r"udmabuf1: No such file or directory$"),
    ],
)
def test_what_is_missing_is_named(board: Board, change: str, says: str) -> None:
    match change:
        case "no uio":
            (board.sysfs / "class/uio/uio3/maps/map0/size").unlink()
        case "small map":
            board.tell("class/uio/uio3/maps/map0/size", "0x1000\n")
        case "no number":
            board.tell("class/u-dma-buf/udmabuf1/phys_addr", "none\n")
        case "no buffer":
            (board.sysfs / "class/u-dma-buf/udmabuf1/phys_addr").unlink()
        case "no device":
            board.uio.unlink()
        case "short device":
            board.uio.write_bytes(bytes(100))
        case "no dram":
            board.dram.unlink()
    with pytest.raises(DeviceError, match=says) as caught:
        board.open_uio()
    assert "\n" not in str(caught.value)


def test_an_address_within_a_page(board: Board) -> None:
    with pytest.raises(DeviceError, match="0x3010 is no page's address"):
        MmioDevice.devmem(ADDRESS + 0x10, board.dram, BASE, board.sysfs, board.memory)


def test_the_interrupt_is_asked_for_without_uio(board: Board) -> None:
    with board.open_devmem() as device:
        device.write_register(Reg.IRQ_ENABLE, ALL_INTERRUPTS & ~regs.IRQ_ENABLE_PAUSE.bit)
        device.write_register(Reg.IRQ_STATUS, regs.IRQ_STATUS_PAUSE.bit)
        with pytest.raises(InterruptTimeoutError, match=r"no interrupt within 0\.05 s$"):
            device.wait_interrupt(0.05)
        late = threading.Timer(0.05, device.write_register, (Reg.IRQ_STATUS, regs.IRQ_STATUS_DONE.bit))
        late.start()
        begin = time.monotonic()
        device.wait_interrupt(10)
        late.join()
        assert 0.02 < time.monotonic() - begin < 5


def test_the_kernel_tells_of_the_interrupt(board: Board) -> None:
    """Beside the registers a socket in place of the UIO device; here the test is the kernel."""
    ours, kernels = socket.socketpair()
    for end in (ours, kernels):
        end.settimeout(5)  # nobody waits for ever, not for room either
    registers, dram = Mapping(board.uio, SPACE), Mapping(board.dram, DRAM_BYTES)
    with ours, kernels, MmioDevice("board", registers, dram, ours.fileno()) as device:
        device.write_register(Reg.IRQ_ENABLE, ALL_INTERRUPTS)
        enabled: list[bytes] = []

        def kernel() -> None:
            # An interrupt of the past, which is cleared already; then the one that is waited for.
            enabled.append(kernels.recv(4))
            kernels.send(struct.pack("=I", 7))
            enabled.append(kernels.recv(4))
            device.write_register(Reg.IRQ_STATUS, regs.IRQ_STATUS_ERROR.bit)
            kernels.send(struct.pack("=I", 8))

        thread = threading.Thread(target=kernel)
        thread.start()
        device.wait_interrupt(10)
        thread.join()
        assert enabled == [struct.pack("=I", 1)] * 2
        assert device.read_register(Reg.IRQ_STATUS) == regs.IRQ_STATUS_ERROR.bit
        # It is high: nobody is asked.
        device.wait_interrupt(0)
        device.write_register(Reg.IRQ_STATUS, 0)
        with pytest.raises(InterruptTimeoutError):
            device.wait_interrupt(0.05)


def test_a_uio_device_without_interrupt(board: Board) -> None:
    reader, writer = os.pipe()
    os.close(writer)
    registers, dram = Mapping(board.uio, SPACE), Mapping(board.dram, DRAM_BYTES)
    with (
        MmioDevice("board", registers, dram, reader) as device,
        pytest.raises(DeviceError, match=r"no interrupt can be had of it: .*; give the device tree's node"),
    ):
        device.wait_interrupt(1)
    os.close(reader)


def test_pynq_is_missing_here(tmp_path: Path) -> None:
    with pytest.raises(
        DeviceError, match=r"^the package pynq is missing; it comes with a PYNQ board's image"
    ):
        PynqDevice(tmp_path / "dtv1.bit")
