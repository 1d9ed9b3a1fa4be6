"""Tests of the random instructions for the input module's units: all that they ask for is there."""

from __future__ import annotations

import numpy as np
import pytest

from reneta.golden.config import load_config
from reneta.golden.ipm import (
    Unit,
    check_index,
    first_reads,
    index_read,
    needs_index,
    second_reads,
    walk,
    wanted,
)
from reneta.golden.ipm_types import IpmCfg
from reneta.verif.ipm.program import SPARSE, Generator, Instruction, Limits


@pytest.mark.parametrize("name", ["bf16_pe4", "fxp16_pe8", "bf16_pe32"])
def test_random_instructions_are_legal(name: str) -> None:
    hw = load_config(name)
    draw = Generator(hw, np.random.default_rng(7))
    taken: dict[tuple[int, int], int] = {}
    for _ in range(150):
        one = draw.draw(Limits())
        assert IpmCfg.unpack(one.cfg.pack(hw), hw) == one.cfg
        assert all(descriptor.encode(hw) < 1 << hw.desc_w for descriptor in one.descriptors)
        region = one.entries(hw)
        assert not taken.keys() & region.keys(), "lists overlap"
        taken |= region
        if wanted(Unit.JOIN, one.cfg):
            _check_reads(one, draw)


def _check_reads(one: Instruction, draw: Generator) -> None:
    cfg, hw = one.cfg, draw.hw
    columns = list(walk(cfg, one.descriptors, hw))
    assert len(columns) == len(one.columns)
    for column, index in zip(columns, one.columns, strict=True):
        check_index(cfg, index)
        assert all(read.addr < hw.smem_words for read in second_reads(cfg, column, hw))
        if wanted(Unit.FIRST, cfg):
            assert len(list(first_reads(cfg, column, index, hw))) == cfg.cnt0 + 1
        if cfg.proc in SPARSE:
            read = index_read(cfg, column, hw)
            assert one.entries(hw)[read.addr, read.sel - hw.num_pe] == index


def test_indices_for_a_unit() -> None:
    draw = Generator(load_config("bf16_pe4"), np.random.default_rng(8))
    one = draw.make(SPARSE[0], 1, 5, counts=[3], dram=1)
    assert one.counts == [3]
    assert one.indices_for(Unit.DRAM) == one.indices_for(Unit.JOIN) == one.indices[0]
    assert one.indices_for(Unit.FIRST) == []
    assert not needs_index(Unit.SECOND, one.cfg)
