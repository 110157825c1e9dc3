"""Descriptions of our own: which codec is taken, how streams are refused, what an offer has."""

import pytest

from switch.sdp import termination
from switch.sdp.description import Direction, SdpError, parse
from switch.sdp.offer_answer import directions
from switch.sdp.termination import Agreed

HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"


def offered(*lines: str) -> bytes:
    """Write an offer with these lines after the session's."""
    return (HEAD + "".join(f"{line}\r\n" for line in lines)).encode()


def answered(*lines: str) -> termination.Answer:
    found = termination.answer(offered(*lines))
    assert found is not None
    return found


def test_the_first_codec_of_the_offer_that_we_speak_is_taken() -> None:
    found = answered(
        "m=audio 6000 RTP/AVP 18 9 0 96",
        "a=rtpmap:18 G729/8000",
        "a=rtpmap:96 telephone-event/8000",
    )
    assert found.agreed == Agreed(0, "g722", 9, 20, 96, Direction.SENDRECV)
    (media,) = parse(found.body).media
    assert media.formats == "9 96"
    assert "a=fmtp:96 0-15" in str(media)
    assert "G729" not in str(media)


def test_dynamic_payload_types_keep_the_offers_numbers_and_clocks() -> None:
    found = answered(
        "m=audio 6000 RTP/AVP 111 0 101 110",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:101 telephone-event/8000",
        "a=rtpmap:110 telephone-event/48000",
        "a=ptime:30",
    )
    assert found.agreed == Agreed(0, "opus", 111, 20, 110, Direction.SENDRECV)
    assert b"a=rtpmap:111 opus/48000/2" in found.body


def test_telephone_events_on_another_clock_are_better_than_none() -> None:
    found = answered(
        "m=audio 6000 RTP/AVP 111 101",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:101 telephone-event/8000",
    )
    assert found.agreed.telephone_event == 101
    assert answered("m=audio 6000 RTP/AVP 8").agreed.telephone_event is None


@pytest.mark.parametrize(
    ("line", "ptime"), [("a=ptime:30", 30), ("a=ptime:25", 20), ("a=ptime:x", 20)]
)
def test_the_offers_packet_time_is_kept_where_we_have_it(line: str, ptime: int) -> None:
    found = answered("m=audio 6000 RTP/AVP 0", line)
    assert found.agreed.ptime_ms == ptime
    assert f"a=ptime:{ptime}".encode() in found.body


@pytest.mark.parametrize(
    ("said", "ours"),
    [("sendonly", "recvonly"), ("inactive", "inactive"), ("sendrecv", "sendrecv")],
)
def test_the_direction_is_mirrored(said: str, ours: str) -> None:
    lines = ("m=audio 6000 RTP/AVP 0", f"a={said}")
    found = answered(*lines)
    assert found.agreed.direction.value == ours
    flows = directions(parse(offered(*lines)), parse(found.body))
    assert flows == [Direction(said)]


def test_every_other_stream_is_refused_in_its_place() -> None:
    found = answered(
        "m=video 6002 RTP/AVP 96",
        "m=audio 0 RTP/AVP 0",
        "m=audio 6000 RTP/SAVP 0",
        "m=audio 6004 RTP/AVP 18",
        "m=audio 6006 RTP/AVPF 8",
        "m=audio 6008 RTP/AVP 0",
    )
    assert found.agreed.stream == 4
    assert [bool(media.port) for media in parse(found.body).media] == [
        False, False, False, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("m=image 6000 udptl t38",),
        ("m=audio 6000 RTP/AVP 18 x",),
        ("m=audio 6000 RTP/AVP 97", "a=rtpmap:97 PCMU/16000"),
        ("m=audio 6000 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"),
    ],
)
def test_an_offer_without_sound_of_ours_has_no_answer(lines: tuple[str, ...]) -> None:
    assert termination.answer(offered(*lines)) is None
    assert termination.agreed(offered(*lines)) is None


def test_what_is_no_description_is_an_error() -> None:
    with pytest.raises(SdpError):
        termination.answer(b"hello")


def test_our_own_offer_is_answered_by_what_we_answer() -> None:
    found = termination.answer(termination.offer())
    assert found is not None
    agreed = termination.agreed(found.body)
    assert agreed == Agreed(0, "pcmu", 0, 20, 101, Direction.SENDRECV)


def test_two_agreed_descriptions_settle_on_the_far_sides_first_codec_that_ours_names() -> None:
    ours = offered("m=audio 6000 RTP/AVP 8 101", "a=rtpmap:101 telephone-event/8000")
    theirs = offered("m=audio 7000 RTP/AVP 0 8 96", "a=rtpmap:96 telephone-event/8000")
    settled = termination.between(ours, theirs)
    assert settled is not None
    assert (settled.encoding, settled.payload_type, settled.telephone_event) == ("pcma", 8, 96)
    assert termination.between(ours, offered("m=audio 7000 RTP/AVP 0")) is None


def test_two_offers_are_answered_with_what_both_have_by_the_same_name_and_number() -> None:
    one = offered("m=audio 6000 RTP/AVP 9 8 101", "a=rtpmap:101 telephone-event/8000")
    other = offered(
        "m=audio 7000 RTP/AVP 0 8 101", "a=rtpmap:101 telephone-event/8000", "a=sendonly"
    )
    met = termination.meet(one, other)
    assert met is not None
    answers = [parse(each).media[0] for each in met]
    assert [each.formats for each in answers] == ["8 101", "8 101"]
    assert answers[1].direction is Direction.RECVONLY


def test_events_under_different_numbers_are_left_out_and_offers_without_a_codec_do_not_meet() -> (
    None
):
    one = offered("m=audio 6000 RTP/AVP 0 96", "a=rtpmap:96 telephone-event/8000")
    other = offered("m=audio 7000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000")
    met = termination.meet(one, other)
    assert met is not None
    assert [parse(each).media[0].formats for each in met] == ["0", "0"]
    assert termination.meet(one, offered("m=audio 7000 RTP/AVP 8")) is None


STANDS = offered(
    "m=audio 6000 RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000",
    "a=sendrecv", "m=video 0 RTP/AVP 96",
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "answers"), [("sendonly", "recvonly"), ("inactive", "inactive"), ("sendrecv",) * 2]
)
def test_an_offer_that_changes_directions_is_answered_by_what_stands(
    said: str, answers: str
) -> None:
    offer = offered(
        "m=audio 7000 RTP/AVP 8 0 101", "a=rtpmap:101 telephone-event/8000", f"a={said}",
        "m=video 0 RTP/AVP 96",
    )  # fmt: skip
    answer = termination.mirrored(offer, STANDS)
    assert answer is not None
    audio, video = parse(answer).media
    assert (audio.formats, audio.direction) == ("0 101", Direction(answers))
    assert (audio.port, video.port) == (6000, 0)


@pytest.mark.parametrize(
    "lines",
    [
        ("m=audio 7000 RTP/AVP 0 101",),
        ("m=audio 7000 RTP/AVP 8", "m=video 0 RTP/AVP 96"),
        ("m=audio 7000 RTP/AVP 0 101", "a=rtpmap:101 x/8000", "m=video 0 RTP/AVP 96"),
        ("m=audio 0 RTP/AVP 0", "m=video 0 RTP/AVP 96"),
        ("m=image 7000 udptl t38", "m=video 0 RTP/AVP 96"),
    ],
)
def test_an_offer_of_other_things_has_to_be_asked_about(lines: tuple[str, ...]) -> None:
    assert termination.mirrored(offered(*lines), STANDS) is None
