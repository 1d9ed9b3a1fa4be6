"""An instruction of the machine, and what each unit makes of it.

`Instruction` is what a program consists of. `Instruction.units` is the decoder: it gives the configurations
of input module, compute core and output module, by moves of fields and small tables only, as hardware would.
Only a MOVE of descriptors is not for the units: control carries it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from reneta.golden.ccm_types import CcmCfg, Func, Proc
from reneta.golden.config import HwConfig
from reneta.golden.ipm_types import IpmCfg, Side, Source
from reneta.golden.opm_types import OpmCfg, OpmMode

# Procedures that are made of another one's work in a unit.
_INPUT: dict[int, int] = {Proc.DELTA: Proc.EWISE}
_CORE: dict[int, int] = {Proc.DELTA: Proc.EWISE, Proc.MOVE: Proc.IDLE}
_MODE: dict[int, int] = {
    Proc.DELTA: OpmMode.ENCODE,
    Proc.MOVE: OpmMode.MOVE,
    Proc.MTXV: OpmMode.SUMS,
    Proc.MTXV_SP: OpmMode.SUMS,
}
_SIDE: dict[int, int] = {Proc.DELTA: Side.VECTOR, Proc.MOVE: Side.RAW}
# Whose results stay in the accumulators where they have no destination.
_HELD = (Proc.MXV, Proc.MXV_SP, Proc.EWISE)
# Whose results are one column for each step, and whose come once.
_BY_STEP = (Proc.MXV, Proc.MXV_SP)
_ONCE = (Proc.VXV, Proc.VXV_SP, Proc.ACC)


class Units(NamedTuple):
    """Configurations of the three units for one instruction."""

    ipm: IpmCfg
    ccm: CcmCfg
    opm: OpmCfg


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Loops: `cnt0`, `cnt1`, `cnt2` are counts minus one, of row groups, columns and steps; `lanes` the valid
    lanes of the last row group, minus one; `step` the first time step; `stride` the steps for which sequences
    in SMEM have room.

    Operands: `src0_dram`: the first operand, a matrix (or what MOVE moves), is in DRAM. EWISE computes
    c + a b, or c - a b with `neg`; `a_src`, `b_src`, `c_src` say where each comes from, `a_seq`, `b_seq`,
    `c_seq` whether it is a sequence; `wide` destinations and Source.WIDE hold float32.

    Results: `func` is applied, then they go to SMEM (`to_smem`), to DRAM (`to_dram`), or both; in SMEM into a
    sequence (`seq`) or to words one after another. Without a destination MxV, EWISE and VXV leave them in the
    accumulators. `scatter` (MTXV_SP) makes gradients of a value and of its encoder's state of them.

    Accumulators: from word `base` on. `acc`: EWISE uses them. `cont`: MxV and EWISE go on from what they
    hold. `hold`: they keep their sums although results left. `act_scale`: ACC takes out sums of EWISE or VXV.

    Lists: `list` and the step name the descriptor. DELTA: `append`, or else `head_word` and `head_lane`, say
    where the list begins, `theta` is the threshold; `direct`: indices go from a DELTA to the sparse procedure
    without the detour over SMEM.

    Addresses, words of SMEM (DRAM: bytes):

    | | MxV, MTxV, VXV | EWISE | DELTA | MOVE |
    | --- | --- | --- | --- | --- |
    | src0_addr | matrix; VXV: d; scatter: state gradient | a | list indices | from |
    | src1_addr | vector, or list values | b | stored state | |
    | src2_addr | list indices | c | new values | |
    | dst0_addr | results; scatter: gradient of the value | results | stored state | to |
    | dst1_addr | scatter: state gradient | | list values | |
    | dram_src | matrix | | | from |
    | dram_dst | results | results | | to |

    `dep`: it begins to read SMEM and descriptors when the instruction so many places before it has ended;
    MOVEs of descriptors do not count. `fence`: it begins when everything before it has ended and is in DRAM.
    `pause`: after it the machine waits for the host; what it computes does not depend on that.
    `spm`: MOVE moves the descriptors of the steps of `list` from `dram_src` (`src0_dram`) or to `dram_dst`
    (`to_dram`) instead of words.
    `note` says to the reader of a program what the instruction is for; it is no part of it.
    """

    proc: int
    func: int = Func.NONE
    cnt0: int = 0
    cnt1: int = 0
    cnt2: int = 0
    lanes: int = 0
    step: int = 0
    stride: int = 0
    src0_dram: int = 0
    a_src: int = Source.ZERO
    b_src: int = Source.ZERO
    c_src: int = Source.ZERO
    a_seq: int = 0
    b_seq: int = 0
    c_seq: int = 0
    neg: int = 0
    to_smem: int = 0
    to_dram: int = 0
    seq: int = 0
    wide: int = 0
    scatter: int = 0
    acc: int = 0
    cont: int = 0
    hold: int = 0
    act_scale: int = 0
    base: int = 0
    list: int = 0
    append: int = 0
    direct: int = 0
    theta: int = 0
    head_word: int = 0
    head_lane: int = 0
    src0_addr: int = 0
    src1_addr: int = 0
    src2_addr: int = 0
    dst0_addr: int = 0
    dst1_addr: int = 0
    dram_src: int = 0
    dram_dst: int = 0
    dep: int = 0
    fence: int = 0
    spm: int = 0
    pause: int = 0
    note: str = field(default="", compare=False)

    @property
    def gives(self) -> bool:
        """Whether results have a destination in memory."""
        return bool(self.to_smem or self.to_dram)

    @property
    def moves_descriptors(self) -> bool:
        """Whether control carries it out, and no unit."""
        return self.proc == Proc.MOVE and bool(self.spm)

    def units(self, hw: HwConfig) -> Units:
        """The configurations of the three units; codes that are no procedure pass as they are.

        Those of a MOVE of descriptors mean nothing.
        """
        return Units(self._ipm(), self._ccm(), self._opm(hw))

    def _ipm(self) -> IpmCfg:
        delta = self.proc == Proc.DELTA
        return IpmCfg(
            proc=_INPUT.get(self.proc, self.proc),
            cnt0=self.cnt0,
            cnt1=self.cnt1,
            cnt2=self.cnt2,
            step=self.step,
            stride=self.stride,
            src0_dram=self.src0_dram,
            list=self.list,
            direct=0 if delta else self.direct,
            dep=self.dep,
            side=Side.LIST if self._scatters else _SIDE.get(self.proc, Side.NONE),
            a_src=Source.ONE if delta else self.a_src,
            b_src=Source.SMEM if delta else self.b_src,
            c_src=Source.SMEM if delta else self.c_src,
            a_seq=self.a_seq,
            b_seq=0 if delta else self.b_seq,
            c_seq=self.c_seq,
            src2_addr=self.src2_addr,
            src1_addr=self.src1_addr,
            src0_addr=self.src0_addr,
            dram_addr=self.dram_src,
        )

    def _ccm(self) -> CcmCfg:
        delta = self.proc == Proc.DELTA
        return CcmCfg(
            proc=_CORE.get(self.proc, self.proc),
            cnt0=self.cnt0,
            cnt1=self.cnt1,
            cnt2=self.cnt2,
            lanes=self.lanes,
            func=self.func,
            init=int(delta or (self.proc == Proc.EWISE and self.c_src != Source.ZERO)),
            neg=int(delta or self.neg),
            drain=int(self.gives),
            acc=self.acc,
            cont=self.cont,
            hold=self.hold,
            mute=int(self.proc in _HELD and not self.gives),
            act_scale=self.act_scale,
            base=self.base,
        )

    def _opm(self, hw: HwConfig) -> OpmCfg:
        # The columns are the elements of the vectors that a scatter writes.
        groups, lanes = divmod(self.cnt1, hw.num_pe) if self._scatters else (self.cnt0, self.lanes)
        delta = self.proc == Proc.DELTA
        return OpmCfg(
            mode=OpmMode.SCATTER if self._scatters else _MODE.get(self.proc, OpmMode.WORDS),
            cnt0=groups,
            cnt1=0 if self.proc in _BY_STEP else self.cnt1,
            cnt2=0 if self.proc in _ONCE else self.cnt2,
            lanes=lanes,
            to_smem=self.to_smem,
            to_dram=self.to_dram,
            wide=self.wide,
            sparse=int(self.proc == Proc.MTXV_SP),
            seq=self.seq,
            list=self.list,
            append=self.append,
            direct=self.direct if delta else 0,
            step=self.step,
            stride=self.stride,
            theta=self.theta,
            head_word=self.head_word,
            head_lane=self.head_lane,
            idx_addr=self.src0_addr,
            dst1_addr=self.dst1_addr,
            dst_addr=self.dst0_addr,
            dram_addr=self.dram_dst,
        )

    @property
    def _scatters(self) -> bool:
        return self.proc == Proc.MTXV_SP and bool(self.scatter)
