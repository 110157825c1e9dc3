"""A calendar: whether a number's office is open, why, and until when (R44, R45).

One rule makes each day: the greatest by priority of those that are about it (weekly hours, public
holidays, seasons, single days). Breaks interrupt its open hours, events lie over both, each where
its priority is the greater; the switch by hand is above everything. Hours that began yesterday run
out before today's rule begins to count.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from announcement.clock import DAY_SECONDS, Instant, midnight, tokyo, unix
from announcement.result import OPEN, Result
from announcement.rule import Break, DayRule, Event, Rule, Switch
from announcement.span import Span

SURVEY_DAYS = 2 * 366
"""How far ahead a change is looked for: every yearly season comes round within it."""
MAX_KNOWN_DAYS = 64
"""Days kept in parts for each calendar: two months of a picture, about 1 KiB a day."""

_DAY = timedelta(1)


class Verdict(NamedTuple):
    """The result at a moment, and the rule that gave it."""

    result: Result
    rule: Rule


class Segment(NamedTuple):
    """A stretch of one day in which one rule gives one result."""

    start: int
    """Unix time."""
    end: int
    """Unix time, no longer part of it."""
    result: Result
    rule: Rule


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an office is open; an immutable value."""

    name: str
    weekly: DayRule
    """Makes each day that no other rule makes."""
    days: tuple[DayRule, ...] = ()
    breaks: tuple[Break, ...] = ()
    events: tuple[Event, ...] = ()
    switch: Switch | None = None
    _known: dict[date, tuple[Segment, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def result(self, at: Instant) -> Result:
        """Tell what callers get."""
        return self.segment(at).result

    def segment(self, at: Instant) -> Segment:
        """Return the stretch of the day around an instant."""
        now = unix(at)
        parts = self.segments(tokyo(now).date())
        return next(part for part in parts if now < part.end)

    def next_change(self, at: Instant) -> int | None:
        """Return when the result changes next, or None if it stays through the survey's days."""
        now = unix(at)
        today = tokyo(now).date()
        current = self.result(now)
        for step in range(SURVEY_DAYS):
            for part in self.segments(today + step * _DAY):
                if part.start > now and part.result != current:
                    return part.start
        return None

    def segments(self, day: date) -> tuple[Segment, ...]:
        """Return a whole day in Japan in parts, without gaps, from midnight to midnight."""
        known = self._known.get(day)
        if known is None:
            if len(self._known) >= MAX_KNOWN_DAYS:
                self._known.clear()
            known = self._known[day] = tuple(self._segments(day))
        return known

    def verdict(self, day: date, second: int) -> Verdict:
        """Weigh the rules at a second of a day."""
        at = midnight(day) + second
        if self.switch is not None and self.switch.holds(at):
            return Verdict(self.switch.result, self.switch)
        best = self.day_verdict(day, second)
        above: list[Break | Event] = [event for event in self.events if event.holds(at)]
        if best.result.is_open:
            above += (rest for rest in self.breaks if is_pause(rest, day, second))
        for rule in above:
            if rule.priority > best.rule.priority:
                best = Verdict(rule.result, rule)
        return best

    def day_verdict(self, day: date, second: int) -> Verdict:
        """Tell what the rules of whole days say: last night's hours, then today's."""
        night = self.day_rule(day - _DAY)
        if _within(night.spans(day - _DAY), second + DAY_SECONDS):
            return Verdict(OPEN, night)
        rule = self.day_rule(day)
        return Verdict(OPEN if _within(rule.spans(day), second) else rule.closed, rule)

    def day_rule(self, day: date) -> DayRule:
        """Return the rule that makes a day."""
        best = self.weekly
        for rule in self.days:
            if rule.priority > best.priority and rule.days.hold(day):
                best = rule
        return best

    def _segments(self, day: date) -> Iterator[Segment]:
        begin = midnight(day)
        cuts = sorted({0, DAY_SECONDS, *self._cuts(day, begin)})
        start, (result, rule) = 0, self.verdict(day, 0)
        for second in cuts[1:-1]:
            now = self.verdict(day, second)
            if now != (result, rule):
                yield Segment(begin + start, begin + second, result, rule)
                start, (result, rule) = second, now
        yield Segment(begin + start, begin + DAY_SECONDS, result, rule)

    def _cuts(self, day: date, begin: int) -> Iterator[int]:
        """Return the seconds of a day at which the verdict may change."""
        for back in (0, 1):
            that = day - back * _DAY
            spans = [*self.day_rule(that).spans(that)]
            for rest in self.breaks:
                if rest.days.hold(that):
                    spans += rest.spans
            for minute in (minute for span in spans for minute in span):
                yield from _inside(minute * 60 - back * DAY_SECONDS)
        for event in self.events:
            yield from _inside(event.start - begin)
            yield from _inside(event.end - begin)
        if self.switch is not None:
            yield from _inside(self.switch.since - begin)
            if self.switch.until is not None:
                yield from _inside(self.switch.until - begin)


def is_pause(rest: Break, day: date, second: int) -> bool:
    """Tell whether a break's time is at a second of a day, begun on it or the day before."""
    if rest.days.hold(day) and _within(rest.spans, second):
        return True
    return rest.days.hold(day - _DAY) and _within(rest.spans, second + DAY_SECONDS)


def _within(spans: Iterable[Span], second: int) -> bool:
    return any(span.covers(second) for span in spans)


def _inside(second: int) -> Iterator[int]:
    if 0 < second < DAY_SECONDS:
        yield second
