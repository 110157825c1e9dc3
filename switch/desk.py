"""The operators' desk: answers what is asked on the operator socket, from the running parts."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from media.plane import StreamCounters
from switch.b2bua.facts import CallFacts
from switch.clock import Clock
from switch.command import Command, HangUp
from switch.control import Answer, ControlError
from switch.effect import WriteCdr
from switch.registrar.location import Binding
from switch.sip_trace import Selection, SipTrace
from switch.store.database import Database
from switch.story import Story
from switch.view import Ask, BindingView, CallStory, LegMedia, Status, StoryLine


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the desk looks."""

    calls: Callable[[], Iterable[CallFacts]]
    bindings: Callable[[], Iterable[Binding]]
    status: Callable[[], Status]
    command: Callable[[Command], None]
    drain: Callable[[], str]
    """Begin the ordered end of the process, and tell how long it may take."""
    renew: Callable[[], Awaitable[int]]
    """Take what has changed in the store, and tell how many contracts."""
    counters: Callable[[str], tuple[StreamCounters, ...]]
    """Read a media endpoint's counters as they stand."""
    trace: Callable[[str], str]
    """Read the decision about a call in progress."""


class Desk:
    """Everything an operator may ask or tell the switch."""

    def __init__(
        self, sources: Sources, story: Story, trace: SipTrace, database: Database, clock: Clock
    ) -> None:
        self._sources = sources
        self._story = story
        self._trace = trace
        self._database = database
        self._clock = clock

    def answers(self) -> Mapping[str, Answer]:
        """Name every command of the operator socket."""
        return {
            "status": self._status,
            "calls": self._calls,
            "call": self._call,
            "hangup": self._hang_up,
            "bindings": self._bindings,
            "sip_call_ids": self._sip_call_ids,
            "drain": self._drain,
            "renew": self._renew,
        }

    async def _status(self, _ask: Ask) -> Status:
        return self._sources.status()

    async def _calls(self, _ask: Ask) -> list[CallFacts]:
        return list(self._sources.calls())

    async def _call(self, ask: Ask) -> CallStory:
        """Tell the whole story of a call that is on or was."""
        facts = self._find(ask.call_id)
        lines = self._story.lines(ask.call_id)
        cdrs = await self._cdrs(ask.call_id)
        if facts is None and not lines and not cdrs:
            raise ControlError(f"no call {ask.call_id}")
        known = facts.call_id if facts else self._story.find(ask.call_id)
        wanted = Selection(frozenset(_legs(facts, cdrs)))
        messages = [m for m in self._trace.messages() if wanted.call_ids and wanted.wants(m)]
        return CallStory(
            call_id=known or cdrs[0].call_id,
            call=facts,
            lines=[
                StoryLine(at, line.level, line.event, _valid(line.fields)) for at, line in lines
            ],
            cdrs=cdrs,
            messages=messages,
            media=[] if facts is None else self._media(facts),
            trace="" if facts is None else self._sources.trace(facts.call_id),
        )

    def _media(self, facts: CallFacts) -> list[LegMedia]:
        return [
            LegMedia(endpoint.partition("/")[2], list(self._sources.counters(endpoint)))
            for endpoint in facts.endpoints
        ]

    async def _hang_up(self, ask: Ask) -> str:
        facts = self._find(ask.call_id)
        if facts is None:
            raise ControlError(f"no call {ask.call_id} is in progress")
        self._sources.command(HangUp(facts.call_id))
        return facts.call_id

    async def _bindings(self, _ask: Ask) -> list[BindingView]:
        now = self._clock.now()
        return [
            BindingView(
                device=binding.device,
                contact=binding.contact,
                flow=str(binding.flow),
                user_agent=binding.user_agent,
                registered_at=binding.registered_at,
                expires_in=binding.remaining(now),
                is_reachable=binding.is_reachable,
            )
            for binding in sorted(self._sources.bindings(), key=lambda binding: binding.device)
        ]

    async def _sip_call_ids(self, ask: Ask) -> list[str]:
        return _legs(self._find(ask.call_id), await self._cdrs(ask.call_id))

    async def _drain(self, _ask: Ask) -> str:
        return self._sources.drain()

    async def _renew(self, _ask: Ask) -> int:
        return await self._sources.renew()

    async def _cdrs(self, call_id: str) -> list[WriteCdr]:
        return await self._database.cdrs(call_id=call_id, limit=20) if call_id else []

    def _find(self, call_id: str) -> CallFacts | None:
        """Find a call in progress by its identifier, which may be shortened."""
        matches = (facts for facts in self._sources.calls() if facts.call_id.startswith(call_id))
        return next(matches, None) if call_id else None


def _legs(facts: CallFacts | None, cdrs: list[WriteCdr]) -> list[str]:
    found = [*(facts.legs if facts else ()), *(cdr.sip_call_id for cdr in cdrs)]
    return [call_id for call_id in dict.fromkeys(found) if call_id]


def _valid(
    fields: Mapping[str, str | int | float | bool | None],
) -> dict[str, str | int | float | bool | None]:
    """Replace octets that are no UTF-8, which crossed the core as surrogates."""
    return {
        key: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for key, value in fields.items()
    }
