"""Small raw data sets of made-up sound, for tests of the readers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reneta.training.data.audio import SAMPLE_RATE, write_wav

WORDS = ("cat", "dog", "no", "yes")
TRAIN, HELD_OUT = 8, 2
"""Recordings of each word in train, and in each of valid and test."""


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * SAMPLE_RATE))


def make_speech_commands(root: Path, words: tuple[str, ...] = WORDS) -> None:
    """A folder in the layout of Speech Commands."""
    lists: dict[str, list[str]] = {"validation_list.txt": [], "testing_list.txt": []}
    for word in words:
        (root / word).mkdir(parents=True)
        for number in range(TRAIN + 2 * HELD_OUT):
            name = f"{word}/{number:08x}_nohash_0.wav"
            write_wav(root / name, noise(0.1, number))
            if number < HELD_OUT:
                lists["validation_list.txt"].append(name)
            elif number < 2 * HELD_OUT:
                lists["testing_list.txt"].append(name)
    for name, lines in lists.items():
        (root / name).write_text("".join(f"{line}\n" for line in lines))
    (root / "_background_noise_").mkdir()
    for kind in ("hiss", "hum"):
        write_wav(root / "_background_noise_" / f"{kind}.wav", noise(8.0))


FSC_ROWS = {
    "train": (
        ("activate", "lights", "kitchen"),
        ("activate", "lights", "none"),
        ("increase", "heat", "none"),
    ),
    "valid": (("activate", "lights", "none"),),
    "test": (("increase", "heat", "none"), ("activate", "lights", "kitchen")),
}


def make_fluent_speech(root: Path) -> None:
    """A folder in the layout of Fluent Speech Commands, with the index column that it has, too."""
    (root / "data").mkdir(parents=True)
    for split, rows in FSC_ROWS.items():
        lines = [",path,speakerId,transcription,action,object,location"]
        for number, (action, thing, place) in enumerate(rows):
            folder = root / "wavs" / "speakers" / f"{split}{number}"
            folder.mkdir(parents=True)
            write_wav(folder / "a.wav", noise(0.3, number))
            path = folder.relative_to(root) / "a.wav"
            lines.append(f'{number},{path},{split}{number},"Lights, please",{action},{thing},{place}')
        (root / "data" / f"{split}_data.csv").write_text("\n".join(lines) + "\n")
