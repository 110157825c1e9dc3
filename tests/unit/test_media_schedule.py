"""The packet clock's arithmetic."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.codec.catalogue import PTIMES_MS
from media.schedule import MAX_LATE, TICK, PacketClock, Wheel


def test_an_hour_of_late_timers_does_not_make_the_clock_drift() -> None:
    clock = PacketClock(1000.0)
    now, ticks = 1000.0, 0
    lateness = 0
    while ticks < 360_000:
        lateness = (lateness * 7919 + 13) % 8000  # up to 8 ms, without pattern
        now = clock.next_at + lateness / 1e6
        ticks += len(clock.due(now))
    assert clock.next_at == pytest.approx(1000.0 + 3600.0, abs=1e-6)
    assert clock.skipped == 0


def test_each_tick_is_given_once_and_in_order() -> None:
    clock = PacketClock(0.0)
    given = [tick for now in (0.0, 0.0, 0.004, 0.0099, 0.031, 0.032) for tick in clock.due(now)]
    assert given == [0, 1, 2, 3]


def test_a_long_delay_is_made_up_for_in_part_only() -> None:
    clock = PacketClock(0.0)
    assert list(clock.due(0.0)) == [0]
    late = clock.due(1.0)
    assert len(late) == MAX_LATE
    assert late[-1] == 100
    assert clock.skipped == 100 - MAX_LATE
    assert clock.next_at == pytest.approx(1.01)


def test_a_timer_that_fires_a_little_early_is_taken_as_due() -> None:
    clock = PacketClock(0.0)
    clock.due(0.0)
    assert list(clock.due(TICK - 1e-6)) == [1]
    assert list(clock.due(2 * TICK - 1e-4)) == []


@given(st.lists(st.sampled_from(PTIMES_MS), max_size=30))
def test_each_sender_sends_exactly_at_its_packet_time(ptimes: list[int]) -> None:
    wheel: Wheel[int] = Wheel()
    for item, ptime_ms in enumerate(ptimes):
        wheel.add(item, ptime_ms)
    sent: dict[int, list[int]] = {item: [] for item in range(len(ptimes))}
    for tick in range(180):
        for item in wheel.due(tick):
            sent[item].append(tick)
    for item, ptime_ms in enumerate(ptimes):
        ticks = sent[item]
        assert {b - a for a, b in pairwise(ticks)} == {ptime_ms // 10}
        assert Fraction(len(ticks) * ptime_ms, 10) == 180


def test_senders_spread_over_the_phases() -> None:
    wheel: Wheel[int] = Wheel()
    for item in range(100):
        wheel.add(item, 20)
    assert {len(wheel.due(tick)) for tick in range(60)} == {50}


def test_a_sender_comes_once_and_goes_wholly() -> None:
    wheel: Wheel[str] = Wheel()
    wheel.add("a", 20)
    wheel.add("a", 30)
    assert (len(wheel), list(wheel)) == (1, ["a"])
    assert sum(wheel.due(tick) == ["a"] for tick in range(60)) == 20
    wheel.remove("a")
    wheel.remove("a")
    assert not len(wheel)
    assert not any(wheel.due(tick) for tick in range(60))
