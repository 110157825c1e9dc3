"""G.711: µ-law and A-law by tables made from the recommendation's segments."""

import numpy as np
from numpy.typing import NDArray

from media.codec.samples import Samples

SAMPLE_RATE_HZ = 8000
_BIAS = 33
"""Added to the 14-bit magnitude so that µ-law's segments begin at powers of two."""
_Octets = NDArray[np.uint8]


def _expand_ulaw() -> Samples:
    """Reckon the value of each of µ-law's 256 codes, on the scale of 16 bits."""
    code = ~np.arange(256, dtype=np.uint8)
    segment = (code.astype(np.int32) >> 4) & 7
    magnitude = ((((code & 15).astype(np.int32) << 1) + _BIAS) << segment) - _BIAS
    return np.where(code & 0x80, -4 * magnitude, 4 * magnitude).astype(np.int16)


def _expand_alaw() -> Samples:
    """Reckon the value of each of A-law's 256 codes, on the scale of 16 bits."""
    code = np.arange(256, dtype=np.uint8) ^ np.uint8(0x55)
    segment = (code.astype(np.int32) >> 4) & 7
    step = ((code & 15).astype(np.int32) << 1) + 1
    magnitude = np.where(segment == 0, step, (step + 32) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, 8 * magnitude, -8 * magnitude).astype(np.int16)


def _compress(expansion: Samples, plus_zero: int) -> _Octets:
    """Find the nearest code of each 16-bit value; `plus_zero` is the code of silence."""
    order = np.argsort(expansion, kind="stable")
    values = expansion[order].astype(np.int32)
    every = np.arange(-32768, 32768, dtype=np.int32)
    above = np.clip(np.searchsorted(values, every), 1, 255)
    is_below_nearer = every - values[above - 1] < values[above] - every
    nearest = order[np.where(is_below_nearer, above - 1, above)].astype(np.uint8)
    nearest[expansion[nearest] == expansion[plus_zero]] = plus_zero
    return np.roll(nearest, -32768)  # indexed by the value's unsigned 16 bits


class Law:
    """One of the two laws; it keeps no state, so that one object serves every stream."""

    sample_rate_hz = SAMPLE_RATE_HZ

    def __init__(self, expansion: Samples, plus_zero: int) -> None:
        self._expansion = expansion
        self._compression = _compress(expansion, plus_zero)

    def encode(self, samples: Samples) -> bytes:
        """Compress samples, an octet each."""
        return self._compression[samples.view(np.uint16)].tobytes()

    def decode(self, payload: bytes) -> Samples:
        """Expand a payload."""
        return self._expansion[np.frombuffer(payload, np.uint8)]

    def conceal(self, count: int) -> Samples | None:
        """Leave concealment to who knows the last sound: there is no state here."""
        del count
        return None


ULAW = Law(_expand_ulaw(), 0xFF)
ALAW = Law(_expand_alaw(), 0xD5)
