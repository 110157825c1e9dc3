"""The reader of telephone events."""

import pytest

from media.rtp.event_reader import EventReader
from media.rtp.packet import RtpPacket
from media.rtp.telephone_event import FLASH, TelephoneEvent, event_of


def packet(
    digit: str,
    timestamp: int,
    duration: int = 160,
    *,
    end: bool = False,
    marker: bool = False,
    ssrc: int = 7,
) -> RtpPacket:
    payload = TelephoneEvent(event_of(digit), duration, end=end).octets()
    return RtpPacket(101, 0, timestamp, ssrc, payload, marker=marker)


def read(*packets: RtpPacket) -> str:
    reader = EventReader()
    return "".join(reader.read(each) or "" for each in packets)


def press(digit: str, timestamp: int) -> list[RtpPacket]:
    begun = [packet(digit, timestamp, duration) for duration in (160, 320, 480)]
    return [*begun, *[packet(digit, timestamp, 640, end=True)] * 3]


def test_a_press_told_six_times_is_one_digit() -> None:
    assert read(*press("5", 1000)) == "5"


def test_the_same_key_pressed_twice_is_two_digits() -> None:
    assert read(*press("5", 1000), *press("5", 2000)) == "55"


@pytest.mark.parametrize("kept", range(6))
def test_any_one_packet_of_a_press_is_enough(kept: int) -> None:
    assert read(press("#", 1000)[kept], *press("1", 3000)) == "#1"


def test_a_repeated_end_that_comes_late_is_not_a_new_press() -> None:
    first, second = press("1", 1000), press("2", 0xFFFFFFFF)
    assert read(*first, *press("2", 3000), first[-1]) == "12"
    assert read(*second, *press("3", 500), second[-1]) == "23"


def test_the_end_of_one_and_the_begin_of_the_next_may_both_be_lost() -> None:
    assert read(*press("1", 1000)[:2], *press("1", 3000)[1:]) == "11"


def test_a_marker_begins_a_new_press() -> None:
    assert read(packet("1", 1000), packet("1", 1400, marker=True)) == "11"


def test_the_segments_of_a_long_press_are_one_digit() -> None:
    long = [packet("1", 1000, 0xFFFF), packet("1", 1000 + 0xFFFF, 160)]
    assert read(*long, packet("1", 1000 + 0xFFFF, 320, end=True)) == "1"


def test_a_sender_that_advances_the_timestamp_presses_once() -> None:
    wrong = [packet("4", 1000 + 160 * n, 160 * n) for n in range(1, 9)]
    assert read(*wrong, packet("4", 1000 + 160 * 9, 1440, end=True)) == "4"


def test_a_new_stream_begins_anew() -> None:
    assert read(*press("1", 5000), packet("1", 100, ssrc=8)) == "11"


def test_what_is_no_event_or_no_digit_is_ignored() -> None:
    assert read(RtpPacket(101, 0, 0, 7, b"x")) == ""
    assert read(RtpPacket(101, 0, 0, 7, TelephoneEvent(FLASH, 160).octets())) == ""
