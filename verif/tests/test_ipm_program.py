"""Tests of the random instructions for the input module's units: all that they ask for is there."""

from __future__ import annotations

import numpy as np
import pytest

from reneta.golden.ccm_types import Proc
from reneta.golden.config import load_config
from reneta.golden.ipm import (
    Unit,
    addend_reads,
    addend_words,
    check_index,
    check_sources,
    first_reads,
    first_words,
    index_read,
    lists_sides,
    needs_index,
    second_reads,
    second_words,
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
    for unit in Unit:
        if wanted(unit, cfg):
            check_sources(unit, cfg, hw)
    columns = list(walk(cfg, one.descriptors, hw))
    assert len(columns) == len(one.columns)
    for column, index in zip(columns, one.columns, strict=True):
        check_index(cfg, index)
        # Reads past the end of the memory would raise an error.
        if wanted(Unit.SECOND, cfg):
            assert len(list(second_reads(cfg, column, hw))) == second_words(cfg)
        if wanted(Unit.FIRST, cfg):
            reads = 1 if lists_sides(cfg) else first_words(cfg)
            assert len(list(first_reads(cfg, column, index, hw))) == reads
        if cfg.proc == Proc.EWISE and wanted(Unit.INDEX, cfg):
            assert len(list(addend_reads(cfg, column, hw))) == addend_words(cfg)
        if cfg.proc in SPARSE and not cfg.direct:
            read = index_read(cfg, column, hw)
            assert one.entries(hw)[read.addr, read.sel - hw.num_pe] == index


def test_indices_for_a_unit() -> None:
    draw = Generator(load_config("bf16_pe4"), np.random.default_rng(8))
    one = draw.make(SPARSE[0], 1, 5, counts=[3], dram=1)
    assert one.counts == [3]
    assert one.indices_for(Unit.DRAM) == one.indices_for(Unit.JOIN) == one.indices[0]
    assert one.indices_for(Unit.FIRST) == []
    assert not needs_index(Unit.SECOND, one.cfg)
