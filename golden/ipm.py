"""The input module at transaction level: what each of its units does for an instruction (docs/ipm.md).

Everything is made of columns: `walk` gives those of an instruction (in a sparse procedure the entries of its
lists, in EWISE its steps), and one function for each unit tells what the unit does for one column. Words of
memory are ints, lane 0 lowest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.config import HwConfig
from reneta.golden.ipm_types import IpmCfg, Side, Source
from reneta.golden.lists import Descriptor, entry_place, matrix_place, vector_place

_MATRIX = (Proc.MXV, Proc.MTXV)
_KINDS = (*_MATRIX, Proc.VXV, Proc.EWISE, Proc.MOVE)
# Sources that need no word of their own.
_UNREAD = (Source.ZERO, Source.ONE, Source.SAME)


class Unit(Enum):
    """Units of the input module that walk the loop nest."""

    INDEX = "srg0"
    SECOND = "srg1"
    FIRST = "srg2"
    DRAM = "drg"
    JOIN = "dmx"


class IpmError(Exception):
    """An error that software caused: the unit stops here, with this cause."""

    def __init__(self, cause: ErrorCause) -> None:
        """Args: the cause."""
        super().__init__(cause.name)
        self.cause = cause


class Column(NamedTuple):
    """A column of a step: its time step, its number within the step, and that of its list entry in the region
    (dense procedures: 0)."""

    step: int
    number: int
    entry: int


class Read(NamedTuple):
    """A read request to SMEM; `sel` is 0 for a whole word, for one lane it is 1 above the lane."""

    addr: int
    sel: int


def kind_of(cfg: IpmCfg) -> Proc | None:
    """The dense procedure of an instruction; None where there is nothing for the input module to do."""
    kind = Proc(cfg.proc).kind if cfg.proc in list(Proc) else None
    return kind if kind in _KINDS else None


def is_sparse(cfg: IpmCfg) -> bool:
    """Whether the instruction walks lists, so that each unit takes a descriptor for each step."""
    return cfg.proc in list(Proc) and Proc(cfg.proc).sparse


def wanted(unit: Unit, cfg: IpmCfg) -> bool:
    """Whether an instruction is the unit's business; otherwise only its descriptors pass.

    A source that does not exist is the business of the unit that would read it.
    """
    kind = kind_of(cfg)
    if kind == Proc.EWISE:
        match unit:
            case Unit.INDEX:
                return cfg.c_src not in _UNREAD
            case Unit.SECOND:
                return cfg.b_src not in _UNREAD
            case Unit.FIRST:
                return cfg.a_src not in (Source.ZERO, Source.ONE)
        return unit is Unit.JOIN
    match unit:
        case Unit.INDEX:
            return is_sparse(cfg)
        case Unit.DRAM:
            return kind in (*_MATRIX, Proc.MOVE) and bool(cfg.src0_dram)
        case Unit.FIRST:
            matrix = kind in (*_MATRIX, Proc.MOVE) and not cfg.src0_dram
            return kind == Proc.VXV or matrix or lists_sides(cfg)
        case Unit.SECOND:
            return kind not in (None, Proc.MOVE)
    return kind is not None


def lists_sides(cfg: IpmCfg) -> bool:
    """Whether a side beat goes with each list entry: MTxV_SP of a matrix in DRAM."""
    return cfg.proc == Proc.MTXV_SP and bool(cfg.src0_dram) and cfg.side == Side.LIST


def check_sources(unit: Unit, cfg: IpmCfg, hw: HwConfig) -> None:
    """Refuse an instruction that asks this unit, whose business it is, for what there is not.

    Raises:
        IpmError: PROC for a source that the operand cannot have, or a side stream that the procedure has not.
    """
    ewise = kind_of(cfg) == Proc.EWISE
    bad = False
    match unit:
        case Unit.INDEX:
            wide = hw.is_fp and cfg.c_src == Source.WIDE
            bad = ewise and cfg.c_src != Source.SMEM and not wide
        case Unit.SECOND:
            bad = ewise and cfg.b_src != Source.SMEM
        case Unit.FIRST:
            bad = ewise and cfg.a_src != Source.SMEM
        case Unit.JOIN:
            vector = ewise and cfg.c_src != Source.WIDE
            move = cfg.proc == Proc.MOVE
            fits = {
                Side.NONE: not move,
                Side.VECTOR: vector,
                Side.LIST: lists_sides(cfg),
                Side.RAW: move,
            }
            bad = not fits[Side(cfg.side)]
    if bad:
        raise IpmError(ErrorCause.PROC)


def needs_index(unit: Unit, cfg: IpmCfg) -> bool:
    """Whether the unit takes the index of each list entry of this instruction."""
    if not is_sparse(cfg) or not wanted(unit, cfg):
        return False
    return unit is Unit.JOIN or (unit in (Unit.DRAM, Unit.FIRST) and kind_of(cfg) in _MATRIX)


def by_word(unit: Unit, cfg: IpmCfg) -> bool:
    """Whether the unit does something for each row group, not just for each column."""
    match unit:
        case Unit.JOIN:
            return True
        case Unit.FIRST:
            return not lists_sides(cfg)
        case Unit.SECOND:
            return kind_of(cfg) in (Proc.MTXV, Proc.EWISE)
        case Unit.INDEX:
            return kind_of(cfg) == Proc.EWISE
    return False


def columns_of_step(cfg: IpmCfg, number: int, descriptor: Descriptor | None, hw: HwConfig) -> list[Column]:
    """Columns of step `number` (from 0) of an instruction; the descriptor of a sparse one.

    Raises:
        IpmError: the instruction's last step does not exist, or the list is longer than the matrix is wide.
    """
    if cfg.step + cfg.cnt2 >= hw.max_m:
        raise IpmError(ErrorCause.ADDRESS)
    step = cfg.step + number
    if descriptor is None:
        return [Column(step, column, 0) for column in range(cfg.cnt1 + 1)]
    if descriptor.count > cfg.cnt1 + 1:
        raise IpmError(ErrorCause.COUNT)
    first = descriptor.first_entry(hw.num_pe)
    return [Column(step, k, first + k) for k in range(descriptor.count)]


def walk(cfg: IpmCfg, descriptors: Iterable[Descriptor], hw: HwConfig) -> Iterator[Column]:
    """Columns of all steps of an instruction.

    Args:
        cfg: the instruction.
        descriptors: one for each step of a sparse procedure, none of a dense one.
        hw: configuration.

    Raises:
        IpmError: see columns_of_step.
    """
    steps = iter(descriptors)
    for number in range(cfg.cnt2 + 1):
        yield from columns_of_step(cfg, number, next(steps) if is_sparse(cfg) else None, hw)


def number_of(cfg: IpmCfg, column: Column) -> int:
    """Number of a dense column within its instruction, over all steps."""
    return (column.step - cfg.step) * (cfg.cnt1 + 1) + column.number


def matrix_column(cfg: IpmCfg, column: Column) -> int:
    """Column of the matrix that a dense column is; MOVE goes on through the columns of all its steps."""
    return number_of(cfg, column) if kind_of(cfg) == Proc.MOVE else column.number


def _checked(addr: int, sel: int, hw: HwConfig) -> Read:
    if addr >= hw.smem_words:
        raise IpmError(ErrorCause.ADDRESS)
    return Read(addr, sel)


def _lane(lane: int, hw: HwConfig) -> int:
    return 1 << hw.lane_w | lane


def index_read(cfg: IpmCfg, column: Column, hw: HwConfig) -> Read:
    """dtv1_srg0: the read of a list entry's index.

    Raises:
        IpmError: the address is past the last word.
    """
    place = entry_place(column.entry, hw.num_pe)
    return _checked(cfg.src2_addr + int(place.word), _lane(int(place.lane), hw), hw)


def addend_reads(cfg: IpmCfg, column: Column, hw: HwConfig) -> Iterator[Read]:
    """dtv1_srg0: reads of the addend of a column of EWISE, where it stands in SMEM.

    Raises:
        IpmError: an address is past the last word; the reads before it have been given.
    """
    width = 2 if cfg.c_src == Source.WIDE else 1
    for word in _operand_places(cfg, bool(cfg.c_seq), column, hw):
        for half in range(width):
            yield _checked(cfg.src2_addr + word * width + half, 0, hw)


def check_index(cfg: IpmCfg, index: int) -> None:
    """dtv1_srg0: check an index that was read.

    Raises:
        IpmError: there is no such column.
    """
    if index > cfg.cnt1:
        raise IpmError(ErrorCause.INDEX)


def index_takers(cfg: IpmCfg) -> list[Unit]:
    """dtv1_srg0: who gets the indices of a sparse instruction."""
    return [unit for unit in (Unit.JOIN, Unit.DRAM, Unit.FIRST) if needs_index(unit, cfg)]


def second_reads(cfg: IpmCfg, column: Column, hw: HwConfig) -> Iterator[Read]:
    """dtv1_srg on channel 1: reads of the second operand of a column.

    Raises:
        IpmError: an address is past the last word; the reads before it have been given.
    """
    kind = kind_of(cfg)
    if kind == Proc.EWISE:
        for word in _operand_places(cfg, bool(cfg.b_seq), column, hw):
            yield _checked(cfg.src1_addr + word, 0, hw)
        return
    if kind == Proc.MTXV:
        yield from _vector_words(cfg, cfg.src1_addr, column, hw)
        return
    if is_sparse(cfg):
        place = entry_place(column.entry, hw.num_pe)
    else:
        place = vector_place(column.number, column.step, cfg.stride, hw.num_pe)
    yield _checked(cfg.src1_addr + int(place.word), _lane(int(place.lane), hw), hw)


def first_reads(cfg: IpmCfg, column: Column, index: int, hw: HwConfig) -> Iterator[Read]:
    """dtv1_srg on channel 2: reads of the first operand of a column, where it stands in SMEM.

    With side beats for lists: of the vector's element that belongs to the list entry.

    Args:
        cfg: the instruction.
        column: the column.
        index: of the matrix's column: the list's, or the column's number.
        hw: configuration.

    Raises:
        IpmError: an address is past the last word; the reads before it have been given.
    """
    if lists_sides(cfg):
        place = entry_place(index, hw.num_pe)
        yield _checked(cfg.src0_addr + int(place.word), _lane(int(place.lane), hw), hw)
        return
    kind = kind_of(cfg)
    if kind in (Proc.EWISE, Proc.MOVE):
        seq = kind == Proc.EWISE and bool(cfg.a_seq)
        for word in _operand_places(cfg, seq, column, hw):
            yield _checked(cfg.src0_addr + word, 0, hw)
        return
    if kind == Proc.VXV:
        yield from _vector_words(cfg, cfg.src0_addr, column, hw)
        return
    for word in _matrix_words(cfg, index, hw):
        yield _checked(cfg.src0_addr + word, 0, hw)


def dram_command(cfg: IpmCfg, index: int, hw: HwConfig) -> int:
    """dtv1_drg: the DataMover command (PG022, 72 bits) that reads a column of a matrix in DRAM.

    Fields from the top: reserved[4], tag[4], address[32], DRR, EOF, DSA[6], type (1: increment), BTT[23].
    """
    word_bytes = hw.num_pe * hw.data_w // 8
    words = _matrix_words(cfg, index, hw)
    address = (cfg.dram_addr + words.start * word_bytes) % (1 << 32)
    command = 0
    for width, value in ((4, 0), (4, 0), (32, address), (1, 0), (1, 1), (6, 0), (1, 1)):
        command = command << width | value
    return command << 23 | len(words) * word_bytes


def first_words(cfg: IpmCfg) -> int:
    """Words of the first operand that one column takes, from DRAM or SMEM channel 2."""
    constant = kind_of(cfg) == Proc.EWISE and not wanted(Unit.FIRST, cfg)
    return 0 if constant else cfg.cnt0 + 1


def second_words(cfg: IpmCfg) -> int:
    """Answers on SMEM channel 1 that one column takes."""
    if not wanted(Unit.SECOND, cfg):
        return 0
    return cfg.cnt0 + 1 if by_word(Unit.SECOND, cfg) else 1


def addend_words(cfg: IpmCfg) -> int:
    """Answers on SMEM channel 0 that the joiner takes for one column."""
    if kind_of(cfg) != Proc.EWISE or not wanted(Unit.INDEX, cfg):
        return 0
    return (cfg.cnt0 + 1) * (1 + (cfg.c_src == Source.WIDE))


def walk_cycles(unit: Unit, cfg: IpmCfg, counts: Sequence[int]) -> int:
    """Cycles that a unit spends on an instruction when nothing holds it up.

    One for each point of its loop nest (two for the two words of a wide addend), one for each step without
    any, and one for an instruction without steps to walk. dtv1_srg0 meets instructions that are not its
    business before its loop nest.

    Args:
        unit: the unit.
        cfg: the instruction.
        counts: of the lists of a sparse one.
    """
    if not is_sparse(cfg) and not wanted(unit, cfg):
        return 0 if unit is Unit.INDEX else 1
    if not wanted(unit, cfg):
        return len(counts)
    groups = cfg.cnt0 + 1 if by_word(unit, cfg) else 1
    if unit in (Unit.INDEX, Unit.JOIN):
        groups = max(groups, addend_words(cfg))
    columns = counts if is_sparse(cfg) else [cfg.cnt1 + 1] * (cfg.cnt2 + 1)
    return sum(max(count * groups, 1) for count in columns)


def _vector_words(cfg: IpmCfg, base: int, column: Column, hw: HwConfig) -> Iterator[Read]:
    """Reads of all row groups of the vector of a step."""
    for group in range(cfg.cnt0 + 1):
        place = vector_place(group * hw.num_pe, column.step, cfg.stride, hw.num_pe)
        yield _checked(base + int(place.word), 0, hw)


def _operand_places(cfg: IpmCfg, seq: bool, column: Column, hw: HwConfig) -> Iterator[int]:
    """Words of an operand of EWISE or of MOVE for a column, counted from its address: a sequence's, or on."""
    first = number_of(cfg, column) * (cfg.cnt0 + 1)
    for group in range(cfg.cnt0 + 1):
        place = vector_place(group * hw.num_pe, column.step, cfg.stride, hw.num_pe)
        yield int(place.word) if seq else first + group


def _matrix_words(cfg: IpmCfg, index: int, hw: HwConfig) -> range:
    """Words of a column of the matrix, counted from its address."""
    groups = cfg.cnt0 + 1
    first = int(matrix_place(0, index, groups * hw.num_pe, hw.num_pe).word)
    return range(first, first + groups)
