"""The decoder: what each unit gets for each kind of instruction."""

from __future__ import annotations

import pytest

from reneta.golden.ccm_types import CcmCfg, Func, Proc
from reneta.golden.config import load_config
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import IpmCfg, Side, Source
from reneta.golden.opm_types import OpmCfg, OpmMode

HW = load_config("bf16_pe4")


def test_matrix_procedures() -> None:
    instruction = Instruction(
        *(Proc.MXV_SP, Func.TANH, 2, 9, 3, 1),
        *(5, 40, 1),
        to_smem=1,
        seq=1,
        cont=1,
        hold=1,
        base=8,
        list=1,
        src1_addr=11,
        src2_addr=12,
        dst0_addr=13,
        dram_src=1024,
        dep=3,
    )
    ipm, ccm, opm = instruction.units(HW)
    assert ipm == IpmCfg(Proc.MXV_SP, 2, 9, 3, 5, 40, 1, 1, dep=3, src1_addr=11, src2_addr=12, dram_addr=1024)
    # drain means something to VXV only.
    assert ccm == CcmCfg(Proc.MXV_SP, 2, 9, 3, 1, Func.TANH, drain=1, cont=1, hold=1, base=8)
    assert opm == OpmCfg(OpmMode.WORDS, 2, 0, 3, 1, to_smem=1, seq=1, list=1, step=5, stride=40, dst_addr=13)


@pytest.mark.parametrize("proc", [Proc.MXV, Proc.MXV_SP, Proc.EWISE])
def test_without_destination_sums_stay(proc: Proc) -> None:
    assert Instruction(proc, acc=1).units(HW).ccm.mute == 1
    assert Instruction(proc, acc=1, to_dram=1).units(HW).ccm.mute == 0


def test_gradients() -> None:
    held = Instruction(Proc.VXV_SP, cnt0=3, cnt1=4, cnt2=5)
    assert (held.units(HW).ccm.drain, held.units(HW).ccm.mute) == (0, 0)
    opm = Instruction(Proc.VXV_SP, cnt0=3, cnt1=4, cnt2=5, to_dram=1, wide=1).units(HW).opm
    assert (opm.cnt0, opm.cnt1, opm.cnt2, opm.wide) == (3, 4, 0, 1)


def test_scatter_describes_the_vector() -> None:
    """Nine columns are two words and one element."""
    units = Instruction(Proc.MTXV_SP, cnt0=7, cnt1=8, lanes=3, scatter=1, src0_dram=1).units(HW)
    assert units.ipm.side == Side.LIST
    assert (units.opm.mode, units.opm.cnt0, units.opm.lanes) == (OpmMode.SCATTER, 2, 0)
    assert (units.ccm.cnt0, units.ccm.lanes) == (7, 3)
    sums = Instruction(Proc.MTXV_SP, cnt0=7, cnt1=8, lanes=3, to_smem=1).units(HW)
    assert (sums.ipm.side, sums.opm.mode, sums.opm.sparse, sums.opm.cnt1) == (Side.NONE, OpmMode.SUMS, 1, 8)
    assert Instruction(Proc.MTXV, scatter=1).units(HW).opm.mode == OpmMode.SUMS


def test_delta_is_a_difference() -> None:
    """v - 1 v̂, and both words go past the core."""
    ipm, ccm, opm = Instruction(
        Proc.DELTA, cnt0=1, c_seq=1, direct=1, list=1, theta=7, src0_addr=1, src1_addr=2, dst1_addr=3
    ).units(HW)
    assert (ipm.proc, ipm.side, ipm.direct) == (Proc.EWISE, Side.VECTOR, 0)
    assert (ipm.a_src, ipm.b_src, ipm.c_src) == (Source.ONE, Source.SMEM, Source.SMEM)
    assert (ipm.a_seq, ipm.b_seq, ipm.c_seq) == (0, 0, 1)
    assert (ccm.proc, ccm.init, ccm.neg, ccm.mute) == (Proc.EWISE, 1, 1, 0)
    assert (opm.mode, opm.direct, opm.list, opm.theta) == (OpmMode.ENCODE, 1, 1, 7)
    assert (opm.idx_addr, opm.dst1_addr) == (1, 3)


def test_moves_and_accumulators() -> None:
    ipm, ccm, opm = Instruction(Proc.MOVE, cnt0=1, cnt1=2, cnt2=3, src0_dram=1, to_smem=1).units(HW)
    assert (ipm.proc, ipm.side, ccm.proc, opm.mode) == (Proc.MOVE, Side.RAW, Proc.IDLE, OpmMode.MOVE)
    assert (opm.cnt0, opm.cnt1, opm.cnt2) == (1, 2, 3)
    ipm, ccm, opm = Instruction(Proc.ACC, cnt1=2, act_scale=1, to_smem=1).units(HW)
    assert (ipm.proc, ccm.proc, ccm.act_scale, opm.mode, opm.cnt1) == (
        Proc.ACC,
        Proc.ACC,
        1,
        OpmMode.WORDS,
        2,
    )


@pytest.mark.parametrize("code", range(16))
def test_every_code_decodes_and_packs(code: int) -> None:
    for cfg in Instruction(code, to_smem=1).units(HW):
        assert type(cfg).unpack(cfg.pack(HW), HW) == cfg


def test_notes_are_no_part_of_an_instruction() -> None:
    assert Instruction(Proc.IDLE, note="nothing") == Instruction(Proc.IDLE)
    assert len({Instruction(Proc.IDLE, note="nothing"), Instruction(Proc.IDLE)}) == 1
