"""Interarrival jitter of RFC 3550 A.8."""

import pytest

from media.rtp.jitter import LONGEST_STEP, InterarrivalJitter

PCMU, DYNAMIC, EVENT = 0, 111, 101


def feed(
    jitter: InterarrivalJitter,
    arrivals: list[float],
    *,
    kind: int = PCMU,
    step: int = 160,
    first: int = 0,
) -> None:
    for index, arrival in enumerate(arrivals):
        jitter.receive(kind, (first + index * step) % (1 << 32), 7, arrival)


def test_a_steady_stream_has_none() -> None:
    jitter = InterarrivalJitter()
    feed(jitter, [index * 0.02 for index in range(100)])
    assert jitter.milliseconds == pytest.approx(0, abs=1e-6)


def test_one_late_packet_counts_a_sixteenth() -> None:
    jitter = InterarrivalJitter()
    feed(jitter, [0.0, 0.036])
    assert jitter.milliseconds == pytest.approx(1.0)


def test_alternating_delay_converges_to_its_swing() -> None:
    jitter = InterarrivalJitter()
    feed(jitter, [index * 0.02 + (index % 2) * 0.004 for index in range(400)])
    assert jitter.milliseconds == pytest.approx(4.0, abs=0.01)


def test_the_timestamp_may_wrap() -> None:
    jitter = InterarrivalJitter()
    feed(jitter, [index * 0.02 for index in range(10)], first=(1 << 32) - 400)
    assert jitter.milliseconds == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("step", "ptime"), [(960, 0.02), (160, 0.02), (480, 0.06), (1920, 0.04)])
def test_the_clock_of_a_dynamic_payload_type_is_measured(step: int, ptime: float) -> None:
    jitter = InterarrivalJitter()
    feed(jitter, [index * ptime for index in range(200)], kind=DYNAMIC, step=step)
    assert jitter.milliseconds == pytest.approx(0, abs=1e-6)
    jitter.receive(DYNAMIC, 200 * step, 7, 200 * ptime + 0.016)
    assert jitter.milliseconds == pytest.approx(1.0)


def test_a_telephone_event_repeats_its_timestamp_and_is_no_jitter() -> None:
    jitter = InterarrivalJitter()
    feed(jitter, [0.0, 0.02, 0.04])
    for index in range(10):
        jitter.receive(EVENT, 480, 7, 0.06 + index * 0.02)
    feed(jitter, [0.26, 0.28], first=2080)
    assert jitter.milliseconds == pytest.approx(0, abs=1e-6)


def test_a_new_source_sets_a_new_reference() -> None:
    jitter = InterarrivalJitter()
    jitter.receive(PCMU, 0, 7, 0.0)
    jitter.receive(PCMU, 123456, 8, 0.5)
    assert jitter.seconds == 0


def test_a_sender_that_began_anew_is_no_jitter() -> None:
    jitter = InterarrivalJitter()
    feed(jitter, [0.0, 0.02])
    jitter.receive(PCMU, 320, 7, 0.04 + 2 * LONGEST_STEP)
    assert jitter.milliseconds == pytest.approx(0, abs=1e-6)
