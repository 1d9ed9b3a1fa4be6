"""Features of a data set: what they are made by, the set itself as a file, and batches of it.

A set is one `.npz` file for each of train, valid and test, beside one `features.json` that says how they were
made, so that a single utterance can be processed the same way later. The features in a set are normalised.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self, get_args

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset

from reneta.training.data.files import replaced_file
from reneta.training.errors import TrainingError

Kind = Literal["fft", "iir"]
Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

FEATURES_JSON = "features.json"
VERSION = 1
_AGAIN = "make it again with --step feature"


@dataclass(frozen=True)
class FeatureConfig:
    """How features are made of audio; the defaults are the published front end.

    Attributes:
        kind: "fft", a log mel filter bank, or "iir", a bank of second-order band passes.
        filters: number of filters: F.
        sample_rate: of the audio, in Hz.
        frame: length of a frame, in seconds.
        stride: from the start of a frame to that of the next, in seconds.
        nfft: points of the Fourier transform; "iir" does not use it.
        freq_low: lower end of the lowest filter, in Hz.
        freq_high: upper end of the highest filter, in Hz.
        quality: centre frequency over bandwidth of the band passes; "fft" does not use it.
    """

    kind: Kind = "fft"
    filters: int = 16
    sample_rate: int = 16000
    frame: float = 0.016384
    stride: float = 0.016384
    nfft: int = 1024
    freq_low: float = 100.0
    freq_high: float = 8000.0
    quality: float = 3.0

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            TrainingError: a value that no features can be made with.
        """
        for name in (entry.name for entry in fields(self) if entry.name != "kind"):
            value = getattr(self, name)
            if not (isinstance(value, int | float) and 0 < value < math.inf):
                raise TrainingError(f"features: {name} is {value!r}; it must be a number above 0")
        if self.kind not in get_args(Kind):
            raise TrainingError(f"features: kind is {self.kind!r}; there are: {', '.join(get_args(Kind))}")
        if not self.freq_low < self.freq_high <= self.sample_rate / 2:
            raise TrainingError(
                f"features: filters from {self.freq_low:g} to {self.freq_high:g} Hz; they must rise and "
                f"end at half the sample rate, {self.sample_rate / 2:g} Hz, at most"
            )
        if not 1 <= self.frame_samples <= self.nfft:
            raise TrainingError(
                f"features: a frame has {self.frame_samples} samples; it must have 1 to nfft = {self.nfft}"
            )
        if self.stride_samples < 1:
            raise TrainingError("features: the stride is shorter than one sample")

    @classmethod
    def standard(cls, kind: str) -> Self:
        """The published front end of a kind.

        Raises:
            TrainingError: there is no such kind.
        """
        if kind not in get_args(Kind):
            raise TrainingError(f"features: kind is {kind!r}; there are: {', '.join(get_args(Kind))}")
        # The band passes end lower: the skirt of one at half the sample rate would be cut off.
        return cls(kind="iir", freq_high=6500.0) if kind == "iir" else cls()

    @property
    def frame_samples(self) -> int:
        """Samples of a frame: 262 at the defaults."""
        return round(self.frame * self.sample_rate)

    @property
    def stride_samples(self) -> int:
        """Samples from the start of a frame to that of the next."""
        return round(self.stride * self.sample_rate)

    def frames(self, samples: int) -> int:
        """Frames of that many samples: as many as fit, one at least (short audio is padded with zeros).

        One second has 61 at the defaults; its last 18 samples are in none.
        """
        return 1 + max(0, samples - self.frame_samples) // self.stride_samples


class Stats(NamedTuple):
    """Mean and standard deviation over all features of the training set, for normalisation: scalars."""

    mean: float
    std: float


@dataclass(frozen=True)
class FeatureInfo:
    """What `features.json` holds.

    Attributes:
        config: how the features were made.
        stats: mean and standard deviation of the training set before normalisation.
        labels: names of the classes; a target is an index into it.
    """

    config: FeatureConfig
    stats: Stats
    labels: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain numbers, strings, lists and dicts: for JSON and for checkpoints."""
        return {
            "version": VERSION,
            "config": asdict(self.config),
            "mean": self.stats.mean,
            "std": self.stats.std,
            "labels": list(self.labels),
        }

    @classmethod
    def from_dict(cls, data: object, where: str) -> Self:
        """The reverse of to_dict.

        Args:
            data: what was read.
            where: where it was read, for messages.

        Raises:
            TrainingError: something is missing or is not what it should be.
        """
        if not isinstance(data, dict) or data.get("version") != VERSION:
            raise TrainingError(f"{where}: no description of features of version {VERSION}; {_AGAIN}")
        try:
            config = FeatureConfig(**data["config"])
            stats = Stats(float(data["mean"]), float(data["std"]))
            labels = tuple(str(label) for label in data["labels"])
        except (KeyError, TypeError, ValueError) as error:
            raise TrainingError(f"{where}: bad description of features ({error}); {_AGAIN}") from None
        if not (math.isfinite(stats.mean) and 0 < stats.std < math.inf) or not labels:
            raise TrainingError(f"{where}: bad mean, standard deviation or labels; {_AGAIN}")
        return cls(config, stats, labels)

    def save(self, folder: Path) -> None:
        """Write `features.json` into a folder."""
        with replaced_file(folder / FEATURES_JSON) as part:
            part.write_text(json.dumps(self.to_dict(), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read `features.json` of a folder.

        Raises:
            TrainingError: there is none, or it is not right.
        """
        path = folder / FEATURES_JSON
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise TrainingError(f"there is no {path}; make it with --step feature") from None
        except (OSError, ValueError) as error:
            raise TrainingError(f"{path}: cannot be read ({error}); {_AGAIN}") from None
        return cls.from_dict(data, str(path))


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
            raise TrainingError(f"{path}: cut off, or no set of features; {_AGAIN}") from None


def collate(batch: Sequence[tuple[Tensor, int]]) -> tuple[Tensor, Tensor, Tensor]:
    """A batch of utterances, for DataLoader.

    Returns:
        Features [B, T_max, F], zero after the end of the shorter ones; lengths [B]; targets [B].
    """
    features = pad_sequence([item for item, _ in batch], batch_first=True)
    lengths = torch.tensor([len(item) for item, _ in batch])
    targets = torch.tensor([target for _, target in batch])
    return features, lengths, targets
