"""What can go wrong between host and machine. Every message is one line that names the thing and the fix."""

from __future__ import annotations

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.control_types import ErrorUnit, MachineState


class DriverError(Exception):
    """Anything that the driver tells its user."""


class DeviceError(DriverError):
    """A device that cannot be opened, is no DTV1 machine, or has no such memory."""


class MismatchError(DriverError):
    """The machine is not the one that an image was made for."""


class InterruptTimeoutError(DriverError):
    """No interrupt came in the time that was given."""


class StateError(DriverError):
    """The machine is in a state in which it cannot do what is asked for.

    Attributes:
        state: that state.
    """

    def __init__(self, state: MachineState, text: str) -> None:
        """The text says what cannot be done."""
        super().__init__(text)
        self.state = state


class ProgramError(DriverError):
    """A program was stopped by an error.

    Attributes:
        cause: why.
        unit: who found it.
        counter: number of the faulty instruction.
        instruction: that instruction as text, read back from DRAM.
    """

    def __init__(self, cause: ErrorCause, unit: ErrorUnit, counter: int, instruction: str) -> None:
        """The message says all."""
        super().__init__(f"instruction {counter}: {cause.name}, found by {unit.name}: {instruction}")
        self.cause, self.unit, self.counter, self.instruction = cause, unit, counter, instruction
