"""STUN binding requests on the SIP port: keep-alives of SIP over UDP (RFC 8489, RFC 5626)."""

from binascii import crc32
from ipaddress import ip_address
from struct import Struct

import msgspec

from switch.sip.flow import Address

MAGIC_COOKIE = 0x2112A442
HEADER = Struct("!HHI12s")
ATTRIBUTE = Struct("!HH")
LARGEST = 1280
"""A binding request with every attribute of RFC 8489 stays far below."""

BINDING_REQUEST = 0x0001
BINDING_SUCCESS = 0x0101
BINDING_ERROR = 0x0111

ERROR_CODE = 0x0009
UNKNOWN_ATTRIBUTES = 0x000A
XOR_MAPPED_ADDRESS = 0x0020
FINGERPRINT = 0x8028

FINGERPRINT_XOR = 0x5354554E
UNDERSTOOD = frozenset({0x0006, 0x0008, 0x001C, 0x0024, 0x0025})
"""USERNAME, MESSAGE-INTEGRITY (also SHA256), PRIORITY, USE-CANDIDATE: nothing to check them by.

What else is below 0x8000 must be understood, so it is answered by 420.
"""


class StunError(Exception):
    """A datagram is no STUN binding request that can be answered."""


class BindingRequest(msgspec.Struct, frozen=True, gc=False):
    """A binding request: its transaction and what it demands that we do not know."""

    transaction_id: bytes
    unknown: tuple[int, ...]
    """Types of comprehension-required attributes that are unknown here."""
    has_fingerprint: bool


def is_stun(octets: bytes) -> bool:
    """Tell STUN from SIP by the first two bits and the magic cookie (RFC 8489 section 5)."""
    return len(octets) >= HEADER.size and octets[0] < 0x40 and octets[4:8] == b"\x21\x12\xa4\x42"


def parse(octets: bytes) -> BindingRequest:
    """Read a binding request; raise `StunError` for anything else."""
    if not is_stun(octets) or len(octets) > LARGEST:
        raise StunError("not a STUN message")
    kind, length, _, transaction_id = HEADER.unpack_from(octets)
    if kind != BINDING_REQUEST:
        raise StunError(f"not a binding request but {kind:#06x}")
    if length % 4 or length != len(octets) - HEADER.size:
        raise StunError("the length is not that of the attributes")
    unknown: list[int] = []
    has_fingerprint = False
    position = HEADER.size
    while position < len(octets):
        if has_fingerprint:
            raise StunError("FINGERPRINT is not the last attribute")
        attribute, size = ATTRIBUTE.unpack_from(octets, position)
        value = position + ATTRIBUTE.size
        if value + size > len(octets):
            raise StunError("an attribute exceeds the message")
        if attribute == FINGERPRINT:
            _check_fingerprint(octets, position, size)
            has_fingerprint = True
        elif attribute < 0x8000 and attribute not in UNDERSTOOD:
            unknown.append(attribute)
        position = value + size + -size % 4
    return BindingRequest(transaction_id, tuple(dict.fromkeys(unknown)), has_fingerprint)


def answer(request: BindingRequest, source: Address) -> bytes:
    """Write the response: where the request came from, or 420 when it demands the unknown."""
    if request.unknown:
        types = b"".join(kind.to_bytes(2, "big") for kind in request.unknown)
        attributes = _attribute(ERROR_CODE, b"\x00\x00\x04\x14Unknown Attribute") + _attribute(
            UNKNOWN_ATTRIBUTES, types
        )
        return _message(BINDING_ERROR, request.transaction_id, attributes)
    mapped = _attribute(XOR_MAPPED_ADDRESS, _xor_address(source, request.transaction_id))
    return _message(BINDING_SUCCESS, request.transaction_id, mapped)


def _check_fingerprint(octets: bytes, position: int, size: int) -> None:
    expected = crc32(octets[:position]) ^ FINGERPRINT_XOR
    start = position + ATTRIBUTE.size
    if size != 4 or int.from_bytes(octets[start : start + 4], "big") != expected:
        raise StunError("FINGERPRINT does not match")


def _xor_address(source: Address, transaction_id: bytes) -> bytes:
    address = ip_address(source.host.partition("%")[0])
    mask = (MAGIC_COOKIE.to_bytes(4, "big") + transaction_id)[: len(address.packed)]
    family = 1 if address.version == 4 else 2
    port = source.port ^ (MAGIC_COOKIE >> 16)
    host = bytes(a ^ b for a, b in zip(address.packed, mask, strict=True))
    return bytes((0, family)) + port.to_bytes(2, "big") + host


def _attribute(kind: int, value: bytes) -> bytes:
    return ATTRIBUTE.pack(kind, len(value)) + value + bytes(-len(value) % 4)


def _message(kind: int, transaction_id: bytes, attributes: bytes) -> bytes:
    # The fingerprint covers a header whose length already counts it (RFC 8489 section 14.7).
    fingerprint_size = ATTRIBUTE.size + 4
    length = len(attributes) + fingerprint_size
    message = HEADER.pack(kind, length, MAGIC_COOKIE, transaction_id) + attributes
    value = crc32(message) ^ FINGERPRINT_XOR
    return message + _attribute(FINGERPRINT, value.to_bytes(4, "big"))
