"""What a random program has of all that programs can have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from reneta.golden.arith import arithmetic
from reneta.golden.ccm_types import Func, Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source
from reneta.verif.programs.state import State

_MATRIX = (Proc.MXV, Proc.MTXV, Proc.MXV_SP, Proc.MTXV_SP)
_SPARSE = (Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP)
_LOOPS = tuple(Proc(code) for code in range(Proc.MXV, Proc.EWISE + 1))


def every(hw: HwConfig) -> frozenset[str]:
    """All features of a configuration."""
    third = [source for source in Source if hw.is_fp or source is not Source.WIDE]
    names = [
        *(proc.name for proc in Proc),
        *(f"{proc.name} matrix in {where}" for proc in _MATRIX for where in ("DRAM", "SMEM")),
        *(f"{proc.name} {what}" for proc in _SPARSE for what in ("handed", "empty", "full list", "steps")),
        *(f"{proc.name} {func.name}" for proc in (*_LOOPS, Proc.ACC) for func in Func),
        *(
            f"{proc.name} {what}"
            for proc in _LOOPS
            for what in ("one row", "part of a group", "several groups")
        ),
        *(f"a {source.name}" for source in (Source.ZERO, Source.ONE, Source.SMEM)),
        *(f"b {source.name}" for source in Source if source is not Source.WIDE),
        *(f"c {source.name}" for source in third),
        *("a seq", "b seq", "c seq", "neg", "EWISE acc", "EWISE cont", "EWISE hold", "in place"),
        *(
            "MXV cont",
            "MXV hold",
            "MXV_SP cont",
            "MXV_SP hold",
            "ACC hold",
            "ACC act_scale",
            "VXV held",
            "scatter",
        ),
        *(f"MOVE {one} to {other}" for one in ("SMEM", "DRAM") for other in ("SMEM", "DRAM", "both")),
        *("seq", "both", "descriptors to DRAM", "descriptors from DRAM", "one descriptor", "odd descriptors"),
        *("last step", "DELTA append", "DELTA head", "DELTA direct", "DELTA none fires", "DELTA full list"),
        *(f"dep {number}" for number in range(1, 8)),
        *("pause", "fence", "fence before what was written in DRAM", "tallest column"),
        *(["wide", "NaN", "infinite"] if hw.is_fp else ["saturated"]),
    ]
    return frozenset(names)


def features(s: State, program: Sequence[Instruction]) -> frozenset[str]:
    """Those of a program that `s` has drawn, as it is in the end."""
    found = set(_data(s))
    for drawn, instruction, taken in zip(s.program, program, s.entries, strict=True):
        found.update(_one(instruction, taken, s.hw))
        if instruction.fence and not drawn.fence:
            found.add("fence before what was written in DRAM")
    return frozenset(found) & every(s.hw)


def _data(s: State) -> Iterator[str]:
    """What numbers are in SMEM in the end."""
    smem = np.concatenate([s.machine.smem[window.start : window.stop] for window in s.space.windows])
    values = arithmetic(s.hw).decode(smem.view(arithmetic(s.hw).operand_dtype))
    if s.hw.is_fp:
        yield from ["NaN"] * bool(np.isnan(values).any()) + ["infinite"] * bool(np.isinf(values).any())
    elif (values == values.max()).sum() > 1:
        yield "saturated"


def _one(one: Instruction, taken: Sequence[int], hw: HwConfig) -> Iterator[str]:
    """Features of an instruction; `taken`: sizes of its lists."""
    proc = Proc(one.proc)
    yield proc.name
    if one.dep:
        yield f"dep {one.dep}"
    yield from (name for name in ("pause", "fence") if getattr(one, name))
    if proc is Proc.IDLE:
        return
    if one.moves_descriptors:
        yield "descriptors from DRAM" if one.src0_dram else "descriptors to DRAM"
        if one.cnt2 % 2 == 0:
            yield "odd descriptors" if one.cnt2 else "one descriptor"
        if one.step + one.cnt2 == hw.max_m - 1:
            yield "last step"
        return
    scatters = proc is Proc.MTXV_SP and one.scatter
    gives = one.gives and proc is not Proc.DELTA and not scatters
    if gives or proc is Proc.DELTA:
        yield f"{proc.name} {Func(one.func).name}"
    if gives and one.to_smem and one.seq and proc is not Proc.MTXV_SP:
        yield "seq"
    if gives and one.to_smem and one.to_dram:
        yield "both"
    yield from ["wide"] * one.wide + ["scatter"] * bool(scatters)
    if proc in _LOOPS:
        if one.cnt0 or one.lanes:
            yield f"{proc.name} " + ("several groups" if one.cnt0 else "part of a group")
        else:
            yield f"{proc.name} one row"
        if one.cnt0 == hw.max_groups - 1:
            yield "tallest column"
    if proc in _MATRIX:
        yield f"{proc.name} matrix in " + ("DRAM" if one.src0_dram else "SMEM")
    if proc in _SPARSE:
        yield from _lists(one, taken, hw)
    match proc:
        case Proc.EWISE:
            yield from _ewise(one)
        case Proc.DELTA:
            yield "DELTA append" if one.append else "DELTA head"
            yield from ["DELTA direct"] * one.direct + ["DELTA none fires"] * (sum(taken) == 0)
            yield from ["DELTA full list"] * (sum(taken) == hw.max_n)
        case Proc.MOVE:
            other = "both" if one.to_smem and one.to_dram else "SMEM" if one.to_smem else "DRAM"
            yield f"MOVE {'DRAM' if one.src0_dram else 'SMEM'} to {other}"
        case Proc.ACC:
            yield from ["ACC hold"] * one.hold + ["ACC act_scale"] * one.act_scale
        case Proc.MXV | Proc.MXV_SP:
            yield from [f"{proc.name} cont"] * one.cont + [f"{proc.name} hold"] * one.hold
        case Proc.VXV | Proc.VXV_SP:
            yield from ["VXV held"] * (not one.gives)


def _lists(one: Instruction, taken: Sequence[int], hw: HwConfig) -> Iterator[str]:
    name = Proc(one.proc).name
    yield from [f"{name} handed"] * one.direct + [f"{name} empty"] * (0 in taken)
    yield from [f"{name} full list"] * (hw.max_n in taken) + [f"{name} steps"] * bool(one.cnt2)


def _ewise(one: Instruction) -> Iterator[str]:
    sources = (
        ("a", one.a_src, one.src0_addr),
        ("b", one.b_src, one.src1_addr),
        ("c", one.c_src, one.src2_addr),
    )
    for name, source, addr in sources:
        yield f"{name} {Source(source).name}"
        if source in (Source.SMEM, Source.WIDE):
            yield from [f"{name} seq"] * getattr(one, f"{name}_seq")
            yield from ["in place"] * (one.to_smem and addr == one.dst0_addr)
    yield from ["neg"] * one.neg
    yield from (f"EWISE {flag}" for flag in ("acc", "cont", "hold") if one.acc and getattr(one, flag))
