"""A running chip: registers, DRAM, time."""

from __future__ import annotations

from ctypes import byref, c_uint8, c_uint32
from types import TracebackType

import numpy as np

from reneta.golden.arrays import Array
from reneta.golden.config import HwConfig
from reneta.sw_driver.fast_sim import native
from reneta.sw_driver.fast_sim.build import Library, build_library
from reneta.sw_driver.fast_sim.timing import MemoryTiming, Resp

ADDRESS_SPACE = 1 << 32
REGISTER_BYTES = 4
REGISTER_SPACE = 1 << 16
# The library counts cycles in 64 bits, but Python may be interrupted only between two of these.
_SLICE = 200_000


class SimulationError(Exception):
    """The chip broke a rule: of AXI, or an assertion of its own. Only a reset leads on."""


class RegisterError(Exception):
    """The register port answered with an error."""


class NoInterruptError(Exception):
    """There was no interrupt within the cycles that were given."""


class FastSim:
    """A chip with its DRAM, behind a reset.

    There may be any number at a time, of one or of several configurations; each is for one thread at a time.

    Attributes:
        hw: the configuration.
        dram: the DRAM from address 0 on, uint8[bytes], to read and write at any time; the same memory that
            the chip sees. A write of the chip is there when it was answered.
    """

    def __init__(
        self,
        library: Library | HwConfig,
        dram: int | Array = 1 << 20,
        seed: int = 1,
        timing: MemoryTiming | None = None,
    ) -> None:
        """Build the library where needed, and reset the chip.

        Args:
            library: a library, or a configuration, for which one without assertions is taken.
            dram: the DRAM's size in bytes (it is zero then), or the DRAM itself: contiguous uint8[bytes].
            seed: determines what registers and memories hold before the reset, and all stalls.
            timing: of the DRAM; see `set_memory_timing`.

        Raises:
            BuildError: the library cannot be built.
            ValueError: the DRAM is no multiple of the word, or has more than 4 GiB.
        """
        made = library if isinstance(library, Library) else build_library(library)
        self.hw = made.hw
        self._native = native.load(made.path)
        self.dram = np.zeros(dram, np.uint8) if isinstance(dram, int) else _checked(dram)
        word_bytes = self._native.word_bytes()
        if len(self.dram) % word_bytes or not 0 < len(self.dram) <= ADDRESS_SPACE:
            raise ValueError(
                f"a DRAM of {len(self.dram)} bytes; it must be a multiple of {word_bytes}, up to 4 GiB"
            )
        self._sim: int | None = self._native.new(self.dram.ctypes.data, len(self.dram), seed & 0xFFFF_FFFF)
        self.set_memory_timing(timing or MemoryTiming())
        self._demand(self._native.run(self._handle, 0, 0))

    def __enter__(self) -> FastSim:
        """The simulation itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the simulation."""
        self.close()

    def __del__(self) -> None:
        """End the simulation, where nobody did."""
        if getattr(self, "_sim", None) is not None:
            self.close()

    def close(self) -> None:
        """End the simulation; `dram` stays. Nothing else may be called afterwards."""
        if self._sim is not None:
            self._native.delete(self._sim)
            self._sim = None

    def reset(self) -> None:
        """Reset the chip and the bus; the DRAM's contents, timing and error ranges stay.

        Raises:
            SimulationError: the chip drives the bus during the reset.
        """
        self._demand(self._native.reset(self._handle))

    def set_memory_timing(self, timing: MemoryTiming) -> None:
        """Change the timing of the DRAM, and the stalls, from now on."""
        self._native.set_timing(self._handle, byref(native.Timing(*timing.native())))

    def add_error_range(self, begin: int, end: int, resp: Resp = Resp.SLVERR) -> None:
        """Answer accesses to the bytes from `begin` up to but not including `end` with an error.

        Reads of them bring random words, writes to them are lost. Bytes past the end of the DRAM are answered
        with DECERR anyhow.
        """
        self._native.add_error_range(self._handle, begin, end, resp)

    def clear_error_ranges(self) -> None:
        """Answer with OKAY again."""
        self._native.clear_error_ranges(self._handle)

    def write_register(self, address: int, value: int, strobes: int = 0xF) -> None:
        """Write a register; it takes a few cycles.

        Raises:
            RegisterError: the answer is not OKAY.
            SimulationError: see `run`; there was no answer, too.
        """
        resp = c_uint8()
        self._demand(
            self._native.write(self._handle, _register(address), value & 0xFFFF_FFFF, strobes, byref(resp))
        )
        _check_answer("write", address, resp.value)

    def read_register(self, address: int) -> int:
        """Read a register; see `write_register`."""
        value, resp = c_uint32(), c_uint8()
        self._demand(self._native.read(self._handle, _register(address), byref(value), byref(resp)))
        _check_answer("read", address, resp.value)
        return value.value

    def run(self, cycles: int) -> None:
        """Let time pass.

        Raises:
            SimulationError: the chip broke a rule; the message says in which cycle, and which.
        """
        self._run(cycles, until_interrupt=False)

    def run_until_interrupt(self, max_cycles: int) -> int:
        """Let time pass until the interrupt is high; returns the cycles that it took.

        Raises:
            NoInterruptError: it is still low.
            SimulationError: see `run`.
        """
        begin = self.cycles
        self._run(max_cycles, until_interrupt=True)
        if not self.interrupt:
            raise NoInterruptError(f"no interrupt within {max_cycles} cycles")
        return self.cycles - begin

    def _run(self, cycles: int, until_interrupt: bool) -> None:
        while cycles > 0:
            part = min(cycles, _SLICE)
            self._demand(self._native.run(self._handle, part, until_interrupt))
            cycles -= part
            if until_interrupt and self.interrupt:
                return

    @property
    def interrupt(self) -> bool:
        """Whether the interrupt is high."""
        return bool(self._native.irq(self._handle))

    @property
    def cycles(self) -> int:
        """Cycles since the beginning, those of resets included."""
        return int(self._native.cycles(self._handle))

    @property
    def bus_idle(self) -> bool:
        """Whether no burst is under way on the bus to the DRAM."""
        return bool(self._native.bus_idle(self._handle))

    @property
    def words_read(self) -> int:
        """Words that the DRAM has handed over since the beginning."""
        return int(self._native.words_read(self._handle))

    @property
    def words_written(self) -> int:
        """Words that the DRAM has taken since the beginning."""
        return int(self._native.words_written(self._handle))

    @property
    def _handle(self) -> int:
        if self._sim is None:
            raise ValueError("the simulation is closed")
        return self._sim

    def _demand(self, result: int) -> None:
        if result:
            raise SimulationError(self._native.error(self._handle).decode())


def _checked(dram: Array) -> Array:
    if dram.dtype != np.uint8 or dram.ndim != 1 or not dram.flags.c_contiguous or not dram.flags.writeable:
        raise ValueError("the DRAM must be a contiguous array of uint8 that can be written")
    return dram


def _register(address: int) -> int:
    if address % REGISTER_BYTES or not 0 <= address < REGISTER_SPACE:
        raise ValueError(f"0x{address:x} is not the address of a register")
    return address


def _check_answer(what: str, address: int, resp: int) -> None:
    if resp != Resp.OKAY:
        raise RegisterError(f"{what} of the register at 0x{address:04x}: {Resp(resp).name}")
