"""Batches of a feature set that lies in memory as a whole, cut without copies on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
import torch
from torch import Tensor

from reneta.training.data.feature_set import FeatureSet


class Batch(NamedTuple):
    """Some utterances.

    Attributes:
        features: [T, B, F], time first; zero after the end of the shorter ones.
        lengths: frames of each, int64 [B].
        targets: class of each, int64 [B].
        indices: which utterances of the set they are, int64 [B], on the CPU.
    """

    features: Tensor
    lengths: Tensor
    targets: Tensor
    indices: Tensor


@dataclass(frozen=True, eq=False)
class Batches:
    """Utterances that batches are made of.

    Attributes:
        features: of all utterances of the feature set, [sum of lengths, F], on the device.
        starts: where each utterance starts, int64 [N], on the CPU, like the next two.
        lengths: frames of each.
        targets: class of each.
    """

    features: Tensor
    starts: Tensor
    lengths: Tensor
    targets: Tensor

    @classmethod
    def of(cls, data: FeatureSet, device: torch.device) -> Self:
        """All utterances of a feature set."""
        starts = data.lengths.cumsum(0) - data.lengths
        return cls(data.features.to(device), starts, data.lengths, data.targets)

    def __len__(self) -> int:
        """Number of utterances."""
        return len(self.lengths)

    def chosen(self, indices: Tensor, targets: Tensor) -> Self:
        """Only these utterances, with these targets; the features are shared."""
        return replace(self, starts=self.starts[indices], lengths=self.lengths[indices], targets=targets)

    def batch(self, indices: Tensor) -> Batch:
        """The utterances with these indices, [B] on the CPU."""
        device = self.features.device
        lengths = self.lengths[indices]
        step = torch.arange(int(lengths.max()))[:, None]
        inside = step < lengths
        rows = torch.where(inside, self.starts[indices] + step, 0)
        features = self.features[rows.to(device)]
        if not bool(inside.all()):
            features = features * inside[:, :, None].to(device)
        return Batch(features, lengths.to(device), self.targets[indices].to(device), indices)

    def shuffled(self, seed: int, epoch: int) -> Tensor:
        """Order of the utterances in an epoch: it depends on seed and epoch only."""
        return torch.randperm(len(self), generator=torch.Generator().manual_seed(mixed(seed, epoch)))

    def alike(self, size: int) -> Iterator[Tensor]:
        """Indices of batches of up to that size, each of utterances of one length.

        So nothing is padded, and no step that belongs to no utterance is counted.
        """
        order = self.lengths.argsort(stable=True)
        counts = torch.unique_consecutive(self.lengths[order], return_counts=True)[1]
        for group in order.split(counts.tolist()):
            yield from group.split(size)


def mixed(*parts: int) -> int:
    """A seed that follows from some numbers (run, epoch, purpose and so on), and differs for others."""
    state = np.random.SeedSequence(parts).generate_state(1, np.uint64)
    return int(state[0] >> np.uint64(1))
