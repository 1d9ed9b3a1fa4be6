"""A feature set that needs no audio: classes are random patterns with noise, easy to tell apart."""

from __future__ import annotations

from pathlib import Path

import torch

from reneta.training.cli import parse
from reneta.training.data.feature_config import FeatureConfig, FeatureInfo, Stats
from reneta.training.data.feature_set import FeatureSet
from reneta.training.options import Options

# The networks are too small for threads, which would wait for each other; and processes that tests start have
# one, too, so that their sums have the same order.
torch.set_num_threads(1)

FILTERS = 16
FRAMES = 12
COUNTS = {"train": 16, "valid": 5, "test": 6}
SMALL = (
    *("--use_cuda", "0", "--rnn_size", "8", "--batch_size", "16", "--lr", "0.02", "--lr_end", "0.001"),
    *("--epochs_pretrain", "3", "--epochs_retrain", "2", "--thx", "0.1", "--thh", "0.1"),
)
"""Options under which everything takes a moment."""


def feature_info(classes: int) -> FeatureInfo:
    return FeatureInfo(FeatureConfig(), Stats(-1.0, 2.0), tuple(f"word{number}" for number in range(classes)))


def feature_set(split: str, classes: int, *, equal_lengths: bool = False, noise: float = 0.7) -> FeatureSet:
    patterns = torch.randn(classes, FRAMES, FILTERS, generator=torch.Generator().manual_seed(1))
    generator = torch.Generator().manual_seed(2 + list(COUNTS).index(split))
    parts, targets, paths = [], [], []
    for number in range(COUNTS[split] * classes):
        target = number % classes
        frames = FRAMES if equal_lengths else FRAMES - number // classes % 3
        parts.append(patterns[target, :frames] + noise * torch.randn(frames, FILTERS, generator=generator))
        targets.append(target)
        paths.append(f"word{target}/{split}{number}.wav")
    lengths = torch.tensor([len(part) for part in parts])
    labels = list(feature_info(classes).labels)
    return FeatureSet(torch.cat(parts), lengths, torch.tensor(targets), labels, paths)


def write_features(out_dir: Path, classes: int = 4, *, equal_lengths: bool = False) -> None:
    """Write what the step feature writes."""
    folder = out_dir / "gscdv2" / "features"
    for split in COUNTS:
        feature_set(split, classes, equal_lengths=equal_lengths).save(folder / f"{split}.npz")
    feature_info(classes).save(folder)


def arguments(out_dir: Path, *more: str) -> list[str]:
    """A command line; what comes later counts."""
    return ["--out_dir", str(out_dir), *SMALL, *more]


def options(out_dir: Path, *more: str) -> Options:
    return parse(arguments(out_dir, *more))
