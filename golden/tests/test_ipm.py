"""Tests of the input module's model: its configuration, addresses, commands, operands and errors."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.config import load_config
from reneta.golden.ipm import (
    Column,
    IpmError,
    Read,
    Unit,
    check_index,
    dram_command,
    first_reads,
    index_read,
    index_takers,
    needs_index,
    second_reads,
    second_words,
    walk,
    walk_cycles,
    wanted,
)
from reneta.golden.ipm_join import Operand, operand_words
from reneta.golden.ipm_types import IPM_CFG_FIELDS, IpmCfg
from reneta.golden.lists import Descriptor, pack_lists, pack_matrix, pack_sequence
from reneta.golden.matrix import NonzeroList
from reneta.scripts.gen_pkg import render

HW = load_config("bf16_pe4")
LANE = 1 << HW.lane_w
CODES = st.sampled_from(range(16))


@st.composite
def configurations(draw: st.DrawFn) -> IpmCfg:
    """Any configuration whose fields fit."""
    return IpmCfg(
        **{f.name: draw(st.integers(0, (1 << f.width(HW)) - 1), label=f.name) for f in IPM_CFG_FIELDS}
    )


@given(configurations())
def test_configuration_round_trip(cfg: IpmCfg) -> None:
    word = cfg.pack(HW)
    assert word < 1 << IpmCfg.width(HW)
    assert IpmCfg.unpack(word, HW) == cfg


def test_configuration_field_too_wide() -> None:
    with pytest.raises(ValueError, match="cnt1=256 does not fit 8 bits"):
        IpmCfg(proc=1, cnt1=256).pack(HW)


@pytest.mark.parametrize("name", ["bf16_pe4", "fxp16_pe32"])
def test_package_has_the_same_fields(name: str) -> None:
    hw = load_config(name)
    body = re.search(r"typedef struct packed \{([^}]*)\} ipm_cfg_t;", render(hw))
    assert body is not None
    fields = re.findall(r"^\s*logic (?:\[(\d+):0\] )?(\w+);", body[1], re.MULTILINE)
    assert [(name, int(high or 0) + 1) for high, name in fields] == [
        (field.name, field.width(hw)) for field in IPM_CFG_FIELDS
    ]


def test_takers_of_each_procedure() -> None:
    for code in set(range(16)) - {Proc.EWISE, Proc.MOVE}:
        smem, dram = IpmCfg(proc=code), IpmCfg(proc=code, src0_dram=1)
        kind = Proc(code).kind if code < len(Proc) else Proc.IDLE
        matrix, walked = kind in (Proc.MXV, Proc.MTXV), kind in (Proc.MXV, Proc.MTXV, Proc.VXV)
        assert wanted(Unit.DRAM, dram) == matrix
        assert not wanted(Unit.DRAM, smem)
        assert wanted(Unit.FIRST, dram) == (kind == Proc.VXV)
        assert wanted(Unit.FIRST, smem) == wanted(Unit.SECOND, smem) == wanted(Unit.JOIN, dram) == walked
        assert needs_index(Unit.JOIN, smem) == wanted(Unit.INDEX, smem) == (code in (4, 5, 6))
        assert needs_index(Unit.FIRST, smem) == needs_index(Unit.DRAM, dram) == (code in (4, 5))
        assert not needs_index(Unit.SECOND, smem)
    assert index_takers(IpmCfg(proc=Proc.MXV_SP, src0_dram=1)) == [Unit.JOIN, Unit.DRAM]
    assert index_takers(IpmCfg(proc=Proc.MTXV_SP)) == [Unit.JOIN, Unit.FIRST]
    assert index_takers(IpmCfg(proc=Proc.VXV_SP, src0_dram=1)) == [Unit.JOIN]


def test_walk_of_dense_steps() -> None:
    cfg = IpmCfg(proc=Proc.MXV, cnt1=1, cnt2=1, step=7)
    assert list(walk(cfg, [], HW)) == [Column(7, 0, 0), Column(7, 1, 0), Column(8, 0, 0), Column(8, 1, 0)]


def test_walk_of_lists() -> None:
    cfg = IpmCfg(proc=Proc.MXV_SP, cnt1=4, cnt2=2, step=3)
    lists = [Descriptor(1, 3, 2), Descriptor(9, 0, 0), Descriptor(2, 1, 1)]
    assert list(walk(cfg, lists, HW)) == [Column(3, 0, 7), Column(3, 1, 8), Column(5, 0, 9)]


def test_list_longer_than_the_matrix_is_wide() -> None:
    cfg = IpmCfg(proc=Proc.VXV_SP, cnt1=4)
    columns = walk(cfg, [Descriptor(0, 0, 6)], HW)
    with pytest.raises(IpmError, match="COUNT"):
        list(columns)


@pytest.mark.parametrize("proc", [Proc.MXV, Proc.VXV_SP])
def test_last_step_that_does_not_exist(proc: Proc) -> None:
    lists = [Descriptor(0, 0, 1)] * 4
    last = IpmCfg(proc=proc, cnt1=4, cnt2=3, step=HW.max_m - 4)
    assert {column.step for column in walk(last, lists, HW)} == set(range(HW.max_m - 4, HW.max_m))
    with pytest.raises(IpmError, match="ADDRESS"):
        next(walk(replace(last, step=last.step + 1), lists, HW))


def test_reads_of_lists_match_their_layout() -> None:
    rng = np.random.default_rng(1)
    lists = [
        NonzeroList(np.sort(rng.permutation(50)[:count]), rng.integers(0, 1 << 16, count, dtype=np.uint16))
        for count in (3, 0, 50, 1, 6)
    ]
    packed = pack_lists(lists, HW, start=5)
    cfg = IpmCfg(proc=Proc.MXV_SP, cnt1=49, cnt2=4, src2_addr=100, src1_addr=200)
    columns = list(walk(cfg, packed.descriptors, HW))
    indices = [index_read(cfg, column, HW) for column in columns]
    values = [read for column in columns for read in second_reads(cfg, column, HW)]
    assert all(read.sel & LANE for read in indices + values)
    found = [packed.indices[read.addr - 100, read.sel - LANE] for read in indices]
    assert found == [index for one in lists for index in one.indices]
    found = [packed.values[read.addr - 200, read.sel - LANE] for read in values]
    assert found == [value for one in lists for value in one.values]


def test_reads_of_vectors_match_their_layout() -> None:
    values = np.arange(10 * 3, dtype=np.uint16).reshape(10, 3)
    words = pack_sequence(values, HW.num_pe, steps=6, fill=9999)
    mxv = IpmCfg(proc=Proc.MXV, cnt1=9, cnt2=1, step=1, stride=6, src1_addr=40)
    reads = [read for column in walk(mxv, [], HW) for read in second_reads(mxv, column, HW)]
    assert [words[r.addr - 40, r.sel - LANE] for r in reads] == [*values[:, 1], *values[:, 2]]
    for unit, cfg in (
        (second_reads, IpmCfg(proc=Proc.MTXV, cnt0=2, cnt1=1, step=2, stride=6, src1_addr=40)),
        (lambda *a: first_reads(a[0], a[1], 0, a[2]), IpmCfg(3, 2, 1, step=2, stride=6, src0_addr=40)),
    ):
        reads = [read for column in walk(cfg, [], HW) for read in unit(cfg, column, HW)]
        assert all(read.sel == 0 for read in reads)
        lanes = np.concatenate([words[read.addr - 40] for read in reads]).reshape(2, 12)
        assert (lanes[:, :10] == values[:, 2]).all()


def test_reads_and_commands_of_matrices_match_their_layout() -> None:
    matrix = np.arange(10 * 7, dtype=np.uint16).reshape(10, 7)
    words = pack_matrix(matrix, HW.num_pe)
    smem = IpmCfg(proc=Proc.MXV_SP, cnt0=2, cnt1=6, src0_addr=30)
    dram = IpmCfg(proc=Proc.MXV_SP, cnt0=2, cnt1=6, src0_dram=1, dram_addr=0x1000_0004)
    for index in range(7):
        reads = list(first_reads(smem, Column(0, 0, 0), index, HW))
        assert (np.concatenate([words[read.addr - 30] for read in reads])[:10] == matrix[:, index]).all()
        command = dram_command(dram, index, HW)
        begin, size = (command >> 32) - 0x1000_0004, command & (1 << 23) - 1
        assert command >> 23 & 0x1FF == 0b01_000000_1
        data = words.tobytes()[begin : begin + size]
        assert (np.frombuffer(data, np.uint16)[:10] == matrix[:, index]).all()


def test_address_past_the_memory() -> None:
    last = HW.smem_words - 1
    cfg = IpmCfg(proc=Proc.MTXV, cnt0=2, stride=1, src1_addr=last - 1, src0_addr=last)
    reads = second_reads(cfg, Column(0, 0, 0), HW)
    assert [next(reads), next(reads)] == [Read(last - 1, 0), Read(last, 0)]
    with pytest.raises(IpmError, match="ADDRESS") as stop:
        next(reads)
    assert stop.value.cause is ErrorCause.ADDRESS
    with pytest.raises(IpmError, match="ADDRESS"):
        list(first_reads(cfg, Column(0, 0, 0), 0, HW))
    with pytest.raises(IpmError, match="ADDRESS"):
        index_read(IpmCfg(proc=Proc.MXV_SP, src2_addr=1), Column(0, 0, last * HW.num_pe), HW)


def test_index_that_is_no_column() -> None:
    check_index(IpmCfg(proc=Proc.MXV_SP, cnt1=5), 5)
    with pytest.raises(IpmError, match="INDEX"):
        check_index(IpmCfg(proc=Proc.MXV_SP, cnt1=5), 6)


def test_operand_words() -> None:
    mxv, mtxv = IpmCfg(proc=Proc.MXV, cnt0=1), IpmCfg(proc=Proc.MTXV_SP, cnt0=1)
    assert (second_words(mxv), second_words(mtxv)) == (1, 2)
    value = 0x1234_1234_1234_1234
    assert operand_words(mxv, 3, [10, 11], [0xFFFF_1234], HW) == [
        Operand(10, value, 3),
        Operand(11, value, 3),
    ]
    assert operand_words(mtxv, 4, [10, 11], [20, 21], HW) == [Operand(10, 20, 4), Operand(11, 21, 4)]


@given(CODES, st.lists(st.integers(0, 5), min_size=1, max_size=4), st.integers(1, 4), st.booleans())
def test_cycles_count_points_and_empty_steps(code: int, counts: list[int], groups: int, dram: bool) -> None:
    cfg = IpmCfg(code, groups - 1, 4, len(counts) - 1, src0_dram=int(dram))
    sparse = code in (4, 5, 6)
    columns = counts if sparse else [5] * len(counts)
    join = sum(max(1, groups * n) for n in columns) if wanted(Unit.JOIN, cfg) else 1
    assert walk_cycles(Unit.JOIN, cfg, counts if sparse else []) == join
    passing = len(counts) if sparse else 1
    commands = sum(max(1, n) for n in columns) if wanted(Unit.DRAM, cfg) else passing
    assert walk_cycles(Unit.DRAM, cfg, counts if sparse else []) == commands
    assert walk_cycles(Unit.INDEX, cfg, counts if sparse else []) == (
        sum(max(1, n) for n in counts) if sparse else 0
    )
