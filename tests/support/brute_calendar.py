"""A calendar judged minute by minute: slow, and written from the rules' words alone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import jpholiday

from announcement.clock import TOKYO

DAY = timedelta(1)


@dataclass(frozen=True)
class PlainDay:
    """Whole days: by weekday, public holiday, season or dates."""

    name: str
    priority: int
    weekdays: frozenset[int] | None = None
    is_holiday: bool = False
    season: tuple[tuple[int, int], tuple[int, int]] | None = None
    dates: tuple[date, date] | None = None
    hours: tuple[tuple[tuple[int, int], ...], ...] = ((),) * 7

    def about(self, day: date) -> bool:
        """Whether it makes a day, if nothing greater does."""
        if self.is_holiday:
            return jpholiday.is_holiday(day)
        if self.dates is not None:
            return day in _walk(*self.dates)
        if self.season is not None:
            first, last = self.season
            year = day.year if (day.month, day.day) >= first else day.year - 1
            begin = date(year, *first)
            end = date(year if last >= first else year + 1, *last)
            return begin <= day <= end
        assert self.weekdays is not None
        return day.weekday() in self.weekdays


@dataclass(frozen=True)
class PlainBreak:
    """A pause."""

    name: str
    priority: int
    weekdays: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True)
class PlainEvent:
    """A stretch of time."""

    name: str
    priority: int
    start: datetime
    end: datetime
    is_open: bool


@dataclass(frozen=True)
class BruteCalendar:
    """All rules; `days` hold one that is about every day."""

    days: tuple[PlainDay, ...]
    breaks: tuple[PlainBreak, ...] = ()
    events: tuple[PlainEvent, ...] = ()
    switch: tuple[datetime, datetime, bool] | None = None

    def judge(self, minute: datetime) -> tuple[bool, str]:
        """Tell whether it is open in a minute, and which rule says so."""
        assert minute.tzinfo is TOKYO
        if self.switch is not None and self.switch[0] <= minute < self.switch[1]:
            return self.switch[2], "switch by hand"
        is_open, name, priority = self._day(minute)
        found = [(priority, name, is_open)]
        found += [
            (event.priority, event.name, event.is_open)
            for event in self.events
            if event.start <= minute < event.end
        ]
        if is_open:
            found += [
                (rest.priority, rest.name, False)
                for rest in self.breaks
                for day in (minute.date(), minute.date() - DAY)
                if day.weekday() in rest.weekdays and _in(minute, day, rest.start, rest.end)
            ]
        _, name, is_open = max(found)
        return is_open, name

    def _day(self, minute: datetime) -> tuple[bool, str, int]:
        today = minute.date()
        night = self._maker(today - DAY)
        if _any(minute, today - DAY, night):
            return True, night.name, night.priority
        rule = self._maker(today)
        return _any(minute, today, rule), rule.name, rule.priority

    def _maker(self, day: date) -> PlainDay:
        return max((rule for rule in self.days if rule.about(day)), key=lambda rule: rule.priority)


def _any(minute: datetime, day: date, rule: PlainDay) -> bool:
    return any(_in(minute, day, start, end) for start, end in rule.hours[day.weekday()])


def _in(minute: datetime, day: date, start: int, end: int) -> bool:
    begin = datetime(day.year, day.month, day.day, tzinfo=TOKYO)
    return begin + timedelta(minutes=start) <= minute < begin + timedelta(minutes=end)


def _walk(first: date, last: date) -> list[date]:
    return [first + step * DAY for step in range((last - first).days + 1)]
