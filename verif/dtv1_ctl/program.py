"""Random programs: instructions with any fields, moves of descriptors, and bits that are no instruction."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from reneta.golden import isa
from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.isa_types import INSN_BYTES

# Where programs begin, what moves read and what they write. An engine reads anywhere below all of them.
PROGRAMS, LOADS, STORES = 0x1000_0000, 0x2000_0000, 0x3000_0000
_AREA = 1 << 16

# What is wrong with bits that control refuses.
FAULTS = (
    "reserved",
    "size",
    "rows",
    "address",
    "lane",
    "no_direction",
    "both_directions",
    "move_to_smem",
    "dram_dst",
    "dram_src",
    "step",
)


class Generator:
    """Draws instructions for a configuration.

    Moves of descriptors take the steps of the lower half of both lists: the upper half is the host's.
    """

    def __init__(self, hw: HwConfig, source: random.Random) -> None:
        """Draw for `hw` from `source`."""
        self.hw, self.random = hw, source

    @property
    def faults(self) -> tuple[str, ...]:
        """What can be wrong in this configuration: fields may be as wide as their place."""
        hw = self.hw
        narrow = {"address": hw.smem_addr_w < 16, "lane": hw.lane_w < 16, "rows": hw.idx_w > hw.lane_w}
        return tuple(fault for fault in FAULTS if narrow.get(fault, True))

    def start(self) -> int:
        """A program's first byte; in words of several instructions it may be any of them."""
        return PROGRAMS + INSN_BYTES * self.random.randrange(_AREA // INSN_BYTES)

    def unit(self, **fields: int) -> Instruction:
        """An instruction for the units: every field is random but those given, and it is legal."""
        hw, draw = self.hw, self.random
        values: dict[str, Any] = {attr: draw.getrandbits(width) for attr, width in isa.widths(hw).items()}
        values |= {"fence": 0, "pause": 0, "cnt2": draw.randrange(hw.max_m)}
        values |= {"step": draw.randrange(hw.max_m - values["cnt2"])}
        for address in ("dram_src", "dram_dst"):
            values[address] &= -hw.word_bytes
        values |= fields
        if values["proc"] == Proc.MOVE and "spm" not in fields:
            values["spm"] = 0
        return replace(Instruction(0), **values)

    def move(self, count: int, store: bool, **fields: int) -> Instruction:
        """A move of descriptors, whose other fields mean nothing."""
        hw, draw = self.hw, self.random
        step = draw.choice((0, self.steps - count, draw.randrange(self.steps - count + 1)))
        area = STORES if store else LOADS
        place = area + hw.word_bytes * draw.randrange(_AREA // hw.word_bytes)
        made = self.unit(
            proc=Proc.MOVE,
            spm=1,
            step=step,
            cnt2=count - 1,
            src0_dram=int(not store),
            to_dram=int(store),
            to_smem=0,
            **fields,
        )
        return replace(made, dram_dst=place) if store else replace(made, dram_src=place)

    @property
    def steps(self) -> int:
        """Steps that moves may take."""
        return max(1, self.hw.max_m // 2)

    def any_move(self, **fields: int) -> Instruction:
        """A move of one, some or all descriptors, in either direction."""
        count = self.random.choice((1, 2, 3, self.hw.num_pe, self.random.randint(1, self.steps), self.steps))
        return self.move(min(count, self.steps), bool(self.random.getrandbits(1)), **fields)

    def program(
        self, length: int, moves: float = 0.0, fences: float = 0.0, pauses: float = 0.0
    ) -> list[Instruction]:
        """Instructions of which the given shares are moves, fences and pauses."""
        draw = self.random
        made = []
        for _ in range(length):
            fields = {"fence": int(draw.random() < fences), "pause": int(draw.random() < pauses)}
            made.append(self.any_move(**fields) if draw.random() < moves else self.unit(**fields))
        return made

    def illegal(self, fault: str) -> int:
        """The bits of an instruction with something wrong."""
        hw, draw = self.hw, self.random
        fields = {
            "no_direction": {"src0_dram": 0, "to_dram": 0, "to_smem": 0},
            "both_directions": {"src0_dram": 1, "to_dram": 1, "to_smem": 0},
            "move_to_smem": {"src0_dram": 1, "to_dram": 0, "to_smem": 1},
        }.get(fault)
        if fields is not None:
            return isa.encode(self.unit(proc=Proc.MOVE, spm=1, **fields), hw)
        odd = draw.randrange(1, hw.word_bytes)
        if fault == "dram_dst":
            return isa.encode(self.unit(to_dram=1, dram_dst=odd), hw)
        if fault == "dram_src":
            return isa.encode(
                self.unit(proc=draw.choice(isa.DRAM_READERS), src0_dram=1, dram_src=odd, spm=0), hw
            )
        if fault == "step":
            step = draw.randrange(1, hw.max_m)
            cnt2 = draw.randrange(hw.max_m - step, 1 << hw.cnt_w)
            return isa.encode(self.unit(proc=draw.choice((1, 7, 10, 15)), step=step, cnt2=cnt2), hw)
        return isa.encode(self.unit(), hw) ^ 1 << draw.choice(self._bits(fault))

    def _bits(self, fault: str) -> list[int]:
        """Bits of which each makes an instruction illegal in this way."""
        if fault == "reserved":
            mask = isa.masks(self.hw)[ErrorCause.PROC]
            return [bit for bit in range(mask.bit_length()) if mask >> bit & 1]
        names = {"size": ("base",), "rows": ("n1",), "lane": ("head_lane",)}.get(fault)
        places = [p for p in isa.layout(self.hw) if p.excess and self._wanted(p, fault, names)]
        return [bit for p in places for bit in range(p.position + p.used, p.position + p.slot)]

    @staticmethod
    def _wanted(place: isa.Placed, fault: str, names: tuple[str, ...] | None) -> bool:
        if names is not None:
            return place.field.name in names
        return (
            place.field.cause is ErrorCause.ADDRESS and place.field.name != "head_lane" and fault == "address"
        )
