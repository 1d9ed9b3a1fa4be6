"""Configurations that are packed structs in the RTL: one table of fields for both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self

from reneta.golden.config import HwConfig


@dataclass(frozen=True)
class CfgField:
    """One field of a packed configuration: name, width, SystemVerilog type if not plain bits, meaning."""

    name: str
    width: Callable[[HwConfig], int]
    doc: str
    sv_type: str = ""


class PackedCfg:
    """Base of the configurations: a frozen dataclass with an attribute for each field of `FIELDS`."""

    # From the top bit down, as a packed struct lists them.
    FIELDS: ClassVar[tuple[CfgField, ...]]

    def pack(self, config: HwConfig) -> int:
        """The packed struct as an integer.

        Raises:
            ValueError: a field does not fit its width.
        """
        word = 0
        for field in self.FIELDS:
            value, width = int(getattr(self, field.name)), field.width(config)
            if not 0 <= value < 1 << width:
                raise ValueError(f"{field.name}={value} does not fit {width} bits")
            word = word << width | value
        return word

    @classmethod
    def unpack(cls, word: int, config: HwConfig) -> Self:
        """Inverse of pack."""
        values = {}
        for field in reversed(cls.FIELDS):
            width = field.width(config)
            values[field.name] = word & (1 << width) - 1
            word >>= width
        return cls(**values)

    @classmethod
    def width(cls, config: HwConfig) -> int:
        """Bits of the packed struct."""
        return sum(field.width(config) for field in cls.FIELDS)
