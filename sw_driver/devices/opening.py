"""Open a device by the name of its kind, as command lines do."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reneta.golden.config import DEFAULT_CONFIG, HwConfig, load_config
from reneta.sw_driver.device import ADDRESS_SPACE, Device
from reneta.sw_driver.devices.fast_sim import FastSimDevice
from reneta.sw_driver.devices.golden import GoldenDevice
from reneta.sw_driver.devices.mmio import UDMABUF, UIO, MmioDevice
from reneta.sw_driver.devices.pynq import IP, PynqDevice
from reneta.sw_driver.errors import DeviceError
from reneta.sw_driver.fast_sim import FastSim

DRAM_BYTES = 1 << 22


@dataclass(frozen=True)
class DeviceOptions:
    """Which device.

    Attributes:
        kind: one of KINDS.
        config: golden, sim: the configuration; None: the default one.
        dram_bytes: golden, sim, pynq: size of the DRAM.
        uio: UIO device.
        dram: uio, devmem: udmabuf device.
        address: devmem: physical address of the registers.
        base: uio, devmem, pynq: physical address that is the machine's address 0.
        bitstream: pynq: the overlay.
        ip: pynq: name of the machine in it.
    """

    kind: str
    config: str | None = None
    dram_bytes: int = DRAM_BYTES
    uio: Path = UIO
    dram: Path = UDMABUF
    address: int | None = None
    base: int = 0
    bitstream: Path | None = None
    ip: str = IP

    @property
    def hw(self) -> HwConfig | None:
        """The configuration that is asked for.

        Raises:
            ConfigError: there is no such configuration.
        """
        return load_config(self.config) if self.config else None


def open_device(options: DeviceOptions) -> Device:
    """Open it.

    Raises:
        BuildError: the simulation cannot be built.
        ConfigError: there is no such configuration.
        DeviceError: it cannot be opened.
    """
    if options.kind not in KINDS:
        raise DeviceError(f"there is no device {options.kind!r}; there are: {', '.join(KINDS)}")
    return KINDS[options.kind](options)


def _simulated(options: DeviceOptions) -> HwConfig:
    hw = options.hw or load_config(DEFAULT_CONFIG)
    if not 0 < options.dram_bytes <= ADDRESS_SPACE or options.dram_bytes % hw.word_bytes:
        raise DeviceError(
            f"a DRAM of {options.dram_bytes} bytes; --dram-bytes must be a multiple of {hw.word_bytes}, "
            "up to 4 GiB"
        )
    return hw


def _golden(options: DeviceOptions) -> Device:
    return GoldenDevice(_simulated(options), options.dram_bytes)


def _sim(options: DeviceOptions) -> Device:
    return FastSimDevice(FastSim(_simulated(options), options.dram_bytes))


def _uio(options: DeviceOptions) -> Device:
    return MmioDevice.uio(options.uio, options.dram, options.base)


def _devmem(options: DeviceOptions) -> Device:
    if options.address is None:
        raise DeviceError("--device devmem needs --address, the physical address of the registers")
    return MmioDevice.devmem(options.address, options.dram, options.base)


def _pynq(options: DeviceOptions) -> Device:
    if options.bitstream is None:
        raise DeviceError("--device pynq needs --bitstream, the overlay's .bit file")
    return PynqDevice(options.bitstream, options.ip, options.dram_bytes, options.base)


KINDS: dict[str, Callable[[DeviceOptions], Device]] = {
    "golden": _golden,
    "sim": _sim,
    "uio": _uio,
    "devmem": _devmem,
    "pynq": _pynq,
}
"""Kinds of devices, and how each is opened."""


def add_device_options(parser: ArgumentParser) -> None:
    """Give a command line the options of DeviceOptions; `device_options` reads them."""
    add = parser.add_argument_group("device").add_argument
    add("--device", default="golden", choices=KINDS, help="golden machine, verilated RTL, or hardware")
    add("--config", help="configuration; golden and sim are built so, others have to be so")
    add("--dram-bytes", type=_number, default=DRAM_BYTES, help="golden, sim, pynq: size of the DRAM")
    add("--uio", type=Path, default=UIO, help="uio: the device of the registers")
    add("--dram", type=Path, default=UDMABUF, help="uio, devmem: the udmabuf device")
    add("--address", type=_number, help="devmem: physical address of the registers")
    add("--base", type=_number, default=0, help="hardware: physical address that is the machine's 0")
    add("--bitstream", type=Path, help="pynq: the overlay")
    add("--ip", default=IP, help="pynq: name of the machine in the overlay")


def device_options(args: Namespace) -> DeviceOptions:
    """The options that a command line has given."""
    return DeviceOptions(
        kind=args.device,
        config=args.config,
        dram_bytes=args.dram_bytes,
        uio=args.uio,
        dram=args.dram,
        address=args.address,
        base=args.base,
        bitstream=args.bitstream,
        ip=args.ip,
    )


def _number(text: str) -> int:
    """Numbers as Python writes them: 4096, 0x1000."""
    try:
        return int(text, 0)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a number such as 4096 or 0x1000") from None
