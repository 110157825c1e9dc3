"""The tones of the Japanese network as sound that repeats without a seam.

Dial tone, ringback and busy are those of the ordinance for telecommunications facilities
(事業用電気通信設備規則, annexed table 5): 400 Hz throughout. Ringback is modulated by 15 to 20 Hz:
16 Hz here, fully, which is the sum of 384, 400 and 416 Hz. Reorder and call waiting are not in the
ordinance and follow what telephones for Japan are set to.
"""

import numpy as np

from media.codec.samples import Samples, Wave, to_samples
from media.plane import ToneName

PITCH_HZ = 400.0
MODULATION_HZ = 16.0
BEEP_HZ = 1000.0
LEVEL_DBM0 = -15.0
"""The power of a tone while it sounds; an exchange's dial tone has -10 to -20."""
FULL_SCALE_DBM0 = 3.14
"""What a sine of full scale has in G.711 (µ-law's 3.17, A-law's 3.14)."""
EDGE = 0.004
"""How long a tone takes to swell and to fade, in seconds: without, it clicks."""

_ON_OFF_MS: dict[ToneName, tuple[int, int]] = {
    ToneName.DIAL: (1000, 0),
    ToneName.RINGBACK: (1000, 2000),
    ToneName.BUSY: (500, 500),
    ToneName.REORDER: (250, 190),
    ToneName.CALL_WAITING: (500, 8000),
    ToneName.BEEP: (300, 0),
}
_MODULATED = {ToneName.RINGBACK, ToneName.CALL_WAITING}


def is_periodic(name: ToneName) -> bool:
    """Say whether a tone goes on by itself; the beep does not."""
    return name is not ToneName.BEEP


def period(name: ToneName, rate_hz: int) -> Samples:
    """Make one period of the tone's cadence; put end to end, periods have no seam."""
    on, off = _ON_OFF_MS[name]
    sounding = _sounding(name, on * rate_hz // 1000, rate_hz)
    if off or not is_periodic(name):
        _soften(sounding, rate_hz)
    return to_samples(np.concatenate((sounding, np.zeros(off * rate_hz // 1000))))


def tone(name: ToneName, seconds: float, rate_hz: int) -> Samples:
    """Make so many seconds of the tone, its cadence from the beginning."""
    once = period(name, rate_hz)
    count = round(seconds * rate_hz)
    return np.tile(once, -(-count // len(once)))[:count]


def _sounding(name: ToneName, count: int, rate_hz: int) -> Wave:
    """Make the part of a period that sounds."""
    turn = 2 * np.pi * np.arange(count) / rate_hz
    peak = 10 ** ((LEVEL_DBM0 - FULL_SCALE_DBM0) / 20)
    wave: Wave = peak * np.sin((BEEP_HZ if name is ToneName.BEEP else PITCH_HZ) * turn)
    if name in _MODULATED:
        # sqrt(3/2) keeps the power: a fully modulated carrier has 1.5 times that of its mean.
        wave *= (1 - np.cos(MODULATION_HZ * turn)) / np.sqrt(1.5)
    return wave


def _soften(wave: Wave, rate_hz: int) -> None:
    """Let the ends swell and fade."""
    count = round(EDGE * rate_hz)
    rise = (1 - np.cos(np.pi * np.arange(count) / count)) / 2
    wave[:count] *= rise
    wave[-count:] *= rise[::-1]
