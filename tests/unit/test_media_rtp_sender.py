"""The sender of an RTP stream."""

from media.rtp.packet import parse
from media.rtp.sender import Sender


def test_numbers_and_timestamps_advance_and_wrap() -> None:
    sender = Sender(ssrc=7, sequence=0xFFFF, timestamp=0xFFFFFFFF)
    sender.speak(payload_type=8, step=160)
    one, two = parse(sender.packet(b"a")), parse(sender.packet(b"b"))
    assert (one.sequence, one.timestamp, one.payload, one.ssrc) == (0xFFFF, 0xFFFFFFFF, b"a", 7)
    assert (two.sequence, two.timestamp, two.payload_type) == (0, 159, 8)


def test_the_marker_is_set_once_where_sound_begins() -> None:
    sender = Sender(ssrc=7, sequence=0, timestamp=0)
    sender.speak(payload_type=0, step=160)
    first = [parse(sender.packet(b"")).marker for _ in range(2)]
    sender.mark()
    assert [*first, parse(sender.packet(b"")).marker] == [True, False, True]
