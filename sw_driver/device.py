"""The interface of a machine, whatever it is: registers, DRAM, interrupt, reset (docs/driver.md)."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import numpy as np
from pydantic import ValidationError

from reneta.golden import registers as regs
from reneta.golden.arrays import U8, Array
from reneta.golden.config import HwConfig, load_config, shipped_configs
from reneta.golden.control_types import MachineState
from reneta.golden.registers import Reg
from reneta.sw_driver.errors import DeviceError, MismatchError

REGISTER_BYTES = 4
REGISTER_SPACE = 1 << 16
ADDRESS_SPACE = 1 << 32
ALL_INTERRUPTS = (
    regs.IRQ_ENABLE_DONE.bit
    | regs.IRQ_ENABLE_PAUSE.bit
    | regs.IRQ_ENABLE_STOP.bit
    | regs.IRQ_ENABLE_ERROR.bit
)
RESET_TIMEOUT_S = 10.0


class Device(ABC):
    """A machine with its DRAM. A context manager that closes it.

    Attributes:
        name: what it is, for reports.
    """

    name: str

    @property
    @abstractmethod
    def dram_bytes(self) -> int:
        """Size of the DRAM, from the machine's address 0 on."""

    @abstractmethod
    def read_register(self, address: int) -> int:
        """Read a register: 32 bits.

        Raises:
            DeviceError: the address is not one of a register.
        """

    @abstractmethod
    def write_register(self, address: int, value: int) -> None:
        """Write a register; see read_register."""

    @abstractmethod
    def wait_interrupt(self, timeout_s: float) -> None:
        """Wait until the interrupt is high; at once where it is.

        Args:
            timeout_s: seconds of the host's clock, after which is given up.

        Raises:
            InterruptTimeoutError: it is still low.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the device; nothing else may be called afterwards."""

    @abstractmethod
    def _memory(self) -> U8:
        """The DRAM as bytes that can be read and written."""

    def read_dram(self, address: int, size: int) -> U8:
        """A copy of bytes of the DRAM: uint8[size].

        Raises:
            DeviceError: they are not all in the DRAM.
        """
        return self._memory()[self._part(address, size)].copy()

    def write_dram(self, address: int, data: bytes | Array) -> None:
        """Write bytes to the DRAM; of arrays those that they hold, little-endian.

        Raises:
            DeviceError: they do not all go into the DRAM.
        """
        flat = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else _bytes(data)
        self._memory()[self._part(address, len(flat))] = flat

    def reset(self, timeout_s: float = RESET_TIMEOUT_S) -> None:
        """Reset the machine by command: it leads to IDLE from every state, and no interrupt is left.

        Registers, DRAM, SMEM and descriptors stay, as docs/ctl.md says.

        Raises:
            DeviceError: it does not come to IDLE in that time.
        """
        self.write_register(Reg.CTRL, regs.CTRL_RESET.bit)
        limit = time.monotonic() + timeout_s
        while (state := self.state) is not MachineState.IDLE:
            if time.monotonic() > limit:
                raise DeviceError(f"{self.name}: the reset does not end, the state is {state.name}")
        self.write_register(Reg.IRQ_STATUS, ALL_INTERRUPTS)

    @property
    def state(self) -> MachineState:
        """The machine's state.

        Raises:
            DeviceError: the register holds none.
        """
        code = regs.STATUS_STATE.of(self.read_register(Reg.STATUS))
        if code not in list(MachineState):
            raise DeviceError(f"{self.name}: STATUS holds {code}, which is no state")
        return MachineState(code)

    @cached_property
    def hw(self) -> HwConfig:
        """The configuration that the machine was built with, as its registers tell it.

        The name is that of the shipped configuration with the same values, else "core"; `dram_ahead`, which
        no register tells, is the default.

        Raises:
            DeviceError: there is no such machine, or it is a version that this driver does not know.
        """
        found = self.read_register(Reg.ID)
        if found != regs.ID_ID_VALUE:
            raise DeviceError(
                f"{self.name}: no DTV1 machine: ID holds 0x{found:08x}, not 0x{regs.ID_ID_VALUE:08x}; "
                "is the address right, and is the bitstream loaded?"
            )
        major = regs.VERSION_MAJOR.of(self.read_register(Reg.VERSION))
        if major != regs.VERSION_MAJOR_VALUE:
            raise DeviceError(
                f"{self.name}: a machine of version {major}; this driver knows {regs.VERSION_MAJOR_VALUE}"
            )
        fields = self._configuration()
        try:
            core = HwConfig.model_validate({"name": "core", **fields})
        except ValidationError as error:
            complaint = error.errors()[0]["msg"]
            raise DeviceError(
                f"{self.name}: its registers tell of no possible machine: {complaint}"
            ) from None
        same = (hw for hw in map(load_config, shipped_configs()) if not differences(core, hw))
        return core.model_copy(update={"name": next((hw.name for hw in same), core.name)})

    def _configuration(self) -> dict[str, Any]:
        arith, sizes = self.read_register(Reg.ARITH), self.read_register(Reg.SIZES)
        return {
            "format": "bf16" if regs.ARITH_FP.of(arith) else "fxp16",
            "num_pe": regs.ARITH_NUM_PE.of(arith),
            "max_n": regs.SIZES_MAX_N.of(sizes),
            "max_m": regs.SIZES_MAX_M.of(sizes),
            "acc_words": self.read_register(Reg.ACC_SIZE),
            "smem_words": self.read_register(Reg.SMEM_SIZE),
            "fxp_act_frac": regs.ARITH_ACT_FRAC.of(arith),
            "fxp_weight_frac": regs.ARITH_WEIGHT_FRAC.of(arith),
        }

    def require(self, hw: HwConfig) -> None:
        """Demand that the machine is that of a configuration.

        Raises:
            MismatchError: it is another one; the message names what differs.
        """
        other = differences(self.hw, hw)
        if other:
            raise MismatchError(
                f"{self.name} is not the machine of configuration {hw.name}: {', '.join(other)}; "
                f"make the image for this machine, or load the bitstream of {hw.name}"
            )

    def _part(self, address: int, size: int) -> slice:
        if address < 0 or size < 0 or address + size > self.dram_bytes:
            raise DeviceError(
                f"{self.name}: bytes 0x{address:x} to 0x{address + size:x} are not in its DRAM "
                f"of 0x{self.dram_bytes:x} bytes"
            )
        return slice(address, address + size)

    def __enter__(self) -> Self:
        """The device itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def differences(core: HwConfig, other: HwConfig) -> list[str]:
    """In what another configuration differs from a machine's, as far as software can see; one text each."""
    names = ["format", "num_pe", "max_n", "max_m", "acc_words", "smem_words"]
    if not (core.is_fp or other.is_fp):
        names += ["fxp_act_frac", "fxp_weight_frac"]
    pairs = ((name, getattr(core, name), getattr(other, name)) for name in names)
    return [f"{name} is {has}, not {wanted}" for name, has, wanted in pairs if has != wanted]


def checked_register(address: int) -> int:
    """The address, where it is one of a register.

    Raises:
        DeviceError: it is none.
    """
    if address % REGISTER_BYTES or not 0 <= address < REGISTER_SPACE:
        raise DeviceError(f"0x{address:x} is not the address of a register")
    return address


def _bytes(data: Array) -> U8:
    return np.ascontiguousarray(data).reshape(-1).view(np.uint8)
