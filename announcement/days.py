"""Which days a rule is about: weekdays, public holidays, dates, seasons, every third Wednesday."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from announcement.holiday import SEASONS, MonthDay, Season, public_holiday

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_YEAR, LAST_YEAR = 2000, 2099
"""Dates outside are surely slips of the hand, and the law on holidays is not known for them."""
MAX_DATES = 366
"""Of one range: what is longer is no exception but the weekly hours."""

_ORDINALS = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": -1}
_MONTHLY = re.compile(
    r"((?:1st|2nd|3rd|4th|5th|last)(?:,(?:1st|2nd|3rd|4th|5th|last))*) ([a-z]{3})"
)
_YEARLY = re.compile(r"(\d\d)-(\d\d)(?:/(\d\d)-(\d\d))?", re.ASCII)
_DATES = re.compile(r"(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?", re.ASCII)
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Some days of each week; 0 is Monday."""

    days: frozenset[int]

    def hold(self, day: date) -> bool:
        """Tell whether a day is among them."""
        return day.weekday() in self.days

    def __str__(self) -> str:
        return ",".join(WEEKDAYS[day] for day in sorted(self.days))


EVERY_DAY = Weekdays(frozenset(range(7)))


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """The public holidays of Japan."""

    def hold(self, day: date) -> bool:
        """Tell whether a day is among them."""
        return public_holiday(day) is not None

    def __str__(self) -> str:
        return "public holidays"


@dataclass(frozen=True, slots=True)
class Monthly:
    """Such as the first and third Saturday of each month; -1 is the last one."""

    ordinals: frozenset[int]
    weekday: int

    def hold(self, day: date) -> bool:
        """Tell whether a day is among them."""
        if day.weekday() != self.weekday:
            return False
        is_last = day.day + 7 > monthrange(day.year, day.month)[1]
        return (day.day + 6) // 7 in self.ordinals or (is_last and -1 in self.ordinals)

    def __str__(self) -> str:
        names = [name for name, ordinal in _ORDINALS.items() if ordinal in self.ordinals]
        return f"{','.join(names)} {WEEKDAYS[self.weekday]}"


@dataclass(frozen=True, slots=True)
class Yearly:
    """A season of every year, which may run over New Year."""

    season: Season

    def hold(self, day: date) -> bool:
        """Tell whether a day is among them."""
        first, last = self.season
        own = MonthDay(day.month, day.day)
        return first <= own <= last if first <= last else own >= first or own <= last

    def __str__(self) -> str:
        first, last = self.season
        return str(first) if first == last else f"{first}/{last}"


@dataclass(frozen=True, slots=True)
class Dates:
    """From one date to another, both included."""

    first: date
    last: date

    def hold(self, day: date) -> bool:
        """Tell whether a day is among them."""
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        for step in range((self.last - self.first).days + 1):
            yield self.first + timedelta(step)

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}/{self.last}"


Days: TypeAlias = Weekdays | PublicHolidays | Monthly | Yearly | Dates


def parse_days(text: str) -> Monthly | Yearly | Dates:
    """Read a date, a range of dates, a season by name or by its ends, or an nth weekday.

    `2026-12-28`, `2026-12-28/2027-01-05`, `12-29/01-03`, `year-end`, `3rd wed`, `1st,3rd sat`.
    """
    text = text.strip()
    if text in SEASONS:
        return Yearly(SEASONS[text])
    if match := _MONTHLY.fullmatch(text):
        ordinals = frozenset(_ORDINALS[name] for name in match[1].split(","))
        return Monthly(ordinals, _weekday(match[2]))
    if match := _YEARLY.fullmatch(text):
        first = _month_day(match[1], match[2])
        return Yearly(Season(first, _month_day(match[3], match[4]) if match[3] else first))
    if match := _DATES.fullmatch(text):
        return _dates(_date(match[1]), _date(match[2] or match[1]))
    names = ", ".join(SEASONS)
    raise ValueError(f"write 2026-12-28, 2026-12-28/2027-01-05, 12-29/01-03, 3rd wed, or {names}")


def parse_weekdays(text: str) -> Weekdays:
    """Read `mon-fri`, `sat,sun`, `fri-mon` or `daily`."""
    if text == "daily":
        return EVERY_DAY
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        begin = _weekday(first)
        until = _weekday(last) if dash else begin
        found.update((begin + step) % 7 for step in range((until - begin) % 7 + 1))
    return Weekdays(frozenset(found))


def _weekday(name: str) -> int:
    if name not in WEEKDAYS:
        raise ValueError(f"weekdays are {', '.join(WEEKDAYS)}, or daily")
    return WEEKDAYS.index(name)


def _month_day(month: str, day: str) -> MonthDay:
    try:
        date(_LEAP_YEAR, int(month), int(day))
    except ValueError:
        raise ValueError(f"{month}-{day} is no day of any year; write month-day") from None
    return MonthDay(int(month), int(day))


def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no date; write year-month-day") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(f"years are {FIRST_YEAR} to {LAST_YEAR}")
    return found


def _dates(first: date, last: date) -> Dates:
    if last < first:
        raise ValueError(f"it ends before it begins; {last}/{first}?")
    if (last - first).days >= MAX_DATES:
        raise ValueError(f"a range has {MAX_DATES} days at most; put it into the weekly hours")
    return Dates(first, last)
