"""DTMF in the sound (ITU-T Q.23, Q.24): the energy at eight pitches, by Goertzel's sum.

A digit is heard when one low and one high pitch stand out of everything else for 40 ms, and ends
with a pause; a break of 10 ms (Q.24) is none.
"""

import numpy as np

from media.codec.samples import FULL_SCALE, Samples

LOW_HZ = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
_KEYS = ("123A", "456B", "789C", "*0#D")
WINDOW = 0.02
HOP = 0.01
BEGIN_AFTER = 3
"""Windows in a row that agree: 40 ms of tone, where senders make 50 and more."""
END_AFTER = 3
"""Windows in a row without the digit that end it: a pause of 20 ms, where senders make 40."""
QUIETEST_DBFS = -38.0
"""A pair below is line noise; senders make about -10 each."""
MOST_TWIST_DB = 9.0
"""How much stronger one pitch may be than the other (Q.24 allows 10 at most)."""
LEAST_LEAD_DB = 6.0
"""How far a pitch stands out among its four: speech rarely has so pure a pair."""
LEAST_SHARE = 0.55
"""The part of all energy that the pair has; a voice has most elsewhere."""


class DtmfDetector:
    """Find the digits in continuous sound."""

    def __init__(self, rate_hz: int) -> None:
        self._size = round(WINDOW * rate_hz)
        self._hop = round(HOP * rate_hz)
        pitches = np.array(LOW_HZ + HIGH_HZ)
        turns = np.outer(np.arange(self._size), pitches) / rate_hz
        self._sums = np.exp(-2j * np.pi * turns)
        self._rest: Samples = np.zeros(0, np.int16)
        self._candidate: str | None = None
        self._agreeing = 0
        self._pressed: str | None = None
        self._missing = 0

    def hear(self, samples: Samples) -> str:
        """Take sound: the digits that begin in it, often none."""
        sound = np.concatenate((self._rest, samples))
        begun = ""
        while len(sound) >= self._size:
            digit = self._step(self._judge(sound[: self._size]))
            begun += digit or ""
            sound = sound[self._hop :]
        self._rest = sound
        return begun

    def _judge(self, window: Samples) -> str | None:
        """Say which digit a window holds."""
        wave = window.astype(np.float64) / FULL_SCALE
        energy = float(np.dot(wave, wave))
        if energy < self._size * 10 ** (QUIETEST_DBFS / 10):
            return None
        powers = np.abs(wave @ self._sums) ** 2 * (2 / self._size)
        low, high = powers[:4], powers[4:]
        row, column = int(np.argmax(low)), int(np.argmax(high))
        pair = float(low[row]), float(high[column])
        lead = 10 ** (LEAST_LEAD_DB / 10)
        stands_out = (
            pair[0] >= lead * float(np.partition(low, -2)[-2])
            and pair[1] >= lead * float(np.partition(high, -2)[-2])
            and max(pair) <= min(pair) * 10 ** (MOST_TWIST_DB / 10)
            and sum(pair) >= LEAST_SHARE * energy
        )
        return _KEYS[row][column] if stands_out else None

    def _step(self, digit: str | None) -> str | None:
        """Follow the digits from window to window: one that begins now."""
        self._agreeing = self._agreeing + 1 if digit == self._candidate else 1
        self._candidate = digit
        self._missing = 0 if digit == self._pressed else self._missing + 1
        if self._missing >= END_AFTER:
            self._pressed = None
        if digit is None or digit == self._pressed or self._agreeing < BEGIN_AFTER:
            return None
        self._pressed = digit
        self._missing = 0
        return digit
