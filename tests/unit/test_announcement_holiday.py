"""Public holidays, against the text of the law and the equinoxes that are foretold."""

from datetime import date, timedelta

import pytest

from announcement.holiday import MAX_KNOWN_DAYS, SEASONS, public_holiday

EQUINOXES = {2026: (20, 23), 2027: (21, 23), 2028: (20, 22), 2029: (20, 23), 2030: (20, 23)}
"""Days in March and September, as the National Astronomical Observatory foretells them."""

FIXED = ((1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23))
MONDAYS = ((1, 2), (7, 3), (9, 3), (10, 2))
"""Months, and which Monday it is (the law's "happy Mondays")."""


def by_law(year: int) -> set[date]:
    """Work the holidays of a year out from the law's articles 2 and 3."""
    named = {date(year, *day) for day in FIXED}
    for month, ordinal in MONDAYS:
        first = date(year, month, 1)
        named.add(first + timedelta((-first.weekday()) % 7 + 7 * (ordinal - 1)))
    march, september = EQUINOXES[year]
    named |= {date(year, 3, march), date(year, 9, september)}
    found = set(named)
    for day in named:
        if day.weekday() == 6:
            substitute = day
            while substitute in named:
                substitute += timedelta(1)
            found.add(substitute)
        if day + timedelta(2) in named:
            found.add(day + timedelta(1))
    return found


@pytest.mark.parametrize("year", EQUINOXES)
def test_the_holidays_of_the_next_years_are_those_of_the_law(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(step) for step in range(365))
    assert {day for day in days if public_holiday(day)} == by_law(year)


def test_holidays_once_known_are_kept_within_bounds() -> None:
    assert public_holiday.cache_info().maxsize == MAX_KNOWN_DAYS


def test_the_turn_of_the_year_and_obon_have_names() -> None:
    assert {name: f"{season.first}/{season.last}" for name, season in SEASONS.items()} == {
        "year-end": "12-29/01-03",
        "year-end-banks": "12-31/01-03",
        "obon": "08-13/08-16",
        "obon-july": "07-13/07-16",
    }
