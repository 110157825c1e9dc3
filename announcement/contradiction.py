"""Contradictions between rules: which of them say two things of one time with one priority."""

from calendar import isleap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import combinations

from announcement.clock import TOKYO, midnight
from announcement.days import Dates, Days, Monthly, PublicHolidays, Weekdays, Yearly
from announcement.fault import Fault, Place
from announcement.rule import Break, DayRule, Event
from announcement.span import WHOLE_DAY, Span

YEARS = range(2024, 2052)
"""Weekdays, dates and leap years come together in every way within 28 years."""

WrittenRule = DayRule | Break | Event

_DAY = timedelta(1)
_ANY_DAY = date(2024, 1, 1)
_LEAP_YEAR = Dates(_ANY_DAY, date(2024, 12, 31))


@dataclass(frozen=True)
class Written:
    """A rule and where it stands."""

    place: Place
    rule: WrittenRule

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """The days on which it claims minutes, in order; of what returns, those of 28 years."""
        if isinstance(self.rule, Event):
            return tuple(Dates(_date(self.rule.start) - _DAY, _date(self.rule.end - 1)))
        days = self.rule.days
        match days:
            case Dates():
                return tuple(days)
            case Yearly():
                return tuple(_dates_of(days))
            case _:
                survey = Dates(date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31))
                return tuple(day for day in survey if days.hold(day))

    @property
    def week(self) -> tuple[date, ...]:
        """The days of one week on which it claims minutes, for one that is about weekdays."""
        monday = date(YEARS[0], 1, 1)
        return tuple(day for day in Dates(monday, monday + 6 * _DAY) if self.holds(day))

    @property
    def density(self) -> int:
        """How many days there are to look at; holidays last, they take long to compute."""
        if isinstance(self.rule, Event):
            return 0
        return _DENSITIES[type(self.rule.days)]

    def holds(self, day: date) -> bool:
        """Tell whether it claims minutes of a day."""
        if isinstance(self.rule, Event):
            return self.dates[0] <= day <= self.dates[-1]
        return self.rule.days.hold(day)

    def claims(self, day: date) -> Sequence[Span]:
        """Return the minutes that it claims, counted from a day's begin."""
        rule = self.rule
        if isinstance(rule, Event):
            begin = midnight(day)
            # Seconds at either end count as a whole minute.
            return (Span((rule.start - begin) // 60, -((begin - rule.end) // 60)),)
        return rule.spans if isinstance(rule, Break) else (WHOLE_DAY,)


_DENSITIES: dict[type[Days], int] = {
    Dates: 0,
    Yearly: 1,
    Monthly: 1,
    Weekdays: 2,
    PublicHolidays: 3,
}


def contradictions(rules: Iterable[Written]) -> Iterator[Fault]:
    """Find the pairs of rules that meet with the same priority (R45)."""
    tied: defaultdict[int, list[Written]] = defaultdict(list)
    for each in rules:
        tied[each.rule.priority].append(each)
    for priority, group in sorted(tied.items()):
        for first, second in combinations(group, 2):
            day = meeting(first, second)
            if day is not None:
                wrong = f"meets {first.rule.name!r} on {day}, and both have priority {priority}"
                right = "give the one that is to count a greater priority"
                yield Fault(second.place, wrong, right, first.place)


def meeting(one: Written, other: Written) -> date | None:
    """Return a day on which two rules claim a common minute, or None."""
    if isinstance(one.rule, Event) and isinstance(other.rule, Event):
        return _meeting_of_events(one.rule, other.rule)
    few, many = sorted((one, other), key=lambda each: each.density)
    shifts = _shifts(few, many)
    if not shifts:
        return None
    both_weekly = few.density == many.density == _DENSITIES[Weekdays]
    for day in few.week if both_weekly else few.dates:
        for shift in shifts:
            if many.holds(day + shift * _DAY) and _share(few, many, day, shift):
                return day
    return None


def _shifts(one: Written, other: Written) -> tuple[int, ...]:
    """Return by how many days the second rule may begin later and still meet the first."""
    kinds = {type(one.rule), type(other.rule)}
    # A break that runs over midnight meets what begins on the next day; whole days meet only on
    # their own, because one night's hours run out before the next day's rule begins to count.
    shifts = (0, 1, -1) if Break in kinds else (0,)
    if Event in kinds:
        return shifts
    # What they claim is the same on each of their days.
    return tuple(shift for shift in shifts if _share(one, other, _ANY_DAY, shift))


def _meeting_of_events(one: Event, other: Event) -> date | None:
    start = max(one.start, other.start)
    return _date(start) if start < min(one.end, other.end) else None


def _share(one: Written, other: Written, day: date, shift: int) -> bool:
    """Tell whether a rule of a day and one that begins some days later share a minute."""
    return any(
        mine.overlaps(theirs, shift)
        for mine in one.claims(day)
        for theirs in other.claims(day + shift * _DAY)
    )


def _dates_of(days: Yearly) -> Iterator[date]:
    season = {(day.month, day.day) for day in _LEAP_YEAR if days.hold(day)}
    for year in YEARS:
        for month, day in sorted(season):
            if (month, day) != (2, 29) or isleap(year):
                yield date(year, month, day)


def _date(at: int) -> date:
    return datetime.fromtimestamp(at, TOKYO).date()
