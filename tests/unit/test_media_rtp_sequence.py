"""Sequence and loss accounting of RFC 3550 A.1 and A.3."""

from hypothesis import given
from hypothesis import strategies as st

from media.rtp.sequence import MAX_DROPOUT, SequenceCount


def lost(*sequences: int, ssrc: int = 7) -> int:
    count = SequenceCount()
    for sequence in sequences:
        count.count(sequence, ssrc)
    return count.lost


def test_nothing_received_is_nothing_lost() -> None:
    assert lost() == 0


@given(st.integers(0, 0xFFFF), st.integers(1, 500))
def test_a_stream_without_gaps_loses_nothing_wherever_it_begins(first: int, size: int) -> None:
    assert lost(*((first + step) % 0x10000 for step in range(size))) == 0


@given(st.integers(0, 0xFFFF), st.sets(st.integers(1, 98), max_size=50))
def test_each_gap_counts_across_the_wrap(first: int, missing: set[int]) -> None:
    sent = [step for step in range(100) if step not in missing]
    assert lost(*((first + step) % 0x10000 for step in sent)) == len(missing)


def test_reordering_is_no_loss() -> None:
    assert lost(1, 3, 2, 4) == 0


def test_a_duplicate_does_not_make_less_than_nothing_lost() -> None:
    assert lost(1, 2, 2, 2) == 0


def test_a_lone_stray_is_neither_loss_nor_a_restart() -> None:
    assert lost(1, 2, 2 + MAX_DROPOUT, 3, 5) == 1


def test_two_packets_in_sequence_after_a_jump_are_a_restart_that_keeps_former_loss() -> None:
    assert lost(1, 3, 30000, 30001, 30003) == 2


def test_a_new_source_begins_anew_and_former_loss_is_kept() -> None:
    count = SequenceCount()
    for sequence, ssrc in ((1, 7), (3, 7), (900, 8), (901, 8), (903, 8)):
        count.count(sequence, ssrc)
    assert count.lost == 2
