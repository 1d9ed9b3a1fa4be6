"""Ports of many lanes: numpy arrays to packed vectors and back, lane 0 in the lowest bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from reneta.golden.arrays import Array

# Widths that numpy has a type for.
_NATIVE = {8, 16, 32, 64}


@dataclass(frozen=True)
class Lanes:
    """Format of the lanes of one port.

    Attributes:
        width: bits of a lane, up to 64.
        signed: whether lanes are two's complement.
    """

    width: int
    signed: bool = False

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the arrays: the smallest one that holds a lane, 64 bits for odd widths."""
        bits = self.width if self.width in _NATIVE else 64
        return np.dtype(f"{'i' if self.signed else 'u'}{bits // 8}")

    def pack(self, rows: Array) -> Iterator[int]:
        """Packed vectors, one for each row of rows[..., lanes]."""
        rows = np.ascontiguousarray(rows, self.dtype)
        if self.width not in _NATIVE:
            octets = rows.view(np.uint8).reshape(*rows.shape, 8)
            bits = np.unpackbits(octets, axis=-1, bitorder="little")[..., : self.width]
            rows = np.packbits(bits.reshape(len(rows), -1), axis=-1, bitorder="little")
        return (int.from_bytes(row.tobytes(), "little") for row in rows)

    def unpack(self, word: int, count: int) -> Array:
        """The lanes of a packed vector, as [count]."""
        octets = np.frombuffer(word.to_bytes(-(-self.width * count // 8), "little"), np.uint8)
        if self.width in _NATIVE:
            return octets.view(self.dtype)
        bits = np.unpackbits(octets, count=self.width * count, bitorder="little").reshape(count, self.width)
        # Above the lane stands its sign, or nothing.
        top = bits[:, -1:] if self.signed else np.zeros((count, 1), np.uint8)
        wide = np.concatenate([bits, np.repeat(top, 64 - self.width, axis=1)], axis=1)
        return np.packbits(wide, axis=1, bitorder="little").view(self.dtype)[:, 0]
