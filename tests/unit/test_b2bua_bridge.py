"""What passes between two legs: a hold stays on its own side, everything else crosses."""

import pytest

from media.plane import Connect, Play, Terminate
from switch.b2bua.event import Acknowledge, Inform, Update, UpdateCancelled
from switch.sip.message import Request, Response
from tests.support.call_bench import CallBench
from tests.support.description import Description
from tests.support.leg_bench import ALLOW, FAR, HELD, RECODED, TWO_STREAMS

RESUMED = Description("192.0.2.7", 6000, version=3).octets()
INACTIVE = Description("192.0.2.7", 6000, direction="inactive", version=3).octets()
NOWHERE = Description("0.0.0.0", 6000, version=2).octets()  # noqa: S104 - how old phones hold
BOTH_HELD = HELD + TWO_STREAMS[len(FAR) :]


class Talk(CallBench):
    """A call that stands; the caller may change it."""

    def __init__(self) -> None:
        super().__init__()
        self.establish()
        self.look()

    def look(self) -> list[str]:
        """Return what was done on the wire and with the media since the last look."""
        seen = [_told(each) for each in self.sent()]
        done = [each for each in self.stack.out if isinstance(each, Connect | Play | Terminate)]
        self.stack.out.clear()
        return seen + [type(each).__name__ for each in done]

    def says(self, body: bytes, method: str = "INVITE") -> list[str]:
        """Let who speaks offer this, acknowledge the answer, and say what came of it."""
        asked = self.ask(method, body=body)
        seen = self.look()
        if method == "INVITE" and seen[0].startswith("200"):
            self.ask("ACK", cseq=asked.cseq.number)
        return seen


def _told(message: Request | Response) -> str:
    if isinstance(message, Request):
        return message.method
    ways = ("sendonly", "recvonly", "inactive", "sendrecv")
    said = [way for way in ways if f"a={way}".encode() in message.body]
    return " ".join([str(message.status), *said])


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
@pytest.mark.parametrize(
    ("body", "answered"), [(HELD, "recvonly"), (INACTIVE, "inactive"), (NOWHERE, "recvonly")]
)
def test_a_hold_is_answered_here_and_the_other_side_hears_music(
    method: str, body: bytes, answered: str
) -> None:
    bench = Talk()
    assert bench.says(body, method) == [f"200 {answered}", "Terminate", "Play"]
    assert bench.call.bridge.holds(bench.call.a)
    assert bench.stories[-1] == "call_held"
    assert bench.says(RESUMED, method) == ["200 sendrecv", "Connect"]
    assert not bench.call.bridge.holds(bench.call.a)
    assert bench.stories[-1] == "call_resumed"


def test_the_called_side_holds_as_the_caller_does() -> None:
    bench = Talk()
    bench.as_callee()
    assert bench.says(HELD) == ["200 recvonly", "Terminate", "Play"]
    assert bench.says(RESUMED) == ["200 sendrecv", "Connect"]


def test_a_hold_while_held_is_answered_and_the_music_goes_on() -> None:
    bench = Talk()
    bench.says(HELD)
    assert bench.says(INACTIVE) == ["200 inactive"]
    assert bench.stories.count("call_held") == 1


def test_who_resumes_while_the_other_holds_is_not_connected_yet() -> None:
    bench = Talk()
    bench.says(HELD)
    bench.as_callee()
    assert bench.says(HELD) == ["200 recvonly", "Terminate", "Play"]
    bench.as_caller()
    assert bench.says(RESUMED) == ["200 sendrecv"]
    bench.as_callee()
    assert bench.says(RESUMED) == ["200 sendrecv", "Connect"]


def test_a_hold_that_changes_more_than_directions_is_asked_of_the_other_side() -> None:
    bench = Talk()
    assert bench.says(BOTH_HELD) == ["INVITE"]
    assert not bench.call.bridge.holds(bench.call.a)


def test_the_end_of_a_hold_that_changes_more_is_asked_of_the_other_side_who_hears_no_music() -> (
    None
):
    bench = Talk()
    bench.says(HELD)
    assert sorted(bench.says(RECODED)) == ["Connect", "INVITE"]
    assert bench.stories[-1] == "call_resumed"


def test_a_wish_for_an_offer_while_held_ends_the_hold_and_is_passed_on() -> None:
    bench = Talk()
    bench.says(HELD)
    assert sorted(bench.says(b"")) == ["Connect", "INVITE"]


def test_a_change_of_codecs_crosses() -> None:
    bench = Talk()
    assert bench.says(RECODED) == ["INVITE"]


def test_a_hold_before_the_answer_crosses() -> None:
    bench = CallBench(fields=[("Supported", "100rel")])
    (invite,) = bench.hunt()
    bench.as_callee()
    bench.answer(invite, 183, ALLOW, ("Require", "100rel"), ("RSeq", "5"), body=FAR)
    (early,) = [each for each in bench.sent() if isinstance(each, Response)]
    bench.as_caller()
    bench.ask("PRACK", ("RAck", f"{early.first('rseq')} 1 INVITE"))
    bench.sent()
    bench.ask("UPDATE", body=HELD)
    assert b"a=sendonly" in bench.last_request("UPDATE").body


def test_a_leg_may_be_put_back_to_holding_and_be_forgotten() -> None:
    bench = Talk()
    bridge = bench.call.bridge
    bridge.hold(bench.call.a)
    assert bench.look() == ["Terminate", "Play"]
    bridge.forget(bench.call.a)
    assert not bridge.holds(bench.call.a)


def test_a_leg_that_talks_to_nobody_holds_nobody_and_is_told_to_try_later() -> None:
    bench = Talk()
    leg = bench.call.a
    bench.call.far = None
    bench.call.seeker = bench.call.branches[0].leg  # type: ignore[assignment]
    bridge = bench.call.bridge
    bridge.hold(leg)
    for event in (UpdateCancelled(), Acknowledge(b""), Inform("text/plain", b"")):
        bridge.hear(leg, event)
    assert bench.look() == []
    bench.ask("INVITE", body=HELD)
    assert bench.look() == ["491"]
    bridge.hear(leg, Update("INVITE", HELD))
    assert not bridge.holds(leg)
