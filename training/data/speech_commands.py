"""Layout of Google's Speech Commands v2 (Warden, 2018): one folder for each word, two lists that split them.

Which words are classes is chosen as the paper does: ten of them, with _unknown_ for all others and _silence_
for none; or all words; or a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from reneta.training.data.audio import CUT_S, SAMPLE_RATE, duration
from reneta.training.data.feature_config import SPLITS, Split
from reneta.training.data.manifest import Item, Manifest
from reneta.training.errors import TrainingError

TEN_WORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
WORDS = tuple(
    sorted(
        (
            *TEN_WORDS,
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
            *("backward", "bed", "bird", "cat", "dog", "follow", "forward", "happy", "house", "learn"),
            *("marvin", "sheila", "tree", "visual", "wow"),
        )
    )
)
"""The 35 words of Speech Commands v2."""

SILENCE = "_silence_"
UNKNOWN = "_unknown_"
BACKGROUND = "_background_noise_"
LISTS: dict[Split, str] = {"valid": "validation_list.txt", "test": "testing_list.txt"}
"""Files that name what is for validation and test; the rest is for training."""

# Cuts of a noise file come from these parts of it, so that no two splits hear the same second.
_NOISE_PARTS: dict[Split, tuple[float, float]] = {
    "train": (0.0, 0.6),
    "valid": (0.6, 0.8),
    "test": (0.8, 1.0),
}

Files = dict[str, dict[Split, list[str]]]
"""Paths of a word's recordings in each split, relative to the root, sorted."""


def read_speech_commands(root: Path, words: str, seed: int) -> Manifest:
    """What is in a folder of this layout.

    Args:
        root: the folder.
        words: the classes: "10" (TEN_WORDS), "all" (each folder), or a comma list of folders. All but "all"
            get _silence_, and _unknown_ where there are other words.
        seed: chooses what _silence_ and _unknown_ are made of: in each split about as much as of a word.

    Raises:
        TrainingError: the folder, a list, a word or a file is missing; one line says which.
    """
    if not root.is_dir():
        raise TrainingError(
            f"there is no folder {root}; unpack Speech Commands there, name its folder (--data_dir), or make "
            "a data set (--step synthesize)"
        )
    folders = sorted(path.name for path in root.iterdir() if path.is_dir() and path.name[0] not in "_.")
    if not folders:
        raise TrainingError(f"{root}: has no folders of words; is it the folder of a data set?")
    classes = chosen_words(words, folders)
    files = _files(root, folders)
    if words == "all":
        return Manifest(classes, {split: _of_words(files, classes, split) for split in SPLITS}).checked(
            str(root)
        )

    others = [word for word in folders if word not in classes]
    labels = (*classes, SILENCE, *([UNKNOWN] if others else []))
    items = {split: _of_words(files, classes, split) for split in SPLITS}
    for split in SPLITS:
        rng = np.random.default_rng([seed, SPLITS.index(split)])
        count = max(1, round(len(items[split]) / len(classes)))
        items[split] += _silence(root, split, count, rng)
        if others:
            pool = _of_words(files, others, split)
            picked = rng.permutation(len(pool))[:count]
            items[split] += [pool[number]._replace(label=UNKNOWN) for number in sorted(picked)]
    return Manifest(labels, items).checked(str(root))


def chosen_words(words: str, available: Sequence[str]) -> tuple[str, ...]:
    """The words that --words asks for.

    Args:
        words: "10", "all" or a comma list.
        available: those that there are.

    Raises:
        TrainingError: one is not available, named twice, or none is named.
    """
    if words == "all":
        return tuple(available)
    wanted = TEN_WORDS if words == "10" else tuple(word.strip() for word in words.split(",") if word.strip())
    if not wanted or len(set(wanted)) < len(wanted):
        raise TrainingError(f"--words: {words!r} names no word, or one twice; say 10, all or yes,no,up")
    for word in wanted:
        if word not in available:
            raise TrainingError(f"--words: there is no word {word!r}; there are: {', '.join(available)}")
    return wanted


def _files(root: Path, folders: Iterable[str]) -> Files:
    """All recordings by word and split."""
    split_of = _split_lists(root)
    files: Files = {}
    for word in folders:
        names = sorted(f"{word}/{path.name}" for path in (root / word).glob("*.wav"))
        if not names:
            raise TrainingError(f"{root / word}: has no WAV files; delete the folder or fill it")
        files[word] = {split: [] for split in SPLITS}
        for name in names:
            files[word][split_of.pop(name, "train")].append(name)
    for name, split in split_of.items():
        raise TrainingError(f"{root / LISTS[split]}: names {name}, which does not exist")
    return files


def _split_lists(root: Path) -> dict[str, Split]:
    """The split of each file that a list names."""
    split_of: dict[str, Split] = {}
    for split, name in LISTS.items():
        path = root / name
        try:
            lines = path.read_text(encoding="utf-8").split()
        except FileNotFoundError:
            raise TrainingError(f"there is no {path}; it belongs to Speech Commands") from None
        except (OSError, UnicodeDecodeError) as error:
            raise TrainingError(f"{path}: cannot be read ({error})") from None
        for line in lines:
            if line in split_of:
                raise TrainingError(f"{path}: names {line}, which an earlier line or list names, too")
            split_of[line] = split
    return split_of


def _of_words(files: Files, words: Iterable[str], split: Split) -> list[Item]:
    return [Item(path, word, speaker_of(path)) for word in words for path in files[word][split]]


def speaker_of(path: str) -> str:
    """The speaker's digits in a file's name: "yes/0a7c2a8d_nohash_0.wav"."""
    return Path(path).stem.partition("_nohash_")[0]


def _silence(root: Path, split: Split, count: int, rng: np.random.Generator) -> list[Item]:
    """Cuts from the split's part of the background noise, at random."""
    spans = []
    low, high = _NOISE_PARTS[split]
    for path in sorted((root / BACKGROUND).glob("*.wav")):
        length = duration(path)
        begin, end = round(low * length * SAMPLE_RATE), round((high * length - CUT_S) * SAMPLE_RATE)
        if end > begin:
            spans.append((f"{BACKGROUND}/{path.name}", begin, end))
    if not spans:
        least = CUT_S / min(high - low for low, high in _NOISE_PARTS.values())
        raise TrainingError(
            f"{root / BACKGROUND}: has no WAV file longer than {least:g} s, which {SILENCE} is cut from"
        )
    items = []
    for number in range(count):
        path_name, begin, end = spans[number % len(spans)]
        start = int(rng.integers(begin, end)) / SAMPLE_RATE
        items.append(Item(path_name, SILENCE, "", start))
    return items
