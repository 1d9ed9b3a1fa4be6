"""Random instructions for the units of the input module, with their descriptors and lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.ipm import Unit, addend_words, is_sparse, kind_of, lists_sides, needs_index
from reneta.golden.ipm_types import IpmCfg, Side, Source
from reneta.golden.lists import Descriptor, entry_place

MATRIX = (Proc.MXV, Proc.MTXV, Proc.MXV_SP, Proc.MTXV_SP)
SPARSE = (Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP)
MATRIX_WORK = (*MATRIX, Proc.VXV, Proc.VXV_SP)
VECTOR_WORK = (Proc.EWISE, Proc.MOVE)
WALKED = (*MATRIX_WORK, *VECTOR_WORK)
UNKNOWN = tuple(range(len(Proc), 16))
# What may be written: the walked ones mostly, and what no unit of the input module has to do with.
ANY = (*WALKED, Proc.EWISE, *WALKED, Proc.EWISE, *WALKED, Proc.IDLE, Proc.ACC, *UNKNOWN[::3])
A_SOURCES = (Source.ZERO, Source.ONE, Source.SMEM)
B_SOURCES = (*A_SOURCES, Source.SAME)


@dataclass(frozen=True)
class Instruction:
    """One instruction: its configuration, and descriptor and indices of each step of a sparse one."""

    cfg: IpmCfg
    descriptors: list[Descriptor] = field(default_factory=list)
    indices: list[list[int]] = field(default_factory=list)

    @property
    def counts(self) -> list[int]:
        """List counts of all steps."""
        return [descriptor.count for descriptor in self.descriptors]

    @property
    def columns(self) -> list[int]:
        """Indices of all columns in the order of the walk, dense or sparse."""
        if is_sparse(self.cfg):
            return [index for step in self.indices for index in step]
        return list(range(self.cfg.cnt1 + 1)) * (self.cfg.cnt2 + 1)

    def indices_for(self, unit: Unit) -> list[int]:
        """Indices that a unit takes."""
        return self.columns if needs_index(unit, self.cfg) else []

    def entries(self, hw: HwConfig) -> dict[tuple[int, int], int]:
        """The index region of this instruction, where it reads one: (address, lane) -> index."""
        region: dict[tuple[int, int], int] = {}
        if self.cfg.direct:
            return region
        for descriptor, step in zip(self.descriptors, self.indices, strict=True):
            for k, index in enumerate(step):
                place = entry_place(descriptor.first_entry(hw.num_pe) + k, hw.num_pe)
                region[self.cfg.src2_addr + int(place.word), int(place.lane)] = index
        return region


@dataclass(frozen=True)
class Limits:
    """Bounds of random instructions; sizes are drawn up to these."""

    groups: int = 6
    columns: int = 24
    steps: int = 5
    words: int = 150
    procs: tuple[int, ...] = ANY
    dram: tuple[int, ...] = (0, 1)
    direct: tuple[int, ...] = (0, 1)


def addend_sources(hw: HwConfig) -> tuple[Source, ...]:
    """Where an addend may come from."""
    return (*B_SOURCES, Source.WIDE) if hw.is_fp else B_SOURCES


class Generator:
    """Draws instructions for one hardware configuration from one random source.

    Lists are placed one behind the other through all of SMEM, so those of one run do not overlap.
    """

    def __init__(self, hw: HwConfig, rng: np.random.Generator) -> None:
        """Draw for `hw` from `rng`."""
        self.hw = hw
        self.rng = rng
        self._next_entry = self.below(hw.smem_words * hw.num_pe)

    def below(self, bound: int) -> int:
        """A number from 0 to bound - 1."""
        return int(self.rng.integers(bound))

    def edge(self, highest: int) -> int:
        """A number from 0 to `highest`, the two among them often."""
        return [0, highest, self.below(highest + 1), self.below(highest + 1)][self.below(4)]

    def draw(self, limits: Limits) -> Instruction:
        """One random instruction within `limits`."""
        proc = int(self.rng.choice(limits.procs))
        groups, columns = 1 + self.edge(limits.groups - 1), 1 + self.edge(limits.columns - 1)
        steps = 1 + self.below(limits.steps)
        # Keep instructions short by giving up columns, then steps.
        columns = max(1, min(columns, limits.words // groups))
        steps = max(1, min(steps, limits.words // (groups * columns)))
        dram, direct = int(self.rng.choice(limits.dram)), int(self.rng.choice(limits.direct))
        return self.make(proc, groups, columns, steps, dram=dram, direct=direct)

    def make(
        self,
        proc: int,
        groups: int,
        columns: int,
        steps: int = 1,
        counts: Sequence[int] | None = None,
        dram: int = 0,
        direct: int = 0,
    ) -> Instruction:
        """An instruction of this shape at random addresses, all within the memory.

        Operands of EWISE come from anywhere. Fields that mean nothing in the procedure are random.

        Args:
            proc: procedure code, unknown ones too.
            groups: row groups.
            columns: columns of the matrix.
            steps: time steps.
            counts: of the lists of a sparse procedure; none: random.
            dram: where the first operand comes from.
            direct: whether the indices of a sparse procedure come from the output module.
        """
        hw = self.hw
        ewise = proc == Proc.EWISE
        cfg = IpmCfg(
            proc=proc,
            cnt0=groups - 1,
            cnt1=columns - 1,
            cnt2=steps - 1,
            step=self.edge(hw.max_m - steps),
            src0_dram=dram,
            list=self.below(2),
            direct=direct,
            dep=self.below(8),
            a_src=self._one_of(A_SOURCES) if ewise else self.below(8),
            b_src=self._one_of(B_SOURCES) if ewise else self.below(8),
            c_src=self._one_of(addend_sources(hw)) if ewise else self.below(8),
            a_seq=self.below(2),
            b_seq=self.below(2),
            c_seq=self.below(2),
            src2_addr=self.below(hw.smem_words),
            dram_addr=self.below((1 << 32) - groups * columns * hw.num_pe * 2),
        )
        cfg = replace(cfg, side=self._side(cfg))
        descriptors: list[Descriptor] = []
        indices: list[list[int]] = []
        if is_sparse(cfg):
            wanted = counts or [self._count(columns) for _ in range(steps)]
            indices = [self.indices(columns, count) for count in wanted]
            cfg, descriptors = self._place_lists(cfg, wanted)
            if direct:
                # Nothing is read there, not even past the end.
                cfg = replace(cfg, src2_addr=self.below(hw.smem_words))
        return Instruction(self._place_operands(cfg, descriptors), descriptors, indices)

    def indices(self, columns: int, count: int) -> list[int]:
        """Different columns, ascending as the encoder gives them, now and then not."""
        chosen = self.rng.permutation(columns)[:count]
        return [int(index) for index in (chosen if self.below(4) == 0 else np.sort(chosen))]

    def _one_of(self, values: Sequence[int]) -> int:
        return values[self.below(len(values))]

    def _side(self, cfg: IpmCfg) -> int:
        """What may go to the output module in this procedure."""
        if cfg.proc == Proc.MOVE:
            return Side.RAW
        if cfg.proc == Proc.EWISE and cfg.c_src != Source.WIDE:
            return self._one_of((Side.NONE, Side.VECTOR))
        if lists_sides(replace(cfg, side=Side.LIST)):
            return self._one_of((Side.NONE, Side.LIST))
        return Side.NONE if cfg.proc in WALKED else self.below(len(Side))

    def _count(self, columns: int) -> int:
        """A list count: often none, one or all."""
        match self.below(6):
            case 0:
                return 0
            case 1:
                return 1
            case 2:
                return columns
        return int(self.rng.binomial(columns, self.rng.random()))

    def _place_lists(self, cfg: IpmCfg, counts: Sequence[int]) -> tuple[IpmCfg, list[Descriptor]]:
        """Find room for the lists of all steps in a region that begins at or before the first of them."""
        num_pe, capacity = self.hw.num_pe, self.hw.smem_words * self.hw.num_pe
        if self._next_entry + sum(counts) + (len(counts) + 1) * num_pe > capacity:
            self._next_entry = 0
        base = self.edge(self._next_entry // num_pe)
        descriptors = []
        for count in counts:
            if count == 0:
                # Its head means nothing.
                descriptors.append(Descriptor(self.below(self.hw.smem_words), self.below(num_pe), 0))
                continue
            match self.below(4):
                case 0:  # ends at the last lane
                    self._next_entry += -(self._next_entry + count) % num_pe
                case 1:  # begins at the first
                    self._next_entry += -self._next_entry % num_pe
                case 2:
                    self._next_entry += self.below(num_pe)
            place = entry_place(self._next_entry - base * num_pe, num_pe)
            descriptors.append(Descriptor(int(place.word), int(place.lane), count))
            self._next_entry += count
        return replace(cfg, src2_addr=base), descriptors

    def _place_operands(self, cfg: IpmCfg, descriptors: Sequence[Descriptor]) -> IpmCfg:
        """Addresses and stride so that every word lies within the memory, the last one often at its end."""
        words, num_pe, kind = self.hw.smem_words, self.hw.num_pe, kind_of(cfg)
        last_step = cfg.step + cfg.cnt2
        blocks = max(cfg.cnt0, cfg.cnt1 // num_pe)
        room = (words - 1 - last_step) // max(blocks, 1)
        stride = min([last_step + 1, self.hw.max_m, self.below(2 * self.hw.max_m)][self.below(3)], room)
        vector = last_step + stride * (cfg.cnt0 if kind in (Proc.MTXV, Proc.VXV) else 0)
        if kind == Proc.MTXV:
            second = vector
        elif is_sparse(cfg):
            ends = [d.first_entry(num_pe) + d.count - 1 for d in descriptors if d.count]
            second = max(ends, default=0) // num_pe
        else:
            second = last_step + stride * (cfg.cnt1 // num_pe)
        first = vector if kind == Proc.VXV else (cfg.cnt0 + 1) * (cfg.cnt1 + 1) - 1
        if kind == Proc.MOVE:
            first = (cfg.cnt0 + 1) * (cfg.cnt1 + 1) * (cfg.cnt2 + 1) - 1
        if lists_sides(cfg):
            first = cfg.cnt1 // num_pe
        placed = replace(
            cfg,
            stride=stride,
            src1_addr=self.edge(max(words - 1 - second, 0)),
            src0_addr=self.edge(max(words - 1 - first, 0)),
        )
        return self._place_ewise(placed) if kind == Proc.EWISE else placed

    def _place_ewise(self, cfg: IpmCfg) -> IpmCfg:
        """Addresses of the three operands of EWISE; a sequence of pairs of words has the stride for it."""
        width = 2 if addend_words(cfg) > cfg.cnt0 + 1 else 1
        last_step = cfg.step + cfg.cnt2
        stride = min(cfg.stride, (self.hw.smem_words // width - 1 - last_step) // max(cfg.cnt0, 1))
        in_order = (cfg.cnt0 + 1) * (cfg.cnt1 + 1) * (cfg.cnt2 + 1) - 1
        sequence = cfg.cnt0 * stride + last_step

        def address(seq: int, width: int = 1) -> int:
            last = (sequence if seq else in_order) * width + width - 1
            return self.edge(max(self.hw.smem_words - 1 - last, 0))

        return replace(
            cfg,
            stride=stride,
            src0_addr=address(cfg.a_seq),
            src1_addr=address(cfg.b_seq),
            src2_addr=address(cfg.c_seq, width),
        )
