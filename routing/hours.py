"""Hours: on which weekdays and between which times something holds, by the clocks of Japan.

Japan keeps one time all year (UTC+9), so that no table of time zones is needed.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

TOKYO_OFFSET = 9 * 3600
"""Seconds by which Japan is ahead of UTC."""

DAY_MINUTES = 24 * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday."""

_RULE = re.compile(
    r"(?P<days>[a-z]{3,5}(?:[-,][a-z]{3})*) (?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)", re.ASCII
)


class Interval(NamedTuple):
    """From one minute of the day to another, on the weekdays on which it begins (0 is Monday)."""

    days: frozenset[int]
    start: int
    end: int
    """Not after `start`: of the day after."""

    @classmethod
    def parse(cls, text: str) -> "Interval":
        """Read `mon-fri 09:00-18:00`, `sat,sun 22:00-06:00` or `daily 00:00-24:00`."""
        match = _RULE.fullmatch(text)
        if match is None:
            raise ValueError("write hours as mon-fri 09:00-18:00 or daily 22:00-06:00")
        start, end = _minute(match["start"]), _minute(match["end"])
        if start in {end, DAY_MINUTES}:
            raise ValueError("an interval ends after it begins; a whole day is 00:00-24:00")
        return cls(_days(match["days"]), start, end)

    def holds(self, weekday: int, minute: int) -> bool:
        """Tell whether it holds in a minute of a weekday."""
        if self.start < self.end:
            return weekday in self.days and self.start <= minute < self.end
        # Over midnight: what began yesterday is still yesterday's.
        begun_today = weekday in self.days and minute >= self.start
        return begun_today or ((weekday - 1) % 7 in self.days and minute < self.end)


@dataclass(frozen=True, slots=True)
class Hours:
    """When something holds: in any of its intervals, and always without one."""

    intervals: tuple[Interval, ...] = ()

    @classmethod
    def parse(cls, *texts: str) -> "Hours":
        """Read each interval; raise `ValueError` for what is none."""
        return cls(tuple(map(Interval.parse, texts)))

    def hold(self, at: float) -> bool:
        """Tell whether they hold at a Unix time."""
        if not self.intervals:
            return True
        day, second = divmod(int(at) + TOKYO_OFFSET, 24 * 3600)
        weekday, minute = (day + _EPOCH_WEEKDAY) % 7, second // 60
        return any(interval.holds(weekday, minute) for interval in self.intervals)


ALWAYS = Hours()


def _minute(text: str) -> int:
    hour, minute = int(text[:2]), int(text[3:])
    if minute > 59 or hour * 60 + minute > DAY_MINUTES:
        raise ValueError("a time of day is 00:00 to 24:00")
    return hour * 60 + minute


def _days(text: str) -> frozenset[int]:
    if text == "daily":
        return frozenset(range(7))
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        begin = _weekday(first)
        until = _weekday(last) if dash else begin
        # sat-mon runs over the week's end.
        found.update((begin + step) % 7 for step in range((until - begin) % 7 + 1))
    return frozenset(found)


def _weekday(name: str) -> int:
    if name not in WEEKDAYS:
        raise ValueError(f"weekdays are {', '.join(WEEKDAYS)}, or daily")
    return WEEKDAYS.index(name)
