"""Is it there, and can the host reach it: ID and configuration, registers, DRAM."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reneta.compiler.image_folder import ImageFolder
from reneta.golden import registers as regs
from reneta.golden.arrays import U8
from reneta.golden.registers import Reg
from reneta.scripts.bringup.bench import PIECE, Bench, BringupError, same
from reneta.sw_driver.device import ALL_INTERRUPTS


def identify(bench: Bench) -> str:
    """The machine says what it is, and that it is the one wanted."""
    device = bench.device
    hw, version = device.hw, device.read_register(Reg.VERSION)
    if bench.hw is not None:
        device.require(bench.hw)
    if bench.image is not None:
        device.require(ImageFolder.load(bench.image).hw)
    major, minor = regs.VERSION_MAJOR.of(version), regs.VERSION_MINOR.of(version)
    sizes = f"{hw.num_pe} PEs, MAX_N {hw.max_n}, MAX_M {hw.max_m}"
    memories = f"{hw.smem_words} words of SMEM, {hw.acc_words} of accumulators"
    return f"version {major}.{minor}, {hw.format}, {sizes}, {memories}; DRAM {device.dram_bytes} bytes"


# Registers that keep what is written, and which bits of it.
_KEPT = {Reg.PROG_ADDR: 0xFFFF_FFFF, Reg.PROG_LEN: 0xFFFF_FFFF, Reg.IRQ_ENABLE: ALL_INTERRUPTS}
_PATTERNS = (0, 0xFFFF_FFFF, 0x5555_5555, 0xAAAA_AAAA, *(1 << bit for bit in range(32)))


def registers(bench: Bench) -> str:
    """Registers keep what they should, and nothing else changes; the window of the descriptors as well."""
    device = bench.device
    bench.ready()
    fixed = [register for register in Reg if register not in (*_KEPT, Reg.CTRL, Reg.IRQ_STATUS)]
    before = {register: device.read_register(register) for register in fixed}
    for register, mask in _KEPT.items():
        others = [other for other in _KEPT if other is not register]
        for other in others:
            device.write_register(other, 0)
        for pattern in _PATTERNS:
            device.write_register(register, pattern)
            _expect(bench, register, pattern & mask)
            for other in others:
                _expect(bench, other, 0)
        device.write_register(register, 0)
    for register in fixed:
        device.write_register(register, ~before[register] & 0xFFFF_FFFF)
    for register in fixed:
        _expect(bench, register, before[register])
    _expect(bench, Reg.CTRL, 0)
    hw = device.hw
    words = [
        regs.SPM_BASE + 4 * (which << hw.step_w | step) for which in range(2) for step in range(hw.max_m)
    ]
    values = bench.rng.integers(0, 1 << hw.desc_w, len(words)).tolist()
    for address, value in zip(words, values, strict=True):
        device.write_register(address, value)
    for address, value in zip(words, values, strict=True):
        _expect(bench, address, value)
    return f"{len(Reg)} registers, {len(words)} descriptors"


def _expect(bench: Bench, address: int, value: int) -> None:
    found = bench.device.read_register(address)
    if found != value:
        name = Reg(address).name if address in list(Reg) else f"at 0x{address:04x}"
        raise BringupError(
            f"register {name} holds 0x{found:08x}, wanted 0x{value:08x}; look at the AXI4-Lite"
        )


def dram(bench: Bench) -> str:
    """The host finds in all of the DRAM what it wrote there: addresses, their complement, random bytes."""
    device, size = bench.device, bench.device.dram_bytes
    for name in ("addresses", "complements of addresses", "random bytes"):
        seed = int(bench.rng.integers(1 << 32))
        for address, data in _pieces(name, size, seed):
            device.write_dram(address, data)
        for address, data in _pieces(name, size, seed):
            same(device.read_dram(address, len(data)), data, f"DRAM, {name}", address)
    return f"{size} bytes, three patterns"


def _pieces(name: str, size: int, seed: int) -> Iterator[tuple[int, U8]]:
    """A pattern, piece by piece with their addresses."""
    rng = np.random.default_rng(seed)
    for address in range(0, size, PIECE):
        count = min(PIECE, size - address)
        if name == "random bytes":
            yield address, rng.integers(0, 256, count, np.uint8)
        else:
            # Every word of 32 bits holds its own address.
            words = np.arange(address, address + count, 4, dtype=np.uint32)
            words = ~words if name.startswith("complement") else words
            yield address, words.view(np.uint8)[:count]
