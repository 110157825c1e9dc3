"""Session descriptions as values (RFC 8866)."""

import pytest

from switch.sdp.description import (
    MAX_LINES,
    MAX_MEDIA,
    MAX_OCTETS,
    Direction,
    Line,
    Origin,
    SdpError,
    is_sendable,
    parse,
)

UNSPECIFIED_IPV4 = "0.0.0.0"  # noqa: S104 - compared, not bound
PHONE = (
    b"v=0\r\no=bob 2890844526 1 IN IP4 192.0.2.5\r\ns=a b\xff\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\n"
    b"a=tool:x\r\n"
    b"m=audio 5004 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"
    b"m=video 6000/2 RTP/AVPF 96\r\nc=IN IP6 2001:db8::5\r\nq=unknown\r\n"
    b"a=sendonly\r\na=rtcp:7000\r\n"
)
HEAD = b"v=0\r\no=- 1 1 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\n"


def test_a_description_survives_the_round_trip_octet_by_octet() -> None:
    assert parse(PHONE).octets() == PHONE


def test_what_the_switch_acts_on_is_typed() -> None:
    description = parse(PHONE)
    audio, video = description.media
    assert (audio.media, audio.port, audio.ports, audio.proto) == ("audio", 5004, "", "RTP/AVP")
    assert (audio.formats, video.ports) == ("0 101", "/2")
    assert (audio.rtcp_port, video.rtcp_port) == (5005, 7000)
    assert description.host_of(audio) == "192.0.2.5"
    assert description.host_of(video) == "2001:db8::5"
    assert description.direction_of(audio) is Direction.SENDRECV
    assert description.direction_of(video) is Direction.SENDONLY


def test_bare_line_feeds_and_a_missing_last_line_end_are_borne() -> None:
    bare = PHONE.replace(b"\r\n", b"\n")
    assert parse(bare).octets() == PHONE
    assert parse(PHONE.removesuffix(b"\r\n")).octets() == PHONE
    assert parse(bare.removesuffix(b"\n")).octets() == PHONE


def test_the_sessions_direction_holds_for_streams_without_one() -> None:
    body = HEAD + b"a=recvonly\r\nm=audio 1 RTP/AVP 0\r\nm=audio 2 RTP/AVP 0\r\na=inactive\r\n"
    description = parse(body)
    assert [description.direction_of(media) for media in description.media] == [
        Direction.RECVONLY,
        Direction.INACTIVE,
    ]


@pytest.mark.parametrize(
    ("stated", "held"),
    [
        ("sendrecv", Direction.SENDONLY),
        ("sendonly", Direction.SENDONLY),
        ("recvonly", Direction.INACTIVE),
        ("inactive", Direction.INACTIVE),
    ],
)
def test_an_unspecified_address_is_a_hold_of_rfc_2543(stated: str, held: Direction) -> None:
    body = HEAD + f"m=audio 5004 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\na={stated}\r\n".encode()
    description = parse(body)
    assert description.direction_of(description.media[0]) is held


@pytest.mark.parametrize(
    ("attribute", "port"),
    [
        ("rtcp:7000 IN IP4 192.0.2.9", 7000),
        ("rtcp:0", 5005),
        ("rtcp:65536", 5005),
        ("rtcp:x", 5005),
        ("rtcp", 5005),
        ("rtcp-mux", 5005),
    ],
)
def test_the_rtcp_port_is_the_next_one_unless_stated(attribute: str, port: int) -> None:
    body = HEAD + f"m=audio 5004 RTP/AVP 0\r\na={attribute}\r\n".encode()
    assert parse(body).media[0].rtcp_port == port


def test_there_is_no_port_above_the_last() -> None:
    assert parse(HEAD + b"m=audio 65535 RTP/AVP 0\r\n").media[0].rtcp_port == 65535


def test_a_refused_stream_needs_no_address() -> None:
    description = parse(b"v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nm=audio 0 RTP/AVP 0\r\n")
    assert description.host is None
    assert description.host_of(description.media[0]) == ""


def test_a_description_without_media_has_none() -> None:
    assert parse(HEAD).media == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"v=1\r\no=- 1 1 IN IP4 h\r\n",
        b"o=- 1 1 IN IP4 h\r\nv=0\r\n",
        b"v=0\r\n",
        b"v=0\r\ns=-\r\no=- 1 1 IN IP4 h\r\n",
        b"v=0\r\no=- 1 1 IN IP4\r\n",
        b"v=0\r\no=- 1  IN IP4 h\r\n",
        b"v=0\r\no=- 1 1 ATM IP4 h\r\n",
        HEAD + b"v=0\r\n",
        HEAD + b"o=- 1 1 IN IP4 h\r\n",
        HEAD + b"m=audio 1 RTP/AVP 0\r\no=- 1 1 IN IP4 h\r\n",
        HEAD + b"nonsense\r\n",
        HEAD + b"A=upper\r\n",
        HEAD + b"\r\na=x\r\n",
        HEAD + b"a=x\ry\r\n",
        HEAD + b"a=x\0y\r\n",
        HEAD + b"m=audio 65536 RTP/AVP 0\r\n",
        HEAD + b"m=audio x RTP/AVP 0\r\n",
        HEAD + b"m=audio 5004 RTP/AVP\r\n",
        HEAD + b"m=audio  5004 RTP/AVP 0\r\n",
        HEAD + b"c=ATM NSAP 47\r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nm=audio 5004 RTP/AVP 0\r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nm=audio 5004 RTP/AVP 0\r\nc=IN IP4 \r\n",
    ],
)
def test_what_is_no_description_is_refused_with_400(body: bytes) -> None:
    with pytest.raises(SdpError) as caught:
        parse(body)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        HEAD + b"a=" + b"x" * MAX_OCTETS,
        HEAD + b"a=\r\n" * MAX_LINES,
        HEAD + b"m=audio 0 RTP/AVP 0\r\n" * (MAX_MEDIA + 1),
    ],
)
def test_what_is_beyond_the_limits_is_refused_with_488(body: bytes) -> None:
    with pytest.raises(SdpError) as caught:
        parse(body)
    assert caught.value.status == 488


def test_our_origin_names_no_user_and_its_addresss_family() -> None:
    assert str(Origin(7, 8, "2001:db8::1").line) == "o=- 7 8 IN IP6 2001:db8::1\r\n"
    assert str(Origin(7, 9, "192.0.2.1").line) == "o=- 7 9 IN IP4 192.0.2.1\r\n"


def test_directions_reverse() -> None:
    assert [direction.reversed for direction in Direction] == [
        Direction.SENDRECV,
        Direction.RECVONLY,
        Direction.SENDONLY,
        Direction.INACTIVE,
    ]


def test_only_attributes_have_names_and_directions() -> None:
    assert Line("b", "sendonly").direction is None
    assert Line("a", "sendonly").direction is Direction.SENDONLY


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "127.0.0.1"])
def test_media_can_be_sent_to_unicast_literals(host: str) -> None:
    assert is_sendable(host)


@pytest.mark.parametrize(
    "host", ["", "phone.example", UNSPECIFIED_IPV4, "::", "224.2.1.1", "ff02::1", "255.255.255.255"]
)
def test_media_cannot_be_sent_elsewhere(host: str) -> None:
    assert not is_sendable(host)
