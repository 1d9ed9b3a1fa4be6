"""The compute core at the level of transactions: words in, result words out.

`Ccm` executes one instruction after another on the same streams that the RTL takes and keeps the accumulators
between them. Streams and order are described in docs/ccm.md; the cycles that it takes are in ccm_timing.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reneta.golden.arith import arithmetic
from reneta.golden.arrays import Array
from reneta.golden.ccm_types import CORE_PROCS, CcmCfg, ErrorCause, Func, Proc
from reneta.golden.config import HwConfig


class CcmError(Exception):
    """The core stops; `cause` says why."""

    def __init__(self, cause: ErrorCause) -> None:
        """Stop for `cause`."""
        super().__init__(f"the core stops: {cause.name}")
        self.cause = cause


@dataclass(frozen=True)
class Need:
    """How many words of each stream an instruction consumes, and how many results it gives.

    The beat that only ends an instruction is none of the results.
    """

    operands: int
    addends: int
    results: int


@dataclass(frozen=True)
class Results:
    """Results of one instruction.

    Attributes:
        scalar: only lane 0 counts.
        lanes: bit patterns [n, NUM_PE].
        ended: the last of them ends the instruction; else a beat without a result follows that does.
    """

    scalar: bool
    lanes: Array
    ended: bool


def held_words(cfg: CcmCfg) -> int:
    """Accumulator words from `base` on that an instruction uses."""
    groups = cfg.cnt0 + 1
    match Proc(cfg.proc).kind:
        case Proc.MXV:
            return groups
        case Proc.VXV | Proc.ACC:
            return groups * (cfg.cnt1 + 1)
        case Proc.EWISE if cfg.acc:
            return groups * (cfg.cnt2 + 1)
    return 0


def muted(cfg: CcmCfg) -> bool:
    """Whether no result leaves because `mute` says so."""
    return bool(cfg.mute) and (Proc(cfg.proc).kind == Proc.MXV or (cfg.proc == Proc.EWISE and bool(cfg.acc)))


def check_config(config: HwConfig, cfg: CcmCfg) -> None:
    """Refuse a configuration that the core cannot run.

    Raises:
        CcmError: PROC for an unknown procedure or a sum with two starts, SIZE for what does not fit.
    """
    if cfg.proc not in CORE_PROCS:
        raise CcmError(ErrorCause.PROC)
    kind = Proc(cfg.proc).kind
    if kind in (Proc.MXV, Proc.EWISE) and cfg.init and cfg.cont:
        raise CcmError(ErrorCause.PROC)
    if kind in (Proc.MXV, Proc.MTXV) and cfg.cnt0 >= config.max_groups:
        raise CcmError(ErrorCause.SIZE)
    if kind == Proc.EWISE and cfg.acc and cfg.cnt1:
        raise CcmError(ErrorCause.SIZE)
    words = held_words(cfg)
    if words and cfg.base + words > config.acc_words:
        raise CcmError(ErrorCause.SIZE)


def step_columns(cfg: CcmCfg, counts: Sequence[int]) -> list[int]:
    """Columns of each step: the list counts of a sparse procedure, cnt1 + 1 of a dense one.

    Raises:
        CcmError: COUNT where a list is longer than the matrix has columns.
    """
    if not Proc(cfg.proc).sparse:
        return [cfg.cnt1 + 1] * (cfg.cnt2 + 1)
    if any(count > cfg.cnt1 + 1 for count in counts):
        raise CcmError(ErrorCause.COUNT)
    return list(counts)


def need(cfg: CcmCfg, counts: Sequence[int] = ()) -> Need:
    """The words that an instruction moves; `counts` as for a sparse procedure."""
    kind = Proc(cfg.proc).kind
    if kind == Proc.IDLE:
        return Need(0, 0, 0)
    groups = cfg.cnt0 + 1
    if kind == Proc.ACC:
        return Need(0, 0, groups * (cfg.cnt1 + 1))
    columns = step_columns(cfg, counts)
    words = groups * sum(columns)
    match kind:
        case Proc.MXV:
            # Muted, a step without columns is passed by.
            out = groups * sum(1 for n in columns if n or not cfg.mute)
            return Need(words, out if cfg.init else 0, 0 if cfg.mute else out)
        case Proc.MTXV:
            return Need(words, 0, sum(columns))
        case Proc.VXV:
            return Need(words, 0, groups * (cfg.cnt1 + 1) if cfg.drain else 0)
    return Need(words, words if cfg.init else 0, 0 if muted(cfg) else words)


def ends_with_result(cfg: CcmCfg, counts: Sequence[int] = ()) -> bool:
    """Whether the last operation of an instruction gives a result, which then is marked as the last one."""
    return need(replace(cfg, cnt2=0), counts[-1:]).results > 0


class Ccm:
    """The compute core of one configuration, with its accumulators."""

    def __init__(self, config: HwConfig) -> None:
        """A core after reset: all accumulators are zero."""
        self.config = config
        self.arith = arithmetic(config)
        self.acc = self.arith.zero((config.acc_words, config.num_pe))

    def execute(
        self, cfg: CcmCfg, counts: Sequence[int], a: Array, b: Array, indices: Array, addends: Array
    ) -> Results:
        """Run one instruction.

        Args:
            cfg: its configuration.
            counts: list counts, one for each step of a sparse procedure.
            a: first operands [words, NUM_PE].
            b: second operands [words, NUM_PE].
            indices: column of each word [words], for sparse procedures.
            addends: result lanes [words, NUM_PE], with cfg.init.

        Raises:
            CcmError: as the RTL would stop.
        """
        check_config(self.config, cfg)
        kind = Proc(cfg.proc).kind
        ended = ends_with_result(cfg, counts)
        if kind in (Proc.IDLE, Proc.ACC):
            # IDLE uses no accumulators, so this takes none.
            scale = Proc.EWISE if cfg.act_scale else Proc.MXV
            return self._results(scale, cfg, self._taken(cfg, keep=bool(cfg.hold)), ended)
        columns = step_columns(cfg, counts)
        groups = cfg.cnt0 + 1
        if Proc(cfg.proc).sparse and len(indices) and indices.max() > cfg.cnt1:
            raise CcmError(ErrorCause.INDEX)
        shape = (-1, groups, self.config.num_pe)
        a, b = self._masked(cfg, a.reshape(shape)), self._masked(cfg, b.reshape(shape))
        start = self._masked(cfg, addends.reshape(shape)) if cfg.init else None
        ends = np.cumsum(columns)
        steps = [slice(end - n, end) for n, end in zip(columns, ends, strict=True)]
        match kind:
            case Proc.MXV:
                sums = self._mxv(cfg, a, b, start, steps)
            case Proc.MTXV:
                sums = self.arith.cascade(self.arith.product(a, b))
            case Proc.VXV:
                sums = self._vxv(cfg, a, b, indices[::groups], columns)
            case _:
                sums = self._ewise(cfg, a, b, start)
        return self._results(kind, cfg, sums, ended)

    def _held(self, cfg: CcmCfg) -> Array:
        """The accumulators of an instruction, to be read and written: [words, NUM_PE]."""
        return self.acc[cfg.base : cfg.base + held_words(cfg)]

    def _taken(self, cfg: CcmCfg, keep: bool) -> Array:
        held = self._held(cfg)
        sums = held.copy()
        if not keep:
            held[:] = 0
        return sums

    def _mxv(self, cfg: CcmCfg, a: Array, b: Array, start: Array | None, steps: list[slice]) -> Array:
        held = self._held(cfg)
        sums = [self.arith.zero((0, self.config.num_pe))]
        starts = iter(()) if start is None else iter(start)
        for step in steps:
            products = self.arith.product(a[step], b[step])
            if cfg.mute and not len(products):
                continue
            acc = held.copy() if cfg.cont else self.arith.zero(held.shape)
            if start is not None:
                acc = self.arith.addend(next(starts), Proc.MXV)
            for product in products:
                acc = self.arith.accumulate(acc, product)
            held[:] = acc if cfg.hold or cfg.mute else 0
            if not cfg.mute:
                sums.append(acc)
        return np.concatenate(sums)

    def _ewise(self, cfg: CcmCfg, a: Array, b: Array, start: Array | None) -> Array:
        product = self.arith.product(a, b, negate=bool(cfg.neg)).reshape(-1, self.config.num_pe)
        acc = self.arith.zero(product.shape)
        if start is not None:
            acc = self.arith.addend(start, Proc.EWISE).reshape(product.shape)
        elif cfg.acc and cfg.cont:
            acc = self._held(cfg)
        acc = self.arith.accumulate(acc, product)
        if cfg.acc:
            self._held(cfg)[:] = acc if cfg.hold or cfg.mute else 0
        return acc[:0] if muted(cfg) else acc

    def _vxv(self, cfg: CcmCfg, a: Array, b: Array, indices: Array, columns: list[int]) -> Array:
        groups = cfg.cnt0 + 1
        if not Proc(cfg.proc).sparse:
            indices = np.tile(np.arange(cfg.cnt1 + 1), len(columns))
        held = self._held(cfg)
        for column, product in zip(indices, self.arith.product(a, b), strict=True):
            words = slice(column * groups, (column + 1) * groups)
            held[words] = self.arith.accumulate(held[words], product)
        return self._taken(cfg, keep=False) if cfg.drain else held[:0]

    def _masked(self, cfg: CcmCfg, words: Array) -> Array:
        """words[..., G, NUM_PE] with the lanes past the last row at zero."""
        words = words.copy()
        words[..., -1, cfg.lanes + 1 :] = 0
        return words

    def _results(self, kind: Proc, cfg: CcmCfg, acc: Array, ended: bool) -> Results:
        scalar = kind == Proc.MTXV
        if scalar:
            acc = np.pad(acc[:, None], [(0, 0), (0, self.config.num_pe - 1)])
        lanes = self.arith.finish(acc.reshape(-1, self.config.num_pe), Func(cfg.func), kind)
        return Results(scalar, self.arith.to_bits(lanes), ended)
