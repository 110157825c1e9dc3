"""A picture of a calendar for people: a row a day, by the week or by the month."""

from dataclasses import dataclass
from datetime import date, timedelta

from announcement.calendar import Calendar, Segment
from announcement.clock import DAY_SECONDS, midnight
from announcement.days import WEEKDAYS
from announcement.holiday import public_holiday
from announcement.rule import DayRule
from announcement.span import clock

MAX_ROWS = 366
"""More than a year is no picture."""
BAR_MINUTES = 30
"""Of one character of a bar: a day is 48 wide and fits beside its date on a terminal of 80."""


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day: what makes it, and its parts from midnight to midnight."""

    day: date
    holiday: str | None
    """The public holiday's Japanese name."""
    rule: DayRule
    """What makes the day, before breaks, events and the switch."""
    segments: tuple[Segment, ...]

    @property
    def weekday(self) -> str:
        """The weekday in three letters."""
        return WEEKDAYS[self.day.weekday()]

    @property
    def hours(self) -> str:
        """The open hours, such as `09:00-12:00 13:00-18:00`; empty when there are none."""
        begin = midnight(self.day)
        spans: list[tuple[int, int]] = []
        for part in self.segments:
            if part.result.is_open:
                # Two rules that follow each other, both open, are one stretch to the eye.
                joins = bool(spans) and spans[-1][1] == part.start
                start = spans.pop()[0] if joins else part.start
                spans.append((start, part.end))
        minutes = (((start - begin) // 60, (end - begin) // 60) for start, end in spans)
        return " ".join(f"{clock(start)}-{clock(end)}" for start, end in minutes)

    @property
    def bar(self) -> str:
        """The day in 48 characters: `#` open, `.` closed, `+` both within the half-hour."""
        begin = midnight(self.day)
        return "".join(
            self._mark(begin + start, begin + start + BAR_MINUTES * 60)
            for start in range(0, DAY_SECONDS, BAR_MINUTES * 60)
        )

    def _mark(self, start: int, end: int) -> str:
        states = {
            part.result.is_open for part in self.segments if part.start < end and start < part.end
        }
        return "+" if len(states) > 1 else "#" if states == {True} else "."

    def __str__(self) -> str:
        note = f"  {self.holiday}" if self.holiday else ""
        return f"{self.day} {self.weekday}  {self.bar}  {self.rule.name}{note}"


def picture(calendar: Calendar, first: date, days: int) -> tuple[DayRow, ...]:
    """Draw some days from the first on; raise `ValueError` for more than a year."""
    if not 0 <= days <= MAX_ROWS:
        raise ValueError(f"a picture has {MAX_ROWS} days at most")
    return tuple(_row(calendar, first + timedelta(step)) for step in range(days))


def week(calendar: Calendar, day: date) -> tuple[DayRow, ...]:
    """Draw the week of a day, from its Monday."""
    return picture(calendar, day - timedelta(day.weekday()), 7)


def month(calendar: Calendar, day: date) -> tuple[DayRow, ...]:
    """Draw the month of a day."""
    first = day.replace(day=1)
    following = (first + timedelta(31)).replace(day=1)
    return picture(calendar, first, (following - first).days)


def _row(calendar: Calendar, day: date) -> DayRow:
    return DayRow(day, public_holiday(day), calendar.day_rule(day), calendar.segments(day))
