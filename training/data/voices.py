"""Speakers for synthesised data: accents times variants of eSpeak NG, and their split by variant."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np

from reneta.training.data.feature_config import Split

ACCENTS = (
    "en",
    "en-us",
    "en-us-nyc",
    "en-gb-x-rp",
    "en-gb-scotland",
    "en-gb-x-gbclan",
    "en-gb-x-gbcwmd",
    "en-029",
)

# Those of one line share most of their parameters, so they stay together in a split. Left out are robots,
# whispers and what else no listener would take for a person speaking plainly.
FAMILIES = tuple(
    tuple(line.split())
    for line in (
        *("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5"),
        *("Alex", "Alicia", "Andrea", "Andy", "Annie", "Denis", "Diogo", "Gene Gene2", "Henrique", "Hugo"),
        *("Jacky", "Lee", "Marco", "Mario", "Michael", "Mike mike2", "Nguyen", "Reed", "adam", "anika"),
        *("announcer", "antonio", "aunty", "belinda", "benjamin", "boris", "caleb", "david", "ed"),
        *("edward edward2", "grandma", "grandpa", "gustave", "ian", "iven iven2 iven3 iven4", "john"),
        *("kaukovalta", "klatt klatt2 klatt3 klatt4 klatt5 klatt6", "linda", "marcelo", "max", "michel"),
        *("miguel", "norbert", "pablo", "paul", "pedro", "quincy", "rob", "robert", "sandro", "shelby"),
        *("steph steph2 steph3", "travis", "victor", "zac"),
    )
)

HELD_OUT = 0.1
"""Share of the families for each of valid and test, and of the utterances."""
PITCH = (35, 65)
RATE = (140, 200)
RANGE = (30, 70)
VOCAL_TRACT = (0.95, 1.05)
"""Factor that the length of the vocal tract, and with it all formants, differs by from the variant's own."""


class Speaker(NamedTuple):
    """Somebody who speaks: a voice of eSpeak NG with habits of his own.

    Attributes:
        voice: language and variant, "en-us+f2".
        name: 8 hexadecimal digits, as Speech Commands names its speakers.
        pitch: 0 to 100.
        rate: words per minute.
        pitch_range: 0 to 100.
        tract: factor on the length of the vocal tract.
    """

    voice: str
    name: str
    pitch: int
    rate: int
    pitch_range: int
    tract: float


def speakers(seed: int) -> dict[Split, list[Speaker]]:
    """All speakers; no family of variants is in two splits."""
    order = np.random.default_rng([seed, 0]).permutation(len(FAMILIES))
    held_out = round(HELD_OUT * len(FAMILIES))
    parts: dict[Split, list[int]] = {
        "valid": order[:held_out].tolist(),
        "test": order[held_out : 2 * held_out].tolist(),
        "train": order[2 * held_out :].tolist(),
    }
    return {
        split: [
            _speaker(f"{accent}+{variant}", seed)
            for number in sorted(numbers)
            for variant in FAMILIES[number]
            for accent in ACCENTS
        ]
        for split, numbers in parts.items()
    }


def _speaker(voice: str, seed: int) -> Speaker:
    name = hashlib.sha256(voice.encode()).hexdigest()[:8]
    rng = np.random.default_rng([seed, int(name, 16)])
    pitch, rate, pitch_range = (int(rng.integers(*limits)) for limits in (PITCH, RATE, RANGE))
    return Speaker(voice, name, pitch, rate, pitch_range, float(rng.uniform(*VOCAL_TRACT)))
