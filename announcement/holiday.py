"""Public holidays of Japan (国民の祝日) with substitute and bridge days, and customary closures.

The law's holidays come from jpholiday, which computes the equinoxes; the government announces those
of each next year in February, so keep the package fresh. What offices keep beyond the law (the turn
of the year, Obon) is a table of our own.
"""

from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import jpholiday

MAX_KNOWN_DAYS = 4096
"""Eleven years: the search for a change looks two years ahead, a picture at some months."""


class MonthDay(NamedTuple):
    """A day of every year."""

    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"


class Season(NamedTuple):
    """Days that return each year, both ends included; a last before the first is over New Year."""

    first: MonthDay
    last: MonthDay


SEASONS = MappingProxyType(
    {
        # Government offices, by the act on their days off (1988) article 1.
        "year-end": Season(MonthDay(12, 29), MonthDay(1, 3)),
        # Banks, by the order on the Banking Act article 5, add the last day of the year.
        "year-end-banks": Season(MonthDay(12, 31), MonthDay(1, 3)),
        "obon": Season(MonthDay(8, 13), MonthDay(8, 16)),
        # Parts of Tokyo and Kanagawa keep it by the new calendar.
        "obon-july": Season(MonthDay(7, 13), MonthDay(7, 16)),
    }
)
"""Customary closures by name."""


@lru_cache(maxsize=MAX_KNOWN_DAYS)
def public_holiday(day: date) -> str | None:
    """Return the Japanese name of a public holiday, or None on any other day (R45)."""
    return jpholiday.is_holiday_name(day)
