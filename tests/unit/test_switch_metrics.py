"""What Prometheus is told."""

from switch.effect import Level, Log, WriteCdr
from switch.metrics import MAX_REASONS, Metrics, Reading


def cdr(answered_at: float | None, ended_at: float) -> WriteCdr:
    return WriteCdr(
        "c", "a", "in", None, None, None, "1", "2", 100.0, 101.0, answered_at, ended_at,
        200 if answered_at else 486, "normal", "caller", "s",
        '[{"packets_received":150,"jitter_ms":1.5,"payload_type":0}]', "[]",
    )  # fmt: skip


def lines(metrics: Metrics) -> set[str]:
    return set(metrics.text().decode().splitlines())


def test_events_are_counted_by_name() -> None:
    metrics = Metrics()
    for _ in range(2):
        metrics.observe(Log("registered", Level.INFO, {"reason": "not counted"}))
    assert 'daihyo_events_total{event="registered"} 2.0' in lines(metrics)


def test_refusals_are_counted_by_reason_within_a_bound() -> None:
    metrics = Metrics()
    for number in range(MAX_REASONS + 3):
        metrics.observe(Log("request_refused", Level.WARNING, {"reason": f"r{number}"}))
    found = lines(metrics)
    assert 'daihyo_refusals_total{event="request_refused",reason="r0"} 1.0' in found
    assert 'daihyo_refusals_total{event="request_refused",reason="other"} 3.0' in found


def test_legs_and_their_durations_are_counted() -> None:
    metrics = Metrics()
    metrics.record(cdr(102.0, 122.0))
    metrics.record(cdr(None, 5000.0))
    found = lines(metrics)
    assert 'daihyo_legs_total{cause="normal",direction="in",status="200"} 1.0' in found
    assert 'daihyo_leg_duration_seconds_bucket{le="10.0"} 0.0' in found
    assert 'daihyo_leg_duration_seconds_bucket{le="30.0"} 1.0' in found
    assert "daihyo_leg_duration_seconds_sum 20.0" in found
    assert 'daihyo_call_setup_seconds_bucket{le="1.0"} 2.0' in found


def test_a_value_beyond_every_bucket_is_in_the_last() -> None:
    metrics = Metrics()
    metrics.record(cdr(102.0, 10_000.0))
    assert 'daihyo_leg_duration_seconds_bucket{le="3600.0"} 0.0' in lines(metrics)
    assert 'daihyo_leg_duration_seconds_bucket{le="+Inf"} 1.0' in lines(metrics)


def test_readings_are_read_at_the_scrape() -> None:
    metrics, calls = Metrics(), [1.0]
    metrics.add(
        Reading("daihyo_calls", "Calls.", lambda: {"": calls[0]}),
        Reading("daihyo_sip", "SIP.", lambda: {"messages": 7}, label="kind", is_counter=True),
    )
    calls[0] = 3.0
    assert {"daihyo_calls 3.0", 'daihyo_sip_total{kind="messages"} 7.0'} <= lines(metrics)
