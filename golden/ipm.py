"""The input module at transaction level: what each of its units does for an instruction (docs/ipm.md).

Everything is made of columns: `walk` gives those of an instruction (in a sparse procedure the entries of its
lists), and one function for each unit tells what the unit does for one column. Words of memory are ints,
lane 0 lowest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.config import HwConfig
from reneta.golden.ipm_types import IpmCfg
from reneta.golden.lists import Descriptor, entry_place, matrix_place, vector_place

_MATRIX = (Proc.MXV, Proc.MTXV)
_KINDS = (*_MATRIX, Proc.VXV)


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


class Operand(NamedTuple):
    """An operand word for the compute core, with the column's index as tag."""

    a: int
    b: int
    idx: int


def kind_of(cfg: IpmCfg) -> Proc | None:
    """The dense procedure of an instruction; None where there is nothing for the input module to do."""
    kind = Proc(cfg.proc).kind if cfg.proc in list(Proc) else None
    return kind if kind in _KINDS else None


def is_sparse(cfg: IpmCfg) -> bool:
    """Whether the instruction walks lists, so that each unit takes a descriptor for each step."""
    return cfg.proc in list(Proc) and Proc(cfg.proc).sparse


def wanted(unit: Unit, cfg: IpmCfg) -> bool:
    """Whether an instruction is the unit's business; otherwise only its descriptors pass."""
    kind = kind_of(cfg)
    match unit:
        case Unit.INDEX:
            return is_sparse(cfg)
        case Unit.DRAM:
            return kind in _MATRIX and bool(cfg.src0_dram)
        case Unit.FIRST:
            return kind == Proc.VXV or (kind in _MATRIX and not cfg.src0_dram)
    return kind is not None


def needs_index(unit: Unit, cfg: IpmCfg) -> bool:
    """Whether the unit takes the index of each list entry of this instruction."""
    if not is_sparse(cfg) or not wanted(unit, cfg):
        return False
    return unit is Unit.JOIN or (unit in (Unit.DRAM, Unit.FIRST) and kind_of(cfg) in _MATRIX)


def by_word(unit: Unit, cfg: IpmCfg) -> bool:
    """Whether the unit does something for each row group, not just for each column."""
    return unit in (Unit.FIRST, Unit.JOIN) or (unit is Unit.SECOND and kind_of(cfg) == Proc.MTXV)


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
    return _checked(cfg.idx_addr + int(place.word), _lane(int(place.lane), hw), hw)


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
    if kind_of(cfg) == Proc.MTXV:
        yield from _vector_words(cfg, cfg.src1_addr, column, hw)
        return
    if is_sparse(cfg):
        place = entry_place(column.entry, hw.num_pe)
    else:
        place = vector_place(column.number, column.step, cfg.stride, hw.num_pe)
    yield _checked(cfg.src1_addr + int(place.word), _lane(int(place.lane), hw), hw)


def first_reads(cfg: IpmCfg, column: Column, index: int, hw: HwConfig) -> Iterator[Read]:
    """dtv1_srg on channel 2: reads of the first operand of a column, where it stands in SMEM.

    Args:
        cfg: the instruction.
        column: the column.
        index: of the matrix's column: the list's, or the column's number.
        hw: configuration.

    Raises:
        IpmError: an address is past the last word; the reads before it have been given.
    """
    if kind_of(cfg) == Proc.VXV:
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


def operand_words(
    cfg: IpmCfg, index: int, first: Sequence[int], second: Sequence[int], hw: HwConfig
) -> list[Operand]:
    """dtv1_dmx: operand words of a column.

    Args:
        cfg: the instruction.
        index: the list's, or the column's number.
        first: words of the first operand, one for each row group.
        second: words of the second operand: as many, or one answer with the value in lane 0 (second_words).
        hw: configuration.
    """
    if kind_of(cfg) == Proc.MTXV:
        words = list(second)
    else:
        value = second[0] & (1 << hw.data_w) - 1
        words = [sum(value << hw.data_w * lane for lane in range(hw.num_pe))] * len(first)
    return [Operand(a, b, index) for a, b in zip(first, words, strict=True)]


def second_words(cfg: IpmCfg) -> int:
    """Answers on SMEM channel 1 that one column takes."""
    return cfg.cnt0 + 1 if by_word(Unit.SECOND, cfg) else 1


def walk_cycles(unit: Unit, cfg: IpmCfg, counts: Sequence[int]) -> int:
    """Cycles that a unit spends on an instruction when nothing holds it up.

    One for each point of its loop nest, one for each step without any, and one for an instruction without
    steps to walk. dtv1_srg0 meets dense instructions before its loop nest.

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
    columns = counts if is_sparse(cfg) else [cfg.cnt1 + 1] * (cfg.cnt2 + 1)
    return sum(max(count * groups, 1) for count in columns)


def _vector_words(cfg: IpmCfg, base: int, column: Column, hw: HwConfig) -> Iterator[Read]:
    """Reads of all row groups of the vector of a step."""
    for group in range(cfg.cnt0 + 1):
        place = vector_place(group * hw.num_pe, column.step, cfg.stride, hw.num_pe)
        yield _checked(base + int(place.word), 0, hw)


def _matrix_words(cfg: IpmCfg, index: int, hw: HwConfig) -> range:
    """Words of a column of the matrix, counted from its address."""
    groups = cfg.cnt0 + 1
    first = int(matrix_place(0, index, groups * hw.num_pe, hw.num_pe).word)
    return range(first, first + groups)
