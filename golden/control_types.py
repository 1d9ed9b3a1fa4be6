"""Codes of the control unit that software sees in registers: the source of the package's types too."""

from __future__ import annotations

from enum import IntEnum


class MachineState(IntEnum):
    """States of the machine."""

    IDLE = 0
    RUN = 1
    PAUSED = 2
    STOPPED = 3
    ERROR = 4
    RESET = 5


class ErrorUnit(IntEnum):
    """Who found an error."""

    NOBODY = 0
    CTL = 1
    SRG0 = 2
    SRG1 = 3
    SRG2 = 4
    DRG = 5
    DMX = 6
    SPM = 7
    CCM = 8
    OPM = 9
    READ = 10
    WRITE = 11
