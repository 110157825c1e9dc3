"""Timer values and the heap of deadlines."""

from hypothesis import given
from hypothesis import strategies as st

from switch.sip.timer import COMPACT_ABOVE, Deadlines, TimerValues


def test_the_values_follow_table_4() -> None:
    values = TimerValues()
    assert values.transaction_timeout == 32
    assert values.timer_d == 32
    assert values.late_trying == 3.5
    assert TimerValues(t1=1).timer_d == 64
    assert TimerValues(t1=4).late_trying == 0


def test_deadlines_come_in_order_of_time_then_of_setting() -> None:
    made: Deadlines[str] = Deadlines()
    made.set("late", 2)
    made.set("first", 1)
    made.set("second", 1)
    assert len(made) == 3
    assert made.next() == 1
    assert made.pop_due(0.9) is None
    assert [made.pop_due(5) for _ in range(4)] == ["first", "second", "late", None]
    assert made.next() is None
    assert len(made) == 0


def test_a_deadline_can_be_moved_later_and_earlier() -> None:
    made: Deadlines[str] = Deadlines()
    made.set("a", 5)
    made.set("a", 9)
    assert made.next() == 9
    made.set("a", 3)
    assert made.next() == 3
    assert made.pop_due(3) == "a"
    assert made.pop_due(100) is None


def test_a_cancelled_deadline_never_comes_and_can_be_set_again() -> None:
    made: Deadlines[str] = Deadlines()
    made.set("a", 5)
    made.cancel("a")
    made.cancel("b")
    assert made.next() is None
    made.set("a", 6)
    made.cancel("a")
    made.set("a", 7)
    assert made.pop_due(6) is None
    assert made.pop_due(7) == "a"


def test_what_was_cancelled_does_not_pile_up() -> None:
    made: Deadlines[int] = Deadlines()
    made.set(-1, 1e9)
    for key in range(10 * COMPACT_ABOVE):
        made.set(key, 1000.0 + key)
        made.cancel(key)
    assert len(made._heap) <= COMPACT_ABOVE + 2
    assert len(made._queued) <= COMPACT_ABOVE + 2
    assert made.next() == 1e9


def test_refreshing_takes_one_place_in_the_heap() -> None:
    made: Deadlines[str] = Deadlines()
    for at in range(1000):
        made.set("a", at)
    assert len(made._heap) == 1
    assert made.next() == 999


@given(
    st.lists(
        st.tuples(st.sampled_from(["set", "cancel", "pop"]), st.integers(0, 5), st.integers(0, 20)),
        max_size=200,
    )
)
def test_the_heap_agrees_with_a_plain_dictionary(steps: list[tuple[str, int, int]]) -> None:
    made: Deadlines[int] = Deadlines()
    plain: dict[int, tuple[int, int]] = {}
    for order, (step, key, at) in enumerate(steps):
        if step == "set":
            made.set(key, at)
            plain[key] = (at, order)
        elif step == "cancel":
            made.cancel(key)
            plain.pop(key, None)
        else:
            due = min((k for k in plain if plain[k][0] <= at), key=plain.__getitem__, default=None)
            assert made.pop_due(at) == due
            if due is not None:
                del plain[due]
        assert made.next() == min((when for when, _ in plain.values()), default=None)
        assert len(made) == len(plain)
