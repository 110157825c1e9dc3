"""Sound as numbers: make a tone, find the pitch of what was heard, keep it as WAV."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

AMPLITUDE = 8_000
"""A quarter of full scale: clear, and far from clipping in any codec."""

SETTLING_SECONDS = 0.1
"""What a jitter buffer may fill or cut at the beginning of a recording."""

SILENCE_DBFS = -60.0
"""Comfort noise and the codec's own noise stay below this."""

NEAR = 0.04
"""A tone's share is counted within this part of its pitch to either side."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recording sounds like."""

    pitch: float
    """Hz of the strongest tone."""
    purity: float
    """The part of the energy that lies at that pitch: near 1 for a lone tone."""
    level: float
    """dB below full scale."""
    seconds: float
    gap: float
    """Seconds without sound in between: lost packets and stutter."""

    @property
    def is_silence(self) -> bool:
        """Whether nothing can be heard."""
        return self.level < SILENCE_DBFS

    def is_tone(self, hertz: float) -> bool:
        """Tell whether it is this tone, alone and clear."""
        return not self.is_silence and abs(self.pitch - hertz) < 8 and self.purity > 0.8


def tone(hertz: float, rate: int, first: int, count: int) -> Samples:
    """Make samples of an endless tone, beginning with the given one."""
    phase = 2 * np.pi * hertz / rate * np.arange(first, first + count)
    samples: Samples = (AMPLITUDE * np.sin(phase)).astype(np.int16)
    return samples


def measure(samples: Samples, rate: int) -> Heard:
    """Find pitch, purity, level and gaps."""
    sound = samples[int(SETTLING_SECONDS * rate) :].astype(np.float64)
    seconds = len(samples) / rate
    if len(sound) < rate // 10:
        return Heard(0.0, 0.0, -120.0, seconds, seconds)
    energy = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    energy[: int(50 * len(sound) / rate)] = 0
    peak = int(np.argmax(energy))
    hertz = peak * rate / len(sound)
    width = max(2, int(peak * NEAR))
    total = float(energy.sum()) or 1.0
    purity = float(energy[max(0, peak - width) : peak + width + 1].sum()) / total
    return Heard(hertz, purity, _level(sound), seconds, _gap(sound, rate))


def read(file: Path) -> tuple[Samples, int]:
    """Read a mono recording and its rate."""
    with wave.open(str(file), "rb") as stream:
        octets = stream.readframes(stream.getnframes())
        return np.frombuffer(octets[: len(octets) & ~1], np.int16), stream.getframerate()


def write(file: Path, samples: Samples, rate: int) -> None:
    """Keep a mono recording."""
    with wave.open(str(file), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(rate)
        stream.writeframes(samples.tobytes())


def _level(sound: npt.NDArray[np.float64]) -> float:
    power = float(np.mean(sound**2))
    return 10 * float(np.log10(power / 32768**2)) if power else -120.0


def _gap(sound: npt.NDArray[np.float64], rate: int) -> float:
    """Count the pieces of 10 ms that are silent."""
    piece = rate // 100
    pieces = sound[: len(sound) // piece * piece].reshape(-1, piece)
    return float(np.count_nonzero(np.abs(pieces).max(axis=1) < AMPLITUDE / 20)) / 100
