"""Audio files: read to 16 kHz mono, written as 16-bit WAV."""

from __future__ import annotations

from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from scipy import signal

from reneta.golden.arrays import F32, F64
from reneta.training.errors import TrainingError

SAMPLE_RATE = 16000
"""Of everything here, in Hz."""
CUT_S = 1.0
"""Length of a cut from a longer file, in seconds: that of a spoken command in Speech Commands."""


def read_audio(path: Path, start: float | None = None) -> F32:
    """Read a sound file of any format that libsndfile knows.

    Args:
        path: the file.
        start: None for all of it; else where, in seconds, to cut out CUT_S seconds.

    Returns:
        [n] at 16 kHz, the mean of the channels, full scale ±1; of another rate resampled.

    Raises:
        TrainingError: the file is missing, corrupt or empty, or the cut reaches beyond its end.
    """
    try:
        with soundfile.SoundFile(path) as file:
            rate = file.samplerate
            begin, count = (0, -1) if start is None else (round(start * rate), round(CUT_S * rate))
            if begin + max(count, 0) > file.frames:
                raise TrainingError(f"{path}: ends before {start:g} s + {CUT_S:g} s")
            file.seek(begin)
            data = file.read(count, dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise _unreadable(path, error) from None
    if _is_cut_off(path):
        raise TrainingError(f"{path}: cut off; delete it or get it again")
    if not len(data):
        raise TrainingError(f"{path}: has no samples; delete it or get it again")
    if not np.isfinite(data).all():
        raise TrainingError(f"{path}: has samples that are no numbers; delete it or get it again")
    mono = data.mean(axis=1, dtype=np.float64)
    return resample(mono, rate).astype(np.float32)


def _is_cut_off(path: Path) -> bool:
    """Whether a WAV file is shorter than its head says, which libsndfile takes for a shorter sound.

    A writer that did not know the length beforehand left 0 or all ones there; such files are believed.
    """
    with path.open("rb") as file:
        head = file.read(8)
    told = int.from_bytes(head[4:8], "little")
    return head[:4] == b"RIFF" and told not in (0, 0xFFFFFFFF) and path.stat().st_size < 8 + told


def duration(path: Path) -> float:
    """Length of a sound file in seconds.

    Raises:
        TrainingError: the file is missing or corrupt.
    """
    try:
        return float(soundfile.info(path).duration)
    except soundfile.SoundFileError as error:
        raise _unreadable(path, error) from None


def resample(x: F64, rate: int) -> F64:
    """[n] at a sample rate, in Hz, to SAMPLE_RATE: [ceil(n SAMPLE_RATE / rate)]."""
    if rate == SAMPLE_RATE:
        return x
    common = gcd(SAMPLE_RATE, rate)
    resampled: F64 = signal.resample_poly(x, SAMPLE_RATE // common, rate // common)
    return resampled


def write_wav(path: Path, x: F64) -> None:
    """Write [n], full scale ±1, as 16-bit mono WAV at 16 kHz; what is beyond full scale is clipped."""
    samples = np.clip(np.rint(x * 2.0**15), -(2.0**15), 2.0**15 - 1).astype(np.int16)
    soundfile.write(path, samples, SAMPLE_RATE, subtype="PCM_16", format="WAV")


def _unreadable(path: Path, error: Exception) -> TrainingError:
    if not path.is_file():
        return TrainingError(f"there is no sound file {path}")
    reason = str(error).rpartition(": ")[2].rstrip(".")
    return TrainingError(f"{path}: no readable sound file ({reason}); delete it or get it again")
