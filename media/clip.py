"""Clips: sounds as ready RTP payloads, so that playing only sends."""

from math import lcm

import msgspec
import numpy as np

from media.codec.catalogue import Encoding
from media.codec.samples import Samples, silence

_OVERHEAD = 41
"""Octets that a payload costs in memory beside its own."""


class Clip(msgspec.Struct, frozen=True, gc=False):
    """Payloads, one a packet."""

    payloads: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """The memory it takes."""
        return sum(map(len, self.payloads)) + _OVERHEAD * len(self.payloads)


def encode(samples: Samples, encoding: Encoding, ptime_ms: int, *, is_periodic: bool) -> Clip:
    """Cut samples into packets and encode them.

    A period that is no whole number of packets is repeated until it is one, and codecs that adapt
    to what went before have heard it once already; another end is filled up with silence.
    """
    size = encoding.sample_rate_hz * ptime_ms // 1000
    codec = encoding.make()
    if is_periodic:
        samples = np.tile(samples, lcm(len(samples), size) // len(samples))
        for at in range(0, len(samples), size):
            codec.encode(samples[at : at + size])
    elif len(samples) % size:
        samples = np.concatenate((samples, silence(size - len(samples) % size)))
    return Clip(tuple(codec.encode(samples[at : at + size]) for at in range(0, len(samples), size)))
