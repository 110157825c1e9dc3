"""What a relay has carried."""

from media.plane import StreamCounters
from media.traffic import Traffic


def test_streams_are_summed_up_by_what_became_of_their_packets() -> None:
    traffic = Traffic()
    stream = StreamCounters(10, 1720, 9, 1548, 1, 2, 0.5, 3, 0, 4)
    traffic.add([stream, stream])
    assert traffic == Traffic(received=20, sent=18, lost=2, rejected=4, dropped=8)
