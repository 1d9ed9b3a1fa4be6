"""The set of features as a file, its batches, and the steps that make it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from reneta.training.data import steps
from reneta.training.data.audio import read_audio
from reneta.training.data.feature_set import SPLITS, FeatureConfig, FeatureInfo, FeatureSet, Stats, collate
from reneta.training.data.features import extract, normalise
from reneta.training.data.manifest import Manifest
from reneta.training.data.options import DataOptions
from reneta.training.errors import TrainingError
from reneta.training.tests.data_layout import make_fluent_speech, make_speech_commands


@pytest.fixture
def small() -> FeatureSet:
    return FeatureSet(
        torch.arange(12.0).reshape(6, 2),
        torch.tensor([3, 1, 2]),
        torch.tensor([1, 0, 1]),
        ["no", "yes"],
        ["yes/a.wav", "no/ä.wav", "_background_noise_/hum.wav@1.5"],
    )


def test_items_and_batches(small: FeatureSet) -> None:
    assert len(small) == 3
    features, target = small[2]
    assert (features.tolist(), target) == ([[8.0, 9.0], [10.0, 11.0]], 1)
    batch, lengths, targets = collate([small[index] for index in range(3)])
    assert batch.shape == (3, 3, 2)
    assert lengths.tolist() == [3, 1, 2]
    assert targets.tolist() == [1, 0, 1]
    assert batch[1].tolist() == [[6.0, 7.0], [0.0, 0.0], [0.0, 0.0]]
    part = small.subset([2, 0])
    assert part.paths == [small.paths[2], small.paths[0]]
    assert torch.equal(part[1][0], small[0][0])
    assert len(small.subset([])) == 0


def test_file(small: FeatureSet, tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    small.save(path)
    again = FeatureSet.load(path)
    for name in ("features", "lengths", "targets"):
        assert torch.equal(getattr(again, name), getattr(small, name))
    assert (again.labels, again.paths) == (small.labels, small.paths)
    assert [item.name for item in tmp_path.iterdir()] == ["set.npz"]


def test_bad_file(small: FeatureSet, tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    with pytest.raises(TrainingError, match=r"no .*set\.npz; make it with --step feature"):
        FeatureSet.load(path)
    small.save(path)
    whole = path.read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(TrainingError, match=r"set\.npz: cut off, or no set of features"):
            FeatureSet.load(path)
    np.save(path.with_suffix(".npy"), np.zeros(3))
    with pytest.raises(TrainingError, match="no set of features"):
        FeatureSet.load(path.with_suffix(".npy"))
    for name, value in (("lengths", [3, 1, 1]), ("targets", [0, 1, 2]), ("features", [[0] * 2] * 6)):
        arrays: dict[str, Any] = {
            "features": small.features.numpy(),
            "lengths": [3, 1, 2],
            "targets": [1, 0, 1],
        }
        arrays[name] = np.array(value)
        np.savez(path, labels=small.labels, paths=small.paths, **arrays)
        with pytest.raises(TrainingError, match="no set of features"):
            FeatureSet.load(path)


def test_info(tmp_path: Path) -> None:
    info = FeatureInfo(FeatureConfig.standard("iir"), Stats(-3.5, 12.25), ("no", "yes"))
    with pytest.raises(TrainingError, match=r"no .*features\.json"):
        FeatureInfo.load(tmp_path)
    info.save(tmp_path)
    assert FeatureInfo.load(tmp_path) == info
    path = tmp_path / "features.json"
    text = path.read_text()
    path.write_text(text[:20])
    with pytest.raises(TrainingError, match=r"features\.json: cannot be read"):
        FeatureInfo.load(tmp_path)
    for key, value in (("version", 2), ("std", 0), ("mean", "x"), ("labels", []), ("config", {"size": 1})):
        path.write_text(json.dumps({**json.loads(text), key: value}))
        with pytest.raises(TrainingError, match=r"features\.json: "):
            FeatureInfo.load(tmp_path)


def test_one_utterance_gives_the_numbers_of_the_set(tiny_set: DataOptions) -> None:
    info = FeatureInfo.load(tiny_set.feature_dir)
    manifest = Manifest.load(tiny_set.manifest_dir)
    for split in SPLITS:
        made = FeatureSet.load(tiny_set.feature_dir / f"{split}.npz")
        assert made.paths == [item.name for item in manifest.items[split]]
        for index, item in enumerate(manifest.items[split]):
            features, target = made[index]
            audio = read_audio(tiny_set.data_dir / item.path, item.start)
            np.testing.assert_array_equal(features, normalise(extract(audio, info.config), info.stats))
            assert info.labels[target] == item.label


def test_training_set_is_normalised(tiny_set: DataOptions) -> None:
    made = FeatureSet.load(tiny_set.feature_dir / "train.npz")
    assert made.labels == ["yes", "no", "up", "down", "_silence_", "_unknown_"]
    assert torch.bincount(made.targets).tolist() == [10] * 6
    assert float(made.features.mean()) == pytest.approx(0.0, abs=1e-4)
    assert float(made.features.std(correction=0)) == pytest.approx(1.0, abs=1e-4)


def test_processes_do_not_matter(tiny_set: DataOptions, tmp_path: Path) -> None:
    options = replace(tiny_set, out_dir=tmp_path, processes=2)
    steps.prepare(options)
    steps.features(options)
    for split in SPLITS:
        one, other = (FeatureSet.load(o.feature_dir / f"{split}.npz") for o in (options, tiny_set))
        assert torch.equal(one.features, other.features)


def test_fluent_speech_and_iir(tmp_path: Path) -> None:
    make_fluent_speech(tmp_path / "raw")
    options = DataOptions("fsc", tmp_path / "raw", tmp_path / "out", cfg_feat="iir", processes=1)
    steps.prepare(options)
    steps.features(options)
    made = FeatureSet.load(tmp_path / "out" / "fsc" / "features" / "test.npz")
    assert made.targets.tolist() == [2, 0]
    assert FeatureInfo.load(options.feature_dir).config == FeatureConfig.standard("iir")
    with pytest.raises(TrainingError, match="makes gscdv2 only"):
        steps.synthesize(options)


def test_bad_sound_leaves_no_features(tmp_path: Path) -> None:
    make_speech_commands(tmp_path / "raw")
    options = DataOptions(data_dir=tmp_path / "raw", out_dir=tmp_path / "out", words="yes,no", processes=1)
    with pytest.raises(TrainingError, match="--step prepare"):
        steps.features(options)
    steps.prepare(options)
    (tmp_path / "raw" / "yes" / "00000005_nohash_0.wav").write_bytes(b"RIFF")
    with pytest.raises(TrainingError, match=r"yes/00000005_nohash_0\.wav: no readable sound file"):
        steps.features(options)
    with pytest.raises(TrainingError, match="kind is 'mfcc'"):
        steps.features(replace(options, cfg_feat="mfcc"))
    assert [path.name for path in options.result_dir.iterdir()] == ["manifest"]
