"""What the SIP stack does for its users: transactions, timers, usages, plain transmissions."""

from random import Random

import pytest

from switch.sip import uas
from switch.sip.effect import ClientKey, FailureCause, ServerKey, Transmit
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Request, Response
from switch.sip.parser import parse
from switch.sip.stack import Listener, Stack
from switch.sip.timer import TimerValues
from switch.sip.token import SeededTokens
from tests.support.exchange import LOCAL, TCP, UDP, request

PUBLIC = Address("203.0.113.5", 5060)
IPV6 = Address("2001:db8::1", 5060)


class User:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, object]] = []

    def expire(self, timer: str) -> None:
        """Note a timer."""
        self.heard.append(("timer", timer))

    def receive_response(self, _key: ClientKey, response: Response, _flow: Flow) -> None:
        """Note a response."""
        self.heard.append(("response", response.status))

    def fail_request(self, key: ClientKey, _request: Request, cause: FailureCause, /) -> None:
        """Note a failure."""
        self.heard.append((f"{key.method} failed", cause))

    def fail_response(self, key: ServerKey, cause: FailureCause, /) -> None:
        """Note a failure."""
        self.heard.append((f"response to {key.method} failed", cause))

    def receive_cancel(self, _key: ServerKey, cancel: Request, /) -> None:
        """Note a CANCEL."""
        self.heard.append(("cancel", cancel.cseq.number))

    def receive_request(self, request: Request, _flow: Flow) -> None:
        """Note a request inside a dialog."""
        self.heard.append(("request", request.method))


def make() -> Stack:
    """Make a stack with two listeners."""
    listeners = [
        Listener(Transport.UDP, LOCAL, PUBLIC),
        Listener(Transport.TCP, IPV6, IPV6),
    ]
    return Stack(listeners, SeededTokens(Random(7)), TimerValues())  # noqa: S311 - the same every time


def sent(stack: Stack) -> list[Request | Response]:
    """Return what was sent since the last look."""
    out, stack.out = stack.out, []
    return [parse(each.octets) for each in out if isinstance(each, Transmit)]


def test_a_listener_is_found_by_its_socket_and_named_by_its_advertised_address() -> None:
    stack = make()
    assert stack.listener(UDP).advertised == PUBLIC
    assert stack.contact(UDP, "101") == "<sip:101@203.0.113.5:5060>"
    assert stack.via(UDP).startswith("SIP/2.0/UDP 203.0.113.5:5060;branch=z9hG4bK")


def test_a_flow_of_no_listener_is_named_by_its_own_address() -> None:
    assert make().contact(TCP) == "<sip:192.0.2.1:5060;transport=tcp>"


def test_a_flow_leaves_from_the_listener_of_its_transport_and_family() -> None:
    stack = make()
    remote = Address("2001:db8::7", 5060)
    assert stack.flow_to(Transport.TCP, remote) == Flow(Transport.TCP, IPV6, remote)
    assert stack.flow_to(Transport.UDP, remote) is None
    assert stack.flow_to(Transport.TCP, PUBLIC) is None


def test_a_request_has_an_owner_who_hears_its_responses_and_its_failure() -> None:
    stack, user = make(), User()
    options = request("OPTIONS", via="SIP/2.0/UDP 203.0.113.5:5060")
    key = stack.request(options, UDP, user)
    answer = parse(uas.respond(options, 200, to_tag="b").octets())
    assert isinstance(answer, Response)
    stack.perform(stack.layer.receive_response(answer, UDP, 0.0))
    stack.request(request("INVITE"), UDP, user)
    stack.now = 32.0
    stack.expire()
    assert user.heard == [("response", 200), ("INVITE failed", FailureCause.TIMEOUT)]
    assert key == ClientKey(options.branch, "OPTIONS")


def test_a_cancel_carries_the_reason_it_is_given() -> None:
    for reason, expected in (("SIP;cause=200", "SIP;cause=200"), (None, None)):
        stack = make()
        invite = request(via="SIP/2.0/UDP 203.0.113.5:5060")
        key = stack.request(invite, UDP, User())
        ringing = parse(uas.respond(invite, 180, to_tag="b").octets())
        assert isinstance(ringing, Response)
        stack.perform(stack.layer.receive_response(ringing, UDP, 0.0))
        sent(stack)
        stack.cancel(key, reason)
        (cancel,) = sent(stack)
        assert cancel.first("reason") == expected


def test_a_cancelled_request_is_told_to_its_owner() -> None:
    stack, user = make(), User()
    stack.accept(request(), UDP, user)
    effects = stack.layer.receive_request(request("CANCEL"), UDP, 0.0)
    assert effects is not None
    stack.perform(effects)
    assert user.heard == [("cancel", 1)]


@pytest.mark.parametrize("owned", [True, False])
def test_a_response_that_nobody_acknowledged_is_told_to_who_is_there(*, owned: bool) -> None:
    stack, user = make(), User()
    key = stack.accept(request(), UDP, user if owned else None)
    stack.respond(key, uas.respond(request(), 486, to_tag="b"))
    stack.now = 32.0
    stack.expire()
    expected = [("response to INVITE failed", FailureCause.TIMEOUT)] if owned else []
    assert user.heard == expected


@pytest.mark.parametrize("kept", [True, False])
def test_an_ack_with_the_branch_of_its_invite_reaches_the_usage(*, kept: bool) -> None:
    stack, user = make(), User()
    if kept:
        stack.keep_usage("b", user)
    key = stack.accept(request(), UDP, user)
    stack.respond(key, uas.respond(request(), 200, to_tag="b"))
    ack = request("ACK", to="<sip:bob@example.jp>;tag=b")
    effects = stack.layer.receive_request(ack, UDP, 0.0)
    assert effects is not None
    stack.perform(effects)
    assert user.heard == ([("request", "ACK")] if kept else [])


def test_a_usage_is_found_by_our_tag_until_it_is_forgotten() -> None:
    stack, user = make(), User()
    stack.keep_usage("b", user)
    assert (stack.usage("b"), stack.usage_count) == (user, 1)
    stack.forget_usage("b")
    stack.forget_usage("b")
    assert (stack.usage("b"), stack.usage_count) == (None, 0)


def test_a_timer_falls_once_for_its_owner_unless_it_is_cancelled() -> None:
    stack, user = make(), User()
    stack.set_timer(user, "one", 5.0)
    stack.set_timer(user, "two", 6.0)
    stack.cancel_timer(user, "two")
    assert (stack.pending_timers, stack.next_deadline()) == (1, 5.0)
    stack.now = 7.0
    stack.expire()
    assert user.heard == [("timer", "one")]
    assert stack.next_deadline() is None


def test_the_earlier_of_a_users_and_a_transactions_timer_comes_first() -> None:
    stack, user = make(), User()
    stack.request(request("OPTIONS"), UDP, user)
    assert stack.next_deadline() == 0.5
    stack.set_timer(user, "one", 0.1)
    assert stack.next_deadline() == 0.1
    stack.set_timer(user, "one", 3.0)
    assert stack.next_deadline() == 0.5


def test_a_request_is_refused_without_state_and_alike_each_time() -> None:
    stack = make()
    for _ in range(2):
        stack.refuse(request(), UDP, 503, [("Retry-After", "5")])
    first, second = sent(stack)
    assert (first.octets(), first.first("retry-after")) == (second.octets(), "5")
    assert len(stack.layer) == 0


def test_an_ack_is_never_refused() -> None:
    stack = make()
    stack.refuse(request("ACK"), UDP, 481)
    assert stack.out == []


def test_octets_that_were_sent_before_are_sent_again() -> None:
    stack = make()
    stack.transmit_octets(b"again", UDP)
    stack.transmit(request("ACK"), UDP)
    assert stack.out == [Transmit(b"again", UDP), Transmit(request("ACK").octets(), UDP)]
