"""The compute core at the level of transactions: words in, result words out, and the cycles that it takes.

`Ccm` executes one instruction after another on the same streams that the RTL takes and keeps the accumulators
between them; `Timing` predicts in which cycle each operation starts when no stream ever makes the core wait.
Streams, order and cycles are described in docs/ccm.md.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    """How many words of each stream an instruction consumes, and how many results it gives."""

    operands: int
    addends: int
    results: int


@dataclass(frozen=True)
class Results:
    """Results of one instruction: lanes[n, NUM_PE] as bit patterns; only lane 0 counts where `scalar`."""

    scalar: bool
    lanes: Array


def check_config(config: HwConfig, cfg: CcmCfg) -> None:
    """Refuse a configuration that the core cannot run.

    Raises:
        CcmError: PROC for an unknown procedure, SIZE for a matrix that does not fit.
    """
    if cfg.proc not in CORE_PROCS:
        raise CcmError(ErrorCause.PROC)
    kind = Proc(cfg.proc).kind
    if kind in (Proc.MXV, Proc.MTXV) and cfg.cnt0 >= config.max_groups:
        raise CcmError(ErrorCause.SIZE)
    if kind == Proc.VXV and (cfg.cnt0 + 1) * (cfg.cnt1 + 1) > config.acc_words:
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
    groups, columns = cfg.cnt0 + 1, step_columns(cfg, counts)
    words = groups * sum(columns)
    match kind:
        case Proc.MXV:
            out = groups * len(columns)
            return Need(words, out if cfg.init else 0, out)
        case Proc.MTXV:
            return Need(words, 0, sum(columns))
        case Proc.VXV:
            return Need(words, 0, groups * (cfg.cnt1 + 1) if cfg.drain else 0)
    return Need(words, words if cfg.init else 0, words)


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
        columns = step_columns(cfg, counts)
        if kind == Proc.IDLE:
            nothing = np.zeros((0, self.config.num_pe), self.arith.result_dtype)
            return Results(False, self.arith.to_bits(nothing))
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
                return self._results(kind, cfg, self._mxv(a, b, start, steps))
            case Proc.MTXV:
                return self._results(kind, cfg, self.arith.cascade(self.arith.product(a, b)))
            case Proc.VXV:
                return self._results(kind, cfg, self._vxv(cfg, a, b, indices[::groups], columns))
        acc = self.arith.zero(a.shape) if start is None else self.arith.addend(start, kind)
        product = self.arith.product(a, b, negate=bool(cfg.neg))
        return self._results(kind, cfg, self.arith.accumulate(acc, product))

    def _mxv(self, a: Array, b: Array, start: Array | None, steps: list[slice]) -> Array:
        sums = []
        for t, step in enumerate(steps):
            acc = self.arith.zero(a.shape[1:])
            if start is not None:
                acc = self.arith.addend(start[t], Proc.MXV)
            for product in self.arith.product(a[step], b[step]):
                acc = self.arith.accumulate(acc, product)
            sums.append(acc)
        return np.concatenate(sums)

    def _vxv(self, cfg: CcmCfg, a: Array, b: Array, indices: Array, columns: list[int]) -> Array:
        groups = cfg.cnt0 + 1
        if not Proc(cfg.proc).sparse:
            indices = np.tile(np.arange(cfg.cnt1 + 1), len(columns))
        for column, product in zip(indices, self.arith.product(a, b), strict=True):
            words = slice(column * groups, (column + 1) * groups)
            self.acc[words] = self.arith.accumulate(self.acc[words], product)
        drained = groups * (cfg.cnt1 + 1) if cfg.drain else 0
        sums = self.acc[:drained].copy()
        self.acc[:drained] = 0
        return sums

    def _masked(self, cfg: CcmCfg, words: Array) -> Array:
        """words[..., G, NUM_PE] with the lanes past the last row at zero."""
        words = words.copy()
        words[..., -1, cfg.lanes + 1 :] = 0
        return words

    def _results(self, kind: Proc, cfg: CcmCfg, acc: Array) -> Results:
        scalar = kind == Proc.MTXV
        if scalar:
            acc = np.pad(acc[:, None], [(0, 0), (0, self.config.num_pe - 1)])
        lanes = self.arith.finish(acc.reshape(-1, self.config.num_pe), Func(cfg.func), kind)
        return Results(scalar, self.arith.to_bits(lanes))


@dataclass(frozen=True)
class Operation:
    """One operation of the loop nest as far as timing goes: the accumulator that it uses, if any."""

    address: int | None
    reads: bool


def operations(cfg: CcmCfg, counts: Sequence[int], indices: Array) -> Iterator[Operation | None]:
    """The operations of an instruction in their order; None for a cycle of the nest without one."""
    kind = Proc(cfg.proc).kind
    if kind == Proc.IDLE:
        yield None
        return
    groups = range(cfg.cnt0 + 1)
    column = iter(indices[:: len(groups)])
    for columns in step_columns(cfg, counts):
        if columns == 0 and kind == Proc.MXV:
            yield from (Operation(g, reads=False) for g in groups)
        elif columns == 0:
            yield None
        for k in range(columns):
            base = int(next(column)) if Proc(cfg.proc).sparse else k
            for g in groups:
                match kind:
                    case Proc.MXV:
                        yield Operation(g, reads=k > 0)
                    case Proc.VXV:
                        yield Operation(base * len(groups) + g, reads=True)
                    case _:
                        yield Operation(None, reads=False)
    if kind == Proc.VXV and cfg.drain:
        yield from (Operation(word, reads=True) for word in range(len(groups) * (cfg.cnt1 + 1)))


class Timing:
    """Cycle in which each operation starts, with every stream ready and every result taken."""

    PLACES = 3
    """Operations that wait between the loop nest and the PE array, the one at the door included."""
    TO_DOOR = 2
    """Cycles from the loop nest to the door, from where an operation starts."""
    TO_ARRAY = 1
    """Cycles from the door to the PE array."""
    QUEUE = 2
    """Cycles that a result takes through its queue."""

    def __init__(self, config: HwConfig) -> None:
        """An idle core; cycle 0 is the first cycle of the loop nest."""
        self.config = config
        self.nest = -1  # the last cycle that the nest used
        self.start = -1  # the last operation's start at the PE array
        self._starts = deque([-1] * self.PLACES, self.PLACES)
        self._used: dict[int, int] = {}

    def run(self, cfg: CcmCfg, counts: Sequence[int], indices: Array) -> int:
        """Go through one instruction; the cycle in which its last operation started."""
        for operation in operations(cfg, counts, indices):
            self.nest += 1
            if operation is None:
                continue
            # The operation that takes the last free place waits for the one that had it before to start.
            self.nest = max(self.nest, self._starts[0] + 1)
            self.start = max(self.nest + self.TO_DOOR, self.start + 1)
            if operation.address is not None:
                if operation.reads:
                    earlier = self._used.get(operation.address, -self.config.add_lat)
                    self.start = max(self.start, earlier + self.config.add_lat)
                self._used[operation.address] = self.start
            self._starts.append(self.start)
        return self.start

    def latency(self, proc: Proc) -> int:
        """Cycles from an operand word to its result when nothing else is on the way."""
        adders = self.config.cas_lat if proc.kind == Proc.MTXV else self.config.mul_lat + self.config.add_lat
        return self.TO_DOOR + self.TO_ARRAY + adders + self.QUEUE + self.config.act_lat
