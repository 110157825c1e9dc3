"""What transactions say on their own (RFC 3261 sections 8.2.6, 9.1, 17.1.1.3, 18.2.2; RFC 3581)."""

import pytest

from switch.sip.flow import Address, Flow, Transport
from switch.sip.transaction.hop import (
    acknowledge,
    cancel,
    echo,
    response_flow,
    stateless_tag,
    trying,
)
from tests.support.exchange import LOCAL, TCP, UDP, request, response

FAR = Flow(Transport.UDP, LOCAL, Address("192.0.2.7", 40000))


def test_a_response_repeats_what_identifies_its_request() -> None:
    asked = request(via="SIP/2.0/UDP 192.0.2.7:5060;rport", fields=[("Via", "SIP/2.0/UDP two")])
    asked.stamp("192.0.2.7", 40000)
    fields = echo(asked, "t")
    assert [name for name, _ in fields] == ["Via", "Via", "From", "To", "Call-ID", "CSeq"]
    assert "rport=40000" in fields[0][1]
    assert fields[3] == ("To", "<sip:bob@example.jp>;tag=t")


def test_a_to_that_has_a_tag_keeps_it() -> None:
    fields = dict(echo(request(to="<sip:bob@example.jp>;tag=x"), "t"))
    assert fields["To"] == "<sip:bob@example.jp>;tag=x"


def test_100_has_no_tag_and_repeats_the_timestamp() -> None:
    made = trying(request(fields=[("Timestamp", "54.2")]))
    assert (made.status, made.reason, made.to_tag) == (100, "Trying", "")
    assert made.first("timestamp") == "54.2"
    assert trying(request()).first("timestamp") is None


def test_the_stateless_tag_is_the_same_for_repetitions_only() -> None:
    assert stateless_tag(request()) == stateless_tag(request())
    assert stateless_tag(request()) != stateless_tag(request(branch="z9hG4bK2"))
    assert stateless_tag(request()) != stateless_tag(request(call_id="call-2"))
    assert len(stateless_tag(request())) == 16


def test_ack_and_cancel_follow_the_invite_along_its_route() -> None:
    invite = request(fields=[("Route", "<sip:p1;lr>"), ("Route", "<sip:p2;lr>")], cseq=7)
    ack = acknowledge(invite, response(486, invite))
    assert (ack.method, ack.uri, str(ack.cseq), ack.to_tag) == ("ACK", invite.uri, "7 ACK", "b")
    withdrawn = cancel(invite, [("Reason", "SIP;cause=200")])
    assert (withdrawn.method, str(withdrawn.cseq), withdrawn.to_tag) == ("CANCEL", "7 CANCEL", "")
    assert withdrawn.first("reason") == "SIP;cause=200"
    for each in (ack, withdrawn):
        assert each.all("route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
        assert each.all("via") == invite.all("via")
        assert each.from_tag == "a"
        assert each.call_id == "call-1"


@pytest.mark.parametrize(
    ("via", "flow", "port"),
    [
        ("SIP/2.0/UDP 192.0.2.7:5060;rport", FAR, 40000),
        ("SIP/2.0/UDP 192.0.2.7:5070", FAR, 5070),
        ("SIP/2.0/UDP 192.0.2.7", FAR, 5060),
        ("SIP/2.0/UDP 10.0.0.4", FAR, 40000),  # behind a NAT
        ("SIP/2.0/UDP pc.example.jp", FAR, 40000),
        ("SIP/2.0/UDP 192.0.2.7:5060", UDP, 5060),
        ("SIP/2.0/TCP 192.0.2.7:5070", TCP, 5060),
    ],
)
def test_responses_go_where_the_via_and_the_source_say(via: str, flow: Flow, port: int) -> None:
    found = response_flow(request(via=via), flow)
    assert found.remote == Address("192.0.2.7", port)
    assert found.connection == flow.connection
