"""Calendars in force: the answer that routing asks for, and the switch by hand."""

import pytest

from announcement.calendars import Calendars
from announcement.result import HANG_UP, OPEN, Closed
from announcement.rule import Switch
from tests.support.calendar_file import NUMBER, at, office

MORNING, NIGHT = at("2026-10-05T10:00").timestamp(), at("2026-10-05T22:00").timestamp()
OTHER = "+81398765001"
TEMPORARY = Closed("temporary", HANG_UP)


def test_a_number_is_open_by_its_calendar() -> None:
    calendars = Calendars(office().calendars)
    assert [calendars.is_open(NUMBER, time) for time in (MORNING, NIGHT, MORNING + 1)] == [
        True,
        False,
        True,
    ]
    assert calendars.result(NUMBER, NIGHT) == Closed("closed", HANG_UP)
    assert calendars.next_change(NUMBER, MORNING) == at("2026-10-05T12:00").timestamp()


def test_an_answer_is_kept_until_it_may_change() -> None:
    calendars = Calendars(office().calendars)
    assert calendars.is_open(NUMBER, MORNING)
    kept = calendars._kept[NUMBER]
    assert calendars.is_open(NUMBER, MORNING + 3600)
    assert calendars._kept[NUMBER] is kept
    assert not calendars.is_open(NUMBER, kept.until)


def test_a_number_without_a_calendar_is_always_open() -> None:
    calendars = Calendars()
    assert calendars.is_open(OTHER, NIGHT)
    assert calendars.result(OTHER, NIGHT) == OPEN
    assert calendars.next_change(OTHER, NIGHT) is None
    assert calendars.explain(OTHER, NIGHT) is None
    assert calendars.calendar(OTHER) is None


def test_a_switch_by_hand_counts_at_once_and_until_it_is_switched_back() -> None:
    calendars = Calendars(office(numbers=[NUMBER, OTHER]).calendars)
    assert calendars.is_open(NUMBER, MORNING)
    calendars.switch(NUMBER, Switch(TEMPORARY))
    assert not calendars.is_open(NUMBER, MORNING)
    assert calendars.result(NUMBER, MORNING) == TEMPORARY
    # The other number has the same calendar; it is not what was switched.
    assert calendars.is_open(OTHER, MORNING)
    calendars.switch(NUMBER, None)
    assert calendars.is_open(NUMBER, MORNING)
    calendars.switch(NUMBER, None)
    with pytest.raises(KeyError):
        calendars.switch("+81300000000", None)


def test_what_was_switched_by_hand_outlives_other_calendars_and_a_start() -> None:
    calendars = Calendars(office(numbers=[NUMBER, OTHER]).calendars)
    calendars.switch(NUMBER, Switch(TEMPORARY))
    calendars.switch(OTHER, Switch(OPEN))
    calendars.replace(office(weekly={}).calendars)
    assert calendars.result(NUMBER, MORNING) == TEMPORARY
    assert calendars.switches == {NUMBER: Switch(TEMPORARY)}
    again = Calendars(office().calendars, calendars.switches)
    assert not again.is_open(NUMBER, MORNING)
    calendar = again.calendar(NUMBER)
    assert calendar is not None
    assert calendar.switch == Switch(TEMPORARY)
