"""Rules of a calendar, each with a priority; where several hold, the greatest one counts (R45)."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeAlias

from announcement.days import Days
from announcement.result import Closed, Result
from announcement.span import Span

MAX_PRIORITY = 999
"""That a rule may have; the switch by hand is above all rules."""


class Kind(Enum):
    """What a rule is about; the more particular, the greater its priority unless it has its own."""

    WEEKLY = "weekly hours"
    BREAK = "break"
    HOLIDAY = "public holidays"
    MONTHLY = "monthly day"
    SEASON = "season"
    PERIOD = "period"
    DATE = "single day"
    EVENT = "event"
    SWITCH = "switch by hand"

    @property
    def priority(self) -> int:
        """The priority of a rule that is given none."""
        return _PRIORITIES[self]


_PRIORITIES = {
    Kind.WEEKLY: 100,
    Kind.BREAK: 200,
    Kind.HOLIDAY: 300,
    Kind.MONTHLY: 400,
    Kind.SEASON: 500,
    Kind.PERIOD: 600,
    Kind.DATE: 700,
    Kind.EVENT: 800,
    Kind.SWITCH: MAX_PRIORITY + 1,
}


@dataclass(frozen=True, slots=True)
class DayRule:
    """The hours of whole days: one such rule makes a day, from midnight to midnight.

    Hours over midnight belong to the day on which they begin and run out, whatever rule makes the
    next day.
    """

    name: str
    kind: Kind
    days: Days
    hours: tuple[tuple[Span, ...], ...]
    """Open hours from Monday to Sunday, seven of them."""
    closed: Closed
    """What callers get outside the hours."""
    priority: int

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return the open hours that begin on a day."""
        return self.hours[day.weekday()]


@dataclass(frozen=True, slots=True)
class Break:
    """A pause in open hours; where the day's rule has closed anyway, its message is heard."""

    name: str
    days: Days
    spans: tuple[Span, ...]
    closed: Closed
    priority: int = Kind.BREAK.priority

    kind = Kind.BREAK

    @property
    def result(self) -> Result:
        """What it makes of its time."""
        return self.closed


@dataclass(frozen=True, slots=True)
class Event:
    """One stretch of time that is open or closed, whatever the day."""

    name: str
    start: int
    """Unix time."""
    end: int
    """Unix time, no longer part of it."""
    result: Result
    priority: int = Kind.EVENT.priority

    kind = Kind.EVENT

    def holds(self, at: float) -> bool:
        """Tell whether it is going on."""
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Switch:
    """The calendar set aside by hand (臨時), from portal, command line or feature code."""

    result: Result
    since: int = 0
    """Unix time."""
    until: int | None = None
    """Unix time from which the calendar counts again; None: until it is switched back."""

    kind = Kind.SWITCH
    name = Kind.SWITCH.value
    priority = Kind.SWITCH.priority

    def holds(self, at: float) -> bool:
        """Tell whether it is in force."""
        return self.since <= at and (self.until is None or at < self.until)


Rule: TypeAlias = DayRule | Break | Event | Switch
