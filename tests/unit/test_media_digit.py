"""Collecting digits."""

from media.digit import MAX_AHEAD, MAX_DIGITS, Digits
from media.plane import Collect, CollectEnd


def dial(digits: Digits, dialled: str, now: float = 0.0) -> list[CollectEnd]:
    return [end for each in dialled if (end := digits.hear(each, now))]


def test_a_collection_is_complete_with_its_last_digit() -> None:
    digits = Digits()
    assert digits.begin(Collect("a", max_digits=3)) is None
    assert dial(digits, "12") == []
    assert digits.collected == "12"
    assert dial(digits, "3") == [CollectEnd.COMPLETE]
    assert digits.end() == "123"
    assert not digits.is_collecting


def test_a_terminator_ends_it_and_is_not_among_the_digits() -> None:
    digits = Digits()
    digits.begin(Collect("a", max_digits=9, terminators="#*"))
    assert dial(digits, "12*") == [CollectEnd.TERMINATOR]
    assert digits.end() == "12"


def test_digits_dialled_ahead_count_first() -> None:
    digits = Digits()
    dial(digits, "12#34")
    assert digits.begin(Collect("a", max_digits=4)) is CollectEnd.TERMINATOR
    assert digits.end() == "12"
    assert digits.begin(Collect("a", max_digits=1)) is CollectEnd.COMPLETE
    assert digits.end() == "3"
    assert digits.begin(Collect("a", max_digits=3)) is None
    assert digits.collected == "4"


def test_what_was_dialled_ahead_can_be_flushed() -> None:
    digits = Digits()
    dial(digits, "12")
    assert digits.begin(Collect("a", max_digits=2, flush=True)) is None
    assert digits.end() == ""


def test_no_more_is_kept_than_may_be() -> None:
    digits = Digits()
    dial(digits, "1" * 100 + "2" * MAX_AHEAD)
    digits.begin(Collect("a", max_digits=1000))
    assert digits.collected == "2" * MAX_AHEAD
    ends = dial(digits, "3" * (MAX_DIGITS - MAX_AHEAD))
    assert ends == [CollectEnd.COMPLETE]


def test_the_first_digit_is_waited_for_from_the_end_of_the_play() -> None:
    digits = Digits()
    digits.begin(Collect("a", first_timeout=5, inter_timeout=2))
    assert digits.poll(100, is_playing=True) is None
    assert digits.poll(110, is_playing=False) is None
    assert digits.poll(114.9, is_playing=False) is None
    assert digits.poll(115, is_playing=False) is CollectEnd.TIMEOUT


def test_later_digits_are_waited_for_from_the_one_before() -> None:
    digits = Digits()
    digits.begin(Collect("a", max_digits=3, first_timeout=5, inter_timeout=2))
    digits.poll(0, is_playing=False)
    dial(digits, "1", now=4)
    assert digits.poll(5.9, is_playing=False) is None
    assert digits.poll(6, is_playing=False) is CollectEnd.TIMEOUT
    assert digits.end() == "1"


def test_after_digits_dialled_ahead_the_wait_is_that_between_digits() -> None:
    digits = Digits()
    dial(digits, "1")
    digits.begin(Collect("a", max_digits=2, first_timeout=50, inter_timeout=2))
    digits.poll(0, is_playing=False)
    assert digits.poll(2, is_playing=False) is CollectEnd.TIMEOUT


def test_without_a_collection_time_means_nothing() -> None:
    assert Digits().poll(1e9, is_playing=False) is None
