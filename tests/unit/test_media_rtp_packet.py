"""RTP packets: what is read is what was built."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp.errors import MalformedPacket
from media.rtp.packet import Extension, RtpPacket, parse

WORD = st.integers(0, 0xFFFFFFFF)
EXTENSIONS = st.builds(
    Extension,
    st.integers(0, 0xFFFF),
    st.lists(st.binary(min_size=4, max_size=4), max_size=4).map(b"".join),
)
PACKETS = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    sequence=st.integers(0, 0xFFFF),
    timestamp=WORD,
    ssrc=WORD,
    payload=st.binary(max_size=200),
    marker=st.booleans(),
    contributors=st.lists(WORD, max_size=15).map(tuple),
    extension=st.none() | EXTENSIONS,
    padding=st.integers(0, 255),
)
PLAIN = RtpPacket(payload_type=0, sequence=1, timestamp=160, ssrc=7, payload=b"voice")


@given(PACKETS)
def test_a_packet_survives_the_way_through_octets(packet: RtpPacket) -> None:
    assert parse(packet.octets()) == packet


@given(st.binary(max_size=80) | st.binary(max_size=60).map(lambda rest: b"\xb3" + rest))
def test_any_octets_are_a_packet_or_the_typed_error(octets: bytes) -> None:
    try:
        packet = parse(octets)
    except MalformedPacket:
        return
    assert parse(packet.octets()) == packet


def test_the_header_is_laid_out_as_the_figure_of_section_5_1() -> None:
    assert PLAIN.octets() == bytes.fromhex("8000 0001 000000a0 00000007") + b"voice"


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        bytes(11),
        bytes(12),
        bytes.fromhex("81000001 00000000 00000000"),
        bytes.fromhex("90000001 00000000 00000000 0000"),
        bytes.fromhex("90000001 00000000 00000000 00000001"),
        bytes.fromhex("a0000001 00000000 00000000"),
        bytes.fromhex("a0000001 00000000 00000001 02"),
    ],
    ids=[
        "empty",
        "short",
        "version",
        "contributor-missing",
        "extension-header-cut",
        "extension-cut",
        "padding-of-none",
        "padding-beyond",
    ],
)
def test_what_is_cut_off_or_overlong_is_malformed(octets: bytes) -> None:
    with pytest.raises(MalformedPacket):
        parse(octets)


@pytest.mark.parametrize(
    "packet",
    [
        RtpPacket(payload_type=128, sequence=0, timestamp=0, ssrc=0, payload=b""),
        RtpPacket(payload_type=0, sequence=-1, timestamp=0, ssrc=0, payload=b""),
        RtpPacket(payload_type=0, sequence=0, timestamp=1 << 32, ssrc=0, payload=b""),
        RtpPacket(
            payload_type=0, sequence=0, timestamp=0, ssrc=0, payload=b"", contributors=(0,) * 16
        ),
        RtpPacket(
            payload_type=0,
            sequence=0,
            timestamp=0,
            ssrc=0,
            payload=b"",
            extension=Extension(0, b"odd"),
        ),
    ],
    ids=["payload-type", "sequence", "timestamp", "contributors", "extension"],
)
def test_fields_out_of_range_are_not_built(packet: RtpPacket) -> None:
    with pytest.raises(MalformedPacket):
        packet.octets()
