"""The steps that make data, as the command line calls them: synthesize, prepare and feature."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch

from reneta.golden.arrays import F32
from reneta.training.data import synthesize as synthesis
from reneta.training.data.feature_config import SPLITS, FeatureConfig, FeatureInfo, Split, Stats
from reneta.training.data.feature_set import FeatureSet
from reneta.training.data.features import features_of, normalise
from reneta.training.data.files import replaced_folder
from reneta.training.data.fluent_speech import read_fluent_speech
from reneta.training.data.manifest import Manifest
from reneta.training.data.options import DataOptions
from reneta.training.data.parallel import map_jobs
from reneta.training.data.speech_commands import WORDS, chosen_words, read_speech_commands
from reneta.training.errors import TrainingError


def synthesize(options: DataOptions) -> None:
    """Make raw data in the layout of Speech Commands, in options.data_dir.

    Raises:
        TrainingError: an option is wrong, something is in the way, or there is no eSpeak NG.
    """
    if options.dataset != "gscdv2":
        raise TrainingError(f"--step synthesize makes gscdv2 only, not {options.dataset}")
    words = WORDS if options.words in ("10", "all") else chosen_words(options.words, WORDS)
    synthesis.synthesize(
        options.data_dir, words, options.num_utterances, options.seed, options.processes, options.overwrite
    )


def prepare(options: DataOptions) -> None:
    """Find what is in options.data_dir, and write it to options.manifest_dir.

    Raises:
        TrainingError: something is missing or wrong in the raw data.
    """
    if options.dataset == "fsc":
        manifest = read_fluent_speech(options.data_dir)
    else:
        manifest = read_speech_commands(options.data_dir, options.words, options.seed)
    manifest.save(options.manifest_dir)


def features(options: DataOptions) -> None:
    """Make features of all that options.manifest_dir names, and write them to options.feature_dir.

    Raises:
        TrainingError: there is no manifest, or a sound file cannot be read.
    """
    config = FeatureConfig.standard(options.cfg_feat)
    manifest = Manifest.load(options.manifest_dir)
    every = [item for split in SPLITS for item in manifest.items[split]]
    work = partial(features_of, options.data_dir, config)
    rows = list(map_jobs(work, every, options.processes, "feature"))

    parts: dict[Split, list[F32]] = {}
    for split in SPLITS:
        count = len(manifest.items[split])
        parts[split], rows = rows[:count], rows[count:]
    train = np.concatenate(parts["train"])
    stats = Stats(float(train.mean(dtype=np.float64)), float(train.std(dtype=np.float64)))
    if not stats.std:
        raise TrainingError(f"{options.data_dir}: all features of train are the same; is it all silence?")
    with replaced_folder(options.feature_dir) as folder:
        for split in SPLITS:
            _feature_set(manifest, split, parts[split], stats).save(folder / f"{split}.npz")
        FeatureInfo(config, stats, manifest.labels).save(folder)


def _feature_set(manifest: Manifest, split: Split, parts: list[F32], stats: Stats) -> FeatureSet:
    items = manifest.items[split]
    number = {label: index for index, label in enumerate(manifest.labels)}
    return FeatureSet(
        torch.from_numpy(np.concatenate([normalise(part, stats) for part in parts])),
        torch.tensor([len(part) for part in parts]),
        torch.tensor([number[item.label] for item in items]),
        list(manifest.labels),
        [item.name for item in items],
    )
