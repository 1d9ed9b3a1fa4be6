"""Speech by eSpeak NG, called through ctypes; the library and its voices come with the wheel espeakng_loader.

The library keeps much in global variables: the noise generator, phases, what is left of the voice before. So
each utterance is spoken by a freshly loaded copy with a fixed seed, and depends on nothing said before. That
takes about 5 ms.
"""

from __future__ import annotations

import _ctypes
import ctypes
import ctypes.util
import os
import threading
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from reneta.golden.arrays import F64
from reneta.training.data.audio import resample
from reneta.training.errors import TrainingError

# Numbers of espeak-ng/speak_lib.h.
_SYNCHRONOUS = 2  # results go to the callback before espeak_Synth returns
_DONT_EXIT = 0x8000  # an error while starting is returned, it does not end the process
_UTF8 = 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_SEED = 1

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_ALONE = threading.Lock()


class _Install(NamedTuple):
    """Where the library lies, and its data, where that is not in the library's own place."""

    library: str
    data: bytes | None


def speak(text: str, voice: str, rate: int = 175, pitch: int = 50, pitch_range: int = 50) -> F64:
    """Speak a text.

    Args:
        text: English words.
        voice: language and variant: "en-us+f2".
        rate: words per minute, 80 to 450.
        pitch: 0 to 100.
        pitch_range: how far the pitch moves, 0 (monotone) to 100.

    Returns:
        [n] at 16 kHz, full scale ±1, with the silence that the library puts around it.

    Raises:
        TrainingError: there is no eSpeak NG, or no such voice.
    """
    install = _install()
    with _ALONE:
        library = ctypes.CDLL(install.library)
        try:
            samples, sample_rate = _speak(library, install, text, voice, (rate, pitch, pitch_range))
        finally:
            library.espeak_Terminate()
            # The next load starts with all global variables as the library file has them.
            _ctypes.dlclose(library._handle)
    return resample(samples / 2.0**15, sample_rate)


def _speak(
    library: ctypes.CDLL, install: _Install, text: str, voice: str, settings: tuple[int, int, int]
) -> tuple[F64, int]:
    chunks: list[bytes] = []

    def take(wave: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if count > 0:
            chunks.append(ctypes.string_at(wave, 2 * count))
        return 0

    callback = _Callback(take)
    sample_rate = library.espeak_Initialize(_SYNCHRONOUS, 0, install.data, _DONT_EXIT)
    if sample_rate <= 0:
        raise TrainingError(f"eSpeak NG ({install.library}) does not start; reinstall espeakng_loader")
    if hasattr(library, "espeak_ng_SetRandSeed"):
        library.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) or not _has_variant(library, voice):
        raise TrainingError(f"eSpeak NG has no voice {voice!r}")
    for number, value in zip((_RATE, _PITCH, _RANGE), settings, strict=True):
        library.espeak_SetParameter(number, value, 0)
    encoded = text.encode() + b"\0"
    failed = (
        library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded)), 0, 0, 0, _UTF8, None, None)
        or library.espeak_Synchronize()
    )
    if failed or not chunks:
        raise TrainingError(f"eSpeak NG cannot say {text!r} with voice {voice!r}")
    return np.frombuffer(b"".join(chunks), dtype=np.int16).astype(np.float64), sample_rate


def _has_variant(library: ctypes.CDLL, voice: str) -> bool:
    """Whether there is the voice's variant; the library itself would quietly do without."""
    data = ctypes.c_char_p()
    library.espeak_Info(ctypes.byref(data))
    variant = voice.partition("+")[2]
    return not variant or (Path(os.fsdecode(data.value or b"")) / "voices" / "!v" / variant).is_file()


@cache
def _install() -> _Install:
    """The wheel's library, or else the system's."""
    try:
        import espeakng_loader
    except ImportError:
        system = ctypes.util.find_library("espeak-ng")
        if system is None:
            raise TrainingError(
                "there is no eSpeak NG to speak with; install it: pip install espeakng_loader"
            ) from None
        return _Install(system, None)
    return _Install(espeakng_loader.get_library_path(), espeakng_loader.get_data_path().encode())
