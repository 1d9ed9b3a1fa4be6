"""Sound files: what is read from them, and one line for what cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from reneta.training.data.audio import SAMPLE_RATE, duration, read_audio, write_wav
from reneta.training.errors import TrainingError


def tone(rate: int, seconds: float = 0.5) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    write_wav(path, tone(SAMPLE_RATE))
    info = soundfile.info(path)
    assert (info.samplerate, info.channels, info.subtype, info.format) == (16000, 1, "PCM_16", "WAV")
    x = read_audio(path)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x, tone(SAMPLE_RATE), atol=2**-16)
    assert duration(path) == 0.5


def test_beyond_full_scale_is_clipped(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    write_wav(path, np.array([-3.0, 0.0, 3.0]))
    np.testing.assert_array_equal(read_audio(path), np.array([-1.0, 0.0, 1 - 2**-15], np.float32))


@pytest.mark.parametrize("rate", [8000, 22050, 44100])
def test_other_rates_are_resampled(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "tone.flac"
    soundfile.write(path, tone(rate), rate)
    inner = slice(1000, -1000)  # the filter rings at the ends
    np.testing.assert_allclose(read_audio(path)[inner], tone(SAMPLE_RATE)[inner], atol=2e-3)


def test_channels_are_averaged(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.tile([[0.5, -0.25]], (100, 1)), SAMPLE_RATE)
    np.testing.assert_allclose(read_audio(path), 0.125, atol=2**-15)


def test_cut(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    x = np.linspace(-0.9, 0.9, 3 * SAMPLE_RATE)
    write_wav(path, x)
    np.testing.assert_allclose(read_audio(path, 1.5), x[24000:40000], atol=2**-15)
    with pytest.raises(TrainingError, match=r"long\.wav: ends before 2\.5 s"):
        read_audio(path, 2.5)


def test_bad_files(tmp_path: Path) -> None:
    corrupt, empty, nan = (tmp_path / name for name in ("corrupt.wav", "empty.wav", "nan.wav"))
    corrupt.write_bytes(b"RIFF no sound at all")
    soundfile.write(empty, np.zeros(0), SAMPLE_RATE)
    soundfile.write(nan, np.array([0.0, np.nan]), SAMPLE_RATE, subtype="FLOAT")
    missing, cut = tmp_path / "missing.wav", tmp_path / "cut.wav"
    write_wav(cut, tone(SAMPLE_RATE))
    cut.write_bytes(cut.read_bytes()[:-1000])
    for path, message in (
        (corrupt, "no readable sound file"),
        (empty, "has no samples"),
        (nan, "no numbers"),
        (missing, "there is no sound file"),
        (cut, "cut off"),
    ):
        with pytest.raises(TrainingError, match=message) as caught:
            read_audio(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    for path in (corrupt, missing):
        with pytest.raises(TrainingError):
            duration(path)


@pytest.mark.parametrize("size", [b"\0\0\0\0", b"\xff\xff\xff\xff"])
def test_a_stream_of_unknown_length_is_read(tmp_path: Path, size: bytes) -> None:
    path = tmp_path / "stream.wav"
    write_wav(path, tone(SAMPLE_RATE))
    content = path.read_bytes()
    path.write_bytes(content[:4] + size + content[8:])
    assert len(read_audio(path)) == SAMPLE_RATE // 2
