"""How well a network does on a set: loss, accuracy, who is taken for whom, sparsity and saved operations."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from reneta.training.batches import Batches
from reneta.training.distributed import Place
from reneta.training.models import Classifier

SHARES = ("sparsity_x", "sparsity_h", "sparsity", "saved_forward", "saved_backward")
"""What is reported of a delta network: shares of zeros in Δx, in Δh and in both, and of operations saved."""


@dataclass(frozen=True)
class Evaluation:
    """What was found.

    Attributes:
        loss: mean cross entropy.
        regulariser: mean |Δh|; 0 without delta layers.
        confusion: utterances by class and by what they were taken for, int64 [C, C].
        shares: of SHARES, from 0 to 1; empty without delta layers.
    """

    loss: float
    regulariser: float
    confusion: Tensor
    shares: dict[str, float]

    @property
    def accuracy(self) -> float:
        """Share of the utterances that were recognised."""
        return int(self.confusion.diagonal().sum()) / int(self.confusion.sum())

    @property
    def metrics(self) -> dict[str, float]:
        """All numbers but the confusion matrix."""
        return {"accuracy": self.accuracy, "loss": self.loss, **self.shares}


@torch.no_grad()
def evaluate(model: Classifier, data: Batches, batch_size: int, place: Place) -> Evaluation:
    """Evaluate a network on a set that is not empty; each process takes a part of the batches."""
    model.eval()
    model.reset_statistics()
    classes = model.cl.out_features
    confusion = torch.zeros(classes * classes, dtype=torch.int64, device=place.device)
    sums = torch.zeros(3, dtype=torch.float64, device=place.device)
    for indices in list(data.alike(batch_size))[place.rank :: place.world]:
        batch = data.batch(indices)
        logits, regulariser = model(batch.features, batch.lengths)
        loss = cross_entropy(logits, batch.targets, reduction="sum")
        frames = batch.features.shape[0] * batch.features.shape[1]
        sums += torch.stack([loss.double(), regulariser.double() * frames, sums.new_tensor(frames)])
        taken = batch.targets * classes + logits.argmax(1)
        confusion += torch.bincount(taken, minlength=len(confusion))
    found = model.statistics()
    # Every share is one of the frames' elements, so that the processes' shares are weighted by their frames.
    counted = [getattr(found, name) for name in SHARES] if found and float(sums[2]) else [0.0] * len(SHARES)
    sums = place.summed(torch.cat([sums, sums.new_tensor(counted) * sums[2]]))
    loss_sum, regulariser_sum, frames_sum, *share_sums = sums.tolist()
    return Evaluation(
        loss_sum / len(data),
        regulariser_sum / frames_sum,
        place.summed(confusion).view(classes, classes).cpu(),
        {name: part / frames_sum for name, part in zip(SHARES, share_sums, strict=True)} if found else {},
    )
