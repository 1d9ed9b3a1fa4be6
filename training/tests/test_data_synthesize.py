"""The step synthesize: its layout, its split by voice, its repeatability, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
import soundfile

from reneta.training.data import steps, synthesize
from reneta.training.data.espeak import speak
from reneta.training.data.feature_config import SPLITS
from reneta.training.data.noise import KINDS
from reneta.training.data.options import DataOptions
from reneta.training.data.synthesize import DIFFICULTY, Job, recording
from reneta.training.data.voices import ACCENTS, FAMILIES, speakers
from reneta.training.errors import TrainingError

VOICES = speakers(0)


@pytest.fixture
def options(tmp_path: Path) -> DataOptions:
    """Of a set of one word."""
    return DataOptions(
        data_dir=tmp_path / "raw", out_dir=tmp_path / "out", words="yes", num_utterances=10, processes=1
    )


def contents(root: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(root)), path.read_bytes()


def test_layout(tiny_set: DataOptions) -> None:
    root = tiny_set.data_dir
    words = {"down", "left", "no", "right", "up", "yes"}
    others = {"_background_noise_", "testing_list.txt", "validation_list.txt"}
    assert {path.name for path in root.iterdir()} == words | others
    for word in words:
        names = [path.name for path in (root / word).iterdir()]
        assert len(names) == 12
        assert all(re.fullmatch(r"[0-9a-f]{8}_nohash_\d+\.wav", name) for name in names)
        for name in names:
            info = soundfile.info(root / word / name)
            assert (info.samplerate, info.channels, info.subtype, info.frames) == (16000, 1, "PCM_16", 16000)
    assert {path.stem for path in (root / "_background_noise_").iterdir()} == set(KINDS)
    for name in ("validation_list.txt", "testing_list.txt"):
        lines = (root / name).read_text().splitlines()
        assert len(lines) == 6
        assert all((root / line).is_file() for line in lines)


def test_no_variant_is_in_two_splits() -> None:
    variants = {split: {speaker.voice.split("+")[1] for speaker in VOICES[split]} for split in SPLITS}
    families = {name: family for family in FAMILIES for name in family}
    assert sum(map(len, variants.values())) == len(families)
    for family in FAMILIES:
        assert sum(bool(variants[split].intersection(family)) for split in SPLITS) == 1
    names = [speaker.name for split in SPLITS for speaker in VOICES[split]]
    assert len(set(names)) == len(names)
    assert 0.7 < len(VOICES["train"]) / len(names) < 0.9
    assert speakers(0) == VOICES != speakers(1)


def test_every_voice_exists() -> None:
    variants = [variant for family in FAMILIES for variant in family]
    for variant, accent in zip(variants, cycle(ACCENTS), strict=False):
        assert len(speak("a", f"{accent}+{variant}"))


def test_same_bytes_whatever_the_processes(options: DataOptions) -> None:
    steps.synthesize(options)
    other = replace(options, data_dir=options.data_dir.with_name("other"), processes=2)
    steps.synthesize(other)
    assert list(contents(options.data_dir)) == list(contents(other.data_dir))


def test_word_sounds_the_same_among_others(options: DataOptions, tiny_set: DataOptions) -> None:
    steps.synthesize(replace(options, num_utterances=12))
    for name, data in contents(options.data_dir / "yes"):
        assert (tiny_set.data_dir / "yes" / name).read_bytes() == data


def test_seed_chooses() -> None:
    one, other = (next(synthesize._plan("test", ["yes"], 10, seed)) for seed in (0, 1))
    assert one != other
    assert one.speaker in VOICES["test"]


def test_noise_level(tiny_set: DataOptions) -> None:
    noises = tiny_set.data_dir / "_background_noise_"
    job = Job("seven/0_nohash_0.wav", VOICES["train"][0], (1, 2))
    clean, noisy = (recording(noises, job, replace(DIFFICULTY, snr_db=(snr, snr))) for snr in (200.0, 10.0))
    noise = noisy - clean
    voiced = np.flatnonzero(np.abs(clean) > 0.01 * np.abs(clean).max())
    speech = clean[voiced[0] : voiced[-1]]
    ratio = 10 * np.log10(np.mean(speech**2) / np.mean(noise**2))
    assert ratio == pytest.approx(10.0, abs=1.5)
    assert -20.0 < 20 * np.log10(np.abs(clean).max()) < 0.0


def test_what_is_in_the_way(options: DataOptions) -> None:
    root = options.data_dir
    root.mkdir()
    steps.synthesize(options)  # an empty folder is none
    first = dict(contents(root))
    with pytest.raises(TrainingError, match=r"raw is not empty; .*--overwrite 1"):
        steps.synthesize(replace(options, seed=1))
    assert dict(contents(root)) == first
    steps.synthesize(replace(options, seed=1, overwrite=True))
    assert dict(contents(root)) != first
    assert [path.name for path in root.parent.iterdir()] == ["raw"]

    (root / "testing_list.txt").unlink()
    with pytest.raises(TrainingError, match="no data set of words"):
        steps.synthesize(replace(options, overwrite=True))
    assert (root / "yes").is_dir()
    file = root.with_name("file")
    file.touch()
    with pytest.raises(TrainingError, match="file is a file"):
        steps.synthesize(replace(options, data_dir=file))


def test_failure_leaves_nothing(options: DataOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise TrainingError("no voice")

    monkeypatch.setattr(synthesize, "speak", fail)
    with pytest.raises(TrainingError, match="no voice"):
        steps.synthesize(options)
    assert not list(options.data_dir.parent.iterdir())


def test_bad_options(options: DataOptions) -> None:
    with pytest.raises(TrainingError, match="no word 'yse'; there are: backward, bed"):
        steps.synthesize(replace(options, words="yes,yse"))
    with pytest.raises(TrainingError, match="num_utterances is 9; it must be 10"):
        steps.synthesize(replace(options, num_utterances=9))
    assert not options.data_dir.exists()
