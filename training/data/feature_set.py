"""Features of a data set: the set itself as a file, and batches of it.

A set is one `.npz` file for each of train, valid and test, beside one `features.json` that says how they were
made, so that a single utterance can be processed the same way later. The features in a set are normalised.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset

from reneta.training.data.feature_config import AGAIN, SPLITS, FeatureConfig, FeatureInfo, Split, Stats
from reneta.training.data.files import replaced_file
from reneta.training.errors import TrainingError

__all__ = ["SPLITS", "FeatureConfig", "FeatureInfo", "FeatureSet", "Split", "Stats", "collate"]


@dataclass(frozen=True, eq=False)
class FeatureSet(Dataset[tuple[Tensor, int]]):
    """Features of N utterances and their classes; a map-style data set for DataLoader.

    Attributes:
        features: float32 [sum of lengths, F], one utterance after the other, normalised.
        lengths: frames of each, int64 [N].
        targets: class of each, int64 [N].
        labels: names of the classes.
        paths: audio file of each, relative to the folder of the data; one starts later than at 0 where a
            "@seconds" follows.
    """

    features: Tensor
    lengths: Tensor
    targets: Tensor
    labels: list[str]
    paths: list[str]
    _starts: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check it, and find where each utterance starts.

        Raises:
            ValueError: the parts do not belong together.
        """
        count = len(self.paths)
        if self.features.dtype != torch.float32 or self.features.ndim != 2:
            raise ValueError("features are not a float32 matrix")
        for part in (self.lengths, self.targets):
            if part.dtype != torch.int64 or part.shape != (count,):
                raise ValueError("lengths, targets and paths differ in number")
        if count and (int(self.lengths.min()) < 1 or int(self.lengths.sum()) != len(self.features)):
            raise ValueError("lengths do not add up to the frames")
        if count and not 0 <= int(self.targets.min()) <= int(self.targets.max()) < len(self.labels):
            raise ValueError("a target is no label's")
        starts = torch.cumsum(self.lengths, 0) - self.lengths
        object.__setattr__(self, "_starts", starts.tolist())

    def __len__(self) -> int:
        """Number of utterances: N."""
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Features [T, F] (a view) and class of an utterance."""
        start = self._starts[index]
        return self.features[start : start + int(self.lengths[index])], int(self.targets[index])

    def subset(self, indices: Sequence[int]) -> FeatureSet:
        """A set of only these utterances, in this order; labels stay the same."""
        parts = [self[index][0] for index in indices]
        chosen = torch.as_tensor(indices, dtype=torch.int64)
        return FeatureSet(
            torch.cat(parts) if parts else self.features[:0],
            self.lengths[chosen],
            self.targets[chosen],
            self.labels,
            [self.paths[index] for index in indices],
        )

    def save(self, path: Path) -> None:
        """Write it to an `.npz` file.

        Raises:
            TrainingError: it cannot be written.
        """
        with replaced_file(path) as part, part.open("wb") as out:
            np.savez(
                out,
                features=self.features.numpy(),
                lengths=self.lengths.numpy(),
                targets=self.targets.numpy(),
                labels=np.array(self.labels, dtype=np.str_),
                paths=np.array(self.paths, dtype=np.str_),
            )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            TrainingError: there is no such file, it is cut off, or it is no set of features.
        """
        try:
            with np.load(path, allow_pickle=False) as data:
                arrays = [torch.from_numpy(data[name]) for name in ("features", "lengths", "targets")]
                labels, paths = ([str(name) for name in data[key]] for key in ("labels", "paths"))
            features, lengths, targets = arrays
            return cls(features, lengths, targets, labels, paths)
        except FileNotFoundError:
            raise TrainingError(f"there is no {path}; make it with --step feature") from None
        except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile):
            raise TrainingError(f"{path}: cut off, or no set of features; {AGAIN}") from None


def collate(batch: Sequence[tuple[Tensor, int]]) -> tuple[Tensor, Tensor, Tensor]:
    """A batch of utterances, for DataLoader.

    Returns:
        Features [B, T_max, F], zero after the end of the shorter ones; lengths [B]; targets [B].
    """
    features = pad_sequence([item for item, _ in batch], batch_first=True)
    lengths = torch.tensor([len(item) for item, _ in batch])
    targets = torch.tensor([target for _, target in batch])
    return features, lengths, targets
