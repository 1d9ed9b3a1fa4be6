"""Random programs: legal ones run, wait for what they must, cover everything; others stop as they say."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from reneta.compiler.tests.workbench import LateMachine
from reneta.golden import isa
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig, load_config
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source
from reneta.verif.programs.features import every
from reneta.verif.programs.generator import Program, generate
from reneta.verif.programs.illegal import KINDS, START, spoil, stops
from reneta.verif.programs.options import LARGE, SMALL, Options
from reneta.verif.programs.parts import meaningless
from reneta.verif.programs.space import MisfitError

CONFIGS = [load_config(name) for name in ("bf16_pe16", "fxp16_pe16", "bf16_pe4", "fxp16_pe4")]
# Larger sizes than SMALL, and not yet so many instructions as LARGE.
MEDIUM = replace(LARGE, instructions=100, work=40_000, words=400)


@lru_cache
def drawn(hw: HwConfig, seed: int, options: Options = SMALL) -> Program:
    return generate(hw, np.random.default_rng(seed), options)


def late(program: Program, instructions: tuple[Instruction, ...]) -> LateMachine:
    """Runs them from random contents of SMEM and descriptor memory on."""
    hw = program.hw
    machine = LateMachine(hw, len(program.dram))
    machine.dram[:] = program.dram
    machine.spm[:] = np.random.default_rng(1).integers(0, 1 << hw.desc_w, machine.spm.shape)
    machine.run(instructions)
    machine.finish()
    return machine


@pytest.mark.parametrize("hw", CONFIGS, ids=lambda hw: hw.name)
@pytest.mark.parametrize("seed", range(6))
def test_legal_programs(hw: HwConfig, seed: int) -> None:
    """DRAM tells the same whatever was in the memories before, and however late results arrive."""
    program = drawn(hw, seed)
    machine = program.run()
    np.testing.assert_array_equal(late(program, program.instructions).dram, machine.dram)
    assert program.work < 5000
    image = isa.image(program.instructions, hw)
    np.testing.assert_array_equal(machine.dram[program.address :][: len(image)], image)
    # What it wrote to SMEM is in the tail.
    stored = [machine.smem[words.start : words.stop].reshape(-1) for words in program.space.loaded]
    tail = np.concatenate(stored).view(np.uint8)
    np.testing.assert_array_equal(machine.dram[program.space.tail.start :][: len(tail)], tail)
    assert program.features <= every(hw)


@pytest.mark.parametrize("hw", CONFIGS[::3], ids=lambda hw: hw.name)
def test_everything_is_covered(hw: HwConfig) -> None:
    found = [drawn(hw, seed).features for seed in range(12)]
    found += [drawn(hw, seed, MEDIUM).features for seed in range(8)]
    assert sorted(every(hw).difference(*found)) == []


def test_waits_are_needed() -> None:
    """Without all distances, and without fences, others are the results."""
    programs = [drawn(CONFIGS[0], seed, replace(SMALL, fence=0.0)) for seed in range(6)]
    for flags in ({"dep": 0}, {"fence": 0}):
        differ = 0
        for program in programs:
            without = tuple(replace(one, note="", **flags) for one in program.instructions)
            try:
                differ += not np.array_equal(late(program, without).dram, program.run().dram)
            except Exception:
                # Lists that are none.
                differ += 1
        assert differ > 0


def test_an_own_random_source_and_nothing_else() -> None:
    one, other = (drawn(CONFIGS[1], 5) for _ in range(2))
    assert one.instructions == other.instructions
    np.testing.assert_array_equal(one.dram, other.dram)
    assert drawn(CONFIGS[1], 6).instructions != one.instructions


def test_options() -> None:
    program = drawn(CONFIGS[0], 0, replace(SMALL, pause=1.0, fence=0.0, instructions=5, epilogue=False))
    middle = program.instructions[program.loads :]
    assert 5 <= len(middle) < 10
    assert all(one.pause for one in middle[:5])
    program = drawn(CONFIGS[0], 0, replace(SMALL, pause=0.0, fence=1.0, eager=0.0, instructions=5))
    assert all(one.fence and not one.dep for one in program.instructions[program.loads :][:5])
    small = HwConfig(name="small", format="bf16", num_pe=4, max_n=64, max_m=8, acc_words=64, smem_words=64)
    with pytest.raises(MisfitError, match="small is too small"):
        generate(small, np.random.default_rng(0))


def test_fields_that_mean_nothing() -> None:
    move = Instruction(Proc.MOVE, src0_dram=1, to_smem=1)
    assert {"src0_addr", "src1_addr", "dram_dst", "func", "base", "lanes"} <= meaningless(move)
    assert not {"dram_src", "dst0_addr", "seq", "cnt0", "cnt1", "cnt2", "step", "spm", "wide"} & meaningless(
        move
    )
    ewise = Instruction(Proc.EWISE, a_src=Source.SMEM, c_src=Source.WIDE)
    assert {"src1_addr", "base", "dst0_addr", "src0_dram"} <= meaningless(ewise)
    assert not {"src0_addr", "src2_addr", "a_src", "neg", "acc", "cnt1"} & meaningless(ewise)


@pytest.mark.parametrize("hw", CONFIGS[::3], ids=lambda hw: hw.name)
@pytest.mark.parametrize("kind", [*KINDS, *START])
def test_programs_with_an_error(hw: HwConfig, kind: str) -> None:
    tried = 0
    for seed in range(3):
        program, rng = drawn(hw, seed), np.random.default_rng(seed)
        try:
            illegal = spoil(program, rng, kind)
        except MisfitError:
            continue
        tried += 1
        assert stops(illegal, program) == (illegal.cause, illegal.counter)
        wrong = np.flatnonzero(illegal.dram != program.dram)
        assert len(wrong) == 0 or illegal.counter == (wrong[0] - program.address) // 64
    # A column of 256 groups is the tallest one, and the largest that can be counted.
    assert tried == 0 if (kind, hw.num_pe) == ("column too tall", 4) else tried > 0


def test_an_error_at_a_place() -> None:
    program, rng = drawn(CONFIGS[0], 3), np.random.default_rng(0)
    for number in (0, 1, len(program.instructions) - 1):
        illegal = spoil(program, rng, "word past the end of SMEM", number)
        assert illegal.counter == number
        assert stops(illegal, program) == (illegal.cause, number)
    with pytest.raises(MisfitError, match="'index above the columns' cannot be at instruction 0"):
        spoil(program, rng, "index above the columns", 0)


def test_no_simulator_is_needed() -> None:
    code = "import sys, reneta.verif.programs.illegal; assert not {'cocotb', 'pyuvm'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
