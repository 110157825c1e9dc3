"""What fields say of each other: names given twice, unknown messages, rules that meet."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from announcement.contradiction import contradictions
from announcement.document import AnswerTable, CalendarTable, Ending
from announcement.draft import Draft
from announcement.fault import Fault, Place
from announcement.field import forward_target
from announcement.message import BUILT_IN
from announcement.reading import Reader
from announcement.span import Span, collisions


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The messages and menus that a table may name."""

    messages: Container[str] = frozenset()
    menus: Container[str] = frozenset()

    def faults(
        self, answer: AnswerTable, place: Place = (), numbers: Container[str] = ()
    ) -> Iterator[Fault]:
        """Find what a table names that is not there; `numbers` are those it answers for."""
        key, to = answer.message, answer.to or ""
        if key is not None and key not in BUILT_IN and key not in self.messages:
            right = f"add the message, or use one of {', '.join(BUILT_IN)}"
            yield Fault((*place, "message"), f"there is no message {key!r}", right)
        if answer.then is Ending.MENU and to not in self.menus:
            yield Fault((*place, "to"), f"there is no menu {to!r}", "add the menu")
        if answer.then is Ending.FORWARD and forward_target(to) in numbers:
            right = "forward to a number that has another calendar"
            yield Fault((*place, "to"), f"{to} would be forwarded to itself", right)


def faults(drafts: Sequence[Draft], keys: Sequence[str], menus: Container[str]) -> Iterator[Fault]:
    """Find every fault between the fields of a file; `keys` are its messages', in order."""
    yield from _of_keys(keys)
    yield from _twice(((each.table.name, each.at(("name",))) for each in drafts), "calendar")
    numbers = (
        (number, each.at(("numbers", position)))
        for each in drafts
        for position, number in enumerate(each.table.numbers)
    )
    yield from _twice(numbers, "number")
    vocabulary = Vocabulary(frozenset(keys), menus)
    for each in drafts:
        for fault in _of_calendar(each.table, vocabulary):
            first = None if fault.first is None else each.at(fault.first)
            yield Fault(each.at(fault.place), fault.wrong, fault.right, first)


def _of_keys(keys: Sequence[str]) -> Iterator[Fault]:
    places: list[Place] = [("message", position, "key") for position in range(len(keys))]
    yield from _twice(zip(keys, places, strict=True), "message")
    for key, place in zip(keys, places, strict=True):
        if key in BUILT_IN:
            yield Fault(place, f"{key!r} is a message that is built in", "choose another key")


def _of_calendar(table: CalendarTable, vocabulary: Vocabulary) -> Iterator[Fault]:
    reader = Reader(table)
    names: list[tuple[str, Place]] = []
    names += ((rest.name, ("break", spot, "name")) for spot, rest in enumerate(table.breaks))
    names += ((day.name, ("day", spot, "name")) for spot, day in enumerate(table.days))
    names += ((event.name, ("event", spot, "name")) for spot, event in enumerate(table.events))
    yield from _twice(names, "rule")
    for place, hours in _hours(table):
        yield from _of_hours(place, hours)
    for place, answer in reader.answers():
        yield from vocabulary.faults(answer, place, table.numbers)
    yield from contradictions(reader.written())


def _hours(table: CalendarTable) -> Iterator[tuple[Place, Sequence[str]]]:
    week = table.weekly
    yield ("weekly", "mon"), week.mon
    yield ("weekly", "tue"), week.tue
    yield ("weekly", "wed"), week.wed
    yield ("weekly", "thu"), week.thu
    yield ("weekly", "fri"), week.fri
    yield ("weekly", "sat"), week.sat
    yield ("weekly", "sun"), week.sun
    if table.holidays is not None:
        yield ("holidays", "hours"), table.holidays.hours
    for position, rest in enumerate(table.breaks):
        yield ("break", position, "hours"), rest.hours
    for position, day in enumerate(table.days):
        yield ("day", position, "hours"), day.hours


def _of_hours(place: Place, hours: Sequence[str]) -> Iterator[Fault]:
    for first, second in collisions([Span.parse(text) for text in hours]):
        wrong = f"{hours[second]} overlaps {hours[first]}"
        yield Fault((*place, second), wrong, "make them one, or move one", (*place, first))


def _twice(named: Iterable[tuple[str, Place]], what: str) -> Iterator[Fault]:
    first: dict[str, Place] = {}
    for name, place in named:
        before = first.setdefault(name, place)
        if before is not place:
            yield Fault(place, f"{what} {name!r} is there twice", "keep one of them", before)
