"""A file of calendars and messages as it is written: the one schema for operators and the portal.

What the tables mean is made in `announcement.reading`.
"""

from datetime import timedelta
from enum import Enum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from announcement.field import (
    MAX_TEXT,
    Hours,
    Key,
    Moment,
    Name,
    OnDays,
    Priority,
    Table,
    Target,
    TelephoneNumber,
    WeekdaySet,
    forward_target,
)

MAX_RULES = 100
"""Of one sort in one calendar: two years of single days; a day's first call weighs them all."""
MAX_CALENDARS = 10_000
MAX_NUMBERS = 1000
"""Of one calendar: as many as a contract may have (R13)."""
MAX_MESSAGES = 1000
MAX_EVENT_DAYS = 31
"""What is longer is a range of dates, with hours of its own."""


class Ending(Enum):
    """What follows a message."""

    HANG_UP = "hangup"
    VOICEMAIL = "voicemail"
    FORWARD = "forward"
    MENU = "menu"


class Openness(Enum):
    """What an event or a switch makes of its time."""

    OPEN = "open"
    CLOSED = "closed"


class AnswerTable(Table):
    """What callers get while closed; what is unsaid is the calendar's."""

    message: Key | None = None
    """A message of the file, or one that is built in: closed, break, holiday, day-off, …"""
    then: Ending | None = None
    """`hangup`, `voicemail`, `forward` (say where in `to`) or `menu` (say which in `to`)."""
    to: Target | None = None
    """The number or extension to forward to, or the menu."""

    @model_validator(mode="after")
    def _goes_somewhere(self) -> "AnswerTable":
        if self.then in {Ending.FORWARD, Ending.MENU}:
            if self.to is None:
                raise ValueError("say in to = … where the call goes")
            if self.then is Ending.FORWARD:
                forward_target(self.to)
        elif self.to is not None:
            raise ValueError("to = … goes with then = forward or then = menu")
        return self


class RuleTable(AnswerTable):
    """A rule with a priority of its own, where its kind's is not meant."""

    priority: Priority | None = None
    """1 to 999; where rules meet, the greatest counts. By kind: weekly 100, break 200, public
    holidays 300, nth weekdays 400, seasons 500, ranges of dates 600, single days 700, events 800.
    """


class WeekTable(RuleTable):
    """The weekly hours; a day without any is closed."""

    mon: Hours = Field(default_factory=list)
    tue: Hours = Field(default_factory=list)
    wed: Hours = Field(default_factory=list)
    thu: Hours = Field(default_factory=list)
    fri: Hours = Field(default_factory=list)
    sat: Hours = Field(default_factory=list)
    sun: Hours = Field(default_factory=list)


class HolidayTable(RuleTable):
    """The public holidays of Japan; without this table they are days like others."""

    hours: Hours = Field(default_factory=list)
    """None: closed all day."""


class BreakTable(RuleTable):
    """A pause in open hours (休憩時)."""

    name: Name
    on: WeekdaySet = "daily"
    """`mon-fri`, `sat,sun` or `daily`."""
    hours: Annotated[Hours, Field(min_length=1)]


class DayTable(RuleTable):
    """Days with hours of their own, or closed."""

    name: Name
    on: OnDays
    """`2026-12-28`, `2026-12-28/2027-01-05`, `12-29/01-03` (each year), `year-end`, `3rd wed`."""
    hours: Hours = Field(default_factory=list)
    """None: closed all day."""


class TimedTable(RuleTable):
    """What makes some time open or closed."""

    state: Openness = Openness.CLOSED

    @model_validator(mode="after")
    def _says_nothing_when_open(self) -> "TimedTable":
        if self.state is Openness.OPEN and (self.message or self.then):
            raise ValueError("while open there is no announcement: leave message and then out")
        return self


class EventTable(TimedTable):
    """A special event (特別行事): one stretch of time."""

    name: Name
    start: Moment
    """2026-10-05T13:00, by the clocks of Japan."""
    end: Moment

    @model_validator(mode="after")
    def _has_a_length(self) -> "EventTable":
        if self.end <= self.start:
            raise ValueError("end lies after start")
        if self.end - self.start > timedelta(MAX_EVENT_DAYS):
            raise ValueError(f"an event lasts {MAX_EVENT_DAYS} days at most; write a day rule")
        return self


class SwitchTable(TimedTable):
    """The calendar set aside by hand (臨時)."""

    priority: None = None
    """It is above every rule."""
    since: Moment | None = None
    until: Moment | None = None
    """None: until it is switched back."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "SwitchTable":
        if self.since and self.until and self.until <= self.since:
            raise ValueError("until lies after since")
        return self


class MessageTable(Table):
    """A message of one's own: a typed text, or uploaded audio."""

    key: Key
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)] | None = None
    language: Literal["ja", "en"] = "ja"
    audio: Name | None = None
    """The name of the audio in the store."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "MessageTable":
        if (self.text is None) == (self.audio is None):
            raise ValueError("give either text or audio")
        return self


class CalendarTable(Table):
    """When the offices of some numbers are open (R44, R45)."""

    name: Name
    numbers: Annotated[list[TelephoneNumber], Field(min_length=1, max_length=MAX_NUMBERS)]
    """The option is per number (R46)."""
    closed: AnswerTable = AnswerTable()
    """What callers get when no rule says otherwise."""
    weekly: WeekTable
    holidays: HolidayTable | None = None
    breaks: Annotated[list[BreakTable], Field(max_length=MAX_RULES, alias="break")] = Field(
        default_factory=list
    )
    days: Annotated[list[DayTable], Field(max_length=MAX_RULES, alias="day")] = Field(
        default_factory=list
    )
    events: Annotated[list[EventTable], Field(max_length=MAX_RULES, alias="event")] = Field(
        default_factory=list
    )


class CalendarFile(Table):
    """A file of calendars."""

    version: Literal[1]
    messages: Annotated[list[MessageTable], Field(max_length=MAX_MESSAGES, alias="message")] = (
        Field(default_factory=list)
    )
    calendars: Annotated[list[CalendarTable], Field(max_length=MAX_CALENDARS, alias="calendar")] = (
        Field(default_factory=list)
    )
