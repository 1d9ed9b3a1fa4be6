"""Programs with an error: `spoil` puts one of `KINDS` into a legal program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from reneta.compiler.hazards import footprint
from reneta.golden import isa
from reneta.golden.arrays import U8
from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source
from reneta.golden.isa_types import INSN_BYTES
from reneta.golden.lists import Descriptor
from reneta.golden.machine import Machine, MachineError
from reneta.verif.programs.generator import Program
from reneta.verif.programs.space import MisfitError, place

_TRIES = 50


@dataclass(frozen=True)
class Illegal:
    """A program at which the machine stops.

    Attributes:
        kind: what is wrong, one of KINDS.
        dram: contents of DRAM, the program among them; its end is the end of the DRAM.
        address: of the first instruction, in bytes.
        length: number of instructions.
        cause: why the machine stops.
        counter: number of the instruction at which it stops.
    """

    kind: str
    dram: U8
    address: int
    length: int
    cause: ErrorCause
    counter: int


class _Spot:
    """A place in a program: what the machine holds there, and what to draw with."""

    def __init__(self, program: Program, rng: np.random.Generator, number: int) -> None:
        self.program, self.hw, self.rng, self.number = program, program.hw, rng, number
        self.machine = Machine(program.hw, len(program.dram))
        self.machine.dram[:] = program.dram
        self.machine.run(program.instructions[:number])
        space, width = program.space, program.hw.word_bytes
        self.data, self.scratch = space.data.start, space.scratch.start
        self.past = -(-len(program.dram) // width) * width
        self.last = program.hw.smem_words - 1

    def below(self, limit: int) -> int:
        return int(self.rng.integers(limit))

    def one_of(self, *choices: int) -> int:
        return choices[self.below(len(choices))]

    def bit(self, mask: int) -> int:
        """One of the bits of a mask.

        Raises:
            MisfitError: there are none.
        """
        places = [k for k in range(mask.bit_length()) if mask >> k & 1]
        if not places:
            raise MisfitError("no such bits in this configuration")
        return 1 << places[self.below(len(places))]

    def listed(self, least: int) -> tuple[int, int, Descriptor]:
        """A list with at least so many entries whose descriptor is there: list, step, descriptor.

        Raises:
            MisfitError: there is none.
        """
        there = set()
        for instruction in self.program.instructions[: self.number]:
            there.update(footprint(instruction, self.hw).lists_written.tolist())
        found = [divmod(place, self.hw.max_m) for place in sorted(there)]
        found = [one for one in found if self.machine.descriptor(*one).count >= least]
        if self.number < self.program.loads or not found:
            raise MisfitError("there is no such list at this place")
        which, step = found[self.below(len(found))]
        return which, step, self.machine.descriptor(which, step)

    def sparse(self) -> Proc:
        return Proc(self.one_of(Proc.MXV_SP, Proc.VXV_SP, Proc.MTXV_SP))


def _bits(mask: Callable[[_Spot], int]) -> Callable[[_Spot], int]:
    """The instruction at the place with one of these bits the other way."""
    return lambda s: isa.encode(s.program.instructions[s.number], s.hw) ^ s.bit(mask(s))


def _repeated(s: _Spot) -> int:
    return next(where.excess for where in isa.layout(s.hw) if where.field.name == "n1")


def _source(s: _Spot) -> Instruction:
    name, codes = (("a_src", (3, 4, 5, 7)), ("b_src", (3, 6, 7)), ("c_src", (5, 6, 7)))[s.below(3)]
    if not s.hw.is_fp and name == "c_src":
        codes = (*codes, Source.WIDE)
    one = Instruction(Proc.EWISE, a_src=Source.ONE, b_src=Source.ONE, to_dram=1, dram_dst=s.scratch, note="")
    return replace(one, note="", **{name: s.one_of(*codes)})


def _past_smem(s: _Spot) -> Instruction:
    """Reads, on any channel, or writes a word behind the last one."""
    back = s.below(3)
    addr, count = s.last - back, back + 1 + s.below(3)
    match s.below(5):
        case 0:
            return Instruction(Proc.MOVE, cnt0=count, src0_addr=addr, to_dram=1, dram_dst=s.scratch)
        case 1:
            return Instruction(Proc.MOVE, cnt0=count, src0_dram=1, dram_src=s.data, to_smem=1, dst0_addr=addr)
        case 2:
            return Instruction(
                Proc.EWISE, cnt0=count, a_src=Source.ONE, b_src=Source.SMEM, src1_addr=addr, acc=1
            )
        case 3:
            return Instruction(
                Proc.EWISE, cnt0=count, a_src=Source.ONE, c_src=Source.SMEM, src2_addr=addr, acc=1
            )
    return Instruction(Proc.ACC, cnt0=count, to_smem=1, dst0_addr=addr, hold=1)


def _list_past_smem(s: _Spot) -> Instruction:
    """Two entries, of which the second one has no place."""
    addr = s.program.space.windows[0].start
    one = Instruction(Proc.DELTA, lanes=1, src1_addr=addr, dst0_addr=addr, src2_addr=addr + 1, step=1)
    one = replace(one, head_lane=s.hw.num_pe - 1, list=s.below(2))
    if s.below(2):
        return replace(one, src0_addr=s.last, dst1_addr=addr + 2)
    return replace(one, src0_addr=addr + 2, dst1_addr=s.last)


def _too_tall(s: _Spot) -> Instruction:
    if s.hw.max_groups >= 1 << s.hw.cnt_w:
        raise MisfitError("no count is too large")
    proc = Proc(s.one_of(Proc.MXV, Proc.MTXV))
    one = Instruction(proc, cnt0=s.hw.max_groups, src0_dram=1, dram_src=s.data, stride=1)
    return replace(one, to_dram=1, dram_dst=s.scratch)


def _past_accumulators(s: _Spot) -> Instruction:
    base = s.hw.acc_words - 1
    match s.below(3):
        case 0:
            return Instruction(Proc.ACC, cnt1=1, base=base, to_dram=1, dram_dst=s.scratch)
        case 1:
            return Instruction(Proc.MXV, cnt0=1, base=base, src0_dram=1, dram_src=s.data)
    return Instruction(Proc.EWISE, cnt2=1, acc=1, base=base, a_src=Source.ONE, b_src=Source.ONE)


def _no_step(s: _Spot) -> Instruction:
    proc = Proc(s.one_of(*(proc for proc in Proc if proc not in (Proc.IDLE, Proc.ACC))))
    back = s.below(3)
    return Instruction(proc, step=max(s.hw.max_m - 1 - back, 0), cnt2=back + 1)


def _within_word(s: _Spot) -> Instruction:
    offset = 1 + s.below(s.hw.word_bytes - 1)
    if s.below(2):
        return Instruction(Proc(s.one_of(*Proc)), to_dram=1, dram_dst=s.scratch + offset)
    proc = Proc(s.one_of(*isa.DRAM_READERS))
    return Instruction(proc, src0_dram=1, dram_src=s.data + offset)


def _descriptors(s: _Spot) -> Instruction:
    one = Instruction(Proc.MOVE, spm=1, dram_src=s.data, dram_dst=s.scratch)
    src0_dram, to_dram, to_smem = ((0, 0, 0), (1, 1, 0), (1, 0, 1), (0, 1, 1))[s.below(4)]
    return replace(one, src0_dram=src0_dram, to_dram=to_dram, to_smem=to_smem)


def _past_dram(s: _Spot) -> Instruction:
    """In the first word or in a later one."""
    width, back = s.hw.word_bytes, s.below(3)
    addr = s.past - back * width
    match s.below(4):
        case 0:
            return Instruction(Proc.MOVE, cnt0=back, to_dram=1, dram_dst=addr)
        case 1:
            return Instruction(Proc.MOVE, cnt0=back, src0_dram=1, dram_src=addr)
        case 2:
            return Instruction(Proc.MXV, cnt1=back, src0_dram=1, dram_src=addr, stride=1)
    count = s.hw.num_pe // 2 * back + 1
    if count > s.hw.max_m:
        raise MisfitError("there are not so many steps")
    one = Instruction(Proc.MOVE, spm=1, cnt2=count - 1)
    # Loading them would leave descriptors of nothing.
    return replace(one, to_dram=1, dram_dst=addr)


def _count(s: _Spot) -> Instruction:
    which, step, descriptor = s.listed(2)
    one = Instruction(s.sparse(), list=which, step=step, cnt1=s.below(descriptor.count - 1))
    return replace(one, src0_dram=1, dram_src=s.data, fence=1)


def _index(s: _Spot) -> Instruction:
    """A list in a region where something else stands, or with fewer columns than its indices need."""
    which, step, descriptor = s.listed(1)
    first = descriptor.first_entry(s.hw.num_pe)
    words = np.arange(first // s.hw.num_pe, (first + descriptor.count - 1) // s.hw.num_pe + 1)
    base = place(s.hw, s.rng, words, s.program.space.loaded)
    found = s.machine.smem[base:].reshape(-1)[first : first + descriptor.count]
    columns = descriptor.count + s.below(3)
    if int(found.max()) < columns or columns > s.hw.max_n:
        raise MisfitError("these are indices")
    proc = s.sparse()
    # A sequence is read at its step, where nothing else may be wrong.
    second = 0 if proc == Proc.MTXV_SP else base
    one = Instruction(proc, list=which, step=step, cnt1=columns - 1, src2_addr=base, src1_addr=second)
    return replace(one, src0_dram=1, dram_src=s.data, fence=1)


def _unknown(s: _Spot) -> Instruction:
    return Instruction(len(Proc) + s.below(16 - len(Proc)))


def _sequence(s: _Spot) -> Instruction:
    return Instruction(Proc.MOVE, cnt1=1 + s.below(2), seq=1, to_smem=1, src0_dram=1, dram_src=s.data)


def _wide(s: _Spot) -> Instruction:
    return Instruction(Proc.MOVE, wide=1, src0_dram=1, dram_src=s.data, to_dram=1, dram_dst=s.scratch)


def _two_starts(s: _Spot) -> Instruction:
    del s
    return Instruction(Proc.EWISE, a_src=Source.ONE, b_src=Source.ONE, c_src=Source.ONE, acc=1, cont=1)


def _steps(s: _Spot) -> Instruction:
    addr = s.program.space.windows[0].start
    return Instruction(Proc.DELTA, cnt2=1, src1_addr=addr, dst0_addr=addr, src2_addr=addr)


def _too_long(s: _Spot) -> Instruction:
    groups = s.hw.max_n // s.hw.num_pe
    if groups >= 1 << s.hw.cnt_w:
        raise MisfitError("no count is too large")
    return replace(_steps(s), cnt2=0, cnt0=groups, src1_addr=0, src2_addr=0)


KINDS: dict[str, tuple[ErrorCause, Callable[[_Spot], Instruction | int]]] = {
    "unknown procedure": (ErrorCause.PROC, _unknown),
    "reserved bit": (ErrorCause.PROC, _bits(lambda s: isa.masks(s.hw)[ErrorCause.PROC])),
    "descriptors not from or to DRAM": (ErrorCause.PROC, _descriptors),
    "source that an operand cannot have": (ErrorCause.PROC, _source),
    "sum with two starts": (ErrorCause.PROC, _two_starts),
    "columns of a sequence": (ErrorCause.PROC, _sequence),
    "wide words that are no results": (ErrorCause.PROC, _wide),
    "steps of a DELTA": (ErrorCause.PROC, _steps),
    "N1 and CNT0 disagree": (ErrorCause.SIZE, _bits(_repeated)),
    "accumulator with too many bits": (ErrorCause.SIZE, _bits(lambda s: isa.masks(s.hw)[ErrorCause.SIZE])),
    "column too tall": (ErrorCause.SIZE, _too_tall),
    "accumulators past the end": (ErrorCause.SIZE, _past_accumulators),
    "vector too long to encode": (ErrorCause.SIZE, _too_long),
    "SMEM address or lane with too many bits": (
        ErrorCause.ADDRESS,
        _bits(lambda s: isa.masks(s.hw)[ErrorCause.ADDRESS]),
    ),
    "word past the end of SMEM": (ErrorCause.ADDRESS, _past_smem),
    "list past the end of SMEM": (ErrorCause.ADDRESS, _list_past_smem),
    "step that does not exist": (ErrorCause.ADDRESS, _no_step),
    "DRAM address within a word": (ErrorCause.ADDRESS, _within_word),
    "word past the end of DRAM": (ErrorCause.AXI, _past_dram),
    "list longer than the matrix": (ErrorCause.COUNT, _count),
    "index above the columns": (ErrorCause.INDEX, _index),
}
"""Errors of an instruction, with their causes. Not each can be everywhere."""

START = {"program within an instruction": ErrorCause.ADDRESS, "program past the end of DRAM": ErrorCause.AXI}
"""Errors of the program's address."""


def spoil(program: Program, rng: np.random.Generator, kind: str, number: int | None = None) -> Illegal:
    """A program with an error.

    Args:
        program: a legal one.
        rng: where the error's details are drawn from.
        kind: the error, one of KINDS or START.
        number: of the instruction that is replaced by a wrong one; none: any behind the first loads.

    Raises:
        MisfitError: the error cannot be there, or not in this configuration.
    """
    length = len(program.instructions)
    if kind in START:
        past = -(-len(program.dram) // INSN_BYTES) * INSN_BYTES
        address = past if START[kind] is ErrorCause.AXI else program.address + INSN_BYTES // 2
        return Illegal(kind, program.dram.copy(), address, length, START[kind], 0)
    cause, make = KINDS[kind]
    where = int(rng.integers(program.loads, length)) if number is None else number
    spot = _Spot(program, rng, where)
    for _ in range(_TRIES):
        try:
            wrong = make(spot)
        except MisfitError:
            continue
        break
    else:
        raise MisfitError(f"'{kind}' cannot be at instruction {where}")
    bits = wrong if isinstance(wrong, int) else isa.encode(wrong, program.hw)
    dram = program.dram.copy()
    at = program.address + INSN_BYTES * where
    dram[at : at + INSN_BYTES] = np.frombuffer(bits.to_bytes(INSN_BYTES, "little"), np.uint8)
    return Illegal(kind, dram, program.address, length, cause, where)


def stops(illegal: Illegal, program: Program) -> tuple[ErrorCause, int | None]:
    """Cause and program counter as the golden machine has them; NONE where it does not stop."""
    machine = Machine(program.hw, len(illegal.dram))
    machine.dram[:] = illegal.dram
    try:
        machine.run_image(illegal.address, illegal.length)
    except MachineError as error:
        return error.cause, error.counter
    return ErrorCause.NONE, None
