"""Calendars: what holds when, against every day of three years judged minute by minute."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from announcement.calendar import MAX_KNOWN_DAYS, Calendar
from announcement.clock import TOKYO, midnight, tokyo, unix
from announcement.holiday import public_holiday
from announcement.result import HANG_UP, OPEN, Closed, EnterMenu, Forward, TakeMessage
from announcement.rule import Kind, Switch
from announcement.span import clock
from tests.support.brute_calendar import (
    BruteCalendar,
    PlainBreak,
    PlainDay,
    PlainEvent,
)
from tests.support.calendar_file import WORKDAY, at, calendar

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)
DAYS = (LAST - FIRST).days + 1
MINUTE = timedelta(minutes=1)
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_open(office: Calendar, text: str) -> bool:
    return office.result(at(text)).is_open


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-10-05T08:59:59", False),
        ("2026-10-05T09:00", True),
        ("2026-10-05T11:59:59", True),
        ("2026-10-05T12:00", False),
        ("2026-10-05T13:00", True),
        ("2026-10-05T18:00", False),
        ("2026-10-10T10:00", False),
    ],
)
def test_weekly_hours_come_in_several_intervals_a_day(time: str, *, expected: bool) -> None:
    assert is_open(calendar(), time) is expected


def test_what_is_closed_says_which_message_and_what_follows() -> None:
    at_night = at("2026-10-05T20:00")
    assert calendar().result(at_night) == Closed("closed", HANG_UP)
    closed = {"message": "day-off", "then": "voicemail"}
    assert calendar(closed=closed).result(at_night) == Closed("day-off", TakeMessage())
    closed = {"then": "forward", "to": "03-1111-2222"}
    assert calendar(closed=closed).result(at_night) == Closed("closed", Forward("+81311112222"))
    closed = {"then": "menu", "to": "reception"}
    assert calendar(closed=closed).result(at_night) == Closed("closed", EnterMenu("reception"))


def test_results_are_written_for_people() -> None:
    then = (HANG_UP, TakeMessage(), Forward("201"), EnterMenu("reception"))
    assert [str(Closed("break", each)) for each in then] == [
        "closed: break, hang up",
        "closed: break, voicemail",
        "closed: break, forward to 201",
        "closed: break, menu reception",
    ]
    assert str(OPEN) == "open"


def test_a_break_interrupts_open_hours_with_its_own_message() -> None:
    office = calendar(
        weekly={"mon": ["09:00-18:00"]},
        **{"break": [{"name": "lunch", "hours": ["12:00-13:00"]}]},
    )
    assert office.result(at("2026-10-05T12:30")) == Closed("break", HANG_UP)
    assert office.result(at("2026-10-05T13:00")) == OPEN
    # On a Tuesday nobody is there: the caller is not told to wait for the end of a break.
    assert office.result(at("2026-10-06T12:30")) == Closed("closed", HANG_UP)


def test_hours_and_breaks_run_over_midnight_and_belong_to_the_day_on_which_they_begin() -> None:
    office = calendar(
        weekly={"fri": ["18:00-29:00"]},
        **{"break": [{"name": "rest", "on": "fri", "hours": ["23:30-24:30"]}]},
        day=[{"name": "fair", "on": "2026-10-10"}],
    )
    assert is_open(office, "2026-10-09T23:00")
    assert office.result(at("2026-10-09T23:45")) == Closed("break", HANG_UP)
    assert office.result(at("2026-10-10T00:15")) == Closed("break", HANG_UP)
    assert is_open(office, "2026-10-10T00:30")
    assert is_open(office, "2026-10-10T04:59")
    assert office.result(at("2026-10-10T05:00")) == Closed("day-off", HANG_UP)
    assert not is_open(office, "2026-10-11T00:15")


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-05-03", "憲法記念日"),
        ("2026-05-04", "みどりの日"),
        ("2026-05-05", "こどもの日"),
        ("2026-05-06", "憲法記念日 振替休日"),  # Sunday the 3rd moves past two more holidays
        ("2027-05-03", "憲法記念日"),
        ("2027-05-05", "こどもの日"),
        ("2028-05-03", "憲法記念日"),
        ("2028-05-05", "こどもの日"),
        ("2026-09-22", "国民の休日"),  # between two holidays
        ("2027-03-22", "春分の日 振替休日"),
        ("2029-02-12", "建国記念の日 振替休日"),
        ("2032-09-21", "国民の休日"),
    ],
)
def test_public_holidays_have_hours_and_a_message_of_their_own(day: str, name: str) -> None:
    week = {"mon": WORKDAY, "tue": WORKDAY, "wed": WORKDAY, "thu": WORKDAY, "fri": WORKDAY}
    office = calendar(weekly={**week, "sun": WORKDAY}, holidays={"hours": ["10:00-11:00"]})
    assert public_holiday(date.fromisoformat(day)) == name
    assert is_open(office, f"{day}T10:30")
    assert office.result(at(f"{day}T14:00")) == Closed("holiday", HANG_UP)


@pytest.mark.parametrize("day", ["2026-05-07", "2027-05-06", "2028-05-02", "2026-09-24"])
def test_the_days_beside_public_holidays_are_ordinary(day: str) -> None:
    assert is_open(calendar(holidays={}), f"{day}T10:00")


def test_without_a_table_public_holidays_are_days_like_others() -> None:
    assert is_open(calendar(), "2026-05-04T10:00")


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_a_season_runs_over_new_year(year: int) -> None:
    office = calendar(
        weekly={name: ["09:00-18:00"] for name in NAMES},
        holidays={},
        day=[
            {"name": "turn of the year", "on": "year-end"},
            {"name": "stock", "on": f"{year}-12-30", "hours": ["09:00-12:00"]},
        ],
    )
    closed = Closed("year-end", HANG_UP)
    assert is_open(office, f"{year}-12-28T17:59")
    assert office.result(at(f"{year}-12-28T18:00")) == Closed("closed", HANG_UP)
    assert office.result(at(f"{year}-12-29T10:00")) == closed
    assert is_open(office, f"{year}-12-30T10:00")
    assert office.result(at(f"{year + 1}-01-01T10:00")) == closed
    assert office.result(at(f"{year + 1}-01-03T23:59")) == closed
    assert is_open(office, f"{year + 1}-01-04T09:00")


def test_special_days_name_dates_ranges_seasons_and_nth_weekdays() -> None:
    office = calendar(
        day=[
            {"name": "inventory", "on": "2026-10-07/2026-10-08"},
            {"name": "third", "on": "3rd wed"},
            {"name": "last", "on": "last fri", "message": "day-off", "then": "voicemail"},
            {"name": "summer", "on": "08-10/08-16"},
        ]
    )
    for day in ("10-07", "10-08", "10-21", "08-13"):
        assert office.result(at(f"2026-{day}T10:00")) == Closed("day-off", HANG_UP)
    assert office.result(at("2026-10-30T10:00")) == Closed("day-off", TakeMessage())
    for day in ("10-06", "10-09", "10-14", "10-23", "08-17"):
        assert is_open(office, f"2026-{day}T10:00")


def test_events_close_and_open_for_a_stretch_of_time() -> None:
    office = calendar(
        event=[
            {"name": "meeting", "start": "2026-10-05T15:00", "end": "2026-10-05T16:00"},
            {
                "name": "fair",
                "start": "2026-10-10T10:00",
                "end": "2026-10-11T12:00",
                "state": "open",
            },
        ]
    )
    assert office.result(at("2026-10-05T15:30")) == Closed("event", HANG_UP)
    assert is_open(office, "2026-10-05T16:00")
    assert is_open(office, "2026-10-11T03:00")
    assert not is_open(office, "2026-10-11T12:00")


def test_a_priority_of_its_own_lifts_a_rule_over_more_particular_ones() -> None:
    day = {"name": "fair", "on": "2026-05-04", "hours": ["10:00-20:00"]}
    assert is_open(calendar(holidays={}, day=[day]), "2026-05-04T11:00")
    assert not is_open(calendar(holidays={"priority": 750}, day=[day]), "2026-05-04T11:00")


def test_the_switch_by_hand_is_above_every_rule_while_it_lasts() -> None:
    since, until = midnight(date(2026, 10, 5)) + 10 * 3600 + 7, midnight(date(2026, 10, 6))
    office = replace(calendar(), switch=Switch(Closed("temporary", HANG_UP), since, until))
    assert office.result(since - 1) == OPEN
    assert office.result(since) == Closed("temporary", HANG_UP)
    assert office.next_change(since - 1) == since
    assert office.next_change(since) == until
    endless = replace(calendar(), switch=Switch(OPEN, since))
    assert endless.result(at("2030-01-01T00:00")) == OPEN
    assert endless.next_change(since) is None


def test_an_instant_is_a_unix_time_or_a_time_with_its_zone() -> None:
    office = calendar()
    london = datetime.fromisoformat("2026-10-05T01:00+01:00")
    assert office.result(london) == OPEN
    assert office.result(london.timestamp()) == OPEN
    assert tokyo(london).hour == 9
    naive = datetime(2026, 10, 5, 9)  # noqa: DTZ001 - what is refused
    for ask in (tokyo, unix, office.result):
        with pytest.raises(ValueError, match="needs its zone"):
            ask(naive)


def test_a_clock_that_was_never_set_is_judged_like_any_other() -> None:
    assert not calendar(holidays={}).result(0.0).is_open  # nine o'clock, but a New Year's Day
    assert calendar().result(0.5).is_open


def test_the_next_change_is_the_next_other_result() -> None:
    office = calendar(closed={"message": "closed"}, holidays={"message": "closed"})
    friday = at("2026-05-01T18:00")
    # The weekend and Golden Week give one result, by two rules.
    assert office.next_change(friday) == at("2026-05-07T09:00").timestamp()
    assert office.next_change(at("2026-05-07T09:00")) == at("2026-05-07T12:00").timestamp()


def test_what_never_changes_has_no_next_change() -> None:
    closed = calendar(weekly={})
    assert closed.next_change(at("2026-05-01T18:00")) is None
    assert len(closed._known) <= MAX_KNOWN_DAYS


def test_hours_that_meet_at_midnight_are_one_stretch() -> None:
    office = calendar(weekly={"mon": ["18:00-24:00"], "tue": ["00:00-09:00"]})
    change = at("2026-10-06T09:00").timestamp()
    assert office.next_change(at("2026-10-05T20:00")) == change


# --- against the brute-force model

HOURS = st.lists(
    st.tuples(st.integers(0, 95), st.integers(1, 96)).map(
        lambda each: (each[0] * 15, (each[0] + each[1]) * 15)
    ),
    max_size=3,
).map(lambda spans: tuple(_apart(spans)))
PRIORITIES = st.permutations(range(1, 30))
MONTH_DAY = st.tuples(st.integers(1, 12), st.integers(1, 28)) | st.sampled_from(
    [(12, 29), (12, 31), (1, 3), (5, 3)]
)
SOME_DAY = st.dates(FIRST, LAST)
SOME_MINUTE = st.tuples(SOME_DAY, st.integers(0, 1439)).map(
    lambda each: datetime(each[0].year, each[0].month, each[0].day, tzinfo=TOKYO) + each[1] * MINUTE
)


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Keep of some spans those that do not overlap."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if not kept or kept[-1][1] <= start:
            kept.append((start, end))
    return kept


def _hours(spans: tuple[tuple[int, int], ...]) -> list[str]:
    return [f"{clock(start)}-{clock(end)}" for start, end in spans]


@st.composite
def brute_calendars(draw: st.DrawFn) -> BruteCalendar:
    ranks = iter(draw(PRIORITIES))
    week = tuple(draw(st.tuples(*[HOURS] * 7)))
    days = [PlainDay("weekly", next(ranks), weekdays=frozenset(range(7)), hours=week)]
    if draw(st.booleans()):
        days.append(PlainDay("holidays", next(ranks), is_holiday=True, hours=(draw(HOURS),) * 7))
    for number in range(draw(st.integers(0, 2))):
        season = (draw(MONTH_DAY), draw(MONTH_DAY))
        hours = (draw(HOURS),) * 7
        days.append(PlainDay(f"season {number}", next(ranks), season=season, hours=hours))
    for number in range(draw(st.integers(0, 2))):
        first = draw(SOME_DAY)
        dates = (first, first + timedelta(draw(st.integers(0, 20))))
        hours = (draw(HOURS),) * 7
        days.append(PlainDay(f"dates {number}", next(ranks), dates=dates, hours=hours))
    breaks = []
    for number in range(draw(st.integers(0, 2))):
        start, length = draw(st.integers(0, 95)), draw(st.integers(1, 16))
        weekdays = draw(st.frozensets(st.integers(0, 6), min_size=1))
        times = (start * 15, (start + length) * 15)
        breaks.append(PlainBreak(f"break {number}", next(ranks), weekdays, *times))
    events = []
    for number in range(draw(st.integers(0, 2))):
        begin = draw(SOME_MINUTE)
        end = begin + draw(st.integers(1, 4000)) * MINUTE
        events.append(PlainEvent(f"event {number}", next(ranks), begin, end, draw(st.booleans())))
    switch = None
    if draw(st.booleans()):
        begin = draw(SOME_MINUTE)
        switch = (begin, begin + draw(st.integers(1, 4000)) * MINUTE, draw(st.booleans()))
    return BruteCalendar(tuple(days), tuple(breaks), tuple(events), switch)


def built(brute: BruteCalendar) -> Calendar:
    """Make the same calendar by writing it as a file."""
    parts: dict[str, object] = {"break": [], "day": [], "event": []}
    week, *others = brute.days
    hours = dict(zip(NAMES, map(_hours, week.hours), strict=True))
    parts["weekly"] = {**hours, "priority": week.priority}
    days = []
    for rule in others:
        own = {"hours": _hours(rule.hours[0]), "priority": rule.priority}
        if rule.is_holiday:
            parts["holidays"] = own
            continue
        if rule.season is not None:
            on = "/".join(f"{month:02}-{day:02}" for month, day in rule.season)
        else:
            assert rule.dates is not None
            on = "/".join(map(str, rule.dates))
        days.append({"name": rule.name, "on": on, **own})
    parts["day"] = days
    parts["break"] = [
        {
            "name": rest.name,
            "on": ",".join(NAMES[day] for day in sorted(rest.weekdays)),
            "hours": [f"{clock(rest.start)}-{clock(rest.end)}"],
            "priority": rest.priority,
        }
        for rest in brute.breaks
    ]
    parts["event"] = [
        {
            "name": event.name,
            "start": event.start,
            "end": event.end,
            "state": "open" if event.is_open else "closed",
            "priority": event.priority,
        }
        for event in brute.events
    ]
    office = calendar(**parts)
    if brute.switch is None:
        return office
    since, until, opens = brute.switch
    result = OPEN if opens else Closed("temporary", HANG_UP)
    return replace(office, switch=Switch(result, int(since.timestamp()), int(until.timestamp())))


def compare(brute: BruteCalendar, office: Calendar, minute: datetime) -> None:
    segment = office.segment(minute)
    assert (segment.result.is_open, segment.rule.name) == brute.judge(minute), minute


def edges(brute: BruteCalendar, random: Random) -> list[date]:
    """Choose days on which something may begin or end, and some others."""
    days = [FIRST + timedelta(random.randrange(DAYS)) for _ in range(3)]
    for year in (2026, 2027, 2028):
        days += [date(year, 12, 31), date(year, 5, random.randrange(1, 9))]
        for rule in brute.days:
            if rule.season is not None:
                days += [
                    date(year, *end) + timedelta(random.choice((-1, 0, 1))) for end in rule.season
                ]
    days += [end for rule in brute.days if rule.dates for end in rule.dates]
    for event in brute.events:
        days += [event.start.date(), event.end.date()]
    if brute.switch is not None:
        days += [brute.switch[0].date(), brute.switch[1].date()]
    return [day for day in days if FIRST <= day <= LAST]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(brute_calendars(), st.randoms(use_true_random=False))
def test_a_calendar_says_what_its_rules_say_minute_by_minute(
    brute: BruteCalendar, random: Random
) -> None:
    office = built(brute)
    for day in edges(brute, random):
        begin = datetime(day.year, day.month, day.day, tzinfo=TOKYO)
        parts = office.segments(day)
        starts = [part.start for part in parts]
        assert starts[0] == midnight(day)
        assert [part.end for part in parts] == [*starts[1:], midnight(day) + 24 * 3600]
        minutes = {start - midnight(day) for start in starts}
        for second in minutes | {random.randrange(1440) * 60 for _ in range(20)}:
            minute = begin + timedelta(seconds=second)
            compare(brute, office, minute)
            if second >= 60:
                compare(brute, office, minute - MINUTE)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(brute_calendars(), SOME_MINUTE, st.randoms(use_true_random=False))
def test_the_next_change_is_the_first_minute_with_another_result(
    brute: BruteCalendar, minute: datetime, random: Random
) -> None:
    office = built(brute)
    change = office.next_change(minute)
    if change is None:
        return
    now, begin = office.result(minute), int(minute.timestamp())
    assert office.result(change) != now
    assert change > begin
    between = {change - 1, *(random.randrange(begin, change) for _ in range(200))}
    is_open_now = brute.judge(minute)[0]
    for second in between:
        assert office.result(second) == now
        told = datetime.fromtimestamp(second - second % 60, TOKYO)
        assert brute.judge(told)[0] == is_open_now


def test_three_years_of_one_busy_calendar_agree_with_the_minutes() -> None:
    morning, evening = (540, 720), (780, 1560)
    brute = BruteCalendar(
        days=(
            PlainDay(
                "weekly",
                100,
                weekdays=frozenset(range(7)),
                hours=(*((morning, evening),) * 5, (morning,), ()),
            ),
            PlainDay("holidays", 300, is_holiday=True, hours=((morning,),) * 7),
            PlainDay("new year", 500, season=((12, 29), (1, 3))),
            PlainDay("obon", 510, season=((8, 13), (8, 16))),
            PlainDay(
                "fair",
                600,
                dates=(date(2027, 5, 1), date(2027, 5, 9)),
                hours=(((600, 1800),),) * 7,
            ),
        ),
        breaks=(PlainBreak("tea", 200, frozenset({0, 4}), 1430, 1450),),
        events=(PlainEvent("party", 800, at("2028-02-29T23:00"), at("2028-03-01T01:00"), False),),
        switch=(at("2026-07-01T10:00"), at("2026-07-03T10:00"), False),
    )
    office, random = built(brute), Random(7)  # noqa: S311 - which minutes to look at
    for step in range(DAYS):
        day = FIRST + timedelta(step)
        begin = datetime(day.year, day.month, day.day, tzinfo=TOKYO)
        for part in office.segments(day):
            edge = datetime.fromtimestamp(part.start, TOKYO)
            compare(brute, office, edge)
            compare(brute, office, edge - MINUTE)
        compare(brute, office, begin + random.randrange(1440) * MINUTE)


def test_kinds_have_priorities_in_the_order_of_how_particular_they_are() -> None:
    assert [kind.priority for kind in Kind] == sorted(kind.priority for kind in Kind)
