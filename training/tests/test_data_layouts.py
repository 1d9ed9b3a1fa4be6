"""Both layouts of raw data, the manifest that they give, and one line for each thing that is wrong."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from reneta.training.data.audio import write_wav
from reneta.training.data.feature_config import SPLITS
from reneta.training.data.fluent_speech import read_fluent_speech
from reneta.training.data.manifest import Item, Manifest
from reneta.training.data.speech_commands import TEN_WORDS, WORDS, read_speech_commands
from reneta.training.errors import TrainingError
from reneta.training.tests.data_layout import (
    FSC_ROWS,
    HELD_OUT,
    TRAIN,
    make_fluent_speech,
    make_speech_commands,
    noise,
)

COUNTS = {"train": TRAIN, "valid": HELD_OUT, "test": HELD_OUT}


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set that tests only read."""
    root = tmp_path_factory.mktemp("commands") / "raw"
    make_speech_commands(root)
    return root


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A set that a test may spoil."""
    make_speech_commands(tmp_path / "raw")
    return tmp_path / "raw"


def refused(root: Path, words: str, message: str) -> None:
    with pytest.raises(TrainingError, match=message) as caught:
        read_speech_commands(root, words, 0)
    assert "\n" not in str(caught.value)


def test_all_words(commands: Path) -> None:
    manifest = read_speech_commands(commands, "all", 0)
    assert manifest.labels == ("cat", "dog", "no", "yes")
    for split in SPLITS:
        assert Counter(item.label for item in manifest.items[split]) == dict.fromkeys(
            manifest.labels, COUNTS[split]
        )
        assert all(item.path.startswith(f"{item.label}/") for item in manifest.items[split])
    listed = {item.path for item in manifest.items["test"]}
    assert listed == set((commands / "testing_list.txt").read_text().split())
    assert manifest.items["train"][0] == Item("cat/00000004_nohash_0.wav", "cat", "00000004", None)


def test_silence_and_unknown(commands: Path) -> None:
    manifest = read_speech_commands(commands, "yes,no", 3)
    assert manifest.labels == ("yes", "no", "_silence_", "_unknown_")
    spans = []
    for split in SPLITS:
        items = manifest.items[split]
        assert Counter(item.label for item in items) == dict.fromkeys(manifest.labels, COUNTS[split])
        unknown = [item.path for item in items if item.label == "_unknown_"]
        assert {path.split("/")[0] for path in unknown} <= {"cat", "dog"}
        assert len(set(unknown)) == len(unknown)
        starts = [item.start for item in items if item.label == "_silence_" and item.start is not None]
        assert len(starts) == COUNTS[split]
        assert {item.path for item in items if item.start is not None} == {
            "_background_noise_/hiss.wav",
            "_background_noise_/hum.wav",
        }
        spans.append((min(starts), max(starts) + 1.0))
    # No second of noise is in two splits, and none lies beyond the file's end.
    assert spans[0][1] <= spans[1][0]
    assert spans[1][1] <= spans[2][0]
    assert spans[2][1] <= 8.0


def test_seed_chooses(commands: Path) -> None:
    one, same, other = (read_speech_commands(commands, "yes,no", seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_no_unknown_without_other_words(commands: Path) -> None:
    assert read_speech_commands(commands, "yes,no,cat,dog", 0).labels[4:] == ("_silence_",)


def test_ten_words(tmp_path: Path) -> None:
    make_speech_commands(tmp_path / "raw", (*TEN_WORDS, "bed"))
    assert read_speech_commands(tmp_path / "raw", "10", 0).labels == (*TEN_WORDS, "_silence_", "_unknown_")
    assert len(set(WORDS)) == 35


def test_no_folder(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", "10", "there is no folder .*nowhere.*--step synthesize")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "10", "empty: has no folders of words")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("yes,nix", "no word 'nix'; there are: cat, dog, no, yes"),
        ("10", "no word 'up'"),
        ("yes,yes", "one twice"),
        (",", "names no word"),
    ],
)
def test_words_that_are_not_there(commands: Path, words: str, message: str) -> None:
    refused(commands, words, message)


def test_empty_class(own: Path) -> None:
    (own / "zero").mkdir()
    refused(own, "yes,no", "zero: has no WAV files")


def test_list_names_missing_file(own: Path) -> None:
    (own / "yes" / "00000000_nohash_0.wav").unlink()
    refused(own, "yes,no", r"validation_list\.txt: names yes/00000000_nohash_0\.wav, which does not exist")


def test_file_in_two_lists(own: Path) -> None:
    (own / "testing_list.txt").write_text((own / "validation_list.txt").read_text())
    refused(own, "yes,no", r"testing_list\.txt: names cat/00000000_nohash_0\.wav, which an earlier")


def test_no_list(own: Path) -> None:
    (own / "testing_list.txt").unlink()
    refused(own, "yes,no", r"there is no .*testing_list\.txt")


def test_nothing_to_train_with(own: Path) -> None:
    names = [f"yes/{path.name}" for path in (own / "yes").iterdir()]
    with (own / "testing_list.txt").open("a") as out:
        out.writelines(f"{name}\n" for name in names if int(name[4:12], 16) >= 2 * HELD_OUT)
    refused(own, "yes,no", "nothing in train has the label 'yes'")


def test_no_background(own: Path) -> None:
    for path in (own / "_background_noise_").iterdir():
        write_wav(path, noise(4.0))
    refused(own, "yes,no", "no WAV file longer than 5 s")
    assert read_speech_commands(own, "all", 0).labels == ("cat", "dog", "no", "yes")


def test_fluent_speech(tmp_path: Path) -> None:
    make_fluent_speech(tmp_path)
    manifest = read_fluent_speech(tmp_path)
    assert manifest.labels == ("activate/lights/kitchen", "activate/lights/none", "increase/heat/none")
    for split in SPLITS:
        assert [item.label for item in manifest.items[split]] == ["/".join(row) for row in FSC_ROWS[split]]
    assert manifest.items["test"][1] == Item(
        "wavs/speakers/test1/a.wav", "activate/lights/kitchen", "test1", None
    )


def test_bad_fluent_speech(tmp_path: Path) -> None:
    def refused_now(message: str) -> None:
        with pytest.raises(TrainingError, match=message):
            read_fluent_speech(tmp_path / "fsc")

    refused_now("there is no folder .*fsc")
    make_fluent_speech(tmp_path / "fsc")
    table = tmp_path / "fsc" / "data" / "test_data.csv"
    text = table.read_text()
    table.unlink()
    refused_now(r"there is no .*test_data\.csv")
    table.write_text(text.replace("object", "thing"))
    refused_now(r"test_data\.csv: has no column 'object'")
    table.write_text(text + "9,wavs/speakers")
    refused_now(r"test_data\.csv: line 4 is cut off")
    table.write_text(text.replace("increase,heat", "decrease,heat"))
    refused_now(r"label 'decrease/heat/none' of wavs/speakers/test0/a\.wav \(test\) is not in the list")
    table.write_text(text)
    (tmp_path / "fsc" / "wavs" / "speakers" / "test1" / "a.wav").unlink()
    refused_now(r"test_data\.csv: names wavs/speakers/test1/a\.wav, which does not exist")


def test_manifest_file(commands: Path, tmp_path: Path) -> None:
    folder = tmp_path / "manifest"
    with pytest.raises(TrainingError, match=r"no .*labels\.json; make it with --step prepare"):
        Manifest.load(folder)
    manifest = read_speech_commands(commands, "yes,no", 0)
    manifest.save(folder)
    assert Manifest.load(folder) == manifest
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest"]

    (folder / "labels.json").write_text(json.dumps(["yes", "_silence_", "_unknown_"]))
    with pytest.raises(TrainingError, match=r"label 'no' of no/.*wav \(train\) is not in the list"):
        Manifest.load(folder)
    (folder / "labels.json").write_text("[")
    with pytest.raises(TrainingError, match="cannot be read"):
        Manifest.load(folder)
