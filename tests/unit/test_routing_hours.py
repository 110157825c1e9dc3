"""Hours by the clocks of Japan: weekdays, intervals over midnight, weeks over Sunday."""

from datetime import datetime, timedelta, timezone

import pytest

from routing.hours import ALWAYS, Hours, Interval

TOKYO = timezone(timedelta(hours=9))


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).timestamp()


@pytest.mark.parametrize(
    ("hours", "moment", "holds"),
    [
        # 2027-01-01 is a Friday.
        ("mon-fri 09:00-18:00", "2027-01-01T09:00:00", True),
        ("mon-fri 09:00-18:00", "2027-01-01T08:59:59", False),
        ("mon-fri 09:00-18:00", "2027-01-01T17:59:59", True),
        ("mon-fri 09:00-18:00", "2027-01-01T18:00:00", False),
        ("mon-fri 09:00-18:00", "2027-01-02T12:00:00", False),
        ("sat,sun 00:00-24:00", "2027-01-02T23:59:59", True),
        ("sat,sun 00:00-24:00", "2027-01-04T00:00:00", False),
        ("fri 22:00-06:00", "2027-01-01T22:00:00", True),
        ("fri 22:00-06:00", "2027-01-02T05:59:59", True),
        ("fri 22:00-06:00", "2027-01-02T06:00:00", False),
        ("fri 22:00-06:00", "2027-01-01T05:00:00", False),
        ("sun 22:00-06:00", "2027-01-04T01:00:00", True),
        ("sat-mon 10:00-11:00", "2027-01-03T10:30:00", True),
        ("sat-mon 10:00-11:00", "2027-01-05T10:30:00", False),
        ("daily 12:00-13:00", "2027-01-05T12:30:00", True),
    ],
)
def test_an_interval_holds_on_its_weekdays_between_its_times(
    hours: str, moment: str, *, holds: bool
) -> None:
    assert Hours.parse(hours).hold(at(moment)) is holds


def test_hours_hold_in_any_of_their_intervals_and_always_without_one() -> None:
    hours = Hours.parse("mon-fri 09:00-18:00", "sat 09:00-12:00")
    assert hours.hold(at("2027-01-02T10:00:00"))
    assert not hours.hold(at("2027-01-02T13:00:00"))
    assert ALWAYS.hold(0.0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "09:00-18:00",
        "mon 9:00-18:00",
        "mon 09:00-09:00",
        "mon 24:00-06:00",
        "mon 09:60-10:00",
        "mon 09:00-24:01",
        "abc 09:00-10:00",
        "dailyx 09:00-10:00",
        "mon-xyz 09:00-10:00",
    ],
)
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hours|interval|time|weekdays"):
        Interval.parse(text)
