"""Synthesis: typed text spoken at run time, by the voices of the `speech` extra.

A process of its own speaks each text: the event loop and the interpreter's lock stay free, a fault
of a native library ends that process only, and a time limit can be kept.
"""

import asyncio
import subprocess
import sys
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soxr
from numpy.lib.stride_tricks import sliding_window_view

from media import loudness, wav
from media.codec.samples import Samples, Wave
from media.voice import MISSING

RATE_HZ = 16_000
"""Wideband telephony, G.722 and Opus; what is narrower is made of it."""
LANGUAGES = ("ja", "en")
MAX_CHARACTERS = 600
"""Two minutes of Japanese: who is kept longer by an announcement hangs up."""
MAX_SECONDS = 60.0
"""A text of the greatest length takes a few; a machine under load some more."""
MAX_AT_ONCE = 1
"""Texts that are spoken at a time: each takes a core and some 200 MB."""
_HEAD = 0.03
_TAIL = 0.08
"""Seconds kept before and after what sounds."""
_FADE = 0.005
_SOUNDS_ABOVE_DB = -45.0
"""Below the peak; the voices' own noise is under it, breath and soft consonants are not."""

_CREST_DB = 15.0
"""Of peaks over the level: with the target of -21 dBFS there is room for what a codec adds."""
_RELEASE = 0.004


class SynthesisError(Exception):
    """A text can't be spoken; the message is for who typed it, or for the operator."""


class Synthesiser:
    """Speak texts off the event loop, a few at a time."""

    def __init__(self, *, at_once: int = MAX_AT_ONCE) -> None:
        self._turn = asyncio.Semaphore(at_once)

    async def speak(self, text: str, language: str) -> Samples:
        """Speak a text; `SynthesisError` says why it can't be done."""
        clean(text, language)
        async with self._turn:
            return await asyncio.to_thread(synthesise, text, language)


def synthesise(text: str, language: str, *, time_limit: float = MAX_SECONDS) -> Samples:
    """Speak a text at `RATE_HZ`, at the loudness of prompts. Blocks for seconds."""
    wanted = clean(text, language)
    with TemporaryDirectory(prefix="daihyo-speech-") as folder:
        path = Path(folder) / "speech.wav"
        _run(wanted, language, path, time_limit)
        try:
            wave = wav.read(path, RATE_HZ)
        except wav.SoundFileError as error:
            raise SynthesisError(f"the text gave no sound: {error}") from error
    return polish(wave, RATE_HZ)


def clean(text: str, language: str) -> str:
    """Take control characters out of a text, and check that it can be spoken."""
    if language not in LANGUAGES:
        raise SynthesisError(f"language {language!r} is none of {', '.join(LANGUAGES)}")
    kept = "".join(" " if unicodedata.category(each) == "Cc" else each for each in text)
    words = " ".join(kept.split())
    if not any(each.isalnum() for each in words):
        raise SynthesisError("the text has nothing that can be spoken")
    if len(words) > MAX_CHARACTERS:
        raise SynthesisError(f"the text has {len(words)} characters, {MAX_CHARACTERS} are the most")
    return words


def polish(wave: Wave, rate_hz: int) -> Samples:
    """Cut the silence around speech, soften its ends, and bring it to the loudness of prompts."""
    wave = wave if rate_hz == RATE_HZ else np.asarray(soxr.resample(wave, rate_hz, RATE_HZ))
    wave = wave - (np.mean(wave) if len(wave) else 0.0)
    above = np.abs(wave) > np.max(np.abs(wave), initial=0.0) * 10 ** (_SOUNDS_ABOVE_DB / 20)
    sounding = np.flatnonzero(above)
    if not len(sounding):
        raise SynthesisError("the text gave only silence")
    head, tail, fade = (round(each * RATE_HZ) for each in (_HEAD, _TAIL, _FADE))
    cut = wave[max(0, sounding[0] - head) : sounding[-1] + tail].copy()
    ramp = np.linspace(0.0, 1.0, fade)
    cut[:fade] *= ramp[: len(cut)]
    cut[-fade:] *= ramp[::-1][-len(cut) :]
    return loudness.equalise(_limited(cut), RATE_HZ)


def _limited(wave: Wave) -> Wave:
    """Turn down the few peaks that would keep the whole from its loudness, without a click."""
    level = loudness.active_level(wave, RATE_HZ) or 0.0
    most = 10 ** ((level + _CREST_DB) / 20)
    needed = np.minimum(1.0, most / np.maximum(np.abs(wave), 1e-9))
    width = 2 * round(_RELEASE * RATE_HZ) + 1
    windows = sliding_window_view(np.pad(needed, width - 1, mode="edge"), width)
    # The least gain of a window, smoothed over as long: at each peak no more than it needs.
    shape = np.hanning(width + 2)[1:-1]
    return wave * np.convolve(windows.min(axis=1), shape / shape.sum(), mode="valid")


def _run(text: str, language: str, path: Path, time_limit: float) -> None:
    command = [sys.executable, "-m", "media.voice", language, str(path)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, without a shell
            command, input=text.encode(), capture_output=True, timeout=time_limit, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise SynthesisError(f"the text was not spoken within {time_limit:.0f} s") from error
    if done.returncode == MISSING:
        raise SynthesisError(
            "no synthesiser is installed: text can be spoken after"
            f" `pip install 'daihyo[speech]'` ({_last_line(done.stderr)})"
        )
    if done.returncode:
        raise SynthesisError(f"the synthesiser failed: {_last_line(done.stderr)}")


def _last_line(octets: bytes) -> str:
    lines = octets.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
