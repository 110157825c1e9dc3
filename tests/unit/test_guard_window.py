"""Sliding windows."""

from hypothesis import given
from hypothesis import strategies as st

from switch.guard.window import STEPS, Window

HOUR = 3600.0
STEP = HOUR / STEPS


def test_a_window_sums_up_what_it_holds() -> None:
    window = Window(HOUR)
    window.add(2, 0.0)
    window.add(3, 1000.0)
    assert window.sum(1000.0) == 5
    assert window.holds(1000.0)


def test_an_amount_leaves_after_the_window_and_at_most_a_step_more() -> None:
    window = Window(HOUR)
    window.add(2, 0.0)
    assert window.sum(HOUR) == 2
    assert window.sum(HOUR + STEP) == 0
    assert not window.holds(HOUR + STEP)


def test_what_was_counted_can_be_taken_back_while_it_is_held() -> None:
    window = Window(HOUR)
    window.add(2, 0.0)
    window.add(2, 10.0)
    window.take_back(2, 0.0)
    assert window.sum(10.0) == 2
    window.sum(2 * HOUR)
    window.take_back(2, 0.0)
    assert window.sum(2 * HOUR) == 0


def test_a_window_never_owes() -> None:
    window = Window(HOUR)
    window.add(1, 0.0)
    window.take_back(2, 0.0)
    assert window.sum(0.0) == 0


@given(st.lists(st.floats(0, 20 * HOUR), min_size=1, max_size=200))
def test_a_window_counts_all_of_its_span_and_keeps_a_bounded_number_of_steps(
    times: list[float],
) -> None:
    window = Window(HOUR)
    ordered = sorted(times)
    for at in ordered:
        window.add(1, at)
        assert len(window._sums) <= STEPS + 1
    now = ordered[-1]
    counted = window.sum(now)
    assert sum(now - at < HOUR for at in ordered) <= counted
    assert counted <= sum(now - at < HOUR + STEP for at in ordered)
