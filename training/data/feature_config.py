"""How features are made, and what a folder of features says about itself in `features.json`.

Without torch, so that worker processes start soon.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self, get_args

from reneta.training.data.files import replaced_file
from reneta.training.errors import TrainingError

Kind = Literal["fft", "iir"]
Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

FEATURES_JSON = "features.json"
VERSION = 1
AGAIN = "make it again with --step feature"


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
        freq_low: lower end of the lowest triangle ("fft"), centre of the lowest band pass ("iir"), in Hz.
        freq_high: upper end of the highest triangle, centre of the highest band pass.
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
        if not (self.freq_low < self.freq_high and self.highest <= self.sample_rate / 2):
            raise TrainingError(
                f"features: filters from {self.freq_low:g} to {self.freq_high:g} Hz; they must rise, and the "
                f"highest must end at half the sample rate, {self.sample_rate / 2:g} Hz, or below"
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
    def highest(self) -> float:
        """Upper end of the highest filter, in Hz."""
        half = 1 / (2 * self.quality)
        return self.freq_high * (math.hypot(1, half) + half) if self.kind == "iir" else self.freq_high

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
            raise TrainingError(f"{where}: no description of features of version {VERSION}; {AGAIN}")
        try:
            config = FeatureConfig(**data["config"])
            stats = Stats(float(data["mean"]), float(data["std"]))
            labels = tuple(str(label) for label in data["labels"])
        except (KeyError, TypeError, ValueError) as error:
            raise TrainingError(f"{where}: bad description of features ({error}); {AGAIN}") from None
        if not (math.isfinite(stats.mean) and 0 < stats.std < math.inf) or not labels:
            raise TrainingError(f"{where}: bad mean, standard deviation or labels; {AGAIN}")
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
            raise TrainingError(f"{path}: cannot be read ({error}); {AGAIN}") from None
        return cls.from_dict(data, str(path))
