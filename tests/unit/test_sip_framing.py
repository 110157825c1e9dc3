"""Streams cut into messages and keep-alives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.sip.framing import Broken, Ping, StreamFraming

ONE = b"OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 4\r\n\r\nbody"
TWO = b"SIP/2.0 200 OK\r\nVia: x\r\nl:\r\n  0\r\n\r\n"


def test_messages_are_cut_at_their_length() -> None:
    framing = StreamFraming()
    assert framing.feed(ONE + TWO + ONE[:-1]) == [ONE, TWO]
    assert len(framing) == len(ONE) - 1
    assert framing.feed(ONE[-1:]) == [ONE]
    assert len(framing) == 0


def test_a_double_crlf_is_a_ping_and_a_single_one_is_ignored() -> None:
    framing = StreamFraming()
    assert framing.feed(b"\r\n\r\n") == [Ping()]
    assert framing.feed(b"\r\n" + ONE + b"\r\n" + b"\r\n\r\n\r\n" + TWO) == [
        ONE,
        Ping(),
        Ping(),
        TWO,
    ]


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1))
def test_frames_do_not_depend_on_how_the_octets_arrive(sizes: list[int]) -> None:
    stream = ONE + b"\r\n\r\n" + TWO + b"\r\n" + ONE
    framing = StreamFraming()
    frames = []
    at, turn = 0, 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        frames += framing.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert frames == [ONE, Ping(), TWO, ONE]


@pytest.mark.parametrize(
    ("stream", "status"),
    [
        (b"OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\n", 400),
        (ONE.replace(b": 4", b": -4"), 400),
        (ONE.replace(b": 4", b": "), 400),
        (ONE.replace(b": 4", b": 4\r\nl: 5"), 400),
        (ONE.replace(b": 4", b": 99999"), 513),
        (ONE.replace(b": 4", b": " + b"9" * 9000), 513),
        (b"x" * 66000, 513),
        (b"\rOPTIONS", 400),
    ],
)
def test_a_stream_that_cannot_be_cut_is_broken_for_good(stream: bytes, status: int) -> None:
    framing = StreamFraming()
    *whole, broken = framing.feed(TWO + stream)
    assert whole == [TWO]
    assert isinstance(broken, Broken)
    assert broken.error.status == status
    assert stream.startswith(broken.octets)
    assert framing.feed(ONE) == []
    assert len(framing) == 0


def test_equal_lengths_may_be_stated_twice_to_the_framing() -> None:
    twice = ONE.replace(b": 4", b": 4\r\nl: 4")
    assert StreamFraming().feed(twice) == [twice]


def test_a_lone_cr_waits_for_its_lf() -> None:
    framing = StreamFraming()
    assert framing.feed(b"\r") == []
    assert framing.feed(b"\n") == []
    assert framing.feed(b"\r") == []
    assert framing.feed(b"\n") == [Ping()]


@given(st.binary(max_size=300))
def test_any_octets_leave_the_framing_bounded(octets: bytes) -> None:
    framing = StreamFraming()
    frames = framing.feed(octets)
    assert sum(len(frame) for frame in frames if isinstance(frame, bytes)) <= len(octets)
    assert len(framing) <= len(octets)
