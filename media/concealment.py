"""Concealment of lost sound: the voice's last period, repeated and faded (G.711 appendix I)."""

import numpy as np

from media.codec.samples import Samples, Wave, silence

LONGEST = 0.06
"""After so long a guess is heard as a buzz; silence follows."""
_MEMORY = 0.045
"""How much of the last sound is kept: three periods of the lowest voice."""
_SHORTEST_PERIOD = 1 / 400
_LONGEST_PERIOD = 1 / 66


class Concealment:
    """Remember the last sound and guess how it went on."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._memory = round(_MEMORY * rate_hz)
        self._past = [silence(self._memory)]
        self._kept = self._memory

    def hear(self, samples: Samples) -> None:
        """Take what was received."""
        # Losses are rare and sound is not: it is put together when it is needed.
        self._past.append(samples)
        self._kept += len(samples)
        while self._kept - len(self._past[0]) >= self._memory:
            self._kept -= len(self._past.pop(0))

    def guess(self, count: int) -> Samples:
        """Make up for so many lost samples; what is beyond the longest guess is silence."""
        guessed = min(count, round(LONGEST * self._rate_hz))
        wave = np.concatenate(self._past)[-self._memory :].astype(np.float64)
        last = wave[-self._period(wave) :]
        repeated = np.tile(last, guessed // len(last) + 1)[:guessed]
        fade = np.linspace(1, 0, round(LONGEST * self._rate_hz), endpoint=False)[:guessed]
        return np.concatenate(((repeated * fade).astype(np.int16), silence(count - guessed)))

    def _period(self, wave: Wave) -> int:
        """Find the voice's period: the shift at which the past is most like itself."""
        shifts = np.arange(
            round(_SHORTEST_PERIOD * self._rate_hz), round(_LONGEST_PERIOD * self._rate_hz) + 1
        )
        size = len(wave) - int(shifts[-1])
        recent = wave[-size:]
        windows = np.lib.stride_tricks.sliding_window_view(wave, size)[len(wave) - size - shifts]
        energies = np.sqrt(np.einsum("ij,ij->i", windows, windows)) + 1e-9
        return int(shifts[int(np.argmax(windows @ recent / energies))])
