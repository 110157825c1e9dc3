"""Loudness: prompts, announcements and recordings brought to one level.

The measure is the RMS of the parts that sound, after the idea of ITU-T P.56: frames far below the
loudest are pauses and count for nothing. The gain is held so that no peak clips.
"""

import numpy as np

from media.codec.samples import Samples, Wave, to_samples

TARGET_DBFS = -21.0
"""The active level of a prompt; about -15 dBm0, where networks plan speech."""
PEAK_DBFS = -2.0
"""No sample comes nearer to full scale."""
PAUSE_BELOW_DB = 30.0
"""A frame so far below the loudest is a pause."""
MOST_GAIN_DB = 30.0
"""More would turn a silent file's noise into a roar."""
_FRAME = 0.02


def active_level(wave: Wave, rate_hz: int) -> float | None:
    """Measure the level of what sounds, in dBFS; None for silence."""
    size = max(1, round(_FRAME * rate_hz))
    whole = len(wave) // size * size
    frames = wave[:whole].reshape(-1, size) if whole else wave.reshape(1, -1)
    powers = np.mean(frames * frames, axis=1) if wave.size else np.zeros(1)
    loudest = float(np.max(powers))
    if loudest <= 0:
        return None
    active = powers[powers >= loudest * 10 ** (-PAUSE_BELOW_DB / 10)]
    return 10 * float(np.log10(np.mean(active)))


def equalise(wave: Wave, rate_hz: int) -> Samples:
    """Bring a wave to the target level, or as near as its peaks allow."""
    measured = active_level(wave, rate_hz)
    if measured is None:
        return to_samples(wave)
    gain = 10 ** (min(TARGET_DBFS - measured, MOST_GAIN_DB) / 20)
    peak = float(np.max(np.abs(wave)))
    return to_samples(wave * min(gain, 10 ** (PEAK_DBFS / 20) / peak))
