"""Timer values and the heap of deadlines."""

from hypothesis import given
from hypothesis import strategies as st

from switch.sip.timer import COMPACT_ABOVE, Deadlines, TimerValues


def entries(made: Deadlines[str] | Deadlines[int]) -> int:
    """Count what is kept, live or stale."""
    return len(made._front) + sum(map(len, made._buckets.values()))


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
    assert entries(made) <= 3 * COMPACT_ABOVE
    assert made.next() == 1e9


def test_refreshing_again_and_again_does_not_pile_up() -> None:
    made: Deadlines[str] = Deadlines()
    for at in range(10 * COMPACT_ABOVE):
        made.set("a", at)
    assert entries(made) <= 3 * COMPACT_ABOVE
    assert len(made._ticks) <= 3 * COMPACT_ABOVE
    assert made.next() == 10 * COMPACT_ABOVE - 1


def test_an_earlier_deadline_comes_first_after_a_look_at_a_later_one() -> None:
    made: Deadlines[str] = Deadlines()
    made.set("late", 30)
    assert made.next() == 30
    made.set("early", 0.5)
    made.set("later", 31)
    assert [made.pop_due(100) for _ in range(4)] == ["early", "late", "later", None]


@given(
    st.lists(
        st.tuples(st.sampled_from(["set", "cancel", "pop"]), st.integers(0, 5), st.integers(0, 20)),
        max_size=200,
    )
)
def test_the_heap_agrees_with_a_plain_dictionary(steps: list[tuple[str, int, int]]) -> None:
    made: Deadlines[int] = Deadlines()
    plain: dict[int, tuple[float, int]] = {}
    for order, (step, key, hundredths) in enumerate(steps):
        at = hundredths / 100
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
