"""Ogg pages (RFC 3533 section 6): give a stream another serial number, with new checksums."""

from struct import pack_into, unpack_from

_HEADER = 27
_SERIAL = 14
_CHECKSUM = 22
_SEGMENTS = 26
_POLYNOMIAL = 0x04C11DB7


def with_serial(octets: bytes, serial: int) -> bytes:
    """Write a serial number into each page."""
    stream = bytearray(octets)
    at = 0
    while at < len(stream):
        if stream[at : at + 4] != b"OggS":
            raise ValueError(f"there is no page at octet {at}")
        count = stream[at + _SEGMENTS]
        end = at + _HEADER + count + sum(stream[at + _HEADER : at + _HEADER + count])
        pack_into("<I", stream, at + _SERIAL, serial)
        pack_into("<I", stream, at + _CHECKSUM, 0)
        pack_into("<I", stream, at + _CHECKSUM, checksum(stream[at:end]))
        at = end
    return bytes(stream)


def serial_of(octets: bytes) -> int:
    """Read the first page's serial number."""
    return int(unpack_from("<I", octets, _SERIAL)[0])


def checksum(octets: bytes | bytearray) -> int:
    """Compute a page's checksum: CRC-32, neither reflected nor inverted."""
    register = 0
    for octet in octets:
        register = (register << 8 & 0xFFFFFFFF) ^ _TABLE[register >> 24 ^ octet]
    return register


def _entry(octet: int) -> int:
    register = octet << 24
    for _ in range(8):
        register = register << 1 ^ (_POLYNOMIAL if register & 0x80000000 else 0)
    return register & 0xFFFFFFFF


_TABLE = [_entry(octet) for octet in range(256)]
