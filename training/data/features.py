"""Features of audio: a log mel filter bank, or a log bank of band passes.

Both give one row of F numbers for each frame of 16.384 ms (262 samples at 16 kHz), in decibels. The last
samples that fill no frame are left out: one second gives 61 frames. The mel scale is O'Shaughnessy's,
m = 2595 log10(1 + f / 700 Hz).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import signal

from reneta.golden.arrays import F32, F64
from reneta.training.data.audio import read_audio
from reneta.training.data.feature_config import FeatureConfig, Stats
from reneta.training.data.manifest import Item

FLOOR = {"fft": 1e-4, "iir": 1e-7}
"""Smallest value that a logarithm is taken of: below what rounding to 16 bits leaves of silence. It keeps
digital silence, which no recording has, from being far from everything else."""


def extract(audio: F32, config: FeatureConfig) -> F32:
    """Log features.

    Args:
        audio: [n] at the configuration's sample rate, full scale ±1.
        config: how.

    Returns:
        [T, F] in decibels, T = config.frames(n), not normalised.
    """
    x = audio.astype(np.float64)
    x = np.pad(x, (0, max(0, config.frame_samples - len(x))))
    energies = mel_energies(x, config) if config.kind == "fft" else band_energies(x, config)
    return (20 * np.log10(np.maximum(energies, FLOOR[config.kind]))).astype(np.float32)


def features_of(root: Path, config: FeatureConfig, item: Item) -> F32:
    """Log features of an utterance of a data set, [T, F].

    Args:
        root: folder of the raw data.
        config: how.
        item: the utterance.

    Raises:
        TrainingError: its file cannot be read.
    """
    return extract(read_audio(root / item.path, item.start), config)


def normalise(x: F32, stats: Stats) -> F32:
    """[T, F] with the training set's mean and deviation: zero mean, unit deviation over that set."""
    return (x - np.float32(stats.mean)) / np.float32(stats.std)


def mel_energies(x: F64, config: FeatureConfig) -> F64:
    """Magnitude spectrum of Hamming-windowed frames, summed by each filter: [n] to [T, F], linear."""
    windowed = _framed(x, config) * np.hamming(config.frame_samples)
    return np.abs(np.fft.rfft(windowed, config.nfft)) @ mel_filters(config).T


def band_energies(x: F64, config: FeatureConfig) -> F64:
    """Rectified output of each band pass, mean over each frame: [n] to [T, F], linear."""
    outputs: F64 = np.stack([np.abs(signal.sosfilt(section, x)) for section in band_passes(config)])
    means: F64 = _framed(outputs, config).mean(axis=-1)
    return means.T


@lru_cache
def mel_filters(config: FeatureConfig) -> F64:
    """Triangles of height 1 over the bins of the spectrum, [F, nfft / 2 + 1].

    Each starts at the centre of the one below it and ends at the centre of the one above it; these points are
    evenly spaced in mel from freq_low to freq_high.
    """
    edges = mel_spaced(config.freq_low, config.freq_high, config.filters + 2)
    low, centre, high = (edges[start : start + config.filters, None] for start in range(3))
    bins = np.arange(config.nfft // 2 + 1) * config.sample_rate / config.nfft
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    return np.maximum(np.minimum(rising, falling), 0)


@lru_cache
def band_passes(config: FeatureConfig) -> F64:
    """Second-order Butterworth band passes, as scipy's second-order sections, [F, 1, 6].

    Their centres are evenly spaced in mel from freq_low to freq_high; the bandwidth, between the points 3 dB
    down, is the centre divided by the quality.
    """
    centres = mel_spaced(config.freq_low, config.freq_high, config.filters)
    half = 1 / (2 * config.quality)
    upper = np.hypot(1, half) + half  # ratio to the centre; the lower one is its inverse
    bands = ((centre / upper, centre * upper) for centre in centres)
    return np.stack(
        [signal.butter(1, band, "bandpass", output="sos", fs=config.sample_rate) for band in bands]
    )


def mel_spaced(low: float, high: float, count: int) -> F64:
    """Frequencies in Hz from low to high, evenly spaced in mel: [count]."""
    mel_low, mel_high = 2595 * np.log10(1 + np.array([low, high]) / 700)
    return 700 * (10 ** (np.linspace(mel_low, mel_high, count) / 2595) - 1)


def _framed(x: F64, config: FeatureConfig) -> F64:
    """[..., n] to frames [..., T, frame_samples]."""
    windows = np.lib.stride_tricks.sliding_window_view(x, config.frame_samples, axis=-1)
    frames: F64 = windows[..., :: config.stride_samples, :]
    return frames
