"""Putting packets in order."""

from hypothesis import given
from hypothesis import strategies as st

from media.rtp.packet import RtpPacket
from media.rtp.reorder import MAX_WAITING, PATIENCE, Arrival, Reorder


def packet(sequence: int, ssrc: int = 7) -> RtpPacket:
    return RtpPacket(0, sequence % 0x10000, 0, ssrc, b"")


def numbers(packets: list[Arrival]) -> list[int]:
    return [packet.sequence for packet, _ in packets]


def push(reorder: Reorder, *sequences: int, now: float = 0.0) -> list[int]:
    return [n for each in sequences for n in numbers(reorder.push(packet(each), now))]


def test_packets_in_order_pass_at_once_across_the_wrap() -> None:
    assert push(Reorder(), 65534, 65535, 65536, 65537) == [65534, 65535, 0, 1]


def test_an_early_packet_waits_for_the_missing_one() -> None:
    reorder = Reorder()
    assert push(reorder, 1, 3, 4) == [1]
    assert push(reorder, 2) == [2, 3, 4]


def test_a_missing_packet_is_given_up_when_the_patience_ends() -> None:
    reorder = Reorder()
    push(reorder, 1, 3)
    push(reorder, 5, now=0.1)
    assert numbers(reorder.poll(PATIENCE - 0.01)) == []
    assert numbers(reorder.poll(PATIENCE)) == [3]
    assert numbers(reorder.poll(PATIENCE + 0.1)) == [5]


def test_late_and_repeated_packets_are_dropped() -> None:
    reorder = Reorder()
    assert push(reorder, 1, 3, 3, 1, 2, 2) == [1, 2, 3]


def test_no_more_packets_wait_than_may() -> None:
    reorder = Reorder()
    push(reorder, 0)
    given = push(reorder, *range(2, 3 + MAX_WAITING))
    assert given == list(range(2, 3 + MAX_WAITING))


def test_a_sender_that_begins_anew_is_followed() -> None:
    reorder = Reorder()
    assert push(reorder, 1, 3) == [1]
    assert push(reorder, 9000) == [3, 9000]
    assert push(reorder, 9001) == [9001]
    reorder.push(packet(9003), 0.0)
    assert numbers(reorder.push(packet(5, ssrc=8), 0.0)) == [9003, 5]


def test_what_waits_can_be_taken_at_the_end() -> None:
    reorder = Reorder()
    push(reorder, 1, 5, 3)
    assert numbers(reorder.drain()) == [3, 5]
    assert reorder.drain() == []


@given(st.permutations(range(1, 12)))
def test_whatever_the_order_of_arrival_all_come_out_in_order(order: list[int]) -> None:
    reorder = Reorder()
    assert push(reorder, 0, *order) == list(range(12))
