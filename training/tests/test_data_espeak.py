"""Speech by eSpeak NG: it depends on what is said and how, and on nothing said before."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from reneta.training.data import espeak
from reneta.training.data.audio import SAMPLE_RATE
from reneta.training.data.espeak import speak
from reneta.training.errors import TrainingError

# A breathy voice, whose noise the library starts by the clock; an echo, whose buffer outlives the utterance.
UTTERANCES = [
    ("yes", "en-us+f3", 150, 30),
    ("seven", "en+f2", 200, 60),
    ("go", "en-gb-scotland+Alex", 170, 50),
]

DIGEST = """
import hashlib
from reneta.training.data.espeak import speak
print(hashlib.sha256(speak("yes", "en-us+f3", 150, 30).tobytes()).hexdigest())
"""


def test_nothing_said_before_is_heard() -> None:
    first = [speak(*utterance) for utterance in UTTERANCES]
    again = [speak(*utterance) for utterance in reversed(UTTERANCES)]
    for one, other in zip(first, reversed(again), strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_process_says_the_same() -> None:
    def digest() -> str:
        return subprocess.run(
            [sys.executable, "-c", DIGEST], capture_output=True, text=True, check=True
        ).stdout

    here = hashlib.sha256(speak(*UTTERANCES[0]).tobytes()).hexdigest()
    assert digest().strip() == here


def test_options_are_heard() -> None:
    slow, fast = (speak("backward", "en-us+m1", rate=rate) for rate in (100, 250))
    assert 0.3 < len(fast) / SAMPLE_RATE < 0.75 * len(slow) / SAMPLE_RATE < 1.5
    assert 0.05 < np.abs(slow).max() <= 1.0

    def fundamental(pitch: int) -> float:
        x = speak("no", "en-us+m1", pitch=pitch, pitch_range=0)
        middle = x[len(x) // 4 : len(x) // 2]
        power = np.correlate(middle, middle, "full")[len(middle) :]
        shortest, longest = SAMPLE_RATE // 200, SAMPLE_RATE // 60
        return float(SAMPLE_RATE / (1 + shortest + np.argmax(power[shortest:longest])))

    assert 1.2 * fundamental(20) < fundamental(50) < 0.8 * fundamental(80)


def test_voices_differ() -> None:
    one, other = (speak("house", voice) for voice in ("en-us+m1", "en-gb-x-rp+f4"))
    assert len(one) != len(other)


def test_unknown_voice() -> None:
    with pytest.raises(TrainingError, match="no voice 'xx-nowhere'"):
        speak("yes", "xx-nowhere")
    with pytest.raises(TrainingError, match=r"no voice 'en-us\+nobody'"):
        speak("yes", "en-us+nobody")


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    espeak._install.cache_clear()
    yield
    espeak._install.cache_clear()


@pytest.mark.usefixtures("no_wheel")
def test_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    with pytest.raises(TrainingError, match="pip install espeakng_loader"):
        speak("yes", "en-us")


@pytest.mark.usefixtures("no_wheel")
def test_library_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.util.find_library", lambda name: f"lib{name}.so.1")
    assert espeak._install() == ("libespeak-ng.so.1", None)
