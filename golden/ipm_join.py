"""What dtv1_dmx makes of the words that it joins: operands and addends for the core, side beats for the OPM.

Words are ints, lane 0 lowest; a column is one of golden.ipm's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.ipm import kind_of, lists_sides
from reneta.golden.ipm_types import IpmCfg, Side, Source


class Operand(NamedTuple):
    """An operand word for the compute core, with the column's index as tag."""

    a: int
    b: int
    idx: int


class SideBeat(NamedTuple):
    """What goes past the compute core to the output module, beside a result."""

    side0: int
    side1: int


class Joined(NamedTuple):
    """What becomes of a column's words: operands, addends (NUM_PE lanes of RES_W bits), side beats."""

    operands: list[Operand]
    addends: list[int]
    sides: list[SideBeat]


def operand_words(
    cfg: IpmCfg, index: int, first: Sequence[int], second: Sequence[int], hw: HwConfig
) -> list[Operand]:
    """dtv1_dmx: operand words of a column.

    Args:
        cfg: the instruction.
        index: the list's, or the column's number.
        first: words of the first operand, one for each row group; of a constant, none.
        second: words of the second operand: as many, or one answer with the value in lane 0 (second_words).
        hw: configuration.
    """
    kind = kind_of(cfg)
    if kind == Proc.EWISE:
        first = list(first) if cfg.a_src == Source.SMEM else _constants(cfg, cfg.a_src, hw)
        words = _ewise_words(cfg, cfg.b_src, first, second, hw)
    elif kind == Proc.MTXV:
        words = list(second)
    else:
        value = second[0] & (1 << hw.data_w) - 1
        words = [sum(value << hw.data_w * lane for lane in range(hw.num_pe))] * len(first)
    return [Operand(a, b, index) for a, b in zip(first, words, strict=True)]


def join(
    cfg: IpmCfg,
    index: int,
    first: Sequence[int],
    second: Sequence[int],
    third: Sequence[int],
    hw: HwConfig,
    element: int = 0,
) -> Joined:
    """dtv1_dmx: all that becomes of a column.

    Args:
        cfg: the instruction.
        index: the list's, or the column's number.
        first: as in operand_words; MOVE: the words.
        second: as in operand_words.
        third: words of the addend of EWISE, two for each row group of a wide one (addend_words).
        hw: configuration.
        element: of the vector, for the side beat of a list entry.
    """
    if kind_of(cfg) == Proc.MOVE:
        return Joined([], [], [SideBeat(word, 0) for word in first])
    operands = operand_words(cfg, index, first, second, hw)
    if lists_sides(cfg):
        return Joined(operands, [], [SideBeat(element & (1 << hw.data_w) - 1, index)])
    if kind_of(cfg) != Proc.EWISE:
        return Joined(operands, [], [])
    if cfg.c_src == Source.WIDE:
        # A word of lanes is the two words one above the other.
        low, high = third[::2], third[1::2]
        wide = [b << hw.num_pe * hw.data_w | a for a, b in zip(low, high, strict=True)]
        return Joined(operands, wide, [])
    words = _ewise_words(cfg, cfg.c_src, [operand.a for operand in operands], third, hw)
    addends = [] if cfg.c_src == Source.ZERO else [_widened(word, hw) for word in words]
    beats = [SideBeat(c, operand.b) for c, operand in zip(words, operands, strict=True)]
    return Joined(operands, addends, beats if cfg.side == Side.VECTOR else [])


def _constants(cfg: IpmCfg, source: int, hw: HwConfig) -> list[int]:
    """Words of a constant for a column."""
    one = 0x3F80 if hw.is_fp else min(1 << hw.fxp_act_frac, 0x7FFF)
    value = one if source == Source.ONE else 0
    return [sum(value << hw.data_w * lane for lane in range(hw.num_pe))] * (cfg.cnt0 + 1)


def _ewise_words(
    cfg: IpmCfg, source: int, first: Sequence[int], read: Sequence[int], hw: HwConfig
) -> list[int]:
    """Words of the second operand or of the addend of EWISE for a column."""
    match source:
        case Source.SMEM:
            return list(read)
        case Source.SAME:
            return list(first)
    return _constants(cfg, source, hw)


def _widened(word: int, hw: HwConfig) -> int:
    """A word of activations as lanes of results: bfloat16 is the upper half of a float32."""
    if not hw.is_fp:
        return word
    mask = (1 << hw.data_w) - 1
    lanes = ((word >> hw.data_w * lane & mask) << hw.res_w - hw.data_w for lane in range(hw.num_pe))
    return sum(value << hw.res_w * lane for lane, value in enumerate(lanes))
