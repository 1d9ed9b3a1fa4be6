"""Commands of a DataMover (Xilinx PG022, 72 bits), which the machine's DRAM reads and writes are made of."""

from __future__ import annotations

_ADDRESS_W = 32
_LENGTH_W = 23


def command(address: int, length: int) -> int:
    """The command that moves `length` bytes from or to `address` on, modulo the address space.

    Fields from the top: reserved[4], tag[4], address[32], DRR, EOF, DSA[6], type (1: increment), BTT[23].

    Raises:
        ValueError: the length is not one of a command.
    """
    if not 0 < length < 1 << _LENGTH_W:
        raise ValueError(f"a command cannot move {length} bytes")
    word = 0
    for width, value in ((4, 0), (4, 0), (_ADDRESS_W, address % (1 << _ADDRESS_W)), (1, 0), (1, 1), (6, 0)):
        word = word << width | value
    return (word << 1 | 1) << _LENGTH_W | length
