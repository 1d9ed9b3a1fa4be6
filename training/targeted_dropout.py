"""Column-balanced targeted dropout: prunes weights so that every processing element keeps equally many.

The rows of a weight matrix are dealt to the elements in turn; of each element's part of each column, the
smallest weights are candidates, and each of them is dropped with a probability that rises to one. Source:
Gao et al., "Spartus: A 9.4 TOp/s FPGA-Based LSTM Accelerator Exploiting Spatio-Temporal Sparsity", IEEE
Transactions on Neural Networks and Learning Systems, 2022.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def annealed_alpha(epoch: int, anneal_epochs: int) -> float:
    """Probability of dropping after an epoch (from 0): it rises evenly and is 1 after `anneal_epochs`."""
    return 1.0 if anneal_epochs <= 1 else min(epoch / (anneal_epochs - 1), 1.0)


@torch.no_grad()
def drop_smallest(
    weights: Tensor, gamma: float, alpha: float, elements: int, generator: torch.Generator
) -> None:
    """Prune a weight matrix in place.

    Args:
        weights: [rows, columns]; row r belongs to processing element r mod elements.
        gamma: share of each element's part of each column that is a candidate, rounded down.
        alpha: probability with which a candidate becomes zero.
        elements: number of processing elements; it divides the rows.
        generator: of the random choice, on the CPU, so that all processes of a run choose alike.

    Raises:
        ValueError: the rows cannot be dealt evenly.
    """
    rows, columns = weights.shape
    if rows % elements:
        raise ValueError(f"{elements} processing elements do not divide {rows} rows")
    parts = weights.view(rows // elements, elements, columns)
    # Ten parts of 0.7 are 7, also where the product in floating point falls a little short.
    count = int(gamma * len(parts) + 1e-9)
    candidates = parts.abs().argsort(dim=0, stable=True)[:count]
    chosen = torch.rand(candidates.shape, generator=generator).to(weights.device) < alpha
    # A chosen candidate is written over with zero, another one with itself.
    parts.scatter_(0, candidates, parts.gather(0, candidates).masked_fill(chosen, 0.0))


def prune(layers: nn.RNNBase, gamma: float, alpha: float, elements: int, generator: torch.Generator) -> None:
    """Prune all weight matrices of some layers in place; see `drop_smallest`."""
    for name, parameter in layers.named_parameters():
        if "weight" in name:
            drop_smallest(parameter, gamma, alpha, elements, generator)
