"""Options of the steps that make data: synthesize, prepare and feature."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Layout = Literal["gscdv2", "fsc"]


@dataclass(frozen=True)
class DataOptions:
    """What the steps that make data are told.

    Attributes:
        dataset: layout of the raw data: "gscdv2" (Speech Commands) or "fsc" (Fluent Speech Commands).
        data_dir: folder of the raw data.
        out_dir: folder of all results; those of this data set go to out_dir/dataset.
        words: classes, for gscdv2: "10", "all" or a comma list. The step synthesize makes all 35 words for
            "10" (the others are its _unknown_) and "all", and only those listed otherwise.
        seed: of all random choices.
        cfg_feat: kind of features, "fft" or "iir".
        num_utterances: synthesised ones for each word.
        overwrite: synthesize may replace what lies in data_dir.
        processes: worker processes; results do not depend on it.
    """

    dataset: Layout = "gscdv2"
    data_dir: Path = Path("build/data/gscdv2")
    out_dir: Path = Path("build/training")
    words: str = "10"
    seed: int = 0
    cfg_feat: str = "fft"
    num_utterances: int = 150
    overwrite: bool = False
    processes: int = os.cpu_count() or 1

    @property
    def result_dir(self) -> Path:
        """Where all results of this data set lie."""
        return self.out_dir / self.dataset

    @property
    def manifest_dir(self) -> Path:
        """Where the step prepare writes train.csv, valid.csv, test.csv and labels.json."""
        return self.result_dir / "manifest"

    @property
    def feature_dir(self) -> Path:
        """Where the step feature writes train.npz, valid.npz, test.npz and features.json."""
        return self.result_dir / "features"
