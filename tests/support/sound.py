"""Sound for tests: tones to be sent, and what is measured of what was heard."""

import numpy as np

from media.codec.samples import Samples, Wave, to_samples


def sine(hertz: float, seconds: float, rate_hz: int = 8000, *, dbfs: float = -12.0) -> Samples:
    """Make a tone; `dbfs` is its RMS level."""
    turn = 2 * np.pi * np.arange(round(seconds * rate_hz)) / rate_hz
    wave: Wave = np.sqrt(2) * 10 ** (dbfs / 20) * np.sin(hertz * turn)
    return to_samples(wave)


def chord(low: float, high: float, seconds: float, rate_hz: int = 8000) -> Samples:
    """Make two tones at once, each of -15 dBFS."""
    one = sine(low, seconds, rate_hz, dbfs=-15)
    return one + sine(high, seconds, rate_hz, dbfs=-15)


def pitch(samples: Samples, rate_hz: int = 8000) -> float:
    """Measure the strongest frequency, to a hertz or better for a second of sound."""
    wave = samples.astype(np.float64) * np.hanning(len(samples))
    spectrum = np.abs(np.fft.rfft(wave, 8 * len(wave)))
    return float(np.argmax(spectrum)) * rate_hz / (8 * len(wave))


def purity(samples: Samples, hertz: float, rate_hz: int = 8000) -> float:
    """Measure how much of the power is within 30 Hz of a frequency: 1 is all."""
    wave = samples.astype(np.float64) * np.hanning(len(samples))
    power = np.abs(np.fft.rfft(wave)) ** 2
    frequencies = np.fft.rfftfreq(len(wave), 1 / rate_hz)
    return float(power[np.abs(frequencies - hertz) <= 30].sum() / power.sum())


def sounding(samples: Samples, rate_hz: int = 8000, *, frame: float = 0.01) -> list[bool]:
    """Say of each frame whether it sounds (above -45 dBFS)."""
    size = round(frame * rate_hz)
    wave = samples[: len(samples) // size * size].astype(np.float64).reshape(-1, size)
    return [bool(rms > 32768 * 10 ** (-45 / 20)) for rms in np.sqrt((wave * wave).mean(axis=1))]


def cadence(samples: Samples, rate_hz: int = 8000) -> list[tuple[bool, float]]:
    """Write sound as (sounds, seconds) runs."""
    runs: list[tuple[bool, float]] = []
    for sounds in sounding(samples, rate_hz):
        if runs and runs[-1][0] is sounds:
            runs[-1] = (sounds, round(runs[-1][1] + 0.01, 2))
        else:
            runs.append((sounds, 0.01))
    return runs
