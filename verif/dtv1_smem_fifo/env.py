"""Environment of dtv1_smem_fifo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from reneta.verif.memory.fifo_env import FifoCfg, FifoCoverage, FifoEnv, FifoShape

# As in tb_dtv1_smem_fifo.sv.
_SIZES = ((8, 1), (1, 2), (33, 3), (72, 4), (16, 5))
SHAPES = tuple(FifoShape(width, depth, latency=1) for width, depth in _SIZES)


@dataclass
class SmemFifoCfg(FifoCfg):
    """The shapes."""

    shapes: ClassVar[tuple[FifoShape, ...]] = SHAPES


class SmemFifoCoverage(FifoCoverage):
    """Its coverage group."""

    group = "smem_fifo_cg"


class SmemFifoEnv(FifoEnv):
    """The common environment."""

    coverage_type = SmemFifoCoverage
