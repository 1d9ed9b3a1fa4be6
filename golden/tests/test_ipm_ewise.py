"""Tests of the input module's model in EWISE and MOVE, and of the side stream."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.config import HwConfig, load_config
from reneta.golden.ipm import (
    Column,
    IpmError,
    Read,
    Unit,
    addend_reads,
    addend_words,
    by_word,
    check_sources,
    dram_command,
    first_reads,
    first_words,
    index_takers,
    matrix_column,
    second_reads,
    second_words,
    walk,
    walk_cycles,
    wanted,
)
from reneta.golden.ipm_join import Operand, SideBeat, join
from reneta.golden.ipm_types import IpmCfg, Side, Source
from reneta.golden.lists import Descriptor, pack_sequence

HW = load_config("bf16_pe4")
FXP = load_config("fxp16_pe4")
LANE = 1 << HW.lane_w
EWISE = IpmCfg(Proc.EWISE, cnt0=2, cnt2=1, step=3, stride=6, src0_addr=100, src1_addr=200, src2_addr=300)
ONES = 0x3F80_3F80_3F80_3F80


def every_read(unit: Unit, cfg: IpmCfg) -> list[Read]:
    """All reads of an instruction, of one operand."""
    reads: list[Read] = []
    for column in walk(cfg, [], HW):
        match unit:
            case Unit.FIRST:
                reads += first_reads(cfg, column, 0, HW)
            case Unit.SECOND:
                reads += second_reads(cfg, column, HW)
            case _:
                reads += addend_reads(cfg, column, HW)
    return reads


@pytest.mark.parametrize(
    ("unit", "name", "base"), [(Unit.FIRST, "a", 100), (Unit.SECOND, "b", 200), (Unit.INDEX, "c", 300)]
)
def test_operands_one_after_another_and_as_sequences(unit: Unit, name: str, base: int) -> None:
    linear = replace(EWISE, **{f"{name}_src": Source.SMEM})
    assert every_read(unit, linear) == [Read(base + k, 0) for k in range(6)]
    values = np.arange(10 * 6, dtype=np.uint16).reshape(10, 6)
    words = pack_sequence(values, HW.num_pe, steps=6)
    reads = every_read(unit, replace(linear, **{f"{name}_seq": 1}))
    lanes = np.concatenate([words[read.addr - base] for read in reads]).reshape(2, 12)
    assert (lanes[:, :10] == values[:, 3:5].T).all()


def test_wide_addends_take_two_words_each() -> None:
    wide = replace(EWISE, c_src=Source.WIDE)
    assert every_read(Unit.INDEX, wide) == [Read(300 + k, 0) for k in range(12)]
    sequence = every_read(Unit.INDEX, replace(wide, c_seq=1))
    narrow = every_read(Unit.INDEX, replace(EWISE, c_src=Source.SMEM, c_seq=1))
    assert [read.addr - 300 for read in sequence] == [
        2 * (read.addr - 300) + half for read in narrow for half in (0, 1)
    ]


def test_whose_business_ewise_is() -> None:
    for a, b, c in product(Source, repeat=3):
        cfg = replace(EWISE, a_src=a, b_src=b, c_src=c, src0_dram=1)
        assert wanted(Unit.FIRST, cfg) == (a not in (Source.ZERO, Source.ONE))
        assert wanted(Unit.SECOND, cfg) == (b in (Source.SMEM, Source.WIDE))
        assert wanted(Unit.INDEX, cfg) == (c in (Source.SMEM, Source.WIDE))
        assert wanted(Unit.JOIN, cfg)
        assert not wanted(Unit.DRAM, cfg)
        assert by_word(Unit.FIRST, cfg)
        assert by_word(Unit.SECOND, cfg)
        assert by_word(Unit.INDEX, cfg)
        assert addend_words(cfg) == {Source.SMEM: 3, Source.WIDE: 6}.get(c, 0)
        assert walk_cycles(Unit.JOIN, cfg, []) == (12 if c == Source.WIDE else 6)
    assert (first_words(EWISE), second_words(EWISE)) == (0, 0)
    full = replace(EWISE, a_src=Source.SMEM, b_src=Source.SMEM)
    assert (first_words(full), second_words(full)) == (3, 3)


@pytest.mark.parametrize(
    ("unit", "fields", "hw"),
    [
        (Unit.FIRST, {"a_src": Source.SAME}, HW),
        (Unit.FIRST, {"a_src": Source.WIDE}, HW),
        (Unit.SECOND, {"b_src": Source.WIDE}, HW),
        (Unit.SECOND, {"b_src": 7}, HW),
        (Unit.INDEX, {"c_src": 5}, HW),
        (Unit.INDEX, {"c_src": Source.WIDE}, FXP),
        (Unit.JOIN, {"c_src": Source.WIDE, "side": Side.VECTOR}, HW),
        (Unit.JOIN, {"side": Side.LIST}, HW),
        (Unit.JOIN, {"side": Side.RAW}, HW),
        (Unit.JOIN, {"proc": Proc.MXV, "side": Side.VECTOR}, HW),
        (Unit.JOIN, {"proc": Proc.MOVE, "side": Side.NONE}, HW),
        (Unit.JOIN, {"proc": Proc.MTXV_SP, "side": Side.LIST}, HW),
        (Unit.JOIN, {"proc": Proc.MXV_SP, "src0_dram": 1, "side": Side.LIST}, HW),
    ],
)
def test_what_there_is_not(unit: Unit, fields: dict[str, int], hw: HwConfig) -> None:
    cfg = replace(EWISE, **fields)
    assert wanted(unit, cfg)
    with pytest.raises(IpmError) as stop:
        check_sources(unit, cfg, hw)
    assert stop.value.cause is ErrorCause.PROC


def test_what_there_is() -> None:
    check_sources(Unit.INDEX, replace(EWISE, c_src=Source.WIDE), HW)
    check_sources(Unit.JOIN, replace(EWISE, side=Side.VECTOR), HW)
    check_sources(Unit.JOIN, IpmCfg(Proc.MOVE, side=Side.RAW), HW)
    check_sources(Unit.JOIN, IpmCfg(Proc.MTXV_SP, src0_dram=1, side=Side.LIST), HW)
    for unit in Unit:
        check_sources(unit, IpmCfg(Proc.MXV_SP, a_src=7, b_src=7, c_src=7), HW)


def test_join_of_constants_and_words() -> None:
    cfg = IpmCfg(Proc.EWISE, a_src=Source.SMEM, b_src=Source.SAME, c_src=Source.ONE, side=Side.VECTOR)
    joined = join(cfg, 0, [0x1234], [], [], HW)
    assert joined.operands == [Operand(0x1234, 0x1234, 0)]
    assert joined.addends == [0x3F80_0000_3F80_0000_3F80_0000_3F80_0000]
    assert joined.sides == [SideBeat(ONES, 0x1234)]
    cfg = IpmCfg(Proc.EWISE, a_src=Source.ONE, b_src=Source.SMEM, c_src=Source.ZERO, side=Side.VECTOR)
    assert join(cfg, 0, [], [7], [], HW) == ([Operand(ONES, 7, 0)], [], [SideBeat(0, 7)])
    cfg = IpmCfg(Proc.EWISE, a_src=Source.ZERO, b_src=Source.ONE, c_src=Source.SAME)
    assert join(cfg, 0, [], [], [], HW) == ([Operand(0, ONES, 0)], [0], [])
    assert join(replace(cfg, c_src=Source.SMEM), 0, [], [], [9], FXP).addends == [9]


def test_join_of_wide_addends() -> None:
    cfg = IpmCfg(Proc.EWISE, cnt0=1, c_src=Source.WIDE)
    numbers = np.arange(8, dtype=np.float32)
    third = [int.from_bytes(numbers[k : k + 2].tobytes(), "little") for k in (0, 2, 4, 6)]
    joined = join(cfg, 0, [], [], third, HW)
    assert b"".join(word.to_bytes(16, "little") for word in joined.addends) == numbers.tobytes()
    assert not joined.sides


def test_one_in_fixed_point_saturates() -> None:
    cfg = IpmCfg(Proc.EWISE, a_src=Source.ONE)
    for fraction, one in ((8, 0x100), (15, 0x7FFF)):
        hw = FXP.model_copy(update={"fxp_act_frac": fraction})
        assert join(cfg, 0, [], [], [], hw).operands[0].a & 0xFFFF == one


def test_side_beats_of_lists() -> None:
    cfg = IpmCfg(Proc.MTXV_SP, cnt0=1, cnt1=20, src0_dram=1, side=Side.LIST, src0_addr=50)
    assert index_takers(cfg) == [Unit.JOIN, Unit.DRAM, Unit.FIRST]
    assert not by_word(Unit.FIRST, cfg)
    assert first_words(cfg) == 2
    assert list(first_reads(cfg, Column(0, 0, 0), 10, HW)) == [Read(52, LANE | 2)]
    joined = join(cfg, 10, [1, 2], [3, 4], [], HW, element=0xABCD_1234)
    assert joined == ([Operand(1, 3, 10), Operand(2, 4, 10)], [], [SideBeat(0x1234, 10)])
    assert walk_cycles(Unit.FIRST, cfg, [3, 0]) == 4


def test_moves_are_one_piece() -> None:
    cfg = IpmCfg(Proc.MOVE, cnt0=2, cnt1=1, cnt2=1, step=5, stride=9, side=Side.RAW, src0_addr=40)
    assert every_read(Unit.FIRST, cfg) == [Read(40 + k, 0) for k in range(12)]
    assert not wanted(Unit.SECOND, cfg)
    assert not wanted(Unit.DRAM, cfg)
    assert second_words(cfg) == 0
    dram = replace(cfg, src0_dram=1, dram_addr=0x100)
    commands = [dram_command(dram, matrix_column(dram, column), HW) for column in walk(dram, [], HW)]
    assert [(command >> 32) & 0xFFFF_FFFF for command in commands] == [0x100, 0x118, 0x130, 0x148]
    assert join(cfg, 0, [5, 6, 7], [], [], HW) == ([], [], [SideBeat(word, 0) for word in (5, 6, 7)])


def test_addend_past_the_memory() -> None:
    cfg = IpmCfg(Proc.EWISE, c_src=Source.WIDE, src2_addr=HW.smem_words - 1)
    reads = addend_reads(cfg, Column(0, 0, 0), HW)
    assert next(reads) == Read(HW.smem_words - 1, 0)
    with pytest.raises(IpmError, match="ADDRESS"):
        next(reads)


def test_bad_source_comes_before_a_bad_list() -> None:
    cfg = IpmCfg(Proc.MXV_SP, cnt1=1, side=Side.RAW)
    with pytest.raises(IpmError, match="PROC"):
        check_sources(Unit.JOIN, cfg, HW)
    with pytest.raises(IpmError, match="COUNT"):
        list(walk(cfg, [Descriptor(0, 0, 5)], HW))
