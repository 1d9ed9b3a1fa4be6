"""What the output module does with data, on whole arrays (docs/opm.md).

Words of memory are arrays [..., NUM_PE] of 16-bit patterns, lane 0 first; results are patterns as the core
gives them, uint32 (float32) in the bf16 build and uint16 in the fxp16 build.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reneta.golden import bf16, fp32, fxp16
from reneta.golden.arrays import I64, U16, Array, Bool
from reneta.golden.config import HwConfig
from reneta.golden.datamover import command
from reneta.golden.lists import row_groups
from reneta.golden.opm_types import OpmCfg


def elements(results: Array, hw: HwConfig) -> U16:
    """Results [...] as elements of memory: float32 rounded to bf16, fixed point as it is."""
    return bf16.pack(fp32.from_bits(results)) if hw.is_fp else np.asarray(results, np.uint16)


def wide_words(results: Array) -> U16:
    """float32 results [n, NUM_PE] as words [2 n, NUM_PE]: a float32 array in memory, low halves first."""
    halves = np.ascontiguousarray(results, "<u4").view("<u2").astype(np.uint16)
    return halves.reshape(-1, results.shape[1])


def valid_lanes(cfg: OpmCfg, hw: HwConfig) -> Bool:
    """Which lanes of an instruction's row groups hold elements: [G, NUM_PE], false for padding."""
    lane = np.arange((cfg.cnt0 + 1) * hw.num_pe)
    return (lane <= cfg.cnt0 * hw.num_pe + cfg.lanes).reshape(-1, hw.num_pe)


def result_words(cfg: OpmCfg, results: Array, hw: HwConfig) -> U16:
    """WORDS: words of memory of whole columns of results [n G, NUM_PE]; wide: twice as many.

    Padding lanes become zero.
    """
    shape = (-1, cfg.cnt0 + 1, hw.num_pe)
    masked = np.where(valid_lanes(cfg, hw), results.reshape(shape), 0).astype(results.dtype)
    masked = masked.reshape(-1, hw.num_pe)
    return wide_words(masked) if cfg.wide else elements(masked, hw)


def pack_sums(sums: U16, num_pe: int) -> U16:
    """Elements [..., n] one after another in words [..., ceil(n / NUM_PE), NUM_PE]; zeros behind the last."""
    size = sums.shape[-1]
    groups = row_groups(size, num_pe)
    padding = [(0, 0)] * (sums.ndim - 1) + [(0, groups * num_pe - size)]
    return np.pad(np.asarray(sums, np.uint16), padding).reshape(*sums.shape[:-1], groups, num_pe)


def word_addresses(cfg: OpmCfg, count: int, groups: int, width: int = 1) -> I64:
    """SMEM addresses of results, not checked.

    Args:
        cfg: the instruction; `seq` says whether the words go into a sequence or one after another.
        count: words of results, `groups` for each step of a sequence.
        groups: row groups of a step.
        width: words of memory that a word of results takes.

    Returns:
        [count * width].
    """
    number = np.arange(count, dtype=np.int64)
    if cfg.seq:
        number = number % groups * cfg.stride + cfg.step + number // groups
    wide = number[:, None] * width + np.arange(width)
    return np.asarray(cfg.dst_addr + wide.reshape(-1), np.int64)


def dram_commands(cfg: OpmCfg, counts: list[int], hw: HwConfig) -> list[int]:
    """Commands that write `counts` words each, one after another from the instruction's DRAM address on."""
    word = hw.num_pe * hw.data_w // 8
    ends = np.cumsum([0, *counts])
    return [
        command(cfg.dram_addr + int(first) * word, count * word)
        for first, count in zip(ends[:-1], counts, strict=True)
    ]


class Encoded(NamedTuple):
    """What delta encoding gives for each lane: arrays of the shape of the differences."""

    fires: Bool
    delta: U16
    v_hat: U16


@np.errstate(invalid="ignore")
def encode(d: Array, v: U16, v_hat: U16, theta: int, hw: HwConfig, valid: Bool | bool = True) -> Encoded:
    """ENCODE, lane by lane.

    Args:
        d: differences v - v_hat as the core gives them, as patterns of results.
        v: new values.
        v_hat: values last passed on.
        theta: pattern of the threshold; with a negative or NaN one everything fires.
        hw: configuration.
        valid: where there is an element: padding never fires, and its stored state is zero.
    """
    if hw.is_fp:
        moved = ~(np.abs(fp32.from_bits(d)) < bf16.unpack(np.array(theta, np.uint16)))
    else:
        difference, threshold = (np.asarray(x, np.uint16).view(np.int16).astype(np.int64) for x in (d, theta))
        moved = np.abs(difference) >= threshold
    fires = np.logical_and(moved, valid)
    return Encoded(
        fires,
        np.where(fires, elements(d, hw), np.uint16(0)),
        np.where(fires, v, np.where(valid, v_hat, np.uint16(0))).astype(np.uint16),
    )


class Fired(NamedTuple):
    """The entries of a nonzero list, in ascending order of the indices."""

    indices: U16
    values: U16


def fired_entries(encoded: Encoded) -> Fired:
    """The list of the row groups of a vector: what fired, at index group * NUM_PE + lane."""
    indices = np.flatnonzero(encoded.fires)
    return Fired(indices.astype(np.uint16), encoded.delta.reshape(-1)[indices])


class ListWords(NamedTuple):
    """Words that a list writes in its two regions, from word number `first` on: [n, NUM_PE] each."""

    first: int
    indices: U16
    values: U16


class ListState:
    """What the module knows of one of the two lists of a step: where it ended, and its last words.

    Attributes:
        entry: number, in the regions, of the entry after the last one.
    """

    def __init__(self, num_pe: int) -> None:
        """A list that begins at entry 0."""
        self._num_pe = num_pe
        self.restart(0)

    def restart(self, entry: int) -> None:
        """Go on at this entry; the lanes before it are taken as zero."""
        self.entry = entry
        self._indices = self._values = np.zeros(entry % self._num_pe, np.uint16)

    def append(self, fired: Fired) -> ListWords:
        """Put entries behind the last one.

        Returns:
            All words that hold one of these entries; lanes before them as this unit wrote them last (or
            zero), lanes behind them zero.
        """
        first = self.entry // self._num_pe
        indices = np.concatenate([self._indices, fired.indices])
        values = np.concatenate([self._values, fired.values])
        self.entry += len(fired.indices)
        full = len(indices) // self._num_pe * self._num_pe
        self._indices, self._values = indices[full:], values[full:]
        words = row_groups(len(indices), self._num_pe) if len(fired.indices) else 0
        shape = (words, self._num_pe)
        return ListWords(
            first,
            pack_sums(indices, self._num_pe)[:words].reshape(shape),
            pack_sums(values, self._num_pe)[:words].reshape(shape),
        )


class Scattered(NamedTuple):
    """Elements of the two gradients, one for each result."""

    value: U16
    state: U16


def scatter(r: Array, s_hat: U16, hw: HwConfig) -> Scattered:
    """SCATTER: s_hat + r and -r of results r[n] and elements s_hat[n] of the state gradient."""
    if hw.is_fp:
        total = bf16.pack(fp32.add(bf16.unpack(s_hat), fp32.from_bits(r)))
        rounded = elements(r, hw)
        negative = np.where(rounded == bf16.NAN, rounded, rounded ^ np.uint16(bf16.NEG_ZERO))
        return Scattered(total, negative)
    number = np.asarray(r, np.uint16).view(np.int16).astype(np.int64)
    moved = fxp16.saturate(np.asarray(s_hat, np.uint16).view(np.int16) + number)
    return Scattered(moved.view(np.uint16), fxp16.saturate(-number).view(np.uint16))
