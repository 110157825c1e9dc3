"""What the switch counts, for Prometheus: an increment on the way, the rest at the scrape."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from switch.effect import Log, WriteCdr

MAX_REASONS = 200
"""Different reasons told apart; a reason never comes from a peer's text, so this is never met."""

SETUP_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds from a call's INVITE to its first ringing or answer."""

DURATION_BUCKETS = (10.0, 30.0, 60.0, 180.0, 600.0, 1800.0, 3600.0)
"""Seconds from answer to end."""

LAG_BUCKETS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
"""Seconds; beyond 0.02 phones hear it, beyond 0.5 they repeat their requests."""

Readings = Mapping[str, float]
"""A number for each label value; the empty label stands for a metric without labels."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A number that somebody else keeps and that is read at the scrape."""

    name: str
    help: str
    read: Callable[[], Readings]
    label: str = ""
    is_counter: bool = False


class Metrics(Collector):
    """The counts of events, refusals and calls, and the readings of the parts."""

    def __init__(self) -> None:
        self._events: dict[str, int] = {}
        self._reasons: dict[tuple[str, str], int] = {}
        self._legs: dict[tuple[str, str, str], int] = {}
        self._setup = _Histogram(SETUP_BUCKETS)
        self._duration = _Histogram(DURATION_BUCKETS)
        self._lag = _Histogram(LAG_BUCKETS)
        self._readings: list[Reading] = []
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def add(self, *readings: Reading) -> None:
        """Read these at every scrape."""
        self._readings.extend(readings)

    def observe(self, line: Log) -> None:
        """Count a log line's event; of one that refuses, its reason too."""
        event = line.event
        self._events[event] = self._events.get(event, 0) + 1
        fields = line.fields
        reason = fields.get("rule") or fields.get("reason")
        if isinstance(reason, str) and event.endswith("refused"):
            key = (event, reason)
            if key not in self._reasons and len(self._reasons) >= MAX_REASONS:
                key = (event, "other")
            self._reasons[key] = self._reasons.get(key, 0) + 1

    def record(self, cdr: WriteCdr) -> None:
        """Count a leg that has ended."""
        key = (cdr.direction, cdr.cause, str(cdr.status))
        self._legs[key] = self._legs.get(key, 0) + 1
        first_sign = cdr.ringing_at or cdr.answered_at
        if cdr.leg == "a" and first_sign is not None:
            self._setup.add(first_sign - cdr.started_at)
        if cdr.answered_at is not None:
            self._duration.add(cdr.ended_at - cdr.answered_at)

    def note_lag(self, seconds: float) -> None:
        """Count how late a timer was."""
        self._lag.add(seconds)

    def text(self) -> bytes:
        """Write everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Make the families of one scrape."""
        events = CounterMetricFamily("daihyo_events", "Events, as logged.", labels=["event"])
        for event, count in self._events.items():
            events.add_metric([event], count)
        yield events
        refusals = CounterMetricFamily(
            "daihyo_refusals", "What was refused, and why.", labels=["event", "reason"]
        )
        for refusal, count in self._reasons.items():
            refusals.add_metric(refusal, count)
        yield refusals
        legs = CounterMetricFamily(
            "daihyo_legs", "Legs that have ended.", labels=["direction", "cause", "status"]
        )
        for leg, count in self._legs.items():
            legs.add_metric(leg, count)
        yield legs
        yield self._setup.family("daihyo_call_setup_seconds", "From INVITE to ringing or answer.")
        yield self._duration.family("daihyo_leg_duration_seconds", "From answer to end of a leg.")
        yield self._lag.family("daihyo_loop_lag_seconds", "How late the event loop's timers are.")
        for reading in self._readings:
            yield _family(reading)


def _family(reading: Reading) -> Metric:
    make = CounterMetricFamily if reading.is_counter else GaugeMetricFamily
    labels = [reading.label] if reading.label else []
    family = make(reading.name, reading.help, labels=labels)
    for label, value in reading.read().items():
        family.add_metric([label] if reading.label else [], value)
    return family


class _Histogram:
    """Counts in buckets, kept as plain numbers."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Count a value in its bucket."""
        self._sum += value
        self._counts[bisect_left(self._bounds, value)] += 1

    def family(self, name: str, text: str) -> HistogramMetricFamily:
        """Write the buckets as Prometheus sums them up."""
        total = 0
        buckets: list[tuple[str, float]] = []
        for bound, count in zip((*self._bounds, float("inf")), self._counts, strict=True):
            total += count
            buckets.append(("+Inf" if bound == float("inf") else str(bound), total))
        return HistogramMetricFamily(name, text, buckets=buckets, sum_value=self._sum)
