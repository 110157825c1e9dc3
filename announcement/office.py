"""A file of calendars read whole: the values, or every fault with its place."""

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from announcement.calendar import Calendar
from announcement.checking import Vocabulary, faults
from announcement.document import CalendarFile, CalendarTable, SwitchTable
from announcement.draft import Draft, draft, field_faults
from announcement.fault import CalendarError, Fault
from announcement.message import Message
from announcement.reading import Reader, message
from announcement.rule import Switch

SCHEMA_NAME = "https://json-schema.org/draft/2020-12/schema"
NO_MENUS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Office:
    """What a file says."""

    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    """By number in E.164."""
    messages: Mapping[str, Message] = field(default_factory=dict)
    """Messages of one's own, by key."""
    tables: Mapping[str, CalendarTable] = field(default_factory=dict, repr=False)
    """As written, by number."""
    menus: Container[str] = NO_MENUS

    def switch(self, number: str, table: Mapping[str, object]) -> Switch:
        """Read a switch by hand for a number; what it leaves unsaid is the calendar's.

        Such as `{"state": "closed", "until": "2026-10-05T18:00", "message": "temporary"}`. Raises
        `CalendarError` for its faults, `KeyError` for a number without a calendar.
        """
        calendar = self.tables[number]
        try:
            switch = SwitchTable.model_validate(table)
        except ValidationError as error:
            raise CalendarError(list(field_faults(error))) from None
        vocabulary = Vocabulary(self.messages, self.menus)
        found = list(vocabulary.faults(switch, numbers=calendar.numbers))
        if found:
            raise CalendarError(found)
        return Reader(calendar).switch(switch)


def read(tree: Mapping[str, object], menus: Container[str] = NO_MENUS) -> Office:
    """Make the values of a parsed file; raise `CalendarError` with all its faults at once."""
    found: list[Fault] = []
    file = None
    try:
        file = CalendarFile.model_validate(tree, by_alias=True)
    except ValidationError as error:
        found += field_faults(error)
    found += faults(list(_drafts(tree)), list(_keys(tree)), menus)
    if file is None or found:
        raise CalendarError(found)
    calendars: dict[str, Calendar] = {}
    tables: dict[str, CalendarTable] = {}
    for table in file.calendars:
        calendar = Reader(table).calendar()
        calendars.update(dict.fromkeys(table.numbers, calendar))
        tables.update(dict.fromkeys(table.numbers, table))
    messages = {each.key: message(each) for each in file.messages}
    return Office(calendars, messages, tables, menus)


def schema_text() -> str:
    """Write the JSON Schema of a file of calendars."""
    schema = {
        "$schema": SCHEMA_NAME,
        **CalendarFile.model_json_schema(by_alias=True),
        "title": "Calendars of Daihyo",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _drafts(tree: Mapping[str, object]) -> Iterator[Draft]:
    for position, table in enumerate(_list(tree, "calendar")):
        found = draft(table, ("calendar", position))
        if found is not None:
            yield found


def _keys(tree: Mapping[str, object]) -> Iterator[str]:
    for position, table in enumerate(_list(tree, "message")):
        key = table.get("key") if isinstance(table, dict) else None
        # What has no key is told by its field; a name that nobody can write keeps its place.
        yield key if isinstance(key, str) else f"#{position}"


def _list(tree: Mapping[str, object], key: str) -> list[object]:
    found = tree.get(key)
    return found if isinstance(found, list) else []
