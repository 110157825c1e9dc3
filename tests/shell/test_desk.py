"""The desk: what operators are told of calls, bindings and records."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from media.plane import StreamCounters
from switch.b2bua.facts import CallFacts
from switch.clock import Clock
from switch.command import Command, HangUp
from switch.control import ControlError
from switch.desk import Desk, Sources
from switch.effect import Level, Log, WriteCdr
from switch.registrar.location import Binding
from switch.sip.flow import Address, Flow, Transport
from switch.sip_trace import SipTrace
from switch.store.database import Database, sqlite_url
from switch.story import Story
from switch.transport.trace import Direction
from switch.view import Ask, BindingView, CallStory, LegMedia, Status

FLOW = Flow(Transport.UDP, Address("192.0.2.1", 5060), Address("192.0.2.2", 5060))
STATUS = Status("1", 0.0, [], 1, 1, 0, False, 0, 0, 0)
CALL = CallFacts("abcdef", "connected", "1", "2", 100.0, None, ("on@h",), ("abcdef/a",))
STREAM = StreamCounters(5, 860, 4, 688, 0, 0, 1.0, 1, 0)
CDR = WriteCdr(
    "ended1", "a", "in", None, None, None, "1", "2", 1.0, None, None, 2.0, 487, "cancelled",
    "caller", "over@h", "[]", "[]",
)  # fmt: skip


DECIDED = '[{"rule": "emergency", "inputs": {"called": "102"}, "outcome": "no"}]'


class Switch:
    """The parts that the desk asks, as far as they are not the real ones."""

    def __init__(self, database: Database) -> None:
        self.commands: list[Command] = []
        self.drains = 0
        self.clock = Clock.system()
        self.story = Story(self.clock.unix)
        self.trace = SipTrace(self.clock.offset)
        now = self.clock.now()
        binding = Binding("101", "sip:x", (), FLOW, "c", 1, now + 30.4, None, "P", 50.0)
        sources = Sources(
            lambda: [CALL],
            lambda: [replace(binding, device="102"), binding],
            lambda: STATUS,
            self.commands.append,
            self.drain,
            self.renew,
            lambda endpoint: (STREAM,) if endpoint == "abcdef/a" else (),
            lambda call_id: DECIDED if call_id == CALL.call_id else "",
        )
        self.answers = Desk(sources, self.story, self.trace, database, self.clock).answers()

    def drain(self) -> str:
        """Count."""
        self.drains += 1
        return "draining: 1 in progress"

    async def renew(self) -> int:
        """Find three contracts changed."""
        return 3

    async def ask(self, command: str, call_id: str = "") -> object:
        """Ask as the operator socket does."""
        return await self.answers[command](Ask(command, call_id=call_id))


@pytest.fixture
async def switch(tmp_path: Path) -> AsyncIterator[Switch]:
    database = await Database.open(sqlite_url(tmp_path / "x.db"), migrate=True)
    await database.write([CDR])
    yield Switch(database)
    await database.close()


async def test_lists_are_told(switch: Switch) -> None:
    assert await switch.ask("status") == STATUS
    assert await switch.ask("calls") == [CALL]
    assert await switch.ask("bindings") == [
        BindingView(device, "sip:x", str(FLOW), "P", 50.0, 30, is_reachable=True)
        for device in ("101", "102")
    ]


async def test_a_call_in_progress_is_told_with_its_lines_and_messages(switch: Switch) -> None:
    bad = b"\xff".decode("utf-8", "surrogateescape")
    switch.story.keep(Log("call_received", Level.INFO, {"call_id": "abcdef", "ua": bad, "n": 1}))
    for call_id in (b"on@h", b"other@h"):
        octets = b"INVITE sip:2@h SIP/2.0\r\nCall-ID: " + call_id + b"\r\n\r\n"
        switch.trace(Direction.RECEIVED, octets, FLOW, 0.0)
    story = await switch.ask("call", "abc")
    assert isinstance(story, CallStory)
    assert (story.call_id, story.call, len(story.messages)) == ("abcdef", CALL, 1)
    assert story.lines[0].fields == {"call_id": "abcdef", "ua": "?", "n": 1}


async def test_a_call_that_is_over_is_told_from_its_records(switch: Switch) -> None:
    story = await switch.ask("call", "ended")
    assert isinstance(story, CallStory)
    assert (story.call_id, story.call, story.cdrs) == ("ended1", None, [CDR])


@pytest.mark.parametrize(("call_id", "legs"), [("abc", ["on@h"]), ("ended1", ["over@h"])])
async def test_a_call_is_named_by_its_legs(switch: Switch, call_id: str, legs: list[str]) -> None:
    assert await switch.ask("sip_call_ids", call_id) == legs


async def test_a_call_is_hung_up_by_its_short_name(switch: Switch) -> None:
    assert await switch.ask("hangup", "abc") == "abcdef"
    assert switch.commands == [HangUp("abcdef")]


@pytest.mark.parametrize("command", ["call", "hangup"])
@pytest.mark.parametrize("call_id", ["", "zzz"])
async def test_an_unknown_call_is_refused(switch: Switch, command: str, call_id: str) -> None:
    with pytest.raises(ControlError, match=f"no call {call_id}"):
        await switch.ask(command, call_id)


async def test_a_drain_is_begun(switch: Switch) -> None:
    assert await switch.ask("drain") == "draining: 1 in progress"
    assert switch.drains == 1


async def test_a_call_in_progress_tells_what_its_media_has_carried(switch: Switch) -> None:
    story = await switch.ask("call", "abc")
    assert isinstance(story, CallStory)
    assert story.media == [LegMedia("a", [STREAM])]
    ended = await switch.ask("call", "ended1")
    assert isinstance(ended, CallStory)
    assert ended.media == []
