"""Samples: sound as 16-bit linear numbers, mono, and what is measured of it."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
Wave = NDArray[np.float64]
"""Sound under computation: full scale is -1 to 1."""

FULL_SCALE = 32768.0
QUIETEST = -96.0
"""What digital silence measures, in dB below full scale: the floor of 16 bits."""


def to_samples(wave: Wave) -> Samples:
    """Round a wave to samples; what is beyond full scale is clipped."""
    scaled = np.rint(wave * FULL_SCALE)
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def silence(count: int) -> Samples:
    """Make so many samples of silence."""
    return np.zeros(count, np.int16)


def level(samples: Samples) -> float:
    """Measure the RMS level in dBFS, where a full-scale square wave is 0."""
    if not len(samples):
        return QUIETEST
    wave = samples.astype(np.float64)
    rms = float(np.sqrt(np.dot(wave, wave) / len(wave)))
    return max(QUIETEST, 20 * float(np.log10(max(rms, 1e-9) / FULL_SCALE)))
