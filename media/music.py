"""The hold music: a calm piece of the project's own, computed from its notes.

It is free of anybody's rights. Broken chords under a slow melody in G major, sixteen bars, in the
band that a telephone carries; tails ring over the end into the beginning, so that it repeats
without a seam.
"""

from functools import lru_cache

import numpy as np

from media.codec.samples import Samples, Wave, to_samples

EIGHTH = 0.35
"""The length of an eighth note in seconds."""
BARS = 16
SECONDS = BARS * 8 * EIGHTH
LEVEL_DBFS = -21.0
"""The RMS level: a little below speech, so that it doesn't tire."""
_A4_HZ = 440.0
_A4_KEY = 69
_PARTIALS = ((1, 1.0), (2, 0.35), (3, 0.12), (4, 0.05))
"""What a soft electric piano has over its ground note: harmonic, strength."""
_ATTACK = 0.012
_RING = 2.4
"""How long a note rings, in seconds."""

# Keys are those of MIDI: 60 is middle C. A bar's chord is broken upwards and back in eighths.
_G, _EM, _C, _D = (55, 59, 62, 67), (52, 59, 64, 67), (60, 64, 67, 72), (57, 62, 66, 69)
_AM, _BM = (57, 60, 64, 69), (59, 62, 66, 71)
_CHORDS = (_G, _EM, _C, _D, _G, _BM, _C, _D, _EM, _C, _AM, _D, _G, _EM, _AM, _D)
_BROKEN = (0, 1, 2, 3, 2, 3, 2, 1)
# The melody: bar, eighth of the bar, key.
_MELODY = (
    *((0, 0, 74), (0, 4, 71), (1, 0, 71), (1, 6, 69), (2, 0, 67), (2, 4, 72), (3, 0, 69)),
    *((4, 0, 74), (4, 4, 79), (5, 0, 78), (5, 6, 76), (6, 0, 76), (6, 4, 72), (7, 0, 74)),
    *((8, 0, 76), (8, 4, 71), (9, 0, 72), (9, 6, 74), (10, 0, 76), (10, 4, 72), (11, 0, 69)),
    *((12, 0, 71), (12, 4, 74), (13, 0, 71), (13, 6, 67), (14, 0, 72), (14, 4, 69), (15, 0, 66)),
)
_MELODY_STRENGTH = 1.0
_CHORD_STRENGTH = 0.45


@lru_cache(2)
def music(rate_hz: int) -> Samples:
    """Compute the piece once a rate: a fifth of a second of work, 0.7 or 1.4 MB."""
    wave = np.zeros(round(SECONDS * rate_hz))
    for bar, chord in enumerate(_CHORDS):
        for eighth, voice in enumerate(_BROKEN):
            _strike(wave, bar * 8 + eighth, chord[voice], _CHORD_STRENGTH, rate_hz)
    for bar, eighth, key in _MELODY:
        _strike(wave, bar * 8 + eighth, key, _MELODY_STRENGTH, rate_hz)
    rms = float(np.sqrt(np.mean(wave * wave)))
    return to_samples(wave * (10 ** (LEVEL_DBFS / 20) / rms))


def _strike(wave: Wave, eighth: int, key: int, strength: float, rate_hz: int) -> None:
    """Add a note; what rings beyond the end is heard at the beginning."""
    note = strength * _note(key, rate_hz)
    begin = round(eighth * EIGHTH * rate_hz)
    fits = min(len(note), len(wave) - begin)
    wave[begin : begin + fits] += note[:fits]
    wave[: len(note) - fits] += note[fits:]


@lru_cache(64)
def _note(key: int, rate_hz: int) -> Wave:
    """Make the sound of a key: a swift attack, then each partial dies away on its own."""
    pitch = _A4_HZ * 2 ** ((key - _A4_KEY) / 12)
    time = np.arange(round(_RING * rate_hz)) / rate_hz
    sound: Wave = np.zeros(len(time))
    for harmonic, strength in _PARTIALS:
        if harmonic * pitch < 0.45 * rate_hz:
            decay = np.exp(-time * (1.4 + 0.8 * harmonic))
            sound += strength * decay * np.sin(2 * np.pi * harmonic * pitch * time)
    sound *= np.minimum(1, time / _ATTACK) * np.minimum(1, (_RING - time) / 0.2)
    return sound
