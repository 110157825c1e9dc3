"""RTP packets (RFC 3550 section 5): header, contributing sources, extension, padding."""

from struct import Struct

import msgspec

from media.rtp.errors import MalformedPacket

VERSION = 2
MAX_CONTRIBUTORS = 15
"""The CC field has four bits."""
_HEADER = Struct("!BBHII")
_EXTENSION = Struct("!HH")


class Extension(msgspec.Struct, frozen=True, gc=False):
    """A header extension (section 5.3.1): a profile's number and whole 32-bit words."""

    profile: int
    octets: bytes


class RtpPacket(msgspec.Struct, frozen=True, gc=False):
    """One RTP packet."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False
    contributors: tuple[int, ...] = ()
    extension: Extension | None = None
    padding: int = 0
    """Octets of padding behind the payload, their count included; 0 for none."""

    def octets(self) -> bytes:
        """Build the packet; `MalformedPacket` when a field is out of its range."""
        self._check()
        extended = self.extension is not None
        first = VERSION << 6 | bool(self.padding) << 5 | extended << 4 | len(self.contributors)
        second = self.marker << 7 | self.payload_type
        parts = [_HEADER.pack(first, second, self.sequence, self.timestamp, self.ssrc)]
        parts += [contributor.to_bytes(4, "big") for contributor in self.contributors]
        if self.extension is not None:
            words = len(self.extension.octets) // 4
            parts += [_EXTENSION.pack(self.extension.profile, words), self.extension.octets]
        parts.append(self.payload)
        if self.padding:
            parts.append(bytes(self.padding - 1) + bytes([self.padding]))
        return b"".join(parts)

    def _check(self) -> None:
        numbers = ((self.payload_type, 7), (self.sequence, 16), (self.timestamp, 32))
        words = ((number, 32) for number in (self.ssrc, *self.contributors))
        if any(number >> bits for number, bits in (*numbers, *words, (self.padding, 8))):
            raise MalformedPacket("a field is out of its range")
        if len(self.contributors) > MAX_CONTRIBUTORS:
            raise MalformedPacket(f"{len(self.contributors)} contributing sources")
        if self.extension is not None:
            octets = self.extension.octets
            if len(octets) % 4 or len(octets) // 4 >> 16 or self.extension.profile >> 16:
                raise MalformedPacket("the extension is not of whole words, or too long")


def parse(octets: bytes) -> RtpPacket:
    """Read a packet; `MalformedPacket` when it is none."""
    if len(octets) < _HEADER.size:
        raise MalformedPacket(f"{len(octets)} octets are too few")
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(octets)
    if first >> 6 != VERSION:
        raise MalformedPacket(f"version is {first >> 6}")
    begin = _HEADER.size + 4 * (first & 0x0F)
    contributors = tuple(
        int.from_bytes(octets[at : at + 4], "big") for at in range(_HEADER.size, begin, 4)
    )
    extension = None
    if first & 0x10:
        extension, begin = _parse_extension(octets, begin)
    padding = octets[-1] if first & 0x20 else 0
    end = len(octets) - padding
    if begin > end or (first & 0x20 and not padding):
        raise MalformedPacket("the header or the padding is longer than the packet")
    return RtpPacket(
        payload_type=second & 0x7F,
        sequence=sequence,
        timestamp=timestamp,
        ssrc=ssrc,
        payload=octets[begin:end],
        marker=bool(second & 0x80),
        contributors=contributors,
        extension=extension,
        padding=padding,
    )


def _parse_extension(octets: bytes, at: int) -> tuple[Extension, int]:
    """Read the extension at an offset: it, and the offset behind it."""
    begin = at + _EXTENSION.size
    if begin > len(octets):
        raise MalformedPacket("the extension is cut off")
    profile, words = _EXTENSION.unpack_from(octets, at)
    end = begin + 4 * words
    if end > len(octets):
        raise MalformedPacket("the extension is longer than the packet")
    return Extension(profile, octets[begin:end]), end
