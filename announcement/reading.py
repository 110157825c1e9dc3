"""Calendars made of a file's tables: every rule with its priority, message and what follows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from announcement.calendar import Calendar
from announcement.contradiction import Written
from announcement.days import (
    EVERY_DAY,
    WEEKDAYS,
    Dates,
    Monthly,
    PublicHolidays,
    parse_days,
    parse_weekdays,
)
from announcement.document import (
    AnswerTable,
    BreakTable,
    CalendarTable,
    DayTable,
    Ending,
    EventTable,
    HolidayTable,
    MessageTable,
    Openness,
    SwitchTable,
    WeekTable,
)
from announcement.fault import Place
from announcement.field import forward_target
from announcement.message import Message, TypedMessage, UploadedMessage
from announcement.result import HANG_UP, OPEN, Closed, EnterMenu, Forward, Result, TakeMessage, Then
from announcement.rule import Break, DayRule, Event, Kind, Switch
from announcement.span import Span

DEFAULT_MESSAGES = {
    Kind.WEEKLY: "closed",
    Kind.BREAK: "break",
    Kind.HOLIDAY: "holiday",
    Kind.MONTHLY: "day-off",
    Kind.SEASON: "day-off",
    Kind.PERIOD: "day-off",
    Kind.DATE: "day-off",
    Kind.EVENT: "event",
    Kind.SWITCH: "temporary",
}
"""What is heard where neither the rule nor the calendar names a message."""

SEASON_MESSAGES = {
    "year-end": "year-end",
    "year-end-banks": "year-end",
    "obon": "obon",
    "obon-july": "obon",
}
"""The same, of seasons that are named."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Makes the values of one calendar's tables."""

    table: CalendarTable

    def calendar(self) -> Calendar:
        """Make the calendar."""
        table = self.table
        days = [self.day(each) for each in table.days]
        if table.holidays is not None:
            days.append(self.holidays(table.holidays))
        return Calendar(
            table.name,
            self.weekly(table.weekly),
            tuple(days),
            tuple(map(self.rest, table.breaks)),
            tuple(map(self.event, table.events)),
        )

    def written(self) -> Iterator[Written]:
        """Return the rules that can be weighed against each other, with their places."""
        table = self.table
        yield Written(("weekly",), self.weekly(table.weekly))
        if table.holidays is not None:
            yield Written(("holidays",), self.holidays(table.holidays))
        for position, rest in enumerate(table.breaks):
            yield Written(("break", position), self.rest(rest))
        for position, day in enumerate(table.days):
            yield Written(("day", position), self.day(day))
        for position, event in enumerate(table.events):
            yield Written(("event", position), self.event(event))

    def answers(self) -> Iterator[tuple[Place, AnswerTable]]:
        """Return each table that may say what callers get."""
        table = self.table
        yield ("closed",), table.closed
        yield ("weekly",), table.weekly
        if table.holidays is not None:
            yield ("holidays",), table.holidays
        for key, rules in (("break", table.breaks), ("day", table.days), ("event", table.events)):
            for position, rule in enumerate(rules):
                yield (key, position), rule

    def weekly(self, table: WeekTable) -> DayRule:
        """Make the rule of the weekly hours."""
        hours = (table.mon, table.tue, table.wed, table.thu, table.fri, table.sat, table.sun)
        closed = self.closed(table, Kind.WEEKLY)
        priority = table.priority or Kind.WEEKLY.priority
        parsed = tuple(map(spans, hours))
        return DayRule("weekly", Kind.WEEKLY, EVERY_DAY, parsed, closed, priority)

    def holidays(self, table: HolidayTable) -> DayRule:
        """Make the rule of the public holidays."""
        closed = self.closed(table, Kind.HOLIDAY)
        priority = table.priority or Kind.HOLIDAY.priority
        hours = (spans(table.hours),) * len(WEEKDAYS)
        return DayRule("holidays", Kind.HOLIDAY, PublicHolidays(), hours, closed, priority)

    def day(self, table: DayTable) -> DayRule:
        """Make the rule of some special days."""
        days = parse_days(table.on)
        kind = _kind(days)
        closed = self.closed(table, kind, SEASON_MESSAGES.get(table.on))
        hours = (spans(table.hours),) * len(WEEKDAYS)
        return DayRule(table.name, kind, days, hours, closed, table.priority or kind.priority)

    def rest(self, table: BreakTable) -> Break:
        """Make a break."""
        closed = self.closed(table, Kind.BREAK)
        priority = table.priority or Kind.BREAK.priority
        return Break(table.name, parse_weekdays(table.on), spans(table.hours), closed, priority)

    def event(self, table: EventTable) -> Event:
        """Make a special event."""
        result: Result = OPEN if table.state is Openness.OPEN else self.closed(table, Kind.EVENT)
        start, end = _seconds(table.start), _seconds(table.end)
        return Event(table.name, start, end, result, table.priority or Kind.EVENT.priority)

    def switch(self, table: SwitchTable) -> Switch:
        """Make a switch by hand that falls back on this calendar's answer."""
        result: Result = OPEN if table.state is Openness.OPEN else self.closed(table, Kind.SWITCH)
        since = 0 if table.since is None else _seconds(table.since)
        return Switch(result, since, None if table.until is None else _seconds(table.until))

    def closed(self, table: AnswerTable, kind: Kind, own: str | None = None) -> Closed:
        """Fill what a table leaves unsaid from the calendar's answer, then from the kind's."""
        common = self.table.closed
        message = table.message or common.message or own or DEFAULT_MESSAGES[kind]
        return Closed(message, then(table if table.then is not None else common))


def then(table: AnswerTable) -> Then:
    """Make what follows the message."""
    to = table.to or ""
    match table.then:
        case Ending.VOICEMAIL:
            return TakeMessage()
        case Ending.FORWARD:
            return Forward(forward_target(to))
        case Ending.MENU:
            return EnterMenu(to)
        case _:
            return HANG_UP


def message(table: MessageTable) -> Message:
    """Make a message of one's own."""
    if table.audio is not None:
        return UploadedMessage(table.key, table.audio)
    return TypedMessage(table.key, table.text or "", table.language)


def spans(hours: list[str]) -> tuple[Span, ...]:
    """Make the intervals of a day, in order."""
    return tuple(sorted(map(Span.parse, hours)))


def _kind(days: object) -> Kind:
    if isinstance(days, Monthly):
        return Kind.MONTHLY
    if isinstance(days, Dates):
        return Kind.DATE if days.first == days.last else Kind.PERIOD
    return Kind.SEASON


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
