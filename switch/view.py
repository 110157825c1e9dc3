"""What operators are shown of the running switch: values that cross the operator socket as JSON."""

import msgspec

from media.plane import StreamCounters
from routing.explain import Told
from routing.question import Question
from switch.b2bua.facts import CallFacts
from switch.effect import Level, Log, WriteCdr
from switch.sip_trace import Message


class Status(msgspec.Struct, frozen=True):
    """The switch at a glance."""

    version: str
    started_at: float
    listeners: list[str]
    calls: int
    registrations: int
    transactions: int
    is_draining: bool
    stored: int
    store_queue: int
    lines_dropped: int


class BindingView(msgspec.Struct, frozen=True):
    """Where a device is reached."""

    device: str
    contact: str
    flow: str
    user_agent: str | None
    registered_at: float
    expires_in: int
    is_reachable: bool


class StoryLine(msgspec.Struct, frozen=True):
    """A log line of a call, and when it was written."""

    at: float
    level: Level
    event: str
    fields: dict[str, str | int | float | bool | None]

    def log(self) -> Log:
        """Turn it back into the line."""
        return Log(self.event, self.level, self.fields)


class LegMedia(msgspec.Struct, frozen=True):
    """What a leg's media has carried so far."""

    leg: str
    streams: list[StreamCounters]


class CallStory(msgspec.Struct, frozen=True):
    """Everything that is known of one call."""

    call_id: str
    call: CallFacts | None
    """None when it has ended."""
    lines: list[StoryLine]
    cdrs: list[WriteCdr]
    messages: list[Message]
    """As far as they are still kept; without bodies and credentials."""
    media: list[LegMedia] = []
    """Of a call in progress; the records have it afterwards."""
    trace: str = ""
    """The same of the decision, as JSON."""

    @property
    def decision(self) -> list[Told]:
        """The decision's steps; none when they were not kept."""
        kept = self.trace or next((record.trace for record in self.cdrs if record.trace), "")
        try:
            return msgspec.json.decode(kept, type=list[Told])
        except msgspec.MsgspecError:
            return []


class Explanation(msgspec.Struct, frozen=True):
    """What would become of a call."""

    assumed: bool
    """Whether everybody was taken to be registered and idle, because no switch could be asked."""
    question: Question
    """With the time for which it was answered."""
    caller: str
    """The ID or the trunk that calls."""
    outcome: str
    """In one phrase, as in the log."""
    steps: list[Told]
    story: list[str] = []
    """The steps in words."""
    deciding: int | None = None
    """The position of the step that made it so."""


class CallReason(msgspec.Struct, frozen=True):
    """Why a call that was made became what it became."""

    call_id: str
    steps: list[Told]
    story: list[str]
    deciding: int | None
    afterwards: list[str]
    """What then happened, in words."""


class BudgetView(msgspec.Struct, frozen=True):
    """What an ID or a contract has called out in one scope, and what it may."""

    holder: str
    """`device` or `contract`."""
    name: str
    contract: str
    scope: str
    """`domestic` or `abroad`."""
    calls_at_once: int
    calls_per_hour: int
    calls_per_day: int
    yen_per_day: float
    limits: dict[str, int | None]
    """By the same names; null for no limit."""
    is_blocked: bool


class Ask(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an operator wants."""

    command: str
    call_id: str = ""
    user: str = ""
    reach: str = ""
    """What a block stops: `abroad`, or `all` but emergencies."""
    note: str = ""
    follow: bool = False
    reveal: bool = False
    """Show bodies and credentials in a trace."""
    question: Question | None = None


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the switch answers: a result, or why there is none."""

    result: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""
