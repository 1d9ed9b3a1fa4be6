"""Features against sources that are not ours: scipy's STFT, known mel values, responses to tones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import signal

from reneta.golden.arrays import F32
from reneta.training.data.audio import SAMPLE_RATE
from reneta.training.data.feature_config import FeatureConfig, Stats
from reneta.training.data.features import (
    FLOOR,
    band_energies,
    band_passes,
    extract,
    mel_energies,
    mel_filters,
    mel_spaced,
    normalise,
)
from reneta.training.errors import TrainingError

FFT, IIR = FeatureConfig.standard("fft"), FeatureConfig.standard("iir")
# The frame of one second that the published front end has: 262 samples, 61 of them.
FRAME, FRAMES = 262, 61


def noise() -> F32:
    return np.random.default_rng(0).uniform(-0.5, 0.5, SAMPLE_RATE).astype(np.float32)


def tone(frequency: float) -> F32:
    return (0.5 * np.sin(2 * np.pi * frequency * np.arange(SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32)


def test_mel_scale() -> None:
    # Values of m = 2595 log10(1 + f/700) as tables print them: 1000 Hz is 1000 mel, 8000 Hz 2840 mel.
    assert mel_spaced(0.0, 8000.0, 2841)[1000] == pytest.approx(1000.0, abs=0.2)
    centres = mel_spaced(100.0, 8000.0, 18)
    assert centres[[0, -1]] == pytest.approx([100.0, 8000.0])
    assert (np.diff(centres, 2) > 0).all()


def test_mel_filters() -> None:
    filters = mel_filters(FFT)
    bins = np.arange(513) * SAMPLE_RATE / 1024
    assert filters.shape == (16, 513)
    # Between the first and the last centre, neighbours add up to 1, and no more than two filters overlap.
    centres = mel_spaced(100.0, 8000.0, 18)[1:-1]
    inside = (bins >= centres[0]) & (bins <= centres[-1])
    np.testing.assert_allclose(filters.sum(axis=0)[inside], 1.0)
    assert (np.count_nonzero(filters, axis=0) <= 2).all()
    assert not filters[:, bins <= 100].any()
    np.testing.assert_allclose(filters[:, -1], 0.0, atol=1e-12)  # at 8000 Hz


def test_mel_energies_against_scipy() -> None:
    x = noise().astype(np.float64)
    _, _, spectrum = signal.stft(
        x, window=np.hamming(FRAME), nperseg=FRAME, noverlap=0, nfft=1024, boundary=None, padded=False
    )
    expected = np.abs(spectrum).T * np.hamming(FRAME).sum() @ mel_filters(FFT).T  # scipy divides by the sum
    np.testing.assert_allclose(mel_energies(x, FFT), expected, rtol=1e-9)


@pytest.mark.parametrize("number", range(16))
def test_tone_is_loudest_in_its_filter(number: int) -> None:
    mel_centre = mel_spaced(100.0, 8000.0, 18)[1 + number]
    assert (extract(tone(mel_centre), FFT).argmax(axis=1) == number).all()
    iir_centre = mel_spaced(100.0, 6500.0, 16)[number]
    assert (extract(tone(iir_centre), IIR)[5:].argmax(axis=1) == number).all()


def test_band_passes() -> None:
    centres = mel_spaced(100.0, 6500.0, 16)
    for section, centre in zip(band_passes(IIR), centres, strict=True):
        assert section.shape == (1, 6)  # one second-order section: a filter of second order
        frequency, response = signal.sosfreqz(section, 1 << 16, fs=SAMPLE_RATE)
        passed = frequency[np.abs(response) >= np.sqrt(0.5)]
        assert np.abs(response).max() == pytest.approx(1.0, abs=1e-4)
        assert np.ptp(passed) == pytest.approx(centre / 3, rel=0.01, abs=1.0)
        assert np.sqrt(passed[0] * passed[-1]) == pytest.approx(centre, rel=0.01)


def test_band_energies_against_response() -> None:
    frequency = 1000.0
    energies = band_energies(tone(frequency).astype(np.float64), IIR)[20:].mean(axis=0)
    responses = [signal.sosfreqz(section, [frequency], fs=SAMPLE_RATE)[1][0] for section in band_passes(IIR)]
    # The mean of a rectified sine is its amplitude times 2 / pi; 16 samples of a period give it within 1.3 %.
    np.testing.assert_allclose(energies, np.abs(responses) * 0.5 * 2 / np.pi, rtol=0.013)


@pytest.mark.parametrize("config", [FFT, IIR], ids=["fft", "iir"])
def test_shape_and_decibels(config: FeatureConfig) -> None:
    x = noise()
    loud, quiet = extract(x, config), extract(x / np.float32(10), config)
    assert loud.shape == (FRAMES, 16)
    assert loud.dtype == np.float32
    np.testing.assert_allclose(loud - quiet, 20.0, atol=1e-3)


@pytest.mark.parametrize("config", [FFT, IIR], ids=["fft", "iir"])
def test_short_and_silent_audio(config: FeatureConfig) -> None:
    for samples, frames in ((1, 1), (FRAME, 1), (2 * FRAME - 1, 1), (2 * FRAME, 2), (SAMPLE_RATE, FRAMES)):
        silent = extract(np.zeros(samples, np.float32), config)
        assert config.frames(samples) == frames
        np.testing.assert_array_equal(
            silent, np.full((frames, 16), 20 * np.log10(FLOOR[config.kind]), np.float32)
        )
    # What is left of silence in 16 bits is above the floor, so that the floor changes no recording.
    rounding = np.random.default_rng(1).integers(-1, 2, SAMPLE_RATE).astype(np.float32) / np.float32(2**15)
    assert extract(rounding, config)[5:].min() > 20 * np.log10(FLOOR[config.kind])


def test_frames_do_not_overlap() -> None:
    x = noise()
    changed = x.copy()
    changed[10 * FRAME : 11 * FRAME] = 0.0
    differ = (extract(x, FFT) != extract(changed, FFT)).any(axis=1)
    assert np.flatnonzero(differ).tolist() == [10]


def test_normalise() -> None:
    x = noise()[:32].reshape(2, 16)
    normalised = normalise(x, Stats(2.0, 4.0))
    assert normalised.dtype == np.float32
    np.testing.assert_allclose(normalised, (x - 2) / 4, rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "mfcc"}, "kind is 'mfcc'; there are: fft, iir"),
        ({"filters": 0}, "filters is 0"),
        ({"frame": float("nan")}, "frame is nan"),
        ({"freq_high": 9000.0}, "end at half the sample rate"),
        ({"kind": "iir", "freq_high": 7000.0}, "end at half the sample rate"),
        ({"freq_low": 8000.0}, "must rise"),
        ({"frame": 0.1}, "a frame has 1600 samples"),
        ({"stride": 1e-6}, "stride is shorter"),
    ],
)
def test_bad_configuration(options: dict[str, Any], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        FeatureConfig(**options)
    with pytest.raises(TrainingError, match="kind is 'mfcc'"):
        FeatureConfig.standard("mfcc")
