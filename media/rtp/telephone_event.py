"""Telephone events: DTMF digits and tones as RTP payload (RFC 4733 section 2.3)."""

from struct import Struct

import msgspec

from media.rtp.errors import MalformedPacket

_PAYLOAD = Struct("!BBH")
_DIGITS = "0123456789*#ABCD"
FLASH = 16
"""The event of a hook flash."""


class TelephoneEvent(msgspec.Struct, frozen=True, gc=False):
    """One report of an event; the last three of an event have `end` set."""

    event: int
    duration: int
    """In units of the stream's clock, since the event's timestamp."""
    end: bool = False
    volume: int = 10
    """Power in -dBm0, 0 to 63."""

    @property
    def digit(self) -> str | None:
        """The DTMF digit, None for another event."""
        return _DIGITS[self.event] if self.event < len(_DIGITS) else None

    def octets(self) -> bytes:
        """Build the payload; `MalformedPacket` when a field is out of its range."""
        if self.event >> 8 or self.volume >> 6 or self.duration >> 16:
            raise MalformedPacket("a field is out of its range")
        return _PAYLOAD.pack(self.event, self.end << 7 | self.volume, self.duration)


def parse(payload: bytes) -> TelephoneEvent:
    """Read a payload; the reserved bit and octets behind the first report are ignored."""
    if len(payload) < _PAYLOAD.size:
        raise MalformedPacket(f"{len(payload)} octets are too few")
    event, flags, duration = _PAYLOAD.unpack_from(payload)
    return TelephoneEvent(event, duration, end=bool(flags & 0x80), volume=flags & 0x3F)


def event_of(digit: str) -> int:
    """Find the event of a DTMF digit; letters in either case."""
    event = _DIGITS.find(digit.upper()) if len(digit) == 1 else -1
    if event < 0:
        raise MalformedPacket(f"{digit!r} is no DTMF digit")
    return event
