"""The sender of one RTP stream (RFC 3550 section 5.1): numbers, timestamps and the marker."""

from struct import Struct

_HEADER = Struct("!BBHII")
_FIRST = 0x80
_MARKER = 0x80


class Sender:
    """Put payloads of one length in time into packets."""

    __slots__ = ("_marks", "_payload_type", "_sequence", "_step", "_timestamp", "ssrc")

    def __init__(self, *, ssrc: int, sequence: int, timestamp: int) -> None:
        self.ssrc = ssrc
        self._sequence = sequence
        self._timestamp = timestamp
        self._payload_type = 0
        self._step = 0
        self._marks = True

    def speak(self, *, payload_type: int, step: int) -> None:
        """Say the payload type and how many clock units a packet lasts."""
        self._payload_type = payload_type
        self._step = step

    def mark(self) -> None:
        """Set the marker of the next packet: sound begins after silence (RFC 3551 section 4.1)."""
        self._marks = True

    def packet(self, payload: bytes) -> bytes:
        """Build the next packet."""
        second = self._payload_type
        if self._marks:
            second |= _MARKER
            self._marks = False
        octets = _HEADER.pack(_FIRST, second, self._sequence, self._timestamp, self.ssrc) + payload
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + self._step) & 0xFFFFFFFF
        return octets
