"""The output module at transaction level: what it makes of an instruction's results (docs/opm.md).

`Opm` takes one instruction after another and keeps what the module keeps between them; what it does with the
data, and what patterns and words are, stands in opm_arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from reneta.golden import opm_arrays as arrays
from reneta.golden.arrays import I64, U16, Array, Bool
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.config import HwConfig
from reneta.golden.lists import Descriptor, row_groups
from reneta.golden.opm_types import OpmCfg, OpmMode


class WordWrites(NamedTuple):
    """Whole words written to SMEM: words[k] to address addr[k], in this order."""

    addr: I64
    words: U16

    def where(self, wanted: Bool) -> WordWrites:
        """Some of the writes."""
        return WordWrites(self.addr[wanted], self.words[wanted])


class LaneWrites(NamedTuple):
    """Single lanes written to SMEM: values[k] to lane lane[k] of address addr[k], in this order."""

    addr: I64
    lane: I64
    values: U16

    def where(self, wanted: Bool) -> LaneWrites:
        """Some of the writes."""
        return LaneWrites(self.addr[wanted], self.lane[wanted], self.values[wanted])


class Request(NamedTuple):
    """A write request to SMEM; `sel` is 0 for a whole word, for one lane it is 1 above the lane."""

    addr: int
    sel: int
    data: int


def word_bits(word: U16) -> int:
    """A word of memory as one number, lane 0 lowest."""
    return int.from_bytes(np.asarray(word, "<u2").tobytes(), "little")


@dataclass
class Output:
    """What an instruction gives.

    Attributes:
        writes: to SMEM, in order. The module has two channels; only the order at one address counts.
        commands: for DRAM.
        dram: words for DRAM.
        last: which of them end the data of a command.
        descriptor: for the step's list; None where there is none.
        indices: handed to the input module, in order.
        fired: elements that fired.
        error: why the module stops in this instruction. Then the rest is what may have left before.
    """

    writes: list[WordWrites | LaneWrites] = field(default_factory=list)
    commands: list[int] = field(default_factory=list)
    dram: U16 | None = None
    last: list[bool] = field(default_factory=list)
    descriptor: Descriptor | None = None
    indices: list[int] = field(default_factory=list)
    fired: int = 0
    error: ErrorCause = ErrorCause.NONE

    def store(self, smem: U16) -> None:
        """Carry the writes out in a memory [words, NUM_PE]."""
        for write in self.writes:
            if isinstance(write, WordWrites):
                smem[write.addr] = write.words
            else:
                smem[write.addr, write.lane] = write.values

    def requests(self, hw: HwConfig) -> Iterator[Request]:
        """The writes one by one."""
        for write in self.writes:
            if isinstance(write, WordWrites):
                for addr, word in zip(write.addr, write.words, strict=True):
                    yield Request(int(addr), 0, word_bits(word))
            else:
                for addr, lane, value in zip(write.addr, write.lane, write.values, strict=True):
                    yield Request(int(addr), 1 << hw.lane_w | int(lane), int(value))


def check(cfg: OpmCfg, hw: HwConfig) -> ErrorCause:
    """What is wrong with a configuration by itself.

    PROC: modes not known, wide words where there are none, columns of a sequence, more than one step (or
    column) where there is but one. SIZE: a vector to be encoded that is larger than MAX_N. ADDRESS: a
    descriptor's step that does not exist.
    """
    if cfg.mode not in list(OpmMode):
        return ErrorCause.PROC
    mode = OpmMode(cfg.mode)
    wide = bool(cfg.wide) and (mode is not OpmMode.WORDS or not hw.is_fp)
    columns = bool(cfg.cnt1) and (
        mode is OpmMode.ENCODE or (mode in (OpmMode.WORDS, OpmMode.MOVE) and bool(cfg.to_smem and cfg.seq))
    )
    steps = bool(cfg.cnt2) and mode in (OpmMode.ENCODE, OpmMode.SCATTER)
    if wide or columns or steps:
        return ErrorCause.PROC
    if mode is OpmMode.ENCODE and cfg.cnt0 >= hw.max_n // hw.num_pe:
        return ErrorCause.SIZE
    if mode is OpmMode.ENCODE and cfg.step >= hw.max_m:
        return ErrorCause.ADDRESS
    return ErrorCause.NONE


class Opm:
    """The module: one instruction after another."""

    def __init__(self, hw: HwConfig) -> None:
        """A module after reset."""
        self._hw = hw
        self.lists = [arrays.ListState(hw.num_pe) for _ in range(2)]

    def run(
        self, cfg: OpmCfg, results: Array, side0: Array | None = None, side1: Array | None = None
    ) -> Output:
        """One instruction.

        Args:
            cfg: the instruction.
            results: patterns of what the core gives: words [n, NUM_PE] (WORDS, ENCODE), sums [n] (SUMS,
                SCATTER); nothing for MOVE, and for instructions whose results stay in the core.
            side0: MOVE: words [n, NUM_PE]; ENCODE: new values; SCATTER: elements [n] of the state gradient.
            side1: ENCODE: stored state [n, NUM_PE]; SCATTER: indices [n].

        Raises:
            ValueError: not as many words or sums as the instruction has.
        """
        error = check(cfg, self._hw)
        if error is not ErrorCause.NONE:
            return Output(error=error)
        match OpmMode(cfg.mode):
            case OpmMode.WORDS:
                return self._words(cfg, results)
            case OpmMode.MOVE:
                return self._words(cfg, _given(side0))
            case OpmMode.SUMS:
                return self._sums(cfg, arrays.elements(results, self._hw))
            case OpmMode.ENCODE:
                return self._encode(cfg, results, _given(side0), _given(side1))
            case OpmMode.SCATTER:
                return self._scatter(cfg, results, _given(side0), _given(side1))

    def _words(self, cfg: OpmCfg, words: Array) -> Output:
        groups, columns, width = cfg.cnt0 + 1, (cfg.cnt1 + 1) * (cfg.cnt2 + 1), cfg.wide + 1
        if len(words) not in (0, columns * groups):
            raise ValueError(f"{len(words)} words of {columns} columns of {groups}")
        addr = arrays.word_addresses(cfg, len(words), groups, width)
        counts = [groups * width] * (len(words) // groups)
        if cfg.mode == OpmMode.WORDS:
            words = arrays.result_words(cfg, words, self._hw)
        return self._out(cfg, addr, words, counts)

    def _sums(self, cfg: OpmCfg, sums: U16) -> Output:
        size, steps = cfg.cnt1 + 1, cfg.cnt2 + 1
        if cfg.sparse:
            words = arrays.pack_sums(sums, self._hw.num_pe)
            addr = cfg.dst_addr + np.arange(len(words), dtype=np.int64)
            return self._out(cfg, addr, words, [1] * len(words))
        if sums.size not in (0, size * steps):
            raise ValueError(f"{sums.size} sums of {steps} steps of {size}")
        groups = row_groups(size, self._hw.num_pe)
        words = arrays.pack_sums(sums.reshape(-1, size), self._hw.num_pe).reshape(-1, self._hw.num_pe)
        return self._out(
            cfg, arrays.word_addresses(cfg, len(words), groups), words, [groups] * (len(words) // groups)
        )

    def _encode(self, cfg: OpmCfg, d: Array, v: U16, v_hat: U16) -> Output:
        hw, state = self._hw, self.lists[cfg.list]
        if len(d) != cfg.cnt0 + 1:
            raise ValueError(f"{len(d)} words of {cfg.cnt0 + 1}")
        encoded = arrays.encode(d, v, v_hat, cfg.theta, hw, arrays.valid_lanes(cfg, hw))
        fired = arrays.fired_entries(encoded)
        if not cfg.append:
            state.restart(cfg.head_word * hw.num_pe + cfg.head_lane)
        head = state.entry % (hw.smem_words * hw.num_pe)
        words = state.append(fired)
        number = words.first + np.arange(len(words.indices), dtype=np.int64)
        out = Output(
            descriptor=Descriptor(head // hw.num_pe, head % hw.num_pe, len(fired.indices)),
            indices=[int(index) for index in fired.indices] if cfg.direct else [],
            fired=len(fired.indices),
        )
        groups = np.arange(len(d), dtype=np.int64)
        self._write(out, WordWrites(cfg.dst_addr + groups, encoded.v_hat))
        self._write(out, WordWrites(cfg.idx_addr + number, words.indices))
        self._write(out, WordWrites(cfg.dst1_addr + number, words.values))
        return out

    def _scatter(self, cfg: OpmCfg, r: Array, s_hat: U16, indices: U16) -> Output:
        hw, out = self._hw, Output()
        groups = np.arange(cfg.cnt0 + 1, dtype=np.int64)
        self._write(out, WordWrites(cfg.dst_addr + groups, np.zeros((len(groups), hw.num_pe), np.uint16)))
        gradients = arrays.scatter(r, s_hat, hw)
        word, lane = np.divmod(np.asarray(indices, np.int64), hw.num_pe)
        self._write(out, LaneWrites(cfg.dst_addr + word, lane, gradients.value))
        self._write(out, LaneWrites(cfg.dst1_addr + word, lane, gradients.state))
        return out

    def _out(self, cfg: OpmCfg, addr: I64, words: U16, counts: list[int]) -> Output:
        """Words to SMEM, to DRAM in commands of `counts` words, or both."""
        out = Output()
        if cfg.to_smem:
            self._write(out, WordWrites(addr, words))
        if cfg.to_dram and len(words):
            out.commands, out.dram = arrays.dram_commands(cfg, counts, self._hw), words
            ends = set(np.cumsum(counts))
            out.last = [number + 1 in ends for number in range(len(words))]
        return out

    def _write(self, out: Output, write: WordWrites | LaneWrites) -> None:
        """Add writes; those past the last word are an error and are not done."""
        inside = write.addr < self._hw.smem_words
        if not inside.all():
            out.error = ErrorCause.ADDRESS
        if inside.any():
            out.writes.append(write.where(inside))


def _given(side: Array | None) -> U16:
    if side is None:
        raise ValueError("the mode needs side words")
    return np.asarray(side, np.uint16)
