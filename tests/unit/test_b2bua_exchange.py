"""A leg takes another's place: who is asked what, and where everybody is when it fails."""

from media.plane import Allocated
from switch.b2bua import exchange
from switch.b2bua.answering_leg import AnsweringLeg
from switch.b2bua.branch import Party
from switch.b2bua.event import Cause
from switch.sip.dialog.session_timer import SessionTimer
from switch.sip.message import Request, Response
from switch.sip.parser import parse
from tests.support.call_bench import CallBench, record
from tests.support.description import Description
from tests.support.exchange import COOKIE, UDP, request
from tests.support.leg_bench import ALLOW, CONTACT, FAR, PORTS, SDP

NEW = Description("192.0.2.55", 6100).octets()
FOREIGN = Description("192.0.2.55", 6100, payloads=(18,)).octets()


class Bench(CallBench):
    """A call, and another caller that is to take a place in it."""

    def bring(self, body: bytes = NEW) -> Party:
        """Let another caller belong to the call."""
        fields = [CONTACT, ALLOW, *([SDP] if body else [])]
        invite = request(
            call_id="new",
            branch=COOKIE + "new",
            from_="<sip:103@x>;tag=n",
            fields=fields,
            body=body,
        )
        read = parse(invite.octets())
        assert isinstance(read, Request)
        read.stamp(UDP.remote.host, UDP.remote.port)
        leg = AnsweringLeg(self.stack, self.call, self._side("n"), UDP, SessionTimer(), read)
        party = Party(leg, record("a"), is_trunk=False, home="call/n")
        self.outcomes: list[bool] = []
        self.call.adopt(party)
        return party

    def finals(self) -> list[tuple[str, int]]:
        """Return the final responses that went out, and to whose call."""
        return [
            (each.call_id, each.status)
            for each in self.sent()
            if isinstance(each, Response) and each.status >= 200
        ]


def test_who_stays_is_asked_first_and_the_leaver_goes_last() -> None:
    bench = Bench()
    bench.establish()
    party = bench.bring()
    leaver = bench.call.member(bench.call.a)
    stayer = bench.call.branches[0].leg
    exchange.fetch(bench.call, stayer, party, leaver, bench.outcomes.append)
    asked = bench.last_request("INVITE")
    assert (asked.call_id, bench.outcomes) == (stayer.sip_call_id, [])
    bench.as_callee()
    bench.answer(asked, 200, body=FAR)
    sent = bench.sent()
    assert [each.status for each in sent if isinstance(each, Response)] == [200]
    assert [each.method for each in sent if isinstance(each, Request)] == ["ACK", "BYE"]
    assert bench.outcomes == [True]
    assert bench.call.other(stayer) is party.leg
    assert leaver.record.cause is Cause.TRANSFERRED


def test_a_newcomer_is_refused_when_who_stays_takes_no_change() -> None:
    bench = Bench()
    bench.establish()
    party = bench.bring()
    stayer = bench.call.branches[0].leg
    exchange.fetch(bench.call, stayer, party, None, bench.outcomes.append)
    asked = bench.last_request("INVITE")
    bench.as_callee()
    bench.answer(asked, 488)
    assert bench.finals() == [("new", 480)]
    assert (bench.outcomes, party.is_over) == ([False], True)
    assert bench.call.other(stayer) is bench.call.a


def test_a_call_that_ends_meanwhile_ends_the_newcomer_too() -> None:
    bench = Bench()
    bench.establish()
    party = bench.bring()
    exchange.fetch(bench.call, bench.call.branches[0].leg, party, None, bench.outcomes.append)
    bench.sent()
    bench.call.release(Cause.OPERATOR)
    assert ("new", 480) in bench.finals()
    assert bench.outcomes == [False]


def test_a_pickup_answers_two_offers_with_each_other() -> None:
    bench = Bench()
    bench.hunt()
    party = bench.bring()
    exchange.pick_up(bench.call, party, bench.outcomes.append)
    assert bench.outcomes == []
    found = [each for each in bench.sent() if isinstance(each, Response) and each.status == 200]
    assert [each.call_id for each in found] == ["new", "call-1"]
    assert all(b"m=audio" in each.body for each in found)
    assert bench.outcomes == [True]
    assert bench.call.other(bench.call.a) is party.leg


def test_a_pickup_without_a_codec_in_common_or_without_an_offer_fails_at_once() -> None:
    for body in (FOREIGN, b""):
        bench = Bench()
        bench.hunt()
        exchange.pick_up(bench.call, bench.bring(body), bench.outcomes.append)
        assert bench.outcomes == [False]
        assert bench.call.is_hunting


def test_a_pickup_that_comes_too_late_fails() -> None:
    bench = Bench()
    (invite,) = bench.hunt()
    party = bench.bring()
    bench.gives_media = False
    exchange.pick_up(bench.call, party, bench.outcomes.append)
    bench.as_callee()
    bench.answer(invite, 200, ALLOW, body=FAR)
    bench.call.hear_media(Allocated("call/n", PORTS[:1]))
    assert bench.outcomes == [False]
    assert bench.call.far is bench.call.branches[0].leg


def test_a_leg_is_told_what_its_new_party_speaks_only_when_it_has_to_be() -> None:
    bench = Bench()
    bench.establish()
    callee = bench.call.branches[0].leg
    exchange.settle(bench.call, callee, FAR)
    assert bench.requests() == []
    exchange.settle(bench.call, callee, Description("192.0.2.55", 6100, payloads=(9,)).octets())
    assert bench.last_request("INVITE").call_id == callee.sip_call_id


def test_a_leg_that_has_no_session_yet_takes_no_change_and_goes_on() -> None:
    bench = Bench(body=b"")
    bench.hunt()
    exchange.settle(bench.call, bench.call.branches[0].leg, FAR)
    assert bench.requests() == []
    assert bench.call.is_hunting
    assert not bench.call.branches[0].is_over
