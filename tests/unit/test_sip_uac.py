"""Requests as the user agent client writes them (RFC 3261 section 8.1)."""

import pytest

from switch.sip import uac
from switch.sip.flow import Address
from switch.sip.parser import parse
from tests.support.exchange import COOKIE, TCP, UDP, request, response


def test_a_via_names_transport_address_and_branch_and_asks_for_rport() -> None:
    via = uac.new_via(UDP, Address("192.0.2.1", 5060), COOKIE + "1")
    assert via == "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport"
    plain = uac.new_via(TCP, Address("2001:db8::1", 5060), COOKIE + "1", rport=False)
    assert plain == "SIP/2.0/TCP [2001:db8::1]:5060;branch=z9hG4bK1"


def test_a_request_has_its_fields_in_the_usual_order() -> None:
    made = uac.request(
        "INVITE",
        "sip:bob@example.jp",
        via="SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
        from_="<sip:a@example.jp>;tag=a",
        to="<sip:bob@example.jp>",
        call_id="call-1",
        cseq=3,
        route=["<sip:p;lr>"],
        contact="<sip:a@192.0.2.1>",
        fields=[("Allow", "INVITE"), ("Content-Type", "application/sdp")],
        body=b"v=0\r\n",
    )
    assert made.octets() == (
        b"INVITE sip:bob@example.jp SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
        b"Route: <sip:p;lr>\r\n"
        b"Max-Forwards: 70\r\n"
        b"From: <sip:a@example.jp>;tag=a\r\n"
        b"To: <sip:bob@example.jp>\r\n"
        b"Call-ID: call-1\r\n"
        b"CSeq: 3 INVITE\r\n"
        b"Contact: <sip:a@192.0.2.1>\r\n"
        b"Allow: INVITE\r\n"
        b"Content-Type: application/sdp\r\n"
        b"Content-Length: 5\r\n\r\nv=0\r\n"
    )
    assert parse(made.octets()).call_id == "call-1"


def test_max_forwards_and_contact_are_as_given() -> None:
    made = uac.request(
        "OPTIONS",
        "sip:b",
        via="SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
        from_="<sip:a>;tag=a",
        to="<sip:b>",
        call_id="c",
        cseq=1,
        max_forwards=0,
    )
    assert made.first("max-forwards") == "0"
    assert made.first("contact") is None
    assert made.first("route") is None


@pytest.mark.parametrize("credentials", ["Authorization", "Proxy-Authorization"])
def test_the_ack_of_a_2xx_follows_the_dialog_and_keeps_the_credentials(credentials: str) -> None:
    invite = request(cseq=5, fields=[(credentials, "Digest x"), ("Subject", "lunch")])
    made = uac.ack(
        invite,
        response(200, invite),
        uri="sip:bob@192.0.2.9",
        route_set=["<sip:p1;lr>", "<sip:p2;lr>"],
        via="SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKack",
    )
    assert (made.method, made.uri, str(made.cseq)) == ("ACK", "sip:bob@192.0.2.9", "5 ACK")
    assert made.all("route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert (made.branch, made.from_tag, made.to_tag) == ("z9hG4bKack", "a", "b")
    assert made.first(credentials.lower()) == "Digest x"
    assert made.first("subject") is None


def test_a_cancel_shares_the_invites_branch_and_number() -> None:
    made = uac.cancel(request(cseq=9), [("Reason", "SIP;cause=200")])
    assert (made.branch, str(made.cseq)) == (COOKIE + "1", "9 CANCEL")
    assert made.first("reason") == "SIP;cause=200"
