"""Opus by libopus (RFC 6716, RFC 7587): speech at 16 kHz in an RTP clock of 48 kHz."""

import numpy as np
from opuslib_next.classes import Decoder, Encoder
from opuslib_next.exceptions import OpusError

from media.codec.errors import MalformedPayload
from media.codec.samples import Samples

SAMPLE_RATE_HZ = 16000
LONGEST_MS = 120
"""No Opus packet holds more (RFC 6716 section 3.2)."""
BIT_RATE = 32000
"""Speech and music on hold in wide band are clean at it."""
COMPLEXITY = 5
"""Of 10: a fifth of the time of the most, and no worse to hear at this rate."""


class OpusCodec:
    """One stream; encoder and decoder are made when they are first used."""

    sample_rate_hz = SAMPLE_RATE_HZ

    def __init__(self) -> None:
        self._encoder: Encoder | None = None
        self._decoder = Decoder(SAMPLE_RATE_HZ, 1)

    def encode(self, samples: Samples) -> bytes:
        """Compress one packet's samples: 2.5 to 60 ms."""
        if self._encoder is None:
            self._encoder = Encoder(SAMPLE_RATE_HZ, 1, "audio")
            self._encoder.bitrate = BIT_RATE
            self._encoder.complexity = COMPLEXITY
        return bytes(self._encoder.encode(samples.tobytes(), len(samples)))

    def decode(self, payload: bytes) -> Samples:
        """Expand a packet; `MalformedPayload` when it is none."""
        return self._decode(payload, SAMPLE_RATE_HZ * LONGEST_MS // 1000)

    def conceal(self, count: int) -> Samples | None:
        """Guess lost samples from what went before."""
        return self._decode(b"", count)

    def _decode(self, payload: bytes, most: int) -> Samples:
        try:
            return np.frombuffer(self._decoder.decode(payload, most), np.int16)
        except OpusError as error:
            raise MalformedPayload(f"no Opus packet: {error}") from error
