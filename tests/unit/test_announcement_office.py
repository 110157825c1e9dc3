"""Files of calendars: what they mean, and all their faults at once with their places."""

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from announcement.document import CalendarFile
from announcement.fault import CalendarError, Fault, written
from announcement.message import BUILT_IN, TypedMessage, UploadedMessage, prompt_name
from announcement.office import read, schema_text
from announcement.result import HANG_UP, OPEN, Closed, EnterMenu, Forward, TakeMessage
from announcement.rule import Switch
from tests.support.calendar_file import NUMBER, at, calendar, faults, office, tree

Parts = dict[str, Any]
ROOT = Path(__file__).parents[2]


def test_a_calendar_is_for_some_numbers_in_any_form() -> None:
    file = office(numbers=["03-9876-5000", "+81 3 9876 5001", "0120-444-444"])
    assert list(file.calendars) == [NUMBER, "+81398765001", "+81120444444"]
    assert len({id(each) for each in file.calendars.values()}) == 1


def test_the_example_of_the_documents_is_a_calendar() -> None:
    text = (ROOT / "docs" / "calendar.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    file = read(tomllib.loads(example))
    office = file.calendars[NUMBER]
    assert office.result(at("2026-10-05T12:30")) == Closed("lunch", HANG_UP)
    assert office.result(at("2026-12-30T10:00")) == Closed("year-end", TakeMessage())
    assert office.result(at("2026-12-29T10:00")) == OPEN
    assert office.result(at("2026-10-12T10:00")) == Closed("holiday", TakeMessage())


def test_messages_are_typed_or_uploaded() -> None:
    file = read(
        {
            "version": 1,
            "message": [
                {"key": "ours", "text": "休みです。"},
                {"key": "theirs", "audio": "moving.wav"},
            ],
        }
    )
    assert file.messages == {
        "ours": TypedMessage("ours", "休みです。", "ja"),
        "theirs": UploadedMessage("theirs", "moving.wav"),
    }
    assert not file.calendars


def test_built_in_messages_are_spoken_word_for_word_by_prompts_in_two_languages() -> None:
    texts = tomllib.loads((ROOT / "media" / "prompts" / "texts.toml").read_text("utf-8"))
    for key, wording in BUILT_IN.items():
        spoken = texts[prompt_name(key)]
        assert (spoken["ja"], spoken["en"]) == wording


@pytest.mark.parametrize(
    ("on", "message"),
    [
        ("year-end", "year-end"),
        ("year-end-banks", "year-end"),
        ("obon", "obon"),
        ("obon-july", "obon"),
        ("12-29/01-03", "day-off"),
    ],
)
def test_a_season_with_a_name_has_its_own_message(on: str, message: str) -> None:
    day = {"name": "off", "on": on}
    assert calendar(day=[day]).days[0].closed.message == message
    named = calendar(closed={"message": "temporary"}, day=[day])
    assert named.days[0].closed.message == "temporary"
    assert calendar(day=[{**day, "message": "event"}]).days[0].closed.message == "event"


def test_a_file_is_written_back_as_the_same_file() -> None:
    parts = {
        "closed": {"then": "forward", "to": 201},
        "holidays": {"hours": ["9:00-12:00"]},
        "break": [{"name": "lunch", "hours": ["12:00-13:00"]}],
        "day": [{"name": "off", "on": "year-end"}, {"name": "one", "on": "2026-10-07"}],
        "event": [{"name": "fair", "start": "2026-10-05T13:00", "end": "2026-10-06"}],
    }
    file = CalendarFile.model_validate(tree(**parts), by_alias=True)
    again = json.loads(file.model_dump_json(by_alias=True, exclude_defaults=True))
    assert read(again) == read(tree(**parts))
    with pytest.raises(ValidationError):
        CalendarFile.model_validate({})


def test_the_schema_is_published() -> None:
    published = (ROOT / "docs" / "calendar.schema.json").read_text("utf-8")
    assert published == schema_text(), "write announcement.office.schema_text() there"
    schema = json.loads(schema_text())
    assert schema["title"] == "Calendars of Daihyo"
    assert set(schema["properties"]) == {"version", "message", "calendar"}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"colour": "red"}, "colour: is unknown; remove it, or mend its name"),
        ({"numbers": []}, "numbers: is wrong; list should have at least 1 item"),
        ({"numbers": ["110"]}, "numbers 1: '110' is wrong; write a number as 0312345678"),
        ({"weekly": {"mon": ["18:00-09:00"]}}, "weekly: mon 1: '18:00-09:00' is wrong; it ends"),
        ({"weekly": {"mon": ["9:00-9:00"]}}, "weekly: mon 1: '9:00-9:00' is wrong; an interval"),
        ({"break": [{"name": "a", "hours": []}]}, "break 1: hours: is wrong; list should have"),
        ({"break": [{"name": "a"}]}, "break 1: hours: is missing; add hours = …"),
        (
            {"break": [{"name": "a", "on": "x", "hours": ["1:00-2:00"]}]},
            "break 1: on: 'x' is wrong; weekdays are",
        ),
        ({"day": [{"name": "a", "on": "never"}]}, "day 1: on: 'never' is wrong; write 2026-12-28"),
        (
            {"day": [{"name": "a", "on": "2026-12-02/2026-12-01"}]},
            "day 1: on: '2026-12-02/2026-12-01' is wrong; it ends before it begins",
        ),
        ({"closed": {"then": "forward"}}, "closed: is wrong; say in to = … where the call goes"),
        ({"closed": {"to": "201"}}, "closed: is wrong; to = … goes with"),
        (
            {"closed": {"then": "forward", "to": "110"}},
            "closed: is wrong; forward to a number (0312345678) or an extension (201)",
        ),
        (
            {"closed": {"then": "forward", "to": NUMBER}},
            f"closed: to: {NUMBER} would be forwarded to itself",
        ),
        ({"closed": {"then": "menu", "to": "x"}}, "closed: to: there is no menu 'x'; add the menu"),
        ({"holidays": {"message": "x"}}, "holidays: message: there is no message 'x'; add the"),
        (
            {"weekly": {"fri": ["9:00-12:00", "11:00-13:00"]}},
            "weekly: fri 2: 11:00-13:00 overlaps 09:00-12:00; make them one, or move one (first",
        ),
        (
            {"holidays": {"hours": ["9:00-12:00", "11:00-13:00"]}},
            "holidays: hours 2: 11:00-13:00 overlaps 09:00-12:00",
        ),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_would_be_right(
    parts: Parts, expected: str
) -> None:
    (found,) = faults(tree(**parts))
    assert found.startswith(f"calendar 1: {expected}")


def test_a_day_is_the_moment_at_which_it_begins() -> None:
    written_out = {"name": "fair", "start": date(2026, 10, 5), "end": "2026-10-05T15:00:00Z"}
    (fair,) = calendar(event=[written_out]).events
    assert fair.start == at("2026-10-05T00:00").timestamp()
    assert fair.end == at("2026-10-06T00:00").timestamp()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"start": "2026-10-05", "end": "2026-10-05"}, "event 1: is wrong; end lies after start"),
        ({"start": "2026-10-05", "end": "2026-12-05"}, "event 1: is wrong; an event lasts 31 days"),
        ({"start": "soon", "end": "2026-12-05"}, "event 1: start: 'soon' is wrong; write a day"),
        ({"start": "1990-01-01", "end": "1990-01-02"}, "event 1: start: '1990-01-01' is wrong"),
        ({"start": 7, "end": "2026-12-05"}, "event 1: start: 7 is wrong; years are 2000 to 2099"),
        (
            {"start": "2026-10-05", "end": "2026-10-06", "state": "open", "message": "closed"},
            "event 1: is wrong; while open there is no announcement",
        ),
    ],
)
def test_an_event_has_a_begin_an_end_and_a_length(event: Parts, expected: str) -> None:
    found = faults(tree(event=[{"name": "fair", **event}]))
    assert found[0].startswith(f"calendar 1: {expected}")


def test_all_faults_are_told_at_once_beside_what_cannot_be_read() -> None:
    file: Parts = tree(
        name="",
        weekly={"mon": ["9:00"]},
        **{"break": [{"name": "a", "hours": ["9:00"]}]},
        day=[
            {"name": "a", "on": "2026-13-01"},
            {"name": "b", "on": "2026-12-01"},
            {"name": "b", "on": "2026-12-01", "message": "unheard"},
        ],
    )
    file["message"] = [{"key": "x"}, {"key": "closed", "text": "a"}, {}, 7, {"key": "x"}]
    file["calendar"] += [tree()["calendar"][0], 7, {}, {**tree()["calendar"][0], "numbers": 3}]
    found = faults(file)
    for expected in (
        "calendar 1: name: '' is wrong",
        "calendar 1: weekly: mon 1: '9:00' is wrong",
        "calendar 1: break 1: hours 1: '9:00' is wrong",
        "calendar 1: day 1: on: '2026-13-01' is wrong",
        "calendar 1: day 3: meets 'b' on 2026-12-01",
        "calendar 1: day 3: name: rule 'b' is there twice",
        "calendar 1: day 3: message: there is no message 'unheard'",
        "calendar 2: numbers 1: number '+81398765000' is there twice",
        "calendar 3: 7 is wrong",
        "calendar 4: name: is missing",
        "calendar 5: numbers: 3 is wrong",
        "message 1: is wrong; give either text or audio",
        "message 2: key: 'closed' is a message that is built in",
        "message 3: key: is missing",
        "message 4: 7 is wrong",
        "message 5: key: message 'x' is there twice",
    ):
        assert any(each.startswith(expected) for each in found), expected


def test_what_is_no_list_of_calendars_is_told_once() -> None:
    assert faults({"calendar": 7, "version": 2}) == [
        "version: 2 is wrong; input should be 1",
        "calendar: 7 is wrong; input should be a valid list",
    ]
    assert faults({}) == ["version: is missing; add version = …"]
    assert str(Fault((), "is wrong", "mend it")) == "is wrong; mend it"
    assert written((0, "a")) == "0: a"


def test_a_switch_by_hand_falls_back_on_its_calendar() -> None:
    file = office(closed={"then": "voicemail"})
    assert file.switch(NUMBER, {}) == Switch(Closed("temporary", TakeMessage()))
    assert file.switch(NUMBER, {"state": "open"}) == Switch(OPEN)
    told = {"since": "2026-10-05T10:00", "until": at("2026-10-05T11:00"), "then": "hangup"}
    assert file.switch(NUMBER, told) == Switch(
        Closed("temporary", HANG_UP),
        int(at("2026-10-05T10:00").timestamp()),
        int(at("2026-10-05T11:00").timestamp()),
    )
    menu = file.switch(NUMBER, {"then": "menu", "to": "reception", "message": "break"})
    assert menu.result == Closed("break", EnterMenu("reception"))
    forward = file.switch(NUMBER, {"then": "forward", "to": "0311112222"})
    assert forward.result == Closed("temporary", Forward("+81311112222"))


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"since": "2026-10-05", "until": "2026-10-05"}, "is wrong; until lies after since"),
        ({"message": "unheard"}, "message: there is no message 'unheard'"),
        ({"then": "menu", "to": "cellar"}, "to: there is no menu 'cellar'"),
        ({"then": "forward", "to": NUMBER}, "to: +81398765000 would be forwarded to itself"),
        ({"priority": 3}, "priority: 3 is wrong"),
    ],
)
def test_a_switch_with_faults_is_refused(table: Parts, expected: str) -> None:
    with pytest.raises(CalendarError) as caught:
        office().switch(NUMBER, table)
    (found,) = caught.value.faults
    assert str(found).startswith(expected)
