"""Sound files: any common format in, mono at the rate that is wanted; and WAV's header."""

from pathlib import Path
from struct import pack

import numpy as np
import soundfile
import soxr

from media.codec.samples import Wave

MAX_SECONDS = 600.0
"""The longest file: nobody listens longer to an announcement, and ten minutes are 5 MB a codec."""
MAX_CHANNELS = 8
"""More is no speech but a file made to cost memory."""
MAX_RATE_HZ = 192_000
HEADER_SIZE = 44


class SoundFileError(Exception):
    """A sound file can't be used; its text is for the operator."""


def read(path: Path, rate_hz: int) -> Wave:
    """Read a file as mono at a rate; `SoundFileError` says what is wrong with it."""
    try:
        with soundfile.SoundFile(str(path)) as opened:
            _check(path, opened.frames, opened.samplerate, opened.channels)
            channels = opened.read(dtype="float64", always_2d=True)
            had_hz = opened.samplerate
    except (soundfile.SoundFileError, OSError, RuntimeError) as error:
        raise SoundFileError(f"{path}: {_reason(path, error)}") from error
    mono = np.asarray(channels, np.float64).mean(axis=1)
    if not np.isfinite(mono).all():
        raise SoundFileError(f"{path}: it holds numbers that are no sound")
    return mono if had_hz == rate_hz else np.asarray(soxr.resample(mono, had_hz, rate_hz))


def header(rate_hz: int, octets: int) -> bytes:
    """Build the header of a WAV file of 16-bit mono with so many octets of sound."""
    size = HEADER_SIZE - 8 + octets
    form = pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate_hz, 2 * rate_hz, 2, 16)
    return pack("<4sI4s", b"RIFF", size, b"WAVE") + form + pack("<4sI", b"data", octets)


def _check(path: Path, frames: int, rate_hz: int, channels: int) -> None:
    if not 0 < rate_hz <= MAX_RATE_HZ or channels > MAX_CHANNELS:
        raise SoundFileError(f"{path}: {channels} channels at {rate_hz} Hz are not supported")
    if not frames:
        raise SoundFileError(f"{path}: it holds no sound")
    if frames / rate_hz > MAX_SECONDS:
        raise SoundFileError(
            f"{path}: it lasts {frames / rate_hz:.0f} s, {MAX_SECONDS:.0f} s are the most"
        )


def _reason(path: Path, error: Exception) -> str:
    """Say why a file could not be opened; the library tells a missing file as a system error."""
    return str(error) if path.is_file() else "there is no such file"
