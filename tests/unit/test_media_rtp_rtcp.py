"""RTCP packets: what is read is what was built."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp.errors import MalformedPacket
from media.rtp.rtcp import (
    CNAME,
    Chunk,
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    UnknownPacket,
    build,
    parse,
)

WORD = st.integers(0, 0xFFFFFFFF)
BLOCKS = st.lists(
    st.builds(
        ReportBlock,
        WORD,
        st.integers(0, 255),
        st.integers(-0x800000, 0x7FFFFF),
        WORD,
        WORD,
        WORD,
        WORD,
    ),
    max_size=3,
).map(tuple)
ITEMS = st.lists(st.tuples(st.integers(1, 255), st.binary(max_size=30)), max_size=3).map(tuple)
CHUNKS = st.lists(st.builds(Chunk, WORD, ITEMS), max_size=3).map(tuple)
PACKETS = st.one_of(
    st.builds(SenderReport, WORD, st.integers(0, 2**64 - 1), WORD, WORD, WORD, BLOCKS),
    st.builds(ReceiverReport, WORD, BLOCKS),
    st.builds(SourceDescription, CHUNKS),
    st.builds(Goodbye, st.lists(WORD, max_size=3).map(tuple), st.binary(max_size=40)),
    st.builds(
        UnknownPacket,
        st.integers(204, 255),
        st.integers(0, 31),
        st.lists(st.binary(min_size=4, max_size=4), max_size=3).map(b"".join),
    ),
)
HEADS = st.sampled_from([b"\x81\xc8", b"\x81\xc9", b"\x82\xca", b"\x81\xcb", b"\xa1\xc9"])


@given(st.lists(PACKETS, min_size=1, max_size=4))
def test_a_compound_survives_the_way_through_octets(packets: list[RtcpPacket]) -> None:
    assert parse(build(packets)) == packets


@given(
    st.binary(max_size=80)
    | st.tuples(HEADS, st.integers(0, 9), st.binary(max_size=60)).map(
        lambda parts: parts[0] + parts[1].to_bytes(2, "big") + parts[2][: 4 * parts[1]]
    )
)
def test_any_octets_are_a_compound_or_the_typed_error(octets: bytes) -> None:
    try:
        packets = parse(octets)
    except MalformedPacket:
        return
    assert parse(build(packets)) == packets


def test_the_padding_of_the_last_packet_is_taken_off() -> None:
    padded = bytes.fromhex("a0c90002 00000007 00000004")
    assert parse(padded) == [ReceiverReport(7)]


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "80c9",
        "00c90001 00000007",
        "80c90002 00000007",
        "80c90000",
        "81c90001 00000007",
        "80c80001 00000007",
        "81ca0000",
        "81ca0001 00000007",
        "81ca0002 00000007 01010101",
        "81ca0002 00000007 01ff0101",
        "81ca0002 00000007 01020a01",
        "81cb0000",
        "80cb0001 05000000",
        "a0c90001 00000000",
        "a0c90001 00000003",
        "a0c90000",
        "a0c90002 00000007 00000004 80c90001 00000007",
    ],
    ids=[
        "empty",
        "header-cut",
        "version",
        "body-cut",
        "receiver-report-without-source",
        "block-missing",
        "sender-information-missing",
        "chunk-missing",
        "items-without-end",
        "item-header-cut",
        "item-cut",
        "item-not-ended",
        "goodbye-without-source",
        "reason-cut",
        "padding-of-none",
        "padding-not-of-words",
        "padding-without-body",
        "padding-before-the-last",
    ],
)
def test_what_is_cut_off_or_overlong_is_malformed(octets: str) -> None:
    with pytest.raises(MalformedPacket):
        parse(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "packet",
    [
        ReceiverReport(1 << 32),
        ReceiverReport(0, (ReportBlock(0, 256, 0, 0, 0, 0, 0),)),
        ReceiverReport(0, (ReportBlock(0, 0, 0x800000, 0, 0, 0, 0),)),
        ReceiverReport(0, (ReportBlock(0, 0, 0, 0, 0, 0, 0),) * 32),
        SourceDescription((Chunk(0, ((0, b""),)),)),
        SourceDescription((Chunk(0, ((CNAME, bytes(256)),)),)),
        Goodbye((), bytes(256)),
        UnknownPacket(256, 0, b""),
        UnknownPacket(204, 0, b"odd"),
        UnknownPacket(204, 0, bytes(4 << 16)),
    ],
)
def test_fields_out_of_range_are_not_built(packet: RtcpPacket) -> None:
    with pytest.raises(MalformedPacket):
        build([packet])
