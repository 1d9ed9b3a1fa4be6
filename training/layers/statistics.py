"""What a delta layer saved: temporal sparsity, and the share of the matrix work that was skipped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor


class Statistics(NamedTuple):
    """Shares from 0 (nothing saved) to 1, over all that a layer has computed since its last reset.

    Attributes:
        sparsity_x: of Δx that did not fire, inputs of all layers.
        sparsity_h: of Δh.
        sparsity: of all deltas together.
        saved_forward: of the multiplications W Δ (MxV).
        saved_backward: of the multiplications Wᵀ dM and dM Δᵀ (MTxV and VXV). A network's inputs need no
            gradient, so MTxV counts for them neither as done nor as saved.
    """

    sparsity_x: float
    sparsity_h: float
    sparsity: float
    saved_forward: float
    saved_backward: float


@dataclass
class Counter:
    """Counts of one layer of the stack; fired counts stay on the layer's device until they are asked for.

    Attributes:
        rows: of the weight matrices: multiplications for each element that fires.
        x_gradient: whether the backward pass needs the gradient of the layer's inputs.
    """

    rows: int
    x_gradient: bool
    elements_x: int = 0
    elements_h: int = 0
    fired: Tensor = field(default_factory=lambda: torch.zeros(2, dtype=torch.int64))

    def add(self, fired: Tensor, elements_x: int, elements_h: int) -> None:
        """Count another sequence: `fired` elements, int64 [2], of so many."""
        self.fired = self.fired.to(fired.device)
        self.fired += fired
        self.elements_x += elements_x
        self.elements_h += elements_h


def total(counters: list[Counter]) -> Statistics:
    """The layers' counters together; of nothing counted: nothing saved."""
    fired = [[int(count) for count in counter.fired.tolist()] for counter in counters]
    fired_x, fired_h = (sum(counts) for counts in zip(*fired, strict=True))
    all_x, all_h = sum(c.elements_x for c in counters), sum(c.elements_h for c in counters)
    done = {"forward": 0, "backward": 0}
    dense = {"forward": 0, "backward": 0}
    for counter, (x, h) in zip(counters, fired, strict=True):
        x_passes = 2 if counter.x_gradient else 1
        done["forward"] += counter.rows * (x + h)
        dense["forward"] += counter.rows * (counter.elements_x + counter.elements_h)
        done["backward"] += counter.rows * (x_passes * x + 2 * h)
        dense["backward"] += counter.rows * (x_passes * counter.elements_x + 2 * counter.elements_h)
    return Statistics(
        sparsity_x=_saved(fired_x, all_x),
        sparsity_h=_saved(fired_h, all_h),
        sparsity=_saved(fired_x + fired_h, all_x + all_h),
        saved_forward=_saved(done["forward"], dense["forward"]),
        saved_backward=_saved(done["backward"], dense["backward"]),
    )


def _saved(done: int, dense: int) -> float:
    return 1 - done / dense if dense else 0.0
