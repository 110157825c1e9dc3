"""Explanations of calendars: each rule weighed, and which one counts."""

from dataclasses import replace

from announcement.calendars import Calendars
from announcement.explanation import Explanation, Finding, explain
from announcement.result import HANG_UP, Closed
from announcement.rule import Switch
from tests.support.calendar_file import NUMBER, at, calendar, office

PARTS: dict[str, object] = {
    "weekly": {"mon": ["09:00-18:00"], "fri": ["18:00-26:00"]},
    "holidays": {},
    "break": [{"name": "lunch", "on": "mon", "hours": ["12:00-13:00"]}],
    "day": [
        {"name": "fair", "on": "2026-10-12", "hours": ["10:00-12:00"]},
        {"name": "off", "on": "2026-10-10"},
    ],
    "event": [{"name": "party", "start": "2026-10-05T12:30", "end": "2026-10-05T15:00"}],
}


def findings(time: str) -> dict[str, str]:
    told = explain(calendar(**PARTS), at(time))
    return {each.rule.name: each.finding.name for each in told.weighed}


def test_the_rule_that_counts_is_told_among_all_that_were_weighed() -> None:
    assert findings("2026-10-05T12:15") == {
        "party": "OTHER_TIME",
        "fair": "OTHER_DAY",
        "off": "OTHER_DAY",
        "holidays": "OTHER_DAY",
        "lunch": "WON",
        "weekly": "OUTRANKED",
    }


def test_a_rule_that_holds_is_outranked_by_a_greater_priority() -> None:
    assert findings("2026-10-05T12:45") == {
        "party": "WON",
        "fair": "OTHER_DAY",
        "off": "OTHER_DAY",
        "holidays": "OTHER_DAY",
        "lunch": "OUTRANKED",
        "weekly": "OUTRANKED",
    }
    on_holiday = findings("2026-10-12T11:00")
    assert (on_holiday["fair"], on_holiday["holidays"], on_holiday["weekly"]) == (
        "WON",
        "OUTRANKED",
        "OUTRANKED",
    )


def test_a_break_has_nothing_to_interrupt_while_closed_and_another_time_while_open() -> None:
    assert findings("2026-10-12T12:30")["lunch"] == Finding.CLOSED_ANYWAY.name
    assert findings("2026-10-05T10:30")["lunch"] == Finding.OTHER_TIME.name
    assert findings("2026-10-06T12:30")["lunch"] == Finding.OTHER_DAY.name


def test_last_nights_hours_run_out_before_todays_rule_begins_to_count() -> None:
    told = findings("2026-10-10T01:00")
    assert (told["weekly"], told["off"]) == (Finding.WON.name, Finding.NIGHT_BEFORE.name)
    assert findings("2026-10-10T02:00")["off"] == Finding.WON.name


def test_the_switch_is_told_while_it_counts_and_when_its_time_is_over() -> None:
    moment = at("2026-10-05T10:00")
    until = int(moment.timestamp())
    switched = replace(calendar(**PARTS), switch=Switch(Closed("temporary", HANG_UP), until=until))
    before = explain(switched, until - 1)
    assert before.rule is switched.switch
    assert before.next_change == moment
    assert explain(switched, until).weighed[0].finding is Finding.OTHER_TIME


def test_an_explanation_is_read_by_people() -> None:
    told = Calendars(office(**PARTS).calendars).explain(NUMBER, at("2026-10-05T12:15:30"))
    assert isinstance(told, Explanation)
    assert str(told).split("\n") == [
        "office at 2026-10-05 12:15:30: closed: break, hang up until 2026-10-05 12:30",
        " 800  event 'party': not at this time",
        " 700  single day 'fair': not on this day",
        " 700  single day 'off': not on this day",
        " 300  public holidays 'holidays': not on this day",
        " 200  break 'lunch': counts",
        " 100  weekly hours 'weekly': outranked",
    ]
    never = explain(calendar(weekly={}), at("2026-10-05T12:15"))
    assert str(never).split("\n")[0] == "office at 2026-10-05 12:15: closed: closed, hang up"
