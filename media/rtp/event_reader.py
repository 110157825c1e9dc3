"""The reader of telephone events: one digit a press, however often told (RFC 4733 section 2.5).

A press is told by packets of one timestamp, its end three times over. What else is one press: the
segments of a long one (section 2.5.1.3), and the packets of senders that advance the timestamp
while the key is down.
"""

from media.rtp.errors import MalformedPacket
from media.rtp.packet import RtpPacket
from media.rtp.telephone_event import TelephoneEvent, parse

MAX_STEP = 0.1
"""Seconds between packets of one press whose timestamp wrongly advances; more is another press."""
_HALF = 0x80000000


class EventReader:
    """Find the presses of one stream."""

    __slots__ = ("_last", "_max_step", "_ssrc", "_timestamp")

    def __init__(self, clock_rate_hz: int = 8000) -> None:
        self._max_step = round(MAX_STEP * clock_rate_hz)
        self._ssrc: int | None = None
        self._timestamp = 0
        self._last = TelephoneEvent(0, 0, end=True)

    def read(self, packet: RtpPacket) -> str | None:
        """Take a packet of the events' payload type: its digit, when a press begins with it."""
        try:
            event = parse(packet.payload)
        except MalformedPacket:
            return None
        is_new = packet.ssrc != self._ssrc or self._is_new(packet, event)
        if is_new:
            self._ssrc = packet.ssrc
        elif (packet.timestamp - self._timestamp) % (2 * _HALF) >= _HALF:
            return None
        self._timestamp = packet.timestamp
        self._last = event
        return event.digit if is_new else None

    def _is_new(self, packet: RtpPacket, event: TelephoneEvent) -> bool:
        """Say whether the packet begins another press than the one before."""
        advance = (packet.timestamp - self._timestamp) % (2 * _HALF)
        if advance == 0 or advance >= _HALF:
            return False
        goes_on = event.event == self._last.event and not self._last.end and not packet.marker
        return not (goes_on and advance <= max(self._max_step, self._last.duration))
