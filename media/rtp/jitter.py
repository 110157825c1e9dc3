"""Interarrival jitter of one received stream (RFC 3550 section 6.4.1 and appendix A.8).

A relay does not know the clock rate of a dynamic payload type, so it measures it: the nearest rate
in use to the timestamp's advance over the first second. Packets of telephone events repeat one
timestamp while time goes on (RFC 4733 section 2.2), so an equal timestamp counts for nothing and a
change of payload type sets a new reference.
"""

CLOCK_RATES_HZ = (8000, 16000, 32000, 44100, 48000, 90000)
"""The RTP clock rates that audio and video in telephony use."""
MEASURE_OVER = 1.0
"""How long a dynamic payload type's clock is watched before its rate is judged."""
LONGEST_STEP = 5.0
"""A transit that changes by more, in seconds, is a sender that began anew and no jitter."""
_STATIC_RATES_HZ = {
    **dict.fromkeys((0, 3, 4, 5, 7, 8, 9, 12, 13, 15, 18), 8000),
    6: 16000,
    10: 44100,
    11: 44100,
    **dict.fromkeys((14, 25, 26, 28, 31, 32, 33, 34), 90000),
}


class InterarrivalJitter:
    """Estimate the variation of the transit time as receivers report it."""

    __slots__ = (
        "_anchor_arrival",
        "_anchor_timestamp",
        "_arrival",
        "_payload_type",
        "_rate_hz",
        "_ssrc",
        "_timestamp",
        "seconds",
    )

    def __init__(self) -> None:
        self.seconds = 0.0
        """The estimate."""
        self._ssrc: int | None = None
        self._payload_type = -1
        self._rate_hz = 0
        self._timestamp = self._anchor_timestamp = 0
        self._arrival = self._anchor_arrival = 0.0

    @property
    def milliseconds(self) -> float:
        """The estimate in milliseconds."""
        return self.seconds * 1000

    def receive(self, payload_type: int, timestamp: int, ssrc: int, arrival: float) -> None:
        """Account for one packet that arrived at `arrival` (monotonic seconds)."""
        if payload_type != self._payload_type or ssrc != self._ssrc:
            self._refer(payload_type, timestamp, ssrc, arrival)
            return
        if timestamp == self._timestamp:
            return
        if not self._rate_hz:
            self._measure(timestamp, arrival)
        else:
            advance = _signed(timestamp - self._timestamp) / self._rate_hz
            step = abs(arrival - self._arrival - advance)
            if step <= LONGEST_STEP:
                self.seconds += (step - self.seconds) / 16
        self._timestamp = timestamp
        self._arrival = arrival

    def _refer(self, payload_type: int, timestamp: int, ssrc: int, arrival: float) -> None:
        self._payload_type = payload_type
        self._ssrc = ssrc
        self._rate_hz = _STATIC_RATES_HZ.get(payload_type, 0)
        self._timestamp = self._anchor_timestamp = timestamp
        self._arrival = self._anchor_arrival = arrival

    def _measure(self, timestamp: int, arrival: float) -> None:
        elapsed = arrival - self._anchor_arrival
        if elapsed < MEASURE_OVER:
            return
        rate = _signed(timestamp - self._anchor_timestamp) / elapsed
        self._rate_hz = min(CLOCK_RATES_HZ, key=lambda known: abs(known - rate))


def _signed(difference: int) -> int:
    """Read a difference of 32-bit timestamps as the shorter way round."""
    return (difference + 0x80000000) % 0x100000000 - 0x80000000
