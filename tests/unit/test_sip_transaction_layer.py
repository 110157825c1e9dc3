"""The transaction layer: matching, performing, cancelling, merging, limits, lost transports."""

import pytest

from switch.sip.effect import (
    Acknowledged,
    Cancelled,
    ClientKey,
    FailureCause,
    LayerEffect,
    RequestFailed,
    ResponseFailed,
    ResponseReceived,
    ServerKey,
    Transmit,
)
from switch.sip.errors import LocalProtocolError
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Request, Response
from switch.sip.parser import parse
from switch.sip.timer import TimerValues
from switch.sip.transaction.hop import trying
from switch.sip.transaction.layer import TransactionLayer
from tests.support.exchange import COOKIE, LOCAL, TCP, UDP, request, response

INVITE = request()
REGISTER = request("REGISTER")
INVITE_KEY = ClientKey(COOKIE + "1", "INVITE")
MOVED = Flow(Transport.UDP, LOCAL, Address("192.0.2.7", 40000))
BOTH = pytest.mark.parametrize("flow", [UDP, TCP])


def layer(limit: int = 100) -> TransactionLayer:
    return TransactionLayer(TimerValues(), limit=limit)


def sent(effects: list[LayerEffect] | None) -> list[Request | Response]:
    return [parse(each.octets) for each in effects or [] if isinstance(each, Transmit)]


def told(effects: list[LayerEffect] | None) -> list[LayerEffect]:
    return [each for each in effects or [] if not isinstance(each, Transmit)]


def accepted(made: TransactionLayer, message: Request, flow: Flow = UDP) -> ServerKey:
    assert made.receive_request(message, flow, 0) is None
    return made.accept(message, flow, "owner", 0)


def run_out(made: TransactionLayer, start: float = 0) -> list[tuple[float, LayerEffect]]:
    happened = []
    now = start
    while (deadline := made.next_deadline()) is not None:
        now = max(now, deadline)
        happened += [(now, effect) for effect in made.expire(now)]
    return happened


def test_nothing_is_left_over_when_everything_has_ended() -> None:
    made = layer()
    for branch in ("1", "2", "3"):
        invite = request(branch=COOKIE + branch, call_id=branch)
        key = accepted(made, invite)
        made.receive_request(invite, MOVED, 0)
        made.request(request(branch=COOKIE + "x" + branch), UDP, "owner", 0)
        made.respond(key, response(200 if branch == "1" else 486, invite), 0)
    run_out(made)
    assert len(made) == 0
    assert not made._on_flow
    assert not made._merges
    assert len(made._deadlines) == 0


# Server transactions


@BOTH
def test_a_new_invite_is_the_cores_and_100_leaves_after_200_ms(flow: Flow) -> None:
    made = layer()
    key = accepted(made, INVITE, flow)
    assert key == ServerKey(COOKIE + "1", "192.0.2.7:5060", "INVITE")
    assert made.next_deadline() == 0.2
    assert made.expire(0.2) == [Transmit(trying(INVITE).octets(), flow)]
    assert made.next_deadline() is None


@BOTH
def test_a_repeated_request_gets_the_same_octets_again(flow: Flow) -> None:
    made = layer()
    key = accepted(made, INVITE, flow)
    assert made.receive_request(INVITE, flow, 0.1) == []
    first = made.respond(key, response(180), 0.1)
    assert first == [Transmit(response(180).octets(), flow)]
    assert made.receive_request(INVITE, flow, 0.5) == first


def test_a_repetition_over_udp_moves_the_responses_to_where_it_came_from() -> None:
    made = layer()
    key = accepted(made, INVITE)
    made.respond(key, response(180), 0)
    assert made.receive_request(INVITE, MOVED, 0.5) == [Transmit(response(180).octets(), MOVED)]
    assert made.respond(key, response(200), 1) == [Transmit(response(200).octets(), MOVED)]
    assert made.lose_transport(UDP, 2) == []
    assert made.lose_transport(MOVED, 2) == [ResponseFailed("owner", key, FailureCause.TRANSPORT)]


def test_a_repetition_on_another_connection_does_not_move_the_responses() -> None:
    made = layer()
    key = accepted(made, INVITE, TCP)
    other = Flow(Transport.TCP, LOCAL, TCP.remote, connection=8)
    made.receive_request(INVITE, other, 0.5)
    assert made.respond(key, response(200), 1) == [Transmit(response(200).octets(), TCP)]


@BOTH
def test_a_registration_ends_without_a_trace(flow: Flow) -> None:
    made = layer()
    key = accepted(made, REGISTER, flow)
    assert sent(made.respond(key, response(200, REGISTER), 0.1))
    assert len(made) == (1 if flow is UDP else 0)
    assert run_out(made) == []
    assert len(made) == 0
    assert repr(made) == "<TransactionLayer 0 server, 0 client>"


def test_the_ack_of_a_failure_is_absorbed() -> None:
    made = layer()
    key = accepted(made, INVITE)
    made.respond(key, response(486), 0.1)
    ack = request("ACK", to="<sip:bob@example.jp>;tag=b")
    assert made.receive_request(ack, UDP, 0.2) == []
    assert run_out(made) == []
    assert len(made) == 0


def test_a_failure_that_nobody_acknowledges_is_told() -> None:
    made = layer()
    key = accepted(made, INVITE)
    made.respond(key, response(486), 0)
    happened = run_out(made)
    assert happened[-1] == (32, ResponseFailed("owner", key, FailureCause.TIMEOUT))
    assert [at for at, _ in happened[:3]] == [0.5, 1.5, 3.5]
    assert len(made) == 0


def test_an_ack_for_a_2xx_on_the_invites_branch_is_handed_on() -> None:
    made = layer()
    key = accepted(made, INVITE)
    made.respond(key, response(200), 0)
    ack = request("ACK", to="<sip:bob@example.jp>;tag=b")
    assert made.receive_request(ack, MOVED, 1) == [Acknowledged(ack, MOVED)]


def test_an_ack_on_a_branch_of_its_own_is_the_cores() -> None:
    made = layer()
    key = accepted(made, INVITE)
    made.respond(key, response(200), 0)
    assert made.receive_request(request("ACK", branch=COOKIE + "2"), UDP, 1) is None


def test_the_users_2xx_leaves_each_time_and_the_transaction_stays_for_64_t1() -> None:
    made = layer()
    key = accepted(made, INVITE)
    again = [Transmit(response(200).octets(), UDP)]
    assert made.respond(key, response(200), 0) == again
    assert made.respond(key, response(200), 0.5) == again
    assert made.receive_request(INVITE, UDP, 1) == []
    assert run_out(made) == []
    assert len(made) == 0


def test_a_response_without_transaction_is_discarded() -> None:
    assert layer().respond(ServerKey("x", "y", "INVITE"), response(200), 0) == []


def test_a_new_owner_hears_of_the_transaction() -> None:
    made = layer()
    key = accepted(made, INVITE)
    made.set_owner(key, "heir")
    made.set_owner(ServerKey("x", "y", "INVITE"), "nobody")
    assert made.lose_transport(UDP, 0) == [ResponseFailed("heir", key, FailureCause.TRANSPORT)]


def test_without_rport_the_responses_go_to_the_port_of_the_via() -> None:
    made = layer()
    asked = request(via="SIP/2.0/UDP 192.0.2.7")
    key = accepted(made, asked, MOVED)
    assert made.respond(key, response(486, asked), 0) == [
        Transmit(response(486, asked).octets(), UDP)
    ]


# CANCEL from the far side


@BOTH
def test_a_cancel_is_answered_and_told_to_the_owner_of_the_invite(flow: Flow) -> None:
    made = layer()
    key = accepted(made, INVITE, flow)
    made.respond(key, response(180, tag="local"), 0.1)
    cancel = request("CANCEL")
    effects = made.receive_request(cancel, flow, 1)
    (ok,) = sent(effects)
    assert isinstance(ok, Response)
    assert (ok.status, str(ok.cseq), ok.to_tag) == (200, "1 CANCEL", "local")
    assert told(effects) == [Cancelled("owner", key, cancel)]
    assert sent(made.respond(key, response(487), 1))


def test_a_repeated_cancel_is_answered_alike_and_not_told_again() -> None:
    made = layer()
    accepted(made, INVITE)
    cancel = request("CANCEL")
    first = made.receive_request(cancel, UDP, 1)
    again = made.receive_request(cancel, UDP, 1.5)
    assert sent(first)[0].to_tag == sent(again)[0].to_tag != ""
    assert told(again) == []


@pytest.mark.parametrize("status", [200, 486])
def test_a_cancel_that_crosses_the_final_response_changes_nothing(status: int) -> None:
    made = layer()
    key = accepted(made, INVITE)
    made.respond(key, response(status), 0)
    effects = made.receive_request(request("CANCEL"), UDP, 0.1)
    assert len(sent(effects)) == 1
    assert told(effects) == []


def test_a_cancel_without_invite_is_the_cores() -> None:
    made = layer()
    accepted(made, REGISTER)
    assert made.receive_request(request("CANCEL"), UDP, 0) is None


def test_a_cancel_from_another_host_cancels_nothing() -> None:
    made = layer()
    accepted(made, INVITE)
    elsewhere = Flow(Transport.UDP, LOCAL, Address("192.0.2.66", 5060))
    assert made.receive_request(request("CANCEL"), elsewhere, 1) is None
    assert len(sent(made.receive_request(request("CANCEL"), MOVED, 1))) == 1


def test_a_full_layer_still_takes_a_cancel() -> None:
    made = layer(limit=1)
    key = accepted(made, INVITE)
    cancel = request("CANCEL")
    effects = made.receive_request(cancel, UDP, 1)
    assert len(sent(effects)) == 1
    assert told(effects) == [Cancelled("owner", key, cancel)]
    assert len(made) == 1


def test_nobody_hears_how_the_answer_to_a_cancel_ends() -> None:
    made = layer()
    key = accepted(made, INVITE)
    made.receive_request(request("CANCEL"), UDP, 1)
    assert made.lose_transport(UDP, 2) == [ResponseFailed("owner", key, FailureCause.TRANSPORT)]


# Merged requests, limits, misuse


def test_a_copy_by_another_path_is_merged_and_a_repetition_is_not() -> None:
    made = layer()
    assert not made.is_merged(INVITE)
    key = accepted(made, INVITE)
    copy = request(branch=COOKIE + "2")
    assert made.is_merged(copy)
    assert not made.is_merged(INVITE)
    assert not made.is_merged(request(branch=COOKIE + "2", cseq=2))
    assert not made.is_merged(request(branch=COOKIE + "2", to="<sip:b@c>;tag=x"))
    made.respond(key, response(200), 0)
    assert made.is_merged(copy)
    run_out(made)
    assert not made.is_merged(copy)


def test_a_challenged_request_may_come_again_with_its_old_number() -> None:
    made = layer()
    key = accepted(made, REGISTER)
    made.respond(key, response(401, REGISTER), 0)
    assert not made.is_merged(request("REGISTER", branch=COOKIE + "2"))


def test_a_copy_that_is_accepted_all_the_same_leaves_the_first_in_the_index() -> None:
    made = layer()
    first = accepted(made, INVITE)
    second = accepted(made, request(branch=COOKIE + "2"))
    made.respond(second, response(482), 0)
    assert made.is_merged(request(branch=COOKIE + "3"))
    made.respond(first, response(482), 0)
    assert not made.is_merged(request(branch=COOKIE + "3"))


def test_a_full_layer_accepts_no_request_but_sends_ours() -> None:
    made = layer(limit=1)
    accepted(made, INVITE)
    assert made.is_full
    with pytest.raises(LocalProtocolError, match="full"):
        made.accept(request(branch=COOKIE + "2"), UDP, "owner", 0)
    assert sent(made.request(request("BYE"), UDP, "owner", 0))
    assert len(made) == 2


def test_misuse_is_reported() -> None:
    made = layer()
    accepted(made, INVITE)
    made.request(INVITE, UDP, "owner", 0)
    with pytest.raises(LocalProtocolError, match="already"):
        made.accept(INVITE, UDP, "owner", 0)
    with pytest.raises(LocalProtocolError, match="in use"):
        made.request(INVITE, UDP, "owner", 0)
    with pytest.raises(LocalProtocolError, match="ACK"):
        made.request(request("ACK"), UDP, "owner", 0)
    with pytest.raises(LocalProtocolError, match="ACK"):
        made.accept(request("ACK"), UDP, "owner", 0)


# RFC 2543


def test_an_rfc_2543_invite_is_matched_by_all_that_it_repeats() -> None:
    made = layer()
    old = request(branch="")
    key = accepted(made, old)
    made.respond(key, response(486, old), 0)
    assert len(sent(made.receive_request(old, UDP, 0.5))) == 1
    for other in (
        request(branch="", uri="sip:carol@example.jp"),
        request(branch="", cseq=2),
        request(branch="", call_id="call-2"),
        request(branch="", from_="<sip:alice@example.jp>;tag=z"),
        request(branch="", to="<sip:bob@example.jp>;tag=z"),
        request(branch="", via="SIP/2.0/UDP 192.0.2.9:5060"),
        request("REGISTER", branch=""),
    ):
        assert made.receive_request(other, UDP, 0.5) is None


def test_an_rfc_2543_ack_finds_its_invite_although_its_to_has_a_tag() -> None:
    made = layer()
    old = request(branch="1")
    made.respond(accepted(made, old), response(486, old), 0)
    ack = request("ACK", branch="1", to="<sip:bob@example.jp>;tag=b")
    assert made.receive_request(ack, UDP, 0.1) == []
    assert made.receive_request(request("ACK", branch="1", cseq=9), UDP, 0.1) is None
    assert run_out(made) == []


def test_an_rfc_2543_cancel_and_an_ack_inside_a_dialog_find_their_invite() -> None:
    made = layer()
    to = "<sip:bob@example.jp>;tag=b"
    key = accepted(made, request(branch="", to=to))
    effects = made.receive_request(request("CANCEL", branch="", to=to), UDP, 0.1)
    assert isinstance(told(effects)[0], Cancelled)
    made.respond(key, response(487, request(branch="", to=to)), 0.1)
    assert made.receive_request(request("ACK", branch="", to=to), UDP, 0.2) == []


# Client transactions


@BOTH
def test_responses_reach_the_owner_with_the_flow_they_came_on(flow: Flow) -> None:
    made = layer()
    assert made.request(INVITE, flow, "owner", 0) == [Transmit(INVITE.octets(), flow)]
    ringing, ok = response(180), response(200)
    assert made.receive_response(ringing, MOVED, 1) == [
        ResponseReceived("owner", INVITE_KEY, ringing, MOVED)
    ]
    for _ in range(2):
        assert made.receive_response(ok, flow, 2) == [
            ResponseReceived("owner", INVITE_KEY, ok, flow)
        ]
    assert run_out(made) == []
    assert made.receive_response(ok, flow, 40) == []
    assert len(made) == 0


def test_a_request_that_nobody_answers_is_repeated_and_fails() -> None:
    made = layer()
    made.request(INVITE, UDP, "owner", 10)
    happened = run_out(made)
    assert [at - 10 for at, _ in happened] == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 32]
    assert happened[-1][1] == RequestFailed("owner", INVITE_KEY, INVITE, FailureCause.TIMEOUT)
    assert len(made) == 0


@BOTH
def test_a_failure_is_acknowledged_before_it_is_told(flow: Flow) -> None:
    made = layer()
    made.request(INVITE, flow, "owner", 0)
    effects = made.receive_response(response(486), flow, 1)
    assert isinstance(effects[0], Transmit)
    assert effects[0].octets.startswith(b"ACK ")
    assert isinstance(effects[1], ResponseReceived)
    run_out(made)
    assert len(made) == 0


@BOTH
def test_the_request_can_be_asked_for_when_its_last_response_is_told(flow: Flow) -> None:
    made = layer()
    made.request(REGISTER, flow, "owner", 0)
    key = ClientKey(COOKIE + "1", "REGISTER")
    assert made.sent(key) is REGISTER
    made.receive_response(response(401, REGISTER), flow, 1)
    assert made.sent(key) is REGISTER
    assert made.sent(INVITE_KEY) is None


@BOTH
def test_a_lost_transport_fails_what_waits_on_it_in_order(flow: Flow) -> None:
    made = layer()
    other = request(branch=COOKIE + "2")
    made.request(INVITE, flow, "a", 0)
    made.request(REGISTER, flow, "b", 0)
    made.request(other, MOVED, "c", 0)
    effects = made.lose_transport(flow, 1)
    assert [(each.owner, each.cause) for each in effects if isinstance(each, RequestFailed)] == [
        ("a", FailureCause.TRANSPORT),
        ("b", FailureCause.TRANSPORT),
    ]
    assert len(made) == 1
    assert made.lose_transport(flow, 1) == []


# CANCEL of our own


def test_a_cancel_before_a_provisional_waits_for_it() -> None:
    made = layer()
    made.request(INVITE, UDP, "owner", 0)
    assert made.cancel(INVITE_KEY, 0.1, [("Reason", "SIP;cause=200")]) == []
    effects = made.receive_response(response(100), UDP, 0.2)
    (cancel,) = sent(effects)
    assert isinstance(cancel, Request)
    assert (cancel.method, cancel.branch, str(cancel.cseq)) == ("CANCEL", COOKIE + "1", "1 CANCEL")
    assert cancel.first("reason") == "SIP;cause=200"
    assert cancel.uri == INVITE.uri
    assert len(told(effects)) == 1


@BOTH
def test_a_cancel_leaves_at_once_after_a_provisional_and_its_answer_is_nobodys(
    flow: Flow,
) -> None:
    made = layer()
    made.request(INVITE, flow, "owner", 0)
    made.receive_response(response(180), flow, 1)
    (cancel,) = sent(made.cancel(INVITE_KEY, 2))
    assert isinstance(cancel, Request)
    assert made.receive_response(response(200, cancel), flow, 2) == []
    effects = made.receive_response(response(487), flow, 2)
    assert len(sent(effects)) == len(told(effects)) == 1
    run_out(made)
    assert len(made) == 0


def test_a_cancel_that_crosses_a_2xx_is_none() -> None:
    made = layer()
    made.request(INVITE, UDP, "owner", 0)
    made.cancel(INVITE_KEY, 0.1)
    ok = response(200)
    assert made.receive_response(ok, UDP, 0.2) == [ResponseReceived("owner", INVITE_KEY, ok, UDP)]
    assert made.cancel(INVITE_KEY, 0.3) == []


def test_a_cancelled_invite_fails_after_64_t1_and_the_cancel_in_silence() -> None:
    made = layer()
    made.request(INVITE, UDP, "owner", 0)
    made.receive_response(response(180), UDP, 1)
    made.cancel(INVITE_KEY, 2)
    failures = [(at, each) for at, each in run_out(made) if not isinstance(each, Transmit)]
    assert failures == [
        (34, RequestFailed("owner", INVITE_KEY, INVITE, FailureCause.TIMEOUT)),
    ]
    assert len(made) == 0


def test_a_cancel_of_the_cores_own_is_not_doubled() -> None:
    made = layer()
    made.request(INVITE, UDP, "owner", 0)
    made.receive_response(response(180), UDP, 1)
    made.request(request("CANCEL"), UDP, "owner", 1)
    assert made.cancel(INVITE_KEY, 2) == []


def test_only_an_invite_can_be_cancelled() -> None:
    made = layer()
    made.request(REGISTER, UDP, "owner", 0)
    assert made.cancel(ClientKey(COOKIE + "1", "REGISTER"), 0) == []
    assert made.cancel(INVITE_KEY, 0) == []


def test_a_stray_response_vanishes() -> None:
    assert layer().receive_response(response(200), UDP, 0) == []


def test_an_ack_that_names_a_request_other_than_an_invite_is_the_cores() -> None:
    made = layer()
    accepted(made, REGISTER)
    assert made.receive_request(request("ACK"), UDP, 0) is None
