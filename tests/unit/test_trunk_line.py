"""One trunk at work on a real SIP stack, in virtual time."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest

from routing.trunk import Trunk, TrunkCredential, TrunkRegistration
from switch.effect import Log, Resolve, Target
from switch.sip import uas
from switch.sip.effect import ClientKey, FailureCause, ServerKey, Transmit
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Field, Request, Response
from switch.sip.parser import parse
from switch.sip.stack import Listener, Stack
from switch.sip.timer import TimerValues
from switch.sip.token import SeededTokens
from switch.trunk.effect import StartPing, TrunkTimer
from switch.trunk.line import TrunkLine, retry_after

OURS = Address("192.0.2.10", 5060)
STATIC = Trunk("static", "192.0.2.1", options_interval=30.0, domain="ims.example")
REGISTERING = Trunk(
    "registering",
    "192.0.2.2",
    5070,
    options_interval=None,
    credential=TrunkCredential("user", "secret", "ims.example"),
    registration=TrunkRegistration("0312340000", "ims.example", 600),
)
NAMED = Trunk("named", "sip.carrier.example", options_interval=None)
HOPS = (
    (Transport.UDP, Address("192.0.2.5", 5060)),
    (Transport.UDP, Address("192.0.2.6", 5060)),
)
CHALLENGE = 'Digest realm="ims.example", nonce="n1", algorithm=SHA-256, qop="auth"'


class Bench:
    """A line, its stack, and a carrier that is spoken by the test."""

    def __init__(self, trunk: Trunk) -> None:
        listeners = [Listener(Transport.UDP, OURS, OURS)]
        tokens = SeededTokens(Random(7))  # noqa: S311 - the same run every time
        self.stack = Stack(listeners, tokens, TimerValues())
        self.line = TrunkLine(trunk, self.stack)

    def sent(self) -> list[Request]:
        """Return the requests sent since the last look, retransmissions included."""
        return [request for request, _ in self.sent_on()]

    def sent_on(self) -> list[tuple[Request, Flow]]:
        """Return the requests sent since the last look with their flows."""
        found = []
        for output in self.stack.out:
            if isinstance(output, Transmit):
                message = parse(output.octets)
                assert isinstance(message, Request)
                found.append((message, output.flow))
        self.stack.out = [each for each in self.stack.out if not isinstance(each, Transmit)]
        return found

    def told(self) -> list[str]:
        """Return the events logged since the last look."""
        events = [output.event for output in self.stack.out if isinstance(output, Log)]
        self.stack.out = [each for each in self.stack.out if not isinstance(each, Log)]
        return events

    def answer(self, status: int, *fields: Field, request: Request | None = None) -> None:
        """Answer the last request sent, or the one given."""
        if request is None:
            request = self.sent()[-1]
        response = uas.respond(request, status, to_tag="t", fields=fields)
        flow = self.line.flows[0]
        read = parse(response.octets())
        assert isinstance(read, Response)
        self.stack.perform(self.stack.layer.receive_response(read, flow, self.stack.now))

    def wait(self, seconds: float) -> None:
        """Let time pass, timer by timer."""
        end = self.stack.now + seconds
        while (due := self.stack.next_deadline()) is not None and due <= end:
            self.stack.now = max(due, self.stack.now)
            self.stack.expire()
        self.stack.now = end


def started(trunk: Trunk, hops: Iterable[tuple[Transport, Address]] = ()) -> Bench:
    bench = Bench(trunk)
    bench.line.start()
    if hops:
        bench.line.resolved(tuple(hops))
    return bench


def test_a_literal_next_hop_is_pinged_at_once() -> None:
    bench = started(STATIC)
    assert bench.line.is_up()
    assert bench.line.is_from("192.0.2.1")
    assert not bench.line.is_from("192.0.2.9")
    ((options, flow),) = bench.sent_on()
    assert (options.method, options.uri) == ("OPTIONS", "sip:ims.example")
    assert flow == Flow(Transport.UDP, OURS, Address("192.0.2.1", 5060))
    bench.answer(200, request=options)
    assert bench.told() == []
    bench.wait(35.0)
    assert [request.method for request in bench.sent()] == ["OPTIONS"] * 4


@pytest.mark.parametrize(
    ("transport", "port"), [(Transport.TLS, 5061), (Transport.TCP, 5060), (None, 5060)]
)
def test_a_literal_next_hop_has_the_transports_own_port(
    transport: Transport | None, port: int
) -> None:
    trunk = replace(STATIC, transport=transport)
    listeners = [Listener(each, OURS, OURS) for each in Transport]
    tokens = SeededTokens(Random(7))  # noqa: S311 - the same run every time
    line = TrunkLine(trunk, Stack(listeners, tokens, TimerValues()))
    line.start()
    assert line.flows[0].remote.port == port


def test_a_carrier_that_falls_silent_is_down_and_comes_back() -> None:
    bench = started(STATIC)
    bench.wait(45.0)
    assert bench.told() == ["trunk_down"]
    assert not bench.line.is_up()
    assert bench.line.health.reason(bench.stack.now) == "does not answer"
    bench.sent()
    for _ in range(80):
        for request in bench.sent():
            bench.answer(200, request=request)
        bench.wait(1.0)
    assert bench.told() == ["trunk_up"]
    assert bench.line.is_up()


def test_an_answer_that_comes_after_our_patience_says_nothing() -> None:
    bench = started(STATIC)
    (options, *_) = bench.sent()
    bench.wait(6.0)
    bench.answer(200, request=options)
    assert bench.told() == []


def test_a_named_next_hop_is_looked_up_again_and_again() -> None:
    bench = started(NAMED)
    target = Target("sip.carrier.example", None, None)
    assert bench.stack.out == [Resolve("trunk:named", target)]
    assert not bench.line.is_up()
    bench.line.resolved(HOPS)
    assert bench.line.is_up()
    assert [flow.remote for flow in bench.line.flows] == [hop for _, hop in HOPS]
    bench.stack.out.clear()
    bench.wait(300.0)
    assert bench.stack.out == [Resolve("trunk:named", target)]


def test_a_look_up_that_finds_nothing_is_told_once_and_known_hops_stay() -> None:
    bench = started(NAMED)
    bench.line.resolved(())
    assert bench.told() == ["trunk_not_found"]
    assert not bench.line.is_up()
    bench.line.resolved(HOPS)
    assert bench.told() == ["trunk_found"]
    bench.line.resolved(())
    bench.line.resolved(())
    assert bench.told() == ["trunk_not_found"]
    assert bench.line.is_up()
    bench.line.resolved((HOPS[1], HOPS[0]))
    assert bench.line.flows[0].remote == HOPS[0][1]
    bench.line.resolved((HOPS[1],))
    assert bench.line.flows[0].remote == HOPS[1][1]


def test_a_hop_that_no_listener_reaches_is_no_hop() -> None:
    bench = started(NAMED)
    bench.line.resolved(((Transport.UDP, Address("2001:db8::1", 5060)),))
    assert bench.line.flows == ()


def test_a_tls_next_hop_is_looked_up_as_secure() -> None:
    bench = started(replace(NAMED, transport=Transport.TLS))
    assert bench.stack.out == [
        Resolve("trunk:named", Target("sip.carrier.example", None, Transport.TLS, secure=True))
    ]


def test_a_trunk_registers_answers_the_challenge_and_refreshes() -> None:
    bench = started(REGISTERING)
    (first,) = bench.sent()
    assert (first.method, first.uri) == ("REGISTER", "sip:ims.example")
    assert first.to.uri == "sip:0312340000@ims.example"
    assert first.first("expires") == "600"
    assert first.first("contact") == "<sip:0312340000@192.0.2.10:5060>;expires=600"
    assert first.first("authorization") is None
    assert not bench.line.is_up()
    bench.answer(401, ("WWW-Authenticate", CHALLENGE), request=first)
    (second,) = bench.sent()
    assert 'username="user"' in (second.first("authorization") or "")
    assert second.call_id == first.call_id
    assert second.cseq.number == first.cseq.number + 1
    bench.answer(100, request=second)
    contact = "<sip:0312340000@192.0.2.10:5060>;expires=120"
    bench.answer(200, ("Contact", f"<sip:x@y>;expires=9, {contact}"), request=second)
    assert bench.told() == ["trunk_registered"]
    assert bench.line.is_up()
    bench.wait(59.0)
    assert bench.sent() == []
    bench.wait(14.0)
    third = bench.sent()[0]
    assert "nc=00000002" in (third.first("authorization") or "")
    assert bench.told() == []


@pytest.mark.parametrize(
    ("fields", "granted"),
    [
        ((), 600),
        ((("Expires", "120"),), 120),
        ((("Expires", "soon"),), 600),
        ((("Contact", "<sip:0312340000@192.0.2.10:5060>"), ("Expires", "120")), 120),
        ((("Contact", "<mailto:x@y>"),), 600),
    ],
)
def test_what_is_granted_is_read_as_well_as_it_is_written(
    fields: tuple[Field, ...], granted: int
) -> None:
    bench = started(REGISTERING)
    bench.answer(200, *fields)
    bench.wait(granted * 0.49)
    assert bench.sent() == []
    bench.wait(granted * 0.12)
    assert bench.sent()


def test_a_proxys_challenge_is_answered_in_its_own_field() -> None:
    bench = started(REGISTERING)
    bench.answer(407, ("Proxy-Authenticate", CHALLENGE))
    (second,) = bench.sent()
    assert second.first("proxy-authorization")
    assert second.first("authorization") is None


@pytest.mark.parametrize("realm", ["ims.example", "other.example"])
def test_a_refused_or_foreign_challenge_is_told_and_not_answered_again(realm: str) -> None:
    bench = started(REGISTERING)
    challenge = CHALLENGE.replace("ims.example", realm)
    if realm == "ims.example":
        bench.answer(401, ("WWW-Authenticate", challenge))
    bench.answer(401, ("WWW-Authenticate", challenge.replace("n1", "n2")))
    assert bench.told() == ["trunk_registration_failed"]
    assert bench.sent() == []


def test_a_challenge_without_a_credential_is_a_failure() -> None:
    bench = started(replace(REGISTERING, credential=None))
    bench.answer(401, ("WWW-Authenticate", CHALLENGE))
    assert bench.told() == ["trunk_registration_failed"]


def test_a_longer_expiry_is_asked_when_the_carrier_wants_it() -> None:
    bench = started(REGISTERING)
    bench.answer(423, ("Min-Expires", "1800"))
    assert bench.sent()[0].first("expires") == "1800"


def test_a_423_without_a_number_is_a_failure() -> None:
    bench = started(REGISTERING)
    bench.answer(423)
    assert bench.told() == ["trunk_registration_failed"]


def test_a_carrier_that_does_not_answer_is_tried_at_its_next_hop() -> None:
    bench = started(replace(REGISTERING, host="sip.carrier.example"), HOPS)
    assert {flow.remote for _, flow in bench.sent_on()} == {HOPS[0][1]}
    bench.wait(32.0)
    assert bench.told() == ["trunk_registration_failed"]
    bench.sent()
    bench.wait(2.0)
    assert {flow.remote for _, flow in bench.sent_on()} == {HOPS[1][1]}


def test_a_registration_that_cannot_be_refreshed_lapses() -> None:
    bench = started(REGISTERING)
    bench.answer(200, ("Expires", "60"))
    bench.wait(60.0)
    assert "trunk_unregistered" in bench.told()
    assert not bench.line.is_up()


def test_a_busy_registrars_retry_after_is_obeyed() -> None:
    bench = started(REGISTERING)
    bench.answer(503, ("Retry-After", "100"))
    bench.wait(99.0)
    assert bench.sent() == []
    bench.wait(2.0)
    assert bench.sent()


def test_stopping_takes_the_registration_back_and_ends_everything() -> None:
    bench = started(replace(REGISTERING, options_interval=30.0))
    for request in bench.sent():
        bench.answer(200, request=request)
    bench.told()
    bench.line.stop()
    bench.line.stop()
    (last,) = bench.sent()
    assert (last.method, last.first("expires")) == ("REGISTER", "0")
    bench.answer(200, request=last)
    assert bench.line.is_ended
    assert bench.told() == ["trunk_unregistered"]
    assert bench.stack.pending_timers == 0
    bench.line.resolved(HOPS)
    assert not bench.line.is_from("192.0.2.5")


def test_a_static_line_ends_at_once() -> None:
    bench = started(replace(STATIC, options_interval=None))
    bench.line.stop()
    assert bench.line.is_ended


def test_failed_calls_make_the_trunk_rest_and_the_next_hop_the_first() -> None:
    bench = started(NAMED, HOPS)
    bench.line.call_failed(None)
    assert bench.line.flows[0].remote == HOPS[0][1]
    bench.line.call_failed(503, 60.0)
    assert bench.told() == ["trunk_rests"]
    assert bench.line.flows[0].remote == HOPS[1][1]
    assert not bench.line.is_up()
    bench.wait(60.0)
    assert bench.line.is_up()


def test_a_lost_transport_is_a_missed_ping() -> None:
    bench = started(STATIC)
    flow = bench.line.flows[0]
    bench.stack.perform(bench.stack.layer.lose_transport(flow, 0.0))
    bench.wait(35.0)
    bench.stack.perform(bench.stack.layer.lose_transport(flow, bench.stack.now))
    bench.wait(10.0)
    assert "trunk_down" in bench.told()


def test_what_a_line_does_not_know_is_left_alone() -> None:
    bench = started(STATIC)
    bench.sent()
    stranger = ClientKey("z9hG4bKother", "OPTIONS")
    server = ServerKey("b", "h", "OPTIONS")
    request = Request("OPTIONS", "sip:h", [])
    bench.line.receive_response(stranger, Response(200, "OK", []), bench.line.flows[0])
    bench.line.fail_request(stranger, request, FailureCause.TIMEOUT)
    bench.line.fail_response(server, FailureCause.TIMEOUT)
    bench.line.receive_cancel(server, request)
    bench.line.expire(TrunkTimer.LAPSE)
    assert bench.stack.out == []
    assert "static" in repr(bench.line)
    with pytest.raises(AssertionError):
        bench.line._perform_timer(StartPing())
    with pytest.raises(AssertionError):
        bench.line._send_register(60)


def test_a_retry_after_is_read_or_nothing() -> None:
    assert retry_after(Response(503, "x", [("Retry-After", "7;duration=1")])) == 7.0
    assert retry_after(Response(503, "x", [])) == 0.0
