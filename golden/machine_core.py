"""The compute core on whole instructions: what golden.ccm.Ccm computes from streams, with the fast functions.

Operands are rows of lanes: a vector or a matrix column of G row groups is an array [G * NUM_PE], in which the
lanes past the vector's end are zero already.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reneta.golden import matrix
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import Array
from reneta.golden.ccm_types import CcmCfg, Func, Proc
from reneta.golden.config import HwConfig
from reneta.golden.matrix import NonzeroList


class Columns(NamedTuple):
    """Operands of a step of MxV or MTxV.

    Attributes:
        indices: numbers of the columns, [columns].
        first: the columns of the matrix, [columns, G * NUM_PE].
        second: MxV: the vector's elements, [columns]; MTxV: the vector, [G * NUM_PE].
    """

    indices: Array
    first: Array
    second: Array


class Core:
    """The accumulators, and the procedures that use them.

    Results are patterns: words [n, NUM_PE], MTxV: sums [n].
    """

    def __init__(self, hw: HwConfig) -> None:
        """A core after reset: all accumulators are zero."""
        self._hw = hw
        self._arith = arithmetic(hw)
        self.acc = self._arith.zero((hw.acc_words, hw.num_pe))

    def mxv(self, cfg: CcmCfg, steps: Sequence[Columns]) -> Array:
        """W v of each step."""
        words = slice(cfg.base, cfg.base + cfg.cnt0 + 1)
        sums = []
        for _, first, second in steps:
            held = self.acc[words].reshape(-1, 1)
            start = held if cfg.cont else self._arith.zero(held.shape)
            total = self._arith.outer_sum(first, second[:, None], start)
            if len(second):
                self._pass_padding(cfg, total, start)
            total = total.reshape(-1, self._hw.num_pe)
            # Without a result a step without columns passes the accumulators by.
            if len(second) or not cfg.mute:
                self.acc[words] = total if cfg.hold or cfg.mute else 0
            sums.append(total)
        return self._words(cfg, [] if cfg.mute else sums, Proc.MXV)

    def mtxv(self, cfg: CcmCfg, steps: Sequence[Columns]) -> Array:
        """W transposed times d of each step."""
        sums = [self._arith.cascade_sum(first.T, second[:, None])[:, 0] for _, first, second in steps]
        return self._arith.to_bits(self._arith.finish(np.concatenate(sums), Func(cfg.func), Proc.MTXV))

    def vxv(self, cfg: CcmCfg, d: Array, lists: Sequence[NonzeroList]) -> Array:
        """Add the outer products of d[G * NUM_PE, T] and the lists of its steps."""
        words = slice(cfg.base, cfg.base + (cfg.cnt0 + 1) * (cfg.cnt1 + 1))
        held = self.acc[words].reshape(cfg.cnt1 + 1, -1).T
        total = matrix.vxv_sp(self._arith, d, lists, cfg.cnt1 + 1, held)
        touched = np.unique(np.concatenate([np.asarray(step.indices, np.int64) for step in lists]))
        columns = total[:, touched]
        self._pass_padding(cfg, columns, held[:, touched])
        total[:, touched] = columns
        total = total.T.reshape(-1, self._hw.num_pe)
        self.acc[words] = 0 if cfg.drain else total
        return self._words(cfg, [total] if cfg.drain else [], Proc.VXV)

    def _pass_padding(self, cfg: CcmCfg, total: Array, start: Array) -> None:
        """Lanes past the vector's end: both operands are zero there, whatever the other lanes multiply.

        Args:
            cfg: the instruction.
            total: sums of products of zeros and the others' operands [G * NUM_PE, n], to be put right.
            start: what they started from.
        """
        rows = slice(cfg.cnt0 * self._hw.num_pe + cfg.lanes + 1, None)
        nothing = np.zeros_like(start[rows], self._arith.operand_dtype)
        total[rows] = self._arith.accumulate(start[rows], self._arith.product(nothing, nothing))

    def ewise(self, cfg: CcmCfg, a: Array, b: Array, addend: Array | None) -> Array:
        """c + a b, or c - a b, of words [n, NUM_PE]; the addend holds result lanes; none: no such stream."""
        words = slice(cfg.base, cfg.base + len(a))
        if cfg.acc and cfg.cont:
            start = self.acc[words]
        elif addend is not None:
            start = self._arith.addend(addend, Proc.EWISE)
        else:
            start = self._arith.zero(a.shape)
        total = self._arith.accumulate(start, self._arith.product(a, b, negate=bool(cfg.neg)))
        if cfg.acc:
            self.acc[words] = total if cfg.hold or cfg.mute else 0
        return self._words(cfg, [] if cfg.mute else [total], Proc.EWISE)

    def take(self, cfg: CcmCfg) -> Array:
        """ACC: the accumulators themselves."""
        words = slice(cfg.base, cfg.base + (cfg.cnt0 + 1) * (cfg.cnt1 + 1))
        total = self.acc[words].copy()
        if not cfg.hold:
            self.acc[words] = 0
        return self._words(cfg, [total], Proc.EWISE if cfg.act_scale else Proc.MXV)

    def _words(self, cfg: CcmCfg, sums: Sequence[Array], kind: Proc) -> Array:
        """Accumulators on their way out."""
        none = self._arith.zero((0, self._hw.num_pe))
        return self._arith.to_bits(self._arith.finish(np.concatenate([none, *sums]), Func(cfg.func), kind))
