"""Pictures of calendars: a row a day."""

from datetime import date

import pytest

from announcement.picture import month, picture, week
from tests.support.calendar_file import calendar

OFFICE = calendar(
    weekly={"mon": ["09:00-12:15", "13:00-18:00"], "tue": ["00:00-24:00"]}, holidays={}
)


def test_a_week_begins_on_its_monday_and_shows_hours_and_holidays() -> None:
    rows = week(OFFICE, date(2026, 10, 14))
    assert [(row.weekday, row.day.day, row.hours, row.holiday) for row in rows[:3]] == [
        ("mon", 12, "", "スポーツの日"),
        ("tue", 13, "00:00-24:00", None),
        ("wed", 14, "", None),
    ]
    assert len(rows) == 7
    assert [row.rule.name for row in rows[:2]] == ["holidays", "weekly"]


def test_a_row_is_a_bar_of_half_hours() -> None:
    monday, tuesday = picture(OFFICE, date(2026, 10, 5), 2)
    assert monday.bar == "." * 18 + "######+." + "#" * 10 + "." * 12
    assert str(tuesday) == f"2026-10-06 tue  {'#' * 48}  weekly"
    assert str(week(OFFICE, date(2026, 10, 12))[0]).endswith(".  holidays  スポーツの日")


def test_hours_that_two_rules_give_in_turn_are_one_stretch() -> None:
    fair = {
        "name": "fair",
        "start": "2026-10-05T18:00",
        "end": "2026-10-05T20:00",
        "state": "open",
    }
    office = calendar(weekly={"mon": ["09:00-18:00"]}, event=[fair])
    assert picture(office, date(2026, 10, 5), 1)[0].hours == "09:00-20:00"


@pytest.mark.parametrize(("day", "days"), [("2028-02-11", 29), ("2026-12-31", 31)])
def test_a_month_has_its_days(day: str, days: int) -> None:
    rows = month(OFFICE, date.fromisoformat(day))
    assert [row.day.day for row in rows] == list(range(1, days + 1))


def test_more_than_a_year_is_no_picture() -> None:
    with pytest.raises(ValueError, match="366 days at most"):
        picture(OFFICE, date(2026, 1, 1), 367)
