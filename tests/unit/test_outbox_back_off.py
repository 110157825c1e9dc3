"""Waits double up to the longest, are spread, and end."""

from hypothesis import given
from hypothesis import strategies as st

from outbox.back_off import BackOff


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def test_waits_double_up_to_the_longest_and_then_end() -> None:
    plan = BackOff(first=60, longest=400, attempts=6)
    waits = [plan.wait(attempt, middle) for attempt in range(1, 7)]
    assert waits == [60, 120, 240, 400, 400, None]


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_wait_is_within_its_spread_whatever_the_attempt(attempt: int, part: float) -> None:
    plan = BackOff(attempts=1 << 62)
    wait = plan.wait(attempt, lambda low, high: low + (high - low) * part)
    assert wait is not None
    assert 48 <= wait <= 4320


def test_a_mail_is_tried_over_a_long_weekend() -> None:
    plan = BackOff()
    waits = [plan.wait(attempt, lambda low, _high: low) for attempt in range(1, plan.attempts)]
    assert sum(wait for wait in waits if wait is not None) > 2.5 * 86_400
