"""What the command line prints for people."""

import io
import json

import msgspec
from msgspec.structs import replace
from rich.console import Console

from media.plane import StreamCounters
from switch import report
from switch.b2bua.facts import CallFacts
from switch.effect import Level, WriteCdr
from switch.sip.flow import Address, Flow, Transport
from switch.sip_trace import Message
from switch.transport.trace import Direction
from switch.view import BindingView, CallStory, LegMedia, Status, StoryLine

CALL = CallFacts("abcdef", "connected", "+81312345678", "[102]", 100.0, None, ("x@h",))
CDR = WriteCdr(
    "abcdef", "a", "in", "shop", "101", None, "+81312345678", "102",
    100.0, 101.0, 102.0, 165.0, 200, "normal", "caller", "x@h",
    '[{"packets_received": 150, "jitter_ms": 1.25}]',
    '[{"rule": "extension", "inputs": {"called": "102"}, "outcome": "rings 102"}]',
)  # fmt: skip
FLOW = Flow(Transport.UDP, Address("192.0.2.1", 5060), Address("192.0.2.2", 5060))
MESSAGE = Message(100.0, Direction.RECEIVED, FLOW, b"INVITE sip:102@h SIP/2.0\r\n\r\n")


def console() -> Console:
    return Console(file=io.StringIO(), width=300)


def printed(on: Console) -> str:
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue()


def test_records_are_told_with_their_media_and_decision_as_values() -> None:
    story = CallStory("abcdef", None, [], [CDR, replace(CDR, trace="")], [])
    told = json.loads(msgspec.json.encode(report.plain(story)))
    assert told["cdrs"][0]["media"] == [{"packets_received": 150, "jitter_ms": 1.25}]
    assert told["cdrs"][0]["trace"][0]["rule"] == "extension"
    assert told["cdrs"][1]["trace"] is None
    assert report.plain([CALL]) == [CALL]


def test_the_status_is_a_list() -> None:
    on = console()
    report.status(Status("1", 0.0, ["udp:[::]:5060"], 1, 2, 3, True, 4, 5, 6), on)
    assert "udp:[::]:5060" in printed(on)
    assert "draining" in printed(on)


def test_empty_lists_say_so() -> None:
    on = console()
    report.calls([], on)
    report.bindings([], on)
    report.cdrs([], on)
    assert printed(on).splitlines() == [
        "no calls in progress",
        "no device is registered",
        "no records",
    ]


def test_calls_and_bindings_are_tables_that_obey_no_peer() -> None:
    on = console()
    report.calls([CALL], on)
    report.bindings([BindingView("101", "sip:x", "udp:h", "[red]P", 0.0, 30, False)], on)
    assert "[102]" in printed(on)
    assert "[red]P" in printed(on)
    assert "out of reach" in printed(on)


def test_a_record_tells_how_long_was_talked() -> None:
    on = console()
    report.cdrs([CDR], on)
    assert "0:01:03" in printed(on)


def test_the_story_of_a_call_has_every_part() -> None:
    on = console()
    line = StoryLine(100.0, Level.INFO, "call_received", {"call_id": "abcdef"})
    report.story(CallStory("abcdef", CALL, [line], [CDR], [MESSAGE]), on)
    text = printed(on)
    titles = [
        row
        for row in text.splitlines()
        if row in {"log", "messages", "decision", "records", "media"}
    ]
    assert titles == ["log", "messages", "decision", "records", "media"]
    assert "extension  called=102  rings 102" in text
    assert "1.2" in text


def test_a_story_survives_what_is_no_json() -> None:
    on = console()
    broken = WriteCdr(
        "abcdef", "a", "in", None, None, None, "1", "2", 1.0, None, None, 2.0, 487, "cancelled",
        "caller", "x", "", "{",
    )  # fmt: skip
    report.story(CallStory("abcdef", None, [], [broken], []), on)
    assert "cancelled" in printed(on)
    assert "media" not in printed(on)


def test_a_call_in_progress_shows_its_live_media() -> None:
    on = console()
    stream = StreamCounters(5, 860, 4, 688, 0, 0, 1.25, 1, 0)
    report.story(CallStory("abcdef", CALL, [], [], [], [LegMedia("a", [stream])]), on)
    assert "860" in printed(on)
    assert "1.2" in printed(on)
