"""What happens to a description that crosses the switch, by the typed rule and on octets alike."""

import time
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from media.plane import MediaAddress
from switch.sdp.description import Direction, Origin, SdpError, parse
from switch.sdp.rewrite import (
    StreamFacts,
    media_targets,
    refuse_streams,
    rewrite,
    rewrite_text,
    streams_of,
    with_direction,
)
from switch.sip.errors import LocalProtocolError

ORIGIN = Origin(7, 8, "198.51.100.1")
RELAY = [MediaAddress("198.51.100.2", port, port + 1) for port in (20000, 20002, 20004)]

HEAD = b"v=0\r\no=bob 1 1 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\n"
AUDIO = b"m=audio 5004 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
CROSSED_HEAD = b"v=0\r\no=- 7 8 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.2\r\nt=0 0\r\n"
CROSSED_AUDIO = AUDIO.replace(b"5004", b"20000")


def crossed(body: bytes, relay: list[MediaAddress] = RELAY, origin: Origin = ORIGIN) -> bytes:
    """Rewrite in both ways, which must say the same."""
    text = rewrite_text(body, origin=origin, streams=relay)
    assert rewrite(parse(body), origin=origin, streams=relay).octets() == text
    return text


def targets(body: bytes) -> list[StreamFacts]:
    """Read in both ways, which must say the same."""
    facts = media_targets(body)
    assert streams_of(parse(body)) == facts
    return facts


def test_addresses_become_the_relays_and_all_else_crosses_verbatim() -> None:
    body = HEAD + b"b=AS:64\r\na=tool:x\xff\r\n" + AUDIO + b"a=ptime:20\r\na=sendonly\r\n"
    assert crossed(body) == (
        CROSSED_HEAD
        + b"b=AS:64\r\na=tool:x\xff\r\n"
        + CROSSED_AUDIO
        + b"a=ptime:20\r\na=sendonly\r\n"
    )


def test_the_other_leg_may_be_of_the_other_address_family() -> None:
    relay = [MediaAddress("2001:db8::2", 30000, 30001)]
    text = crossed(HEAD + AUDIO, relay, Origin(7, 8, "2001:db8::1"))
    assert b"o=- 7 8 IN IP6 2001:db8::1\r\n" in text
    assert b"c=IN IP6 2001:db8::2\r\n" in text
    back = crossed(text)
    assert b"c=IN IP4 198.51.100.2\r\n" in back


def test_a_streams_own_address_is_rewritten_too() -> None:
    body = HEAD.replace(b"c=IN IP4 192.0.2.5\r\n", b"") + AUDIO + b"c=IN IP4 192.0.2.6/127\r\n"
    assert b"192.0.2" not in crossed(body)
    assert crossed(body).endswith(b"c=IN IP4 198.51.100.2\r\n")


@pytest.mark.parametrize(
    "attribute",
    [
        "candidate:1 1 UDP 2130706431 192.0.2.5 5004 typ host",
        "end-of-candidates",
        "remote-candidates:1 192.0.2.5 5004",
        "ice-ufrag:F7gI",
        "ice-pwd:x9cml/YzichV2+XlhiMu8g",
        "ice-options:trickle",
        "ice-lite",
        "rtcp-mux",
        "rtcp:7000 IN IP4 192.0.2.9",
        "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc",
        "fingerprint:SHA-256 AB:CD",
        "setup:actpass",
        "group:BUNDLE audio",
        "bundle-only",
        "altc:1 IP6 2001:db8::5 5004",
    ],
)
def test_what_the_relay_does_not_speak_is_taken_out(attribute: str) -> None:
    line = f"a={attribute}\r\n".encode()
    assert crossed(HEAD + line + AUDIO) == CROSSED_HEAD + CROSSED_AUDIO
    assert crossed(HEAD + AUDIO + line) == CROSSED_HEAD + CROSSED_AUDIO
    assert crossed(HEAD + AUDIO + line + line + b"a=x\r\n") == (
        CROSSED_HEAD + CROSSED_AUDIO + b"a=x\r\n"
    )


@pytest.mark.parametrize(
    "attribute", ["rtcp-fb:* nack", "setups", "candidates", "group:LS 1", "rtcp-rsize", "mid:1"]
)
def test_what_only_resembles_it_crosses(attribute: str) -> None:
    line = f"a={attribute}\r\n".encode()
    assert crossed(HEAD + AUDIO + line) == CROSSED_HEAD + CROSSED_AUDIO + line


def test_an_rtcp_port_that_is_not_the_next_is_stated_at_the_streams_end() -> None:
    relay = [MediaAddress("198.51.100.2", 20000, 21000), MediaAddress("198.51.100.2", 20002, 21002)]
    text = crossed(HEAD + AUDIO + AUDIO, relay)
    assert text == (
        CROSSED_HEAD
        + CROSSED_AUDIO
        + b"a=rtcp:21000\r\n"
        + CROSSED_AUDIO.replace(b"20000", b"20002")
        + b"a=rtcp:21002\r\n"
    )


@pytest.mark.parametrize(
    ("line", "after"),
    [
        (b"m=audio 5004 RTP/AVPF 0\r\n", b"m=audio 20000 RTP/AVPF 0\r\n"),
        (b"m=audio 5004 rtp/avp 0\r\n", b"m=audio 20000 rtp/avp 0\r\n"),
        (b"m=audio 5004/2 RTP/AVP 0\r\n", b"m=audio 20000 RTP/AVP 0\r\n"),
        (b"m=image 5004 udptl t38\r\n", b"m=image 20000 udptl t38\r\n"),
        (b"m=audio 0 RTP/AVP 0\r\n", b"m=audio 0 RTP/AVP 0\r\n"),
        (b"m=audio 5004 RTP/SAVP 0\r\n", b"m=audio 0 RTP/SAVP 0\r\n"),
        (b"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", b"m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n"),
        (b"m=image 5004 TCP t38\r\n", b"m=image 0 TCP t38\r\n"),
        (b"m=application 5004 TCP/MSRP *\r\n", b"m=application 0 TCP/MSRP *\r\n"),
    ],
)
def test_streams_that_the_relay_cannot_carry_are_refused(line: bytes, after: bytes) -> None:
    assert crossed(HEAD + line) == CROSSED_HEAD + after


def test_t38_gets_no_rtcp() -> None:
    relay = [MediaAddress("198.51.100.2", 20000, 21000)]
    assert b"rtcp" not in crossed(HEAD + b"m=image 5004 udptl t38\r\n", relay)


def test_streams_beyond_the_relays_are_refused() -> None:
    text = crossed(HEAD + AUDIO + AUDIO, RELAY[:1])
    assert [media.port for media in parse(text).media] == [20000, 0]
    none = crossed(HEAD + AUDIO, [])
    assert b"c=IN IP4 198.51.100.1\r\n" in none
    assert parse(none).media[0].port == 0


def test_a_hold_of_rfc_2543_crosses_as_a_direction() -> None:
    body = HEAD.replace(b"c=IN IP4 192.0.2.5", b"c=IN IP4 0.0.0.0") + AUDIO + b"a=sendrecv\r\n"
    assert crossed(body) == CROSSED_HEAD + CROSSED_AUDIO + b"a=sendonly\r\n"
    facts = targets(body)[0]
    assert (facts.host, facts.direction) == ("", Direction.SENDONLY)
    ipv6 = HEAD + AUDIO + b"c=IN IP6 ::\r\na=inactive\r\n"
    assert crossed(ipv6).endswith(b"c=IN IP4 198.51.100.2\r\na=inactive\r\n")
    assert targets(ipv6)[0].direction is Direction.INACTIVE


def test_bare_line_feeds_cross_as_whole_line_ends() -> None:
    assert crossed((HEAD + AUDIO).replace(b"\r\n", b"\n")) == CROSSED_HEAD + CROSSED_AUDIO


def test_a_long_description_crosses_as_a_short_one() -> None:
    long = b"a=x:" + b"y" * 4000 + b"\r\n"
    assert crossed(HEAD + AUDIO + long) == CROSSED_HEAD + CROSSED_AUDIO + long


def test_the_relays_streams_are_on_one_host() -> None:
    relay = [MediaAddress("198.51.100.2", 1, 2), MediaAddress("198.51.100.3", 3, 4)]
    with pytest.raises(LocalProtocolError):
        rewrite_text(HEAD + AUDIO, origin=ORIGIN, streams=relay)


def test_the_media_plane_is_told_of_each_stream() -> None:
    body = (
        HEAD
        + b"a=recvonly\r\n"
        + AUDIO
        + b"m=video 6000 RTP/AVPF 96\r\nc=IN IP6 2001:db8::5\r\na=rtcp:7000\r\n"
        + b"a=rtcp:0\r\na=inactive\r\n"
        + b"m=audio 0 RTP/AVP 0\r\na=sendonly\r\n"
        + b"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 phone.example\r\n"
    )
    facts = targets(body)
    assert facts == [
        StreamFacts("audio", "RTP/AVP", "192.0.2.5", 5004, 5005, Direction.RECVONLY),
        StreamFacts("video", "RTP/AVPF", "2001:db8::5", 6000, 7000, Direction.INACTIVE),
        StreamFacts("audio", "RTP/AVP", "192.0.2.5", 0, 1, Direction.SENDONLY),
        StreamFacts("audio", "UDP/TLS/RTP/SAVPF", "", 9, 10, Direction.RECVONLY),
    ]
    assert [stream.is_relayed for stream in facts] == [True, True, False, False]


def test_a_direction_can_be_put_in_place_of_all_others() -> None:
    body = HEAD + b"a=sendrecv\r\n" + AUDIO + b"a=sendonly\r\na=ptime:20\r\n" + AUDIO
    held = b"a=inactive\r\n"
    assert with_direction(body, Direction.INACTIVE) == (
        HEAD + AUDIO + b"a=ptime:20\r\n" + held + AUDIO + held
    )


def test_every_stream_can_be_refused() -> None:
    body = HEAD + AUDIO + b"m=video 6000/2 RTP/AVP 96\r\n"
    assert refuse_streams(body) == (
        HEAD + AUDIO.replace(b"5004", b"0") + b"m=video 0 RTP/AVP 96\r\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        HEAD + b"m=audio 65536 RTP/AVP 0\r\n",
        HEAD + b"m=audio 0 RTP/AVP 0\r\n" * 17,
        b"v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nm=audio 1 RTP/AVP 0\r\nm=audio 0 RTP/AVP 0\r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nm=audio 1 RTP/AVP 0\r\n",
    ],
)
def test_what_cannot_be_read_is_refused_in_either_way(body: bytes) -> None:
    for work in (
        lambda: parse(body),
        lambda: media_targets(body),
        lambda: rewrite_text(body, origin=ORIGIN, streams=RELAY),
    ):
        with pytest.raises(SdpError):
            work()


LINES = [
    *HEAD.split(b"\r\n")[2:-1],
    *AUDIO.split(b"\r\n")[:-1],
    b"c=IN IP6 2001:db8::7",
    b"c=IN IP4 0.0.0.0",
    b"c=IN IP4 224.2.1.1/127/3",
    b"c=IN IP4 a/b",
    b"m=video 6000/2 RTP/AVPF 96 97",
    b"m=audio 0 RTP/AVP 0",
    b"m=image 4000 udptl t38",
    b"m=audio 70000 RTP/AVP 0",
    b"m=audio 5004 RTP/SAVP 0",
    b"m=audio 65535 RTP/AVP \xff",
    *(b"a=" + direction.encode() for direction in Direction),
    b"a=rtcp:7000",
    b"a=rtcp:7000 IN IP4 192.0.2.5",
    b"a=rtcp:99999",
    b"a=rtcp:123456",
    b"a=rtcp-mux",
    b"a=candidate:1 1 UDP 1 192.0.2.5 5004 typ host",
    b"a=crypto",
    b"a=crypto \x85x",
    b"a=group:BUNDLE",
    b"a=group:BUNDLEs",
    b"a=ice-\xff",
    b"a=",
    b"z=",
    b"o=again 1 1 IN IP4 h",
    b"v=0",
    b"",
    b"a",
    b"a=\r",
    b"a=\0",
]
START = HEAD[: HEAD.index(b"s=")]
BODIES = st.builds(
    lambda lines, end, last: START + end.join(lines) + (end if last else b""),
    st.lists(st.sampled_from(LINES), max_size=12),
    st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n"]),
    st.booleans(),
)
TOUCHED = st.builds(
    lambda body, place, octet: body[: place % len(body)] + octet + body[place % len(body) + 1 :],
    BODIES,
    st.integers(min_value=0),
    st.binary(max_size=2),
)
RELAYS = st.lists(
    st.builds(
        lambda port, gap: MediaAddress("2001:db8::9", port, port + gap),
        st.integers(1024, 60000),
        st.integers(1, 2),
    ),
    max_size=3,
)


@settings(max_examples=300)
@given(BODIES | TOUCHED | st.binary(max_size=200), RELAYS)
@example(HEAD + AUDIO, [])
def test_both_ways_say_the_same_of_anything(body: bytes, relay: list[MediaAddress]) -> None:
    try:
        description = parse(body)
    except SdpError:
        with pytest.raises(SdpError):
            rewrite_text(body, origin=ORIGIN, streams=relay)
        with pytest.raises(SdpError):
            media_targets(body)
        return
    text = rewrite_text(body, origin=ORIGIN, streams=relay)
    assert rewrite(description, origin=ORIGIN, streams=relay).octets() == text
    assert streams_of(description) == media_targets(body)
    # What left can be read, and tells nothing of where it came from.
    left = parse(text)
    assert {facts.host for facts in streams_of(left)} <= {"", "2001:db8::9", "198.51.100.1"}
    assert len(left.media) == len(description.media)
    assert parse(description.octets()) == description


@pytest.mark.parametrize(
    "piece",
    [b"a", b" ", b"\r\n", b"\n", b"a=\n", b"m=", b"m=a 1 b c\r\n", b"c=IN IP4 ", b"a=rtcp:"],
)
def test_no_kilobyte_takes_longer_than_a_millisecond(piece: bytes) -> None:
    body = HEAD + (piece * 16_000)[:16_000]
    best = 1.0
    for _ in range(3):
        begin = time.process_time()
        with suppress(SdpError):
            rewrite_text(body, origin=ORIGIN, streams=RELAY)
        with suppress(SdpError):
            media_targets(body)
        best = min(best, time.process_time() - begin)
    assert best < 2 * 16e-3
