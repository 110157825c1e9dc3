"""STUN binding requests, read and answered."""

from binascii import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.sip.flow import Address
from switch.transport import stun

TRANSACTION = bytes(range(12))


def message(attributes: bytes = b"", *, kind: int = 1, length: int | None = None) -> bytes:
    size = len(attributes) if length is None else length
    return stun.HEADER.pack(kind, size, stun.MAGIC_COOKIE, TRANSACTION) + attributes


def attribute(kind: int, value: bytes) -> bytes:
    return stun.ATTRIBUTE.pack(kind, len(value)) + value + bytes(-len(value) % 4)


def with_fingerprint(attributes: bytes = b"", *, change: int = 0) -> bytes:
    head = message(attributes, length=len(attributes) + 8)
    value = crc32(head) ^ stun.FINGERPRINT_XOR ^ change
    return head + attribute(stun.FINGERPRINT, value.to_bytes(4, "big"))


def test_a_bare_request_has_its_transaction_and_nothing_else() -> None:
    assert stun.parse(message()) == stun.BindingRequest(TRANSACTION, (), has_fingerprint=False)


def test_the_answer_to_rfc_5769s_addresses_is_rfc_5769s() -> None:
    transaction = bytes.fromhex("b7e7a701bc34d686fa87dfae")
    request = stun.BindingRequest(transaction, (), has_fingerprint=False)
    four = stun.answer(request, Address("192.0.2.1", 32853))
    assert bytes.fromhex("002000080001a147e112a643") in four
    six = stun.answer(request, Address("2001:db8:1234:5678:11:2233:4455:6677", 32853))
    mapped = "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    assert bytes.fromhex(mapped) in six


@pytest.mark.parametrize("source", [Address("127.0.0.1", 5060), Address("fe80::1%2", 1)])
def test_an_answer_repeats_the_transaction_and_ends_with_its_fingerprint(source: Address) -> None:
    answer = stun.answer(stun.parse(with_fingerprint()), source)
    kind, length, cookie, transaction = stun.HEADER.unpack_from(answer)
    assert (kind, length, cookie) == (stun.BINDING_SUCCESS, len(answer) - 20, stun.MAGIC_COOKIE)
    assert transaction == TRANSACTION
    expected = crc32(answer[:-8]) ^ stun.FINGERPRINT_XOR
    assert answer[-4:] == expected.to_bytes(4, "big")


def test_what_must_be_understood_and_is_not_is_named_in_420() -> None:
    request = stun.parse(message(attribute(0x0002, b"x") + attribute(0x7FFF, b"") * 2))
    assert request.unknown == (2, 0x7FFF)
    answer = stun.answer(request, Address("127.0.0.1", 1))
    assert stun.HEADER.unpack_from(answer)[0] == stun.BINDING_ERROR
    assert attribute(stun.UNKNOWN_ATTRIBUTES, b"\x00\x02\x7f\xff") in answer


def test_what_need_not_be_understood_is_passed_over() -> None:
    octets = message(attribute(0x8022, b"agent") + attribute(0x0006, b"user"))
    assert stun.parse(octets).unknown == ()


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"OPTIONS sip:x SIP/2.0\r\n\r\n",
        message(kind=0x0011),
        message(kind=0x0101),
        message(length=4),
        message(b"\x80\x22\x00"),
        message(b"\x80\x22\x00\x08abcd"),
        message(attribute(0x8022, bytes(stun.LARGEST))),
        with_fingerprint(change=1),
        with_fingerprint() + attribute(0x8022, b"late"),
        message(attribute(stun.FINGERPRINT, b"12345678")),
        with_fingerprint()[:2]
        + (16).to_bytes(2, "big")
        + with_fingerprint()[4:]
        + attribute(0x8022, b"late"),
    ],
)
def test_anything_else_is_a_stun_error(octets: bytes) -> None:
    with pytest.raises(stun.StunError):
        stun.parse(octets)


def test_an_attribute_after_the_fingerprint_is_refused() -> None:
    head = message(length=16)
    value = crc32(head) ^ stun.FINGERPRINT_XOR
    octets = (
        head + attribute(stun.FINGERPRINT, value.to_bytes(4, "big")) + attribute(0x8022, b"late")
    )
    with pytest.raises(stun.StunError, match="last"):
        stun.parse(octets)


@given(st.binary(max_size=200), st.integers(0, 0x4000))
def test_octets_of_any_kind_are_a_request_or_a_stun_error(octets: bytes, length: int) -> None:
    for candidate in (octets, message(octets), message(octets, length=length)):
        try:
            request = stun.parse(candidate)
        except stun.StunError:
            continue
        stun.answer(request, Address("192.0.2.1", 5060))
