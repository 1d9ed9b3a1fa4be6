"""Random instructions of the compute core, with all the words that they consume."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reneta.golden import bf16
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import Array
from reneta.golden.ccm import held_words, need
from reneta.golden.ccm_types import CcmCfg, Func, Proc
from reneta.golden.config import HwConfig

MATRIX = (Proc.MXV, Proc.MTXV, Proc.VXV, Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP)
ALL = (*MATRIX, Proc.EWISE, Proc.ACC)
PROGRAM = (*ALL, Proc.IDLE)
FLAGS = ("init", "neg", "acc", "cont", "hold", "mute", "act_scale")


@dataclass(frozen=True)
class Instruction:
    """One instruction with its stream contents (see docs/ccm.md)."""

    cfg: CcmCfg
    counts: list[int]
    a: Array
    b: Array
    indices: Array
    addends: Array

    @property
    def operand_beats(self) -> list[tuple[int, int, int]]:
        """Beats of the operand stream."""
        return [
            (packed(a), packed(b), int(index))
            for a, b, index in zip(self.a, self.b, self.indices, strict=True)
        ]

    @property
    def addend_words(self) -> list[int]:
        """Words of the addend stream."""
        return [packed(word) for word in self.addends]


def packed(lanes: Array) -> int:
    """Lanes as one packed vector, lane 0 lowest."""
    return int.from_bytes(lanes.tobytes(), "little")


@dataclass
class Limits:
    """Bounds of random instructions: sizes are drawn up to these, mostly small."""

    rows: int
    columns: int
    steps: int = 4
    words: int = 400
    procs: tuple[Proc, ...] = PROGRAM
    funcs: tuple[Func, ...] = tuple(Func)
    special: float = 0.15  # share of instructions whose values are all corners


class Generator:
    """Draws instructions for one hardware configuration from one random source."""

    def __init__(self, config: HwConfig, rng: np.random.Generator) -> None:
        """Draw for `config` from `rng`."""
        self.config = config
        self.rng = rng
        self.arith = arithmetic(config)

    def draw(self, limits: Limits) -> Instruction:
        """One random instruction within `limits`."""
        cfg = self._cfg(limits)
        # An infinity or a NaN in an accumulator that is not cleared would stay there for long.
        kept = cfg.hold or cfg.mute or not cfg.drain
        share = limits.special / 10 if kept else limits.special
        return self.fill(cfg, self._counts(cfg), corners=self.rng.random() < share)

    def everything(self) -> Instruction:
        """ACC of all accumulators."""
        rows = min(self.config.acc_words, 1 << self.config.cnt_w)
        columns = self.config.acc_words // rows
        return self.fill(CcmCfg(proc=Proc.ACC, cnt0=rows - 1, cnt1=columns - 1, cnt2=0, lanes=0), [])

    def sized(self, proc: Proc, rows: int, columns: int) -> Instruction:
        """One step of a procedure on a matrix of this size, with random words."""
        groups = -(-rows // self.config.num_pe)
        lanes = (rows - 1) % self.config.num_pe
        cfg = CcmCfg(proc=proc, cnt0=groups - 1, cnt1=columns - 1, cnt2=0, lanes=lanes, drain=1)
        return self.fill(cfg, self._counts(cfg))

    def fill(self, cfg: CcmCfg, counts: list[int], corners: bool = False) -> Instruction:
        """The instruction of this configuration and these list counts, with random words."""
        words = need(cfg, counts)
        groups = cfg.cnt0 + 1
        listed = [np.sort(self.rng.permutation(cfg.cnt1 + 1)[:count]) for count in counts]
        columns = (
            np.concatenate(listed)
            if listed
            else self.rng.integers(0, 1 << self.config.idx_w, words.operands // groups)
        )
        shape = (words.operands, self.config.num_pe)
        return Instruction(
            cfg,
            counts,
            self.operands(shape, corners),
            self.operands(shape, corners),
            np.repeat(columns, groups).astype(np.int64),
            self.results((words.addends, self.config.num_pe), corners),
        )

    def operands(self, shape: tuple[int, ...], corners: bool) -> Array:
        """Random operands: moderate numbers, or any pattern with the special ones among them."""
        if corners or not self.config.is_fp:
            bits = self.rng.integers(0, 1 << 16, shape, dtype=np.uint16)
            special = self.rng.choice(self._special(), shape)
            bits = np.where(self.rng.random(shape) < 0.3, special, bits).astype(np.uint16)
            return bits.view(self.arith.operand_dtype)
        return bf16.from_float(self.rng.normal(size=shape) * 2.0 ** self.rng.integers(-6, 6, shape))

    def results(self, shape: tuple[int, ...], corners: bool) -> Array:
        """Random result lanes (addends)."""
        if not self.config.is_fp:
            return self.operands(shape, corners)
        if corners:
            return self.rng.integers(0, 1 << 32, shape, dtype=np.uint32).view(np.float32)
        return self.rng.normal(size=shape).astype(np.float32)

    def _special(self) -> Array:
        if self.config.is_fp:
            patterns = [0x0000, 0x8000, 0x0001, 0x807F, 0x0080, 0x8080, 0x3F80, 0xBF80, 0x7F7F, 0xFF7F]
            return np.array([*patterns, 0x7F80, 0xFF80, 0x7FC0, 0xFFFF], np.uint16)
        return np.array([0x0000, 0x0001, 0xFFFF, 0x7FFF, 0x8000, 0x0100, 0xFF00], np.uint16)

    def _size(self, most: int) -> int:
        """A size from 1 to `most`: small ones, the largest, and multiples of NUM_PE and their neighbours."""
        match self.rng.integers(4):
            case 0:
                return int(self.rng.integers(1, most + 1))
            case 1:
                size = self.config.num_pe * self.rng.integers(1, most // self.config.num_pe + 2)
                return int(np.clip(size + self.rng.integers(-1, 2), 1, most))
            case _:
                return int(self.rng.integers(1, min(most, 2 * self.config.num_pe) + 1))

    def _counts(self, cfg: CcmCfg) -> list[int]:
        """List counts of all steps, for a sparse procedure."""
        steps = cfg.cnt2 + 1 if Proc(cfg.proc).sparse else 0
        return [self._count(cfg.cnt1 + 1) for _ in range(steps)]

    def _count(self, columns: int) -> int:
        """A list count: often none, sometimes all."""
        match self.rng.integers(6):
            case 0:
                return 0
            case 1:
                return columns
            case _:
                return int(self.rng.binomial(columns, self.rng.random()))

    def _cfg(self, limits: Limits) -> CcmCfg:
        proc = Proc(int(self.rng.choice(limits.procs)))
        rows, columns = self._size(limits.rows), self._size(limits.columns)
        steps = int(self.rng.integers(1, limits.steps + 1))
        groups = -(-rows // self.config.num_pe)
        # Keep instructions short by giving up steps, then columns.
        steps = max(1, min(steps, limits.words // (groups * columns)))
        columns = max(1, min(columns, limits.words // groups))
        # Flags that do not belong to the procedure are drawn too: they must not matter.
        flags = {name: int(self.rng.integers(2)) for name in FLAGS}
        if flags["init"] and flags["cont"]:
            flags[str(self.rng.choice(["init", "cont"]))] = 0
        if proc == Proc.EWISE and flags["acc"]:
            columns = 1
        cfg = CcmCfg(
            proc=proc,
            cnt0=groups - 1,
            cnt1=columns - 1,
            cnt2=steps - 1,
            lanes=(rows - 1) % self.config.num_pe,
            func=Func(int(self.rng.choice(limits.funcs))),
            drain=int(self.rng.random() < 0.7),
            **flags,
        )
        return replace(cfg, base=self._base(cfg))

    def _base(self, cfg: CcmCfg) -> int:
        """A few places only, so that instructions meet each other's sums."""
        last = self.config.acc_words - max(held_words(cfg), 1)
        match self.rng.integers(4):
            case 0:
                return last
            case 1:
                return min(int(self.rng.integers(1, 9)), last)
            case _:
                return 0
