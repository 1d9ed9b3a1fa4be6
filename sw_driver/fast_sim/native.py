"""The library's C interface (`fast_sim.h`) as typed functions."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_char_p, c_int, c_uint8, c_uint16, c_uint32, c_uint64, c_void_p
from functools import cache
from pathlib import Path


class Timing(Structure):
    """`FastSimTiming`."""

    _fields_ = tuple(
        (name, c_uint32)
        for name in (
            *("read_latency", "write_latency", "read_rate", "write_rate"),
            *("reads", "writes", "stall"),
        )
    )


_SIM = (c_void_p,)
# Name -> what it returns, and its arguments.
_FUNCTIONS: dict[str, tuple[type | None, tuple[type, ...]]] = {
    "word_bytes": (c_uint32, ()),
    "new": (c_void_p, (c_void_p, c_uint64, c_uint32)),
    "delete": (None, _SIM),
    "set_timing": (None, (*_SIM, POINTER(Timing))),
    "add_error_range": (None, (*_SIM, c_uint64, c_uint64, c_uint8)),
    "clear_error_ranges": (None, _SIM),
    "reset": (c_int, _SIM),
    "run": (c_int, (*_SIM, c_uint64, c_int)),
    "irq": (c_int, _SIM),
    "write": (c_int, (*_SIM, c_uint16, c_uint32, c_uint8, POINTER(c_uint8))),
    "read": (c_int, (*_SIM, c_uint16, POINTER(c_uint32), POINTER(c_uint8))),
    "error": (c_char_p, _SIM),
    "cycles": (c_uint64, _SIM),
    "words_read": (c_uint64, _SIM),
    "words_written": (c_uint64, _SIM),
    "bus_idle": (c_int, _SIM),
}


@cache
def load(path: Path) -> ctypes.CDLL:
    """The library, with the types of its functions set."""
    library = ctypes.CDLL(str(path))
    for name, (result, arguments) in _FUNCTIONS.items():
        function = library[f"fast_sim_{name}"]
        function.restype, function.argtypes = result, arguments
        setattr(library, name, function)
    return library
