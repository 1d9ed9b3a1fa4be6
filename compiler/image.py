"""Programs and their data in DRAM."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from reneta.golden import isa
from reneta.golden.arrays import U8, Array
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.isa_types import INSN_BYTES

_PAGE = 4096


class Entry(NamedTuple):
    """A program in DRAM: its address, and the number of its instructions."""

    address: int
    length: int


def place_programs(
    hw: HwConfig, programs: Iterable[Sequence[Instruction]], data: Iterable[tuple[int, Array]], end: int
) -> tuple[U8, list[Entry]]:
    """Programs behind all data.

    Args:
        hw: configuration.
        programs: one or more.
        data: byte addresses, and what stands there.
        end: the first byte behind the data, and behind the room for results.

    Returns:
        DRAM from address 0 on, whole pages of it, and where the programs are.
    """
    images, entries, address = [*data], [], -(-end // INSN_BYTES) * INSN_BYTES
    for program in programs:
        entries.append(Entry(address, len(program)))
        images.append((address, isa.image(program, hw)))
        address += INSN_BYTES * len(program)
    dram = np.zeros(-(-address // _PAGE) * _PAGE, np.uint8)
    for place, values in images:
        flat = np.ascontiguousarray(values).reshape(-1).view(np.uint8)
        dram[place : place + len(flat)] = flat
    return dram, entries


def stores(hw: HwConfig, words: int, source: int, target: int, **fields: int) -> Iterator[Instruction]:
    """Instructions that move words from SMEM to DRAM (byte address), with these fields set besides."""
    for load in moves(hw, words, target, source):
        yield replace(
            load,
            src0_dram=0,
            dram_src=0,
            src0_addr=load.dst0_addr,
            to_smem=0,
            dst0_addr=0,
            to_dram=1,
            dram_dst=load.dram_src,
            note="",
            **fields,
        )


def move_descriptors(hw: HwConfig, which: int, address: int, store: bool) -> Instruction:
    """Moves all descriptors of a list from DRAM (byte address), or to it with `store`."""
    way = {"to_dram": 1, "dram_dst": address} if store else {"src0_dram": 1, "dram_src": address}
    return Instruction(Proc.MOVE, spm=1, list=which, cnt2=hw.max_m - 1, note="", **way)


def moves(hw: HwConfig, words: int, source: int, target: int) -> Iterator[Instruction]:
    """Instructions that move words from DRAM (byte address) to SMEM."""
    most = 1 << hw.cnt_w
    done = 0
    while done < words:
        groups = min(words - done, most)
        columns = min(max((words - done) // most, 1), most)
        yield Instruction(
            Proc.MOVE,
            cnt0=groups - 1,
            cnt1=columns - 1,
            lanes=hw.num_pe - 1,
            src0_dram=1,
            dram_src=source + done * hw.word_bytes,
            to_smem=1,
            dst0_addr=target + done,
            note="",
        )
        done += groups * columns
