"""Contradictions: rules that meet with one priority."""

from itertools import chain, combinations, pairwise

import pytest

from tests.support.calendar_file import faults, tree

MONDAY = {"name": "monday", "on": "mon", "hours": ["12:00-13:00"]}
PARTY = {"name": "party", "start": "2026-10-05T12:30", "end": "2026-10-05T15:00"}


def meets(other: str, day: str, priority: int) -> str:
    right = "give the one that is to count a greater priority"
    return f"meets '{other}' on {day}, and both have priority {priority}; {right}"


@pytest.mark.parametrize(
    ("one", "other", "day"),
    [
        ("2026-12-28", "2026-12-28", "2026-12-28"),
        ("2026-12-28/2027-01-05", "2027-01-05/2027-01-08", "2027-01-05"),
        ("year-end", "01-02/01-10", "2024-01-02"),
        ("02-29", "02-20/03-01", "2024-02-29"),
        ("3rd wed", "3rd,4th wed", "2024-01-17"),
    ],
)
def test_special_days_of_one_kind_must_not_meet(one: str, other: str, day: str) -> None:
    rules = [{"name": "one", "on": one}, {"name": "other", "on": other}]
    (found,) = faults(tree(day=rules))
    assert found.startswith("calendar 1: day 2: meets 'one' on " + day)
    assert found.endswith("(first at calendar 1: day 1)")
    assert not faults(tree(day=[rules[0], {**rules[1], "priority": 999}]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-12-28", "2026-12-29"),
        ("year-end", "01-04"),
        ("3rd wed", "last wed"),
        ("1st mon", "1st tue"),
        # Of different kinds: the more particular one counts.
        ("2026-12-30", "year-end"),
        ("2026-12-30", "2026-12-29/2027-01-04"),
    ],
)
def test_special_days_that_do_not_meet_need_no_priority(one: str, other: str) -> None:
    assert not faults(tree(day=[{"name": "one", "on": one}, {"name": "other", "on": other}]))


def test_a_date_meets_what_returns_when_they_have_one_priority() -> None:
    rules = [
        {"name": "third", "on": "3rd wed", "priority": 50},
        {"name": "wednesday", "on": "2098-12-16/2098-12-31", "priority": 50},
    ]
    for pair in (rules, rules[::-1]):
        assert "on 2098-12-17, and both" in faults(tree(day=pair))[0]
    rules[1]["on"] = "2098-12-16"
    assert not faults(tree(day=rules))


def test_public_holidays_meet_a_season_of_their_priority() -> None:
    season = {"name": "may", "on": "05-01/05-31", "priority": 300}
    assert faults(tree(holidays={}, day=[season])) == [
        f"calendar 1: day 1: {meets('holidays', '2024-05-03', 300)} (first at calendar 1: holidays)"
    ]


@pytest.mark.parametrize(
    ("on", "hours", "collides"),
    [
        ("mon", "12:30-14:00", True),
        ("daily", "10:00-12:01", True),
        ("mon", "13:00-14:00", False),
        ("tue-sun", "12:00-13:00", False),
        ("sun", "20:00-37:00", True),
        ("sun", "20:00-36:00", False),
    ],
)
def test_breaks_of_one_priority_must_not_overlap(on: str, hours: str, *, collides: bool) -> None:
    other = {"name": "other", "on": on, "hours": [hours]}
    for pair in ([MONDAY, other], [other, MONDAY]):
        assert bool(faults(tree(**{"break": pair}))) is collides


def test_events_of_one_priority_must_not_overlap() -> None:
    later = {"name": "later", "start": "2026-10-05T15:00", "end": "2026-10-05T16:00"}
    assert not faults(tree(event=[PARTY, later]))
    later["start"] = "2026-10-05T14:59"
    assert faults(tree(event=[PARTY, later])) == [
        f"calendar 1: event 2: {meets('party', '2026-10-05', 800)} (first at calendar 1: event 1)"
    ]


@pytest.mark.parametrize(
    ("parts", "collides"),
    [
        ({"break": [{**MONDAY, "priority": 50}]}, True),
        ({"break": [{**MONDAY, "on": "tue", "priority": 50}]}, False),
        ({"break": [{**MONDAY, "on": "sun", "hours": ["23:00-37:00"], "priority": 50}]}, True),
        ({"day": [{"name": "day", "on": "2026-10-05", "priority": 50}]}, True),
        ({"day": [{"name": "day", "on": "2026-10-06", "priority": 50}]}, False),
        ({"day": [{"name": "day", "on": "1st mon", "priority": 50}]}, True),
        ({"day": [{"name": "day", "on": "2nd mon", "priority": 50}]}, False),
        ({"holidays": {"priority": 50}}, False),
    ],
)
def test_an_event_meets_rules_of_its_priority_only_in_its_time(
    parts: dict[str, object], *, collides: bool
) -> None:
    found = faults(tree(event=[{**PARTY, "priority": 50}], **parts))
    assert bool(found) is collides


def test_a_break_and_a_day_of_one_priority_meet_where_they_share_a_minute() -> None:
    day = {"name": "day", "on": "2026-10-06", "priority": 200}
    assert not faults(tree(day=[day], **{"break": [MONDAY]}))
    late = {**MONDAY, "hours": ["23:00-25:00"]}
    assert faults(tree(day=[day], **{"break": [late]}))


def test_many_rules_of_one_priority_are_compared_in_good_time() -> None:
    times = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(600, 700)]
    pairs = pairwise(times)
    breaks = [{"name": start, "hours": [f"{start}-{end}"]} for start, end in pairs]
    assert not faults(tree(**{"break": breaks}))
    days = [f"{month:02}-{day:02}" for month in range(1, 5) for day in range(1, 26)]
    assert not faults(tree(day=[{"name": day, "on": day} for day in days]))


def test_each_meeting_is_told() -> None:
    rules = [{"name": name, "on": "2026-12-28"} for name in "abc"]
    places = [found.partition(": meets")[0] for found in faults(tree(day=rules))]
    assert sorted(places) == sorted(
        f"calendar 1: day {second + 1}" for _, second in chain(combinations(range(3), 2))
    )
