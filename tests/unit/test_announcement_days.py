"""Days that rules are about, as they are written."""

from datetime import date, timedelta

import pytest

from announcement.days import EVERY_DAY, Dates, PublicHolidays, parse_days, parse_weekdays


def held(text: str, first: str, count: int) -> list[str]:
    days = parse_days(text)
    walk = (date.fromisoformat(first) + timedelta(step) for step in range(count))
    return [f"{day:%m-%d}" for day in walk if days.hold(day)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-28", ["12-28"]),
        ("2026-12-30/2027-01-02", ["12-30", "12-31", "01-01", "01-02"]),
        ("12-31/01-01", ["12-31", "01-01"]),
        ("year-end", ["12-29", "12-30", "12-31", "01-01", "01-02", "01-03"]),
        ("year-end-banks", ["12-31", "01-01", "01-02", "01-03"]),
        ("01-04", ["01-04"]),
        ("1st,3rd sat", ["12-05", "12-19", "01-02", "01-16"]),
        ("last thu", ["12-31", "01-28"]),
        ("5th thu", ["12-31"]),
    ],
)
def test_days_are_dates_ranges_seasons_or_nth_weekdays(text: str, expected: list[str]) -> None:
    assert held(text, "2026-12-01", 62) == expected


@pytest.mark.parametrize(
    "text",
    ["2026-12-28", "2026-12-30/2027-01-02", "12-29/01-03", "01-04", "1st,3rd sat", "last thu"],
)
def test_days_are_written_as_they_were_read(text: str) -> None:
    assert str(parse_days(text)) == text


def test_the_29th_of_february_holds_in_leap_years() -> None:
    assert held("02-29", "2026-01-01", 3 * 366) == ["02-29"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("soon", "write 2026-12-28"),
        ("02-30", "02-30 is no day of any year"),
        ("12-29/13-01", "13-01 is no day"),
        ("2026-02-29", "2026-02-29 is no date"),
        ("1999-12-31", "years are 2000 to 2099"),
        ("2026-12-31/2026-12-01", "ends before it begins"),
        ("2026-01-01/2027-12-31", "366 days at most"),
        ("3rd day", "weekdays are mon"),
    ],
)
def test_days_that_are_none_are_refused_with_what_would_be_right(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_days(text)


def test_weekdays_are_names_and_ranges() -> None:
    assert parse_weekdays("mon-fri").days == frozenset(range(5))
    assert parse_weekdays("sat-mon, wed").days == {5, 6, 0, 2}
    assert parse_weekdays("daily") == EVERY_DAY
    assert str(parse_weekdays("sun,mon")) == "mon,sun"
    with pytest.raises(ValueError, match="weekdays are"):
        parse_weekdays("weekend")


def test_public_holidays_are_those_of_the_law() -> None:
    days = Dates(date(2026, 5, 1), date(2026, 5, 8))
    assert [day.day for day in days if PublicHolidays().hold(day)] == [3, 4, 5, 6]
    assert str(PublicHolidays()) == "public holidays"
