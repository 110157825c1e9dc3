"""G.722 at 64 kbit/s by libg722: 16 kHz sound in an RTP clock of 8 kHz (RFC 3551 section 4.5.2)."""

import numpy as np
from G722 import G722

from media.codec.samples import Samples

SAMPLE_RATE_HZ = 16000
BIT_RATE = 64000


class G722Codec:
    """One direction of one stream: the codec adapts to what went before."""

    sample_rate_hz = SAMPLE_RATE_HZ

    def __init__(self) -> None:
        self._codec = G722(SAMPLE_RATE_HZ, BIT_RATE)

    def encode(self, samples: Samples) -> bytes:
        """Compress an even number of samples, an octet for two."""
        return bytes(self._codec.encode(samples))

    def decode(self, payload: bytes) -> Samples:
        """Expand a payload."""
        return np.array(self._codec.decode(payload), np.int16)

    def conceal(self, count: int) -> Samples | None:
        """Leave concealment to who knows the last sound: the library has none."""
        del count
        return None
