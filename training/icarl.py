"""iCaRL: exemplars by herding, nearest mean of exemplars as classifier, distillation of the network before.

Source: Rebuffi et al., "iCaRL: Incremental Classifier and Representation Learning", CVPR 2017. An utterance's
feature vector is h of the top layer after its last frame; as in the paper, vectors and their means are
normalised to length 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, normalize

from reneta.training.batches import Batch, Batches
from reneta.training.models import Classifier
from reneta.training.trainer import Objective


@torch.no_grad()
def vectors(model: Classifier, data: Batches, batch_size: int) -> Tensor:
    """Feature vector of each utterance, of length 1: [N, H], on the CPU."""
    model.eval()
    found = torch.empty(len(data), model.config.rnn_size)
    for indices in data.alike(batch_size):
        batch = data.batch(indices)
        found[indices] = normalize(model.embed(batch.features, batch.lengths)).cpu()
    return found


@torch.no_grad()
def opinions(model: Classifier, data: Batches, batch_size: int) -> Tensor:
    """What a network thinks of each utterance: σ of the logits, [N, C], on the model's device."""
    model.eval()
    found = torch.empty(len(data), model.cl.out_features, device=model.cl.weight.device)
    for indices in data.alike(batch_size):
        batch = data.batch(indices)
        found[indices.to(found.device)] = model(batch.features, batch.lengths)[0].sigmoid()
    return found


def distilling(before: Tensor) -> Objective:
    """Cross entropy over all classes, as published, plus the distillation term of the paper.

    Args:
        before: what the network before thinks of each training utterance, [N, classes before].
    """

    def objective(logits: Tensor, batch: Batch) -> Tensor:
        wanted = before[batch.indices.to(before.device)]
        kept = binary_cross_entropy_with_logits(logits[:, : before.shape[1]], wanted)
        return cross_entropy(logits, batch.targets) + kept

    return objective


def herd(phi: Tensor, count: int) -> list[int]:
    """Utterances of one class whose mean is near the class's mean, however few of the first ones are kept.

    Args:
        phi: feature vectors of the class, [n, H].
        count: how many to choose; all where there are fewer.

    Returns:
        Their indices, the most important ones first.
    """
    mean = normalize(phi.mean(0), dim=0)
    chosen: list[int] = []
    total = torch.zeros_like(mean)
    for _ in range(min(count, len(phi))):
        distance = (mean - normalize(phi + total)).norm(dim=1)
        distance[chosen] = torch.inf
        chosen.append(int(distance.argmin()))
        total = total + phi[chosen[-1]]
    return chosen


def class_means(phi: Tensor, targets: Tensor, classes: int) -> Tensor:
    """Mean feature vector of each class's exemplars, of length 1: [C, H].

    Args:
        phi: feature vectors of the exemplars, [n, H].
        targets: class of each, [n]; every class has one at least.
        classes: number of classes: C.
    """
    sums = torch.zeros(classes, phi.shape[1]).index_add(0, targets, phi)
    return normalize(sums)


def nearest(phi: Tensor, means: Tensor) -> Tensor:
    """The class whose mean is nearest, [N], of feature vectors [N, H] and means [C, H]."""
    return torch.cdist(phi, means).argmin(1)


def shortened(exemplars: Mapping[str, Sequence[str]], count: int) -> dict[str, list[str]]:
    """Only the most important exemplars of each class."""
    return {label: list(paths[:count]) for label, paths in exemplars.items()}
