"""Times as they are written."""

from switch.clock import Clock, timestamp


def test_a_timestamp_is_utc_with_milliseconds() -> None:
    assert timestamp(1_795_000_000.125) == "2026-11-18T11:06:40.125Z"


def test_the_offset_turns_monotonic_into_unix_time() -> None:
    clock = Clock.system()
    assert abs(clock.now() + clock.offset - clock.unix()) < 1.0
