"""Beats of the AXI4 channels, and the signals that they are made of."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

PAGE = 4096
ADDRESS_SPACE = 1 << 32
INCR = 1
# Attributes of all bursts: memory that need not be cached; unprivileged, secure data.
CACHE, PROT = 3, 0


class Resp(IntEnum):
    """Answers."""

    OKAY = 0
    EXOKAY = 1
    SLVERR = 2
    DECERR = 3


class AddressBeat(NamedTuple):
    """A beat of AR or AW."""

    addr: int
    len: int
    size: int
    burst: int
    cache: int
    prot: int

    def words(self, word_bytes: int) -> list[int]:
        """Byte addresses of the burst's words."""
        return [self.addr + beat * word_bytes for beat in range(self.len + 1)]


class DataBeat(NamedTuple):
    """A beat of W."""

    data: int
    strb: int
    last: int


_FIELDS = {
    "ar": AddressBeat._fields,
    "aw": AddressBeat._fields,
    "w": DataBeat._fields,
    "r": ("data", "resp", "last"),
    "b": ("resp",),
}


def signals(channel: str, prefix: str = "axi_") -> tuple[str, str, dict[str, str]]:
    """Names of a master's ports of a channel (ar, aw, w, r, b): valid, ready, payload (field -> port)."""
    name, there, back = prefix + channel, "_o", "_i"
    if channel in ("r", "b"):
        there, back = back, there
    payload = {field: f"{name}{field}{there}" for field in _FIELDS[channel]}
    return f"{name}valid{there}", f"{name}ready{back}", payload


def cut(address: int, words: int, word_bytes: int, max_burst: int) -> list[AddressBeat]:
    """The bursts of a transfer; each ends at a multiple of `max_burst` words, at 4 KiB, or with it."""
    block = min(PAGE, max_burst * word_bytes)
    bursts = []
    end = address + words * word_bytes
    while address < end:
        stop = min(end, (address // block + 1) * block)
        beats = (stop - address) // word_bytes
        size = word_bytes.bit_length() - 1
        bursts.append(AddressBeat(address % ADDRESS_SPACE, beats - 1, size, INCR, CACHE, PROT))
        address = stop
    return bursts
