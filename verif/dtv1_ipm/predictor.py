"""Predictor of dtv1_ipm: from each configuration all that the module must give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from pyuvm import ConfigDB, uvm_analysis_port

from reneta.golden.arrays import Array
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.ipm import (
    Column,
    IpmError,
    Read,
    Unit,
    addend_reads,
    addend_words,
    by_word,
    check_index,
    check_sources,
    dram_command,
    first_reads,
    first_words,
    index_read,
    is_sparse,
    kind_of,
    lists_sides,
    matrix_column,
    needs_index,
    second_reads,
    second_words,
    walk,
    wanted,
)
from reneta.golden.ipm_join import Joined, join
from reneta.golden.ipm_types import IpmCfg
from reneta.verif.common.analysis import Predictor
from reneta.verif.common.base_env import CFG
from reneta.verif.common.stream import Beat
from reneta.verif.dtv1_ipm.retire import CHANNELS, Access, Expectation

# Units that read SMEM, in the order of their channels.
READERS = (Unit.INDEX, Unit.SECOND, Unit.FIRST)


def packed(lanes: Array) -> int:
    """Lanes as one packed vector, lane 0 lowest."""
    return int.from_bytes(np.ascontiguousarray(lanes).tobytes(), "little")


class OperandPredictor(Predictor):
    """From each configuration the operands, addends, side beats, counts and DRAM commands that it causes.

    `ap` gives operands, `addends`, `sides`, `counts` and `commands` the others; `accesses` gives, for each
    read of SMEM and each list, whose it is, and `ends` what all have given at an instruction's end. A unit
    that stops gives nothing more; `causes` says why. Counts and commands run ahead, so after a stop fewer may
    come than were announced.
    """

    def build_phase(self) -> None:
        """Make the outputs."""
        super().build_phase()
        # Of the environment's module, which imports this one.
        self.cfg = ConfigDB().get(self, "", CFG)
        self.hw = self.cfg.hw
        self.addends = uvm_analysis_port("addends", self)
        self.sides = uvm_analysis_port("sides", self)
        self.counts = uvm_analysis_port("counts", self)
        self.commands = uvm_analysis_port("commands", self)
        self.accesses = uvm_analysis_port("accesses", self)
        self.ends = uvm_analysis_port("ends", self)
        self.reset()

    def reset(self) -> None:
        """Nothing has stopped."""
        self.causes: dict[Unit, ErrorCause] = {}
        # Steps that are not in the descriptor memory were asked for.
        self.no_steps = False
        # Units that give nothing more: stopped, or waiting for what does not come.
        self._silent: set[Unit] = set()
        self._number = 0
        self._given = Expectation(0, 0, 0, 0)

    @property
    def errors(self) -> int:
        """The error output: the cause of each unit, the first one lowest."""
        width = 4
        return sum(self.causes.get(unit, 0) << width * number for number, unit in enumerate(Unit))

    def write(self, beat: Beat) -> None:
        """One configuration was accepted."""
        cfg = IpmCfg.unpack(beat[0], self.hw)
        self._instruction(cfg)
        self.ends.write(self._given)
        self._number += 1

    def _instruction(self, cfg: IpmCfg) -> None:
        if self.no_steps:
            return
        if is_sparse(cfg) and cfg.step + cfg.cnt2 >= self.hw.max_m:
            self.no_steps = True
            return
        descriptors = self.cfg.images.listed(cfg) if is_sparse(cfg) else []
        for descriptor in descriptors:
            self.counts.write((descriptor.count,))
            self._access(CHANNELS, cfg)
        self._given = self._given.plus(counts=len(descriptors))
        for unit in Unit:
            if wanted(unit, cfg) and unit not in self._silent:
                self._until_stop(unit, self._checked(unit, cfg))
        try:
            for column in walk(cfg, descriptors, self.hw) if kind_of(cfg) is not None else ():
                self._column(cfg, column)
        except IpmError as stop:
            # Every unit takes every descriptor, but no unit the steps of what is not its business.
            for unit in Unit:
                if is_sparse(cfg) or wanted(unit, cfg):
                    self._stop(unit, stop.cause)

    def _checked(self, unit: Unit, cfg: IpmCfg) -> Iterator[int]:
        check_sources(unit, cfg, self.hw)
        yield from ()

    def _stop(self, unit: Unit, cause: ErrorCause) -> None:
        self.causes.setdefault(unit, cause)
        self._silent.add(unit)

    def _column(self, cfg: IpmCfg, column: Column) -> None:
        index = matrix_column(cfg, column)
        if is_sparse(cfg):
            indices = self._until_stop(Unit.INDEX, self._indices(cfg, column))
            if not indices:
                self._silent |= {unit for unit in Unit if needs_index(unit, cfg)}
                return
            index = indices[0]
        first: list[int] = []
        elements: list[int] = []
        if wanted(Unit.DRAM, cfg):
            first = self._until_stop(Unit.DRAM, self._column_of_dram(dram_command(cfg, index, self.hw)))
        if wanted(Unit.FIRST, cfg):
            read = self._reads(Unit.FIRST, cfg, first_reads(cfg, column, index, self.hw))
            first, elements = (first, read) if lists_sides(cfg) else (read, [])
        second, third = [], []
        if wanted(Unit.SECOND, cfg):
            second = self._reads(Unit.SECOND, cfg, second_reads(cfg, column, self.hw))
        if addend_words(cfg):
            third = self._reads(Unit.INDEX, cfg, addend_reads(cfg, column, self.hw))
        if Unit.JOIN not in self._silent:
            self._join(cfg, index, (first, second, third), elements)

    def _join(
        self,
        cfg: IpmCfg,
        index: int,
        words: tuple[list[int], list[int], list[int]],
        elements: list[int],
    ) -> None:
        """What becomes of the words that there are; those behind a missing one wait for ever."""
        groups = cfg.cnt0 + 1
        first, second, third = words
        complete = groups
        if first_words(cfg):
            complete = min(complete, len(first))
        if by_word(Unit.SECOND, cfg) and wanted(Unit.SECOND, cfg):
            complete = min(complete, len(second))
        elif len(second) < second_words(cfg):
            complete = 0
        if addend_words(cfg):
            complete = min(complete, len(third) * groups // addend_words(cfg))
        if lists_sides(cfg) and not elements:
            complete = min(complete, groups - 1)
        if complete < groups:
            self._silent.add(Unit.JOIN)
        if not complete:
            return
        part = replace(cfg, cnt0=complete - 1)
        wide = addend_words(cfg) // groups
        element = elements[0] if elements else 0
        joined = join(
            part, index, first[:complete], second[:complete], third[: complete * wide], self.hw, element
        )
        # The side beat of a list entry goes with the last word.
        self._give(joined, sides=complete == groups or not lists_sides(cfg))

    def _give(self, joined: Joined, sides: bool) -> None:
        for operand in joined.operands:
            self.ap.write(tuple(operand))
        for addend in joined.addends:
            self.addends.write((addend,))
        beats = joined.sides if sides else []
        for beat in beats:
            self.sides.write(tuple(beat))
        self._given = self._given.plus(len(joined.operands), len(joined.addends), len(beats))

    def _access(self, channel: int, cfg: IpmCfg) -> None:
        self.accesses.write(Access(channel, self._number, cfg.dep))

    def _indices(self, cfg: IpmCfg, column: Column) -> Iterator[int]:
        """The index of a list entry."""
        if cfg.direct:
            index = self.cfg.images.handed.popleft()
        else:
            read = index_read(cfg, column, self.hw)
            self._access(READERS.index(Unit.INDEX), cfg)
            index = self._answer(read)
        check_index(cfg, index)
        yield index

    def _reads(self, unit: Unit, cfg: IpmCfg, reads: Iterator[Read]) -> list[int]:
        """Answers to the reads of a unit, until it stops."""

        def answers() -> Iterator[int]:
            for read in reads:
                self._access(READERS.index(unit), cfg)
                yield self._answer(read)

        return self._until_stop(unit, answers())

    def _until_stop(self, unit: Unit, items: Iterable[int]) -> list[int]:
        """What a unit gives until it stops."""
        given: list[int] = []
        if unit in self._silent:
            return given
        try:
            for item in items:
                given.append(item)
        except IpmError as stop:
            self._stop(unit, stop.cause)
        return given

    def _answer(self, read: Read) -> int:
        """What the memory answers."""
        if not read.sel:
            return packed(self.cfg.images.smem[read.addr])
        return int(self.cfg.images.smem[read.addr, read.sel & self.hw.num_pe - 1])

    def _column_of_dram(self, command: int) -> Iterator[int]:
        """Words that a command brings."""
        self.commands.write((command,))
        word_bytes = self.hw.num_pe * 2
        first = (command >> 32 & 0xFFFF_FFFF) // word_bytes
        count = (command & 0x7F_FFFF) // word_bytes
        yield from map(packed, self.cfg.images.dram[first : first + count])
