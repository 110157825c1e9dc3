"""What one leg does to descriptions."""

import pytest

from media.plane import Allocate, Direct, MediaAddress, Release
from switch.b2bua.media_role import MediaSide, stream_count
from tests.support.leg_bench import FAR, HELD, PORTS, TWO_STREAMS


def side(source: str = "192.0.2.7") -> MediaSide:
    """Make a leg's media."""
    return MediaSide(endpoint="call/a", call_id="call", source=source, session_id=5)


def ready() -> MediaSide:
    """Make a leg's media with ports."""
    media = side()
    media.allocate(2)
    media.streams = PORTS
    return media


@pytest.mark.parametrize(("source", "ipv6"), [("192.0.2.7", False), ("2001:db8::7", True)])
def test_ports_are_asked_for_once_in_the_family_of_the_far_side(source: str, *, ipv6: bool) -> None:
    media = side(source)
    assert media.allocate(1) == [Allocate("call/a", "call", 1, ipv6)]
    assert not media.is_ready
    assert media.allocate(1) == []
    assert media.allocate(2) == [Allocate("call/a", "call", 2, ipv6)]


def test_a_description_names_our_address_and_our_session() -> None:
    body = ready().localize(FAR)
    assert b"o=- 5 5 IN IP4 192.0.2.1" in body
    assert b"m=audio 40000 " in body


def test_the_version_grows_only_with_the_content() -> None:
    media = ready()
    first = media.localize(FAR)
    assert media.localize(FAR) == first
    assert b" 5 6 IN IP4" in media.localize(HELD)
    assert media.localize(b"") == b""


def test_a_description_without_ports_names_none() -> None:
    assert b"m=audio 0 " in side().localize(FAR)


def test_the_far_sides_description_directs_each_stream() -> None:
    (direct,) = ready().direct(HELD)
    remote = MediaAddress("192.0.2.7", 6000, 6001)
    expected = Direct("call/a", 0, remote, send=False, receive=True, source="192.0.2.7")
    assert direct == expected
    assert len(ready().direct(TWO_STREAMS)) == 2


def test_a_refused_stream_is_stopped() -> None:
    (direct,) = ready().direct(FAR.replace(b"m=audio 6000", b"m=audio 0"))
    assert isinstance(direct, Direct)
    assert (direct.remote, direct.send, direct.receive) == (None, False, False)


def test_an_endpoint_is_given_back_once_and_then_neither_directed_nor_extended() -> None:
    media = ready()
    assert media.release() == [Release("call/a")]
    assert media.release() == []
    assert media.direct(FAR) == []
    assert media.allocate(4) == []


def test_what_was_never_asked_for_is_not_given_back() -> None:
    assert side().release() == []
    assert side().direct(b"") == []


def test_a_session_still_to_be_offered_has_one_stream() -> None:
    assert (stream_count(b""), stream_count(TWO_STREAMS)) == (1, 2)
