"""Background noise for synthesised data: several kinds, each a file of BACKGROUND_S seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reneta.golden.arrays import F64
from reneta.training.data.audio import SAMPLE_RATE
from reneta.training.data.espeak import speak

BACKGROUND_S = 30
_LEVEL = 0.05
"""Root mean square of each file, full scale 1."""

_BABBLE_TALKERS = 6
_BABBLE = (
    "the rain had been falling since early morning and nobody wanted to leave",
    "could you pass me some of those papers please before they get lost again",
    "yesterday we walked along a river and watched boats for more than an hour",
    "my brother says that his new kitchen will be finished before winter comes",
)
_BABBLE_VOICES = ("en-us+m3", "en-gb-x-rp+f4", "en+f1", "en-gb-scotland+m7", "en-029+m1", "en-us+f5")
_HUM_HZ = 50.0
_CLATTERS_PER_S = 3.0

Noise = Callable[[np.random.Generator, int], F64]


def _coloured(exponent: float) -> Noise:
    """Noise whose power falls with frequency to that power; flat below 20 Hz."""

    def make(rng: np.random.Generator, samples: int) -> F64:
        spectrum = np.fft.rfft(rng.standard_normal(samples))
        frequency = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE)
        coloured: F64 = np.fft.irfft(spectrum * np.maximum(frequency, 20.0) ** (-exponent / 2), samples)
        return coloured

    return make


def _hum(rng: np.random.Generator, samples: int) -> F64:
    """Harmonics of the mains over some hiss."""
    t = np.arange(samples) / SAMPLE_RATE
    harmonics = (np.sin(2 * np.pi * (_HUM_HZ * k * t + rng.random())) / k for k in range(1, 20))
    hum: F64 = np.sum(list(harmonics), axis=0)
    return hum + 0.2 * rng.standard_normal(samples)


def _babble(rng: np.random.Generator, samples: int) -> F64:
    """Several people talking at once."""
    total = np.zeros(samples)
    for talker in range(_BABBLE_TALKERS):
        order = rng.permutation(len(_BABBLE))
        text = ", ".join(_BABBLE[number] for number in order)
        speech = speak(text, _BABBLE_VOICES[talker], rate=int(rng.integers(140, 200)))
        total += np.roll(np.resize(speech, samples), int(rng.integers(samples)))
    return total


def _clatter(rng: np.random.Generator, samples: int) -> F64:
    """Dishes: short ringing knocks at random times over a quiet room."""
    knocks = np.zeros(samples)
    for _ in range(round(_CLATTERS_PER_S * samples / SAMPLE_RATE)):
        length = int(rng.integers(800, 4000))
        t = np.arange(length) / SAMPLE_RATE
        ring = np.sin(2 * np.pi * rng.uniform(600, 5000) * t) + 0.5 * rng.standard_normal(length)
        start = int(rng.integers(samples - length))
        knocks[start : start + length] += rng.uniform(0.2, 1.0) * ring * np.exp(-t / rng.uniform(0.01, 0.06))
    return knocks + 0.02 * rng.standard_normal(samples)


KINDS: dict[str, Noise] = {
    "white_noise": _coloured(0.0),
    "pink_noise": _coloured(1.0),
    "brown_noise": _coloured(2.0),
    "mains_hum": _hum,
    "babble": _babble,
    "doing_the_dishes": _clatter,
}


def background(kind: str, seed: int, seconds: float = BACKGROUND_S) -> F64:
    """Noise of a kind of KINDS: [seconds * SAMPLE_RATE], full scale ±1."""
    number = list(KINDS).index(kind)
    x = KINDS[kind](np.random.default_rng([seed, 1, number]), round(seconds * SAMPLE_RATE))
    x -= x.mean()
    scale: float = _LEVEL / np.sqrt(np.mean(x**2))
    return x * scale
