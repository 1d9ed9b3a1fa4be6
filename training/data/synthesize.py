"""Step synthesize: a data set of spoken words in exactly the layout of Speech Commands v2.

    <root>/<word>/<8 hexadecimal digits: speaker>_nohash_<number>.wav      1 s, 16 kHz, mono, 16 bits
    <root>/_background_noise_/<kind>.wav
    <root>/validation_list.txt, testing_list.txt                            the rest is for training

The words are spoken by eSpeak NG with many voices, and made as hard as recordings are: each speaker has a
pitch, rate and vocal tract of his own, each recording a room, a microphone, a level, a shift and noise.
Everything follows from the seed, whatever the number of processes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from scipy import signal

from reneta.golden.arrays import F64
from reneta.training.data.audio import SAMPLE_RATE, read_audio, write_wav
from reneta.training.data.espeak import speak
from reneta.training.data.feature_config import SPLITS, Split
from reneta.training.data.files import replaced_folder
from reneta.training.data.noise import KINDS, background
from reneta.training.data.parallel import map_jobs
from reneta.training.data.speech_commands import BACKGROUND, LISTS
from reneta.training.data.voices import HELD_OUT, Speaker, speakers
from reneta.training.errors import TrainingError


@dataclass(frozen=True)
class Difficulty:
    """How hard the recordings are; pairs are limits of a uniform choice.

    Attributes:
        snr_db: speech over noise.
        level_db: peak of the speech, relative to full scale.
        tilt: coefficient of a first-order filter, the microphone's.
        reverb_s: time in which the room's echo falls by 60 dB.
        reverb_db: the echo's energy relative to the direct sound's.
        pitch: step up or down from the speaker's pitch, 0 to 100.
        rate: factor on the speaker's rate.
        shift_s: from the middle of the recording to that of the word; what then lies outside is cut off.
    """

    snr_db: tuple[float, float] = (5.0, 40.0)
    level_db: tuple[float, float] = (-12.0, -1.0)
    tilt: tuple[float, float] = (-0.3, 0.3)
    reverb_s: tuple[float, float] = (0.05, 0.25)
    reverb_db: tuple[float, float] = (-30.0, -12.0)
    pitch: tuple[float, float] = (-8.0, 8.0)
    rate: tuple[float, float] = (0.9, 1.15)
    shift_s: tuple[float, float] = (-0.15, 0.15)


DIFFICULTY = Difficulty()
"""That of the step synthesize."""

SAMPLES = SAMPLE_RATE
"""Length of a recording: one second."""
_TRIM_DB = -45.0
"""What is quieter than this, relative to the peak, at either end of a word counts as silence."""


@dataclass(frozen=True)
class Job:
    """One recording to make.

    Attributes:
        path: file, relative to the root: word/speaker_nohash_number.wav.
        speaker: who speaks.
        seed: numbers that all its random choices follow from.
    """

    path: str
    speaker: Speaker
    seed: tuple[int, ...]

    @property
    def word(self) -> str:
        """What is said."""
        return self.path.partition("/")[0]


def synthesize(
    root: Path, words: Sequence[str], count: int, seed: int, processes: int, overwrite: bool = False
) -> None:
    """Make a data set.

    Args:
        root: its folder, which appears when all is done.
        words: lower-case English words.
        count: recordings of each word, in all splits together; 10 or more.
        seed: of all random choices.
        processes: how many work.
        overwrite: a data set that lies there may be replaced.

    Raises:
        TrainingError: the folder is in the way, the count is too small, or there is no eSpeak NG.
    """
    if count < round(1 / HELD_OUT):
        raise TrainingError(f"--num_utterances is {count}; it must be {round(1 / HELD_OUT)} or more")
    _check_place(root, overwrite)
    jobs = {split: list(_plan(split, words, count, seed)) for split in SPLITS}
    with replaced_folder(root) as part:
        for folder in (BACKGROUND, *words):
            (part / folder).mkdir()
        for kind in KINDS:
            write_wav(part / BACKGROUND / f"{kind}.wav", background(kind, seed))
        every = [job for split in SPLITS for job in jobs[split]]
        for _ in map_jobs(partial(_record, part), every, processes, "synthesize"):
            pass
        for split, name in LISTS.items():
            lines = sorted(job.path for job in jobs[split])
            (part / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _check_place(root: Path, overwrite: bool) -> None:
    """Refuse what must not be replaced."""
    if root.exists() and not root.is_dir():
        raise TrainingError(f"{root} is a file; choose another --data_dir")
    if not root.is_dir() or not any(root.iterdir()):
        return
    if not overwrite:
        raise TrainingError(f"{root} is not empty; choose another --data_dir, or replace it by --overwrite 1")
    if not all((root / name).exists() for name in (BACKGROUND, *LISTS.values())):
        raise TrainingError(f"{root} holds something that is no data set of words; choose another --data_dir")


def _plan(split: Split, words: Sequence[str], count: int, seed: int) -> Iterator[Job]:
    """The recordings of a split: of each word the same number, by speakers in random order."""
    held_out = round(HELD_OUT * count)
    number = count - 2 * held_out if split == "train" else held_out
    people = speakers(seed)[split]
    for word in words:
        # Of the word's own name, so that a word sounds the same whichever others are made.
        base = (seed, zlib.crc32(word.encode()), SPLITS.index(split))
        order = np.random.default_rng([*base, 0]).permutation(len(people))
        for index in range(number):
            again, who = divmod(index, len(people))
            speaker = people[order[who]]
            yield Job(f"{word}/{speaker.name}_nohash_{again}.wav", speaker, (*base, 1 + index))


def _record(root: Path, job: Job) -> None:
    """Write the file of a job."""
    write_wav(root / job.path, recording(root / BACKGROUND, job))


def recording(noises: Path, job: Job, hard: Difficulty = DIFFICULTY) -> F64:
    """Make a recording.

    Args:
        noises: folder of the background noises.
        job: what to make.
        hard: how hard it is to understand.

    Returns:
        [SAMPLES] at 16 kHz, full scale ±1.
    """
    rng = np.random.default_rng(job.seed)
    word = _say(rng, job, hard)
    speech = _place(rng, _room(rng, word, hard), len(word), hard)
    speech *= 10 ** (rng.uniform(*hard.level_db) / 20) / np.abs(speech).max()
    noise = _noise(rng, noises)
    # The speech is as loud as it is while it lasts, not over the whole recording.
    loudness = np.sqrt(np.sum(speech**2) / len(word) / np.mean(noise**2))
    scale: float = loudness * 10 ** (-rng.uniform(*hard.snr_db) / 20)
    return speech + noise * scale


def _say(rng: np.random.Generator, job: Job, hard: Difficulty) -> F64:
    """The word alone, without silence around it, [n <= SAMPLES]."""
    who = job.speaker
    pitch = round(np.clip(who.pitch + rng.uniform(*hard.pitch), 0, 100))
    rate = round(np.clip(who.rate * rng.uniform(*hard.rate), 80, 450))
    while True:
        spoken = speak(job.word, who.voice, rate, pitch, who.pitch_range)
        word = _trimmed(signal.resample(spoken, round(len(spoken) * who.tract)))
        if len(word) <= SAMPLES:
            return word
        rate = round(rate * 1.2)


def _trimmed(x: F64) -> F64:
    loud = np.flatnonzero(np.abs(x) > np.abs(x).max() * 10 ** (_TRIM_DB / 20))
    word: F64 = x[loud[0] : loud[-1] + 1]
    return word


def _room(rng: np.random.Generator, speech: F64, hard: Difficulty) -> F64:
    """Through the air of a room and a microphone, [n + echo]."""
    fall = rng.uniform(*hard.reverb_s)
    t = np.arange(round(fall * SAMPLE_RATE)) / SAMPLE_RATE
    echo = rng.standard_normal(len(t)) * 10 ** (-3 * t / fall)
    echo *= 10 ** (rng.uniform(*hard.reverb_db) / 20) / np.sqrt(np.sum(echo**2))
    echo[0] += 1
    heard: F64 = signal.lfilter([1.0, rng.uniform(*hard.tilt)], [1.0], signal.fftconvolve(speech, echo))
    return heard


def _place(rng: np.random.Generator, speech: F64, length: int, hard: Difficulty) -> F64:
    """Somewhere in the recording, [SAMPLES]; the ends of the word and of its echo may be cut off."""
    start = round((SAMPLES - length) / 2 + rng.uniform(*hard.shift_s) * SAMPLE_RATE)
    placed = np.zeros(SAMPLES)
    begin, end = max(start, 0), min(start + len(speech), SAMPLES)
    placed[begin:end] = speech[begin - start : end - start]
    return placed


def _noise(rng: np.random.Generator, noises: Path) -> F64:
    """A cut of a background noise, [SAMPLES]."""
    kinds = list(KINDS)
    noise = _background(noises / f"{kinds[rng.integers(len(kinds))]}.wav")
    start = int(rng.integers(len(noise) - SAMPLES))
    return noise[start : start + SAMPLES].copy()


@lru_cache(maxsize=len(KINDS))
def _background(path: Path) -> F64:
    """A noise file, [n], read once in each process."""
    return read_audio(path).astype(np.float64)
