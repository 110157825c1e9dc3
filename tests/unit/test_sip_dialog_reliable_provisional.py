"""Reliable provisional responses at either side (RFC 3262)."""

import pytest

from switch.sip.dialog.reliable_provisional import (
    MAX_RSEQ,
    MAX_WAITING,
    ProvisionalOrder,
    ReliableProvisionals,
)
from switch.sip.errors import RemoteProtocolError
from switch.sip.header.rack import RAck
from switch.sip.message import Request, Response
from switch.sip.timer import TimerValues
from tests.support.exchange import request, response

RINGING = response(180)
PROGRESS = response(183, body=b"v=0\r\n")


def made() -> ReliableProvisionals:
    return ReliableProvisionals(TimerValues(), 100)


def prack(rseq: int, cseq: int = 1, method: str = "INVITE") -> Request:
    return request("PRACK", fields=[("RAck", f"{rseq} {cseq} {method}")])


def reliable(rseq: object) -> Response:
    return response(183, fields=[("Require", "100rel"), ("RSeq", str(rseq))])


# The server side


def test_a_response_is_sent_with_its_number() -> None:
    machine = made()
    sent = machine.send(RINGING)
    assert sent is not None
    assert (sent.status, sent.first("require"), sent.first("rseq")) == (180, "100rel", "100")
    assert sent.to_tag == "b"
    assert machine.is_pending
    assert machine.repeat_after == 0.5


def test_it_is_repeated_at_doubling_intervals_and_given_up_after_64_t1() -> None:
    machine = made()
    sent = machine.send(RINGING)
    now, times = 0.0, []
    while (after := machine.repeat_after) is not None:
        now += after
        again = machine.expire()
        if again is None:
            break
        assert again is sent
        times.append(now)
    assert times == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert now == 32


def test_the_prack_ends_the_repetition() -> None:
    machine = made()
    machine.send(RINGING)
    assert machine.acknowledge(prack(100))
    assert not machine.is_pending
    assert machine.repeat_after is None
    assert machine.expire() is None
    assert not machine.acknowledge(prack(100))


@pytest.mark.parametrize("other", [prack(99), prack(101), prack(100, 2), prack(100, 1, "UPDATE")])
def test_a_prack_of_something_else_does_not_count(other: Request) -> None:
    machine = made()
    machine.send(RINGING)
    assert not machine.acknowledge(other)
    assert machine.is_pending


@pytest.mark.parametrize("fields", [[], [("RAck", "x")]])
def test_a_prack_that_does_not_tell_what_it_is_for_is_an_error(
    fields: list[tuple[str, str]],
) -> None:
    with pytest.raises(RemoteProtocolError):
        made().acknowledge(request("PRACK", fields=fields))


def test_one_response_waits_for_the_prack_of_the_one_before() -> None:
    machine = made()
    machine.send(RINGING)
    assert machine.send(PROGRESS) is None
    assert machine.next() is None
    machine.expire()
    machine.acknowledge(prack(100))
    sent = machine.next()
    assert sent is not None
    assert (sent.status, sent.first("rseq"), sent.body) == (183, "101", b"v=0\r\n")
    assert machine.repeat_after == 0.5
    assert machine.acknowledge(prack(101))
    assert machine.next() is None


def test_a_body_that_is_not_acknowledged_holds_the_2xx_back() -> None:
    machine = made()
    assert not machine.has_body
    machine.send(RINGING)
    assert not machine.has_body
    machine.send(PROGRESS)
    assert machine.has_body
    machine.acknowledge(prack(100))
    machine.next()
    assert machine.has_body
    machine.acknowledge(prack(101))
    assert not machine.has_body


def test_only_so_many_responses_wait() -> None:
    machine = made()
    for _ in range(MAX_WAITING + 5):
        machine.send(RINGING)
    count = 0
    while machine.acknowledge(prack(100 + count)):
        count += 1
        machine.next()
    assert count == MAX_WAITING + 1


def test_after_the_final_response_nothing_is_repeated_but_a_late_prack_counts() -> None:
    machine = made()
    machine.send(RINGING)
    machine.send(PROGRESS)
    machine.stop()
    assert machine.repeat_after is None
    assert machine.expire() is None
    assert machine.send(RINGING) is None
    assert machine.acknowledge(prack(100))
    assert machine.next() is None


# The client side


def test_responses_in_order_are_acknowledged_once() -> None:
    order = ProvisionalOrder()
    assert order.receive(reliable(7)) == RAck(7, 1, "INVITE")
    assert order.receive(reliable(7)) is None
    assert order.receive(reliable(9)) is None
    assert order.receive(reliable(8)) == RAck(8, 1, "INVITE")
    assert order.receive(reliable(9)) == RAck(9, 1, "INVITE")


@pytest.mark.parametrize("rseq", ["", "x", 0, MAX_RSEQ + 1])
def test_a_number_that_cannot_be_read_is_not_acknowledged(rseq: object) -> None:
    assert ProvisionalOrder().receive(reliable(rseq)) is None


def test_a_reliable_response_without_number_is_not_acknowledged() -> None:
    assert ProvisionalOrder().receive(response(183, fields=[("Require", "100rel")])) is None
