"""What all tests of the training code share: a tiny data set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reneta.training.data import steps
from reneta.training.data.options import DataOptions

TINY_WORDS = "yes,no,up,down,left,right"


@pytest.fixture(scope="session")
def tiny_set(tmp_path_factory: pytest.TempPathFactory) -> DataOptions:
    """A synthesised data set with manifest and features, not to be changed.

    Six words, 12 recordings of each (10, 1 and 1 in the splits). Four are classes, the others are _unknown_;
    with _silence_ there are six classes.
    """
    folder: Path = tmp_path_factory.mktemp("tiny_set")
    made = DataOptions(
        data_dir=folder / "raw", out_dir=folder / "out", words=TINY_WORDS, num_utterances=12, processes=1
    )
    steps.synthesize(made)
    options = replace(made, words="yes,no,up,down")
    steps.prepare(options)
    steps.features(options)
    return options
