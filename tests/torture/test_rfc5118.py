"""The IPv6 messages of RFC 5118, read by the parser."""

import re
from pathlib import Path

import pytest

from switch.sip import parser, scan
from switch.sip.errors import RemoteProtocolError
from switch.sip.header.via import Via
from switch.sip.message import Request
from switch.sip.uri import SipUri

CORPUS = Path(__file__).parents[2].parent / "shared/assets/sip-torture/rfc5118"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the RFC 5118 corpus is not there")

REFUSED = {"rfc5118_4_2", "rfc5118_4_10_1"}
ACCEPTED = [
    f"rfc5118_4_{section}" for section in ("1", "3", "4", "5_1", "5_2", "6", "7", "8", "9", "10_2")
]
SCANNERS = {"reference": scan.scan_reference, "accelerated": scan.scan_accelerated}


@pytest.fixture(autouse=True, params=SCANNERS)
def scanner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the parser use each scanner in turn."""
    monkeypatch.setattr(parser, "scan", SCANNERS[request.param])


def read(name: str) -> bytes:
    """Return the message; bodies lost white space in the corpus, so their length is stated anew."""
    octets = (CORPUS / f"{name}.dat").read_bytes()
    length = len(octets.partition(b"\r\n\r\n")[2])
    return re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % length, octets)


def parse_request(name: str) -> Request:
    message = parser.parse(read(name))
    assert isinstance(message, Request)
    return message


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_valid_message_is_read_and_crosses_byte_for_byte(name: str) -> None:
    assert parser.parse(read(name)).octets() == read(name)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_malformed_literal_is_refused(name: str) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        parser.parse(read(name))
    assert raised.value.status == 400
    assert parser.recover(read(name)) is not None


def test_a_port_inside_the_brackets_belongs_to_the_address() -> None:
    inside = SipUri.parse(parse_request("rfc5118_4_3").uri)
    outside = SipUri.parse(parse_request("rfc5118_4_4").uri)
    assert (inside.host, inside.port) == ("2001:db8::10:5070", None)
    assert (outside.host, outside.port) == ("2001:db8::10", 5070)


def test_received_is_read_with_and_without_brackets() -> None:
    bracketed = parse_request("rfc5118_4_5_1").via
    bare = parse_request("rfc5118_4_5_2").via
    assert bracketed.received == bare.received == "2001:db8::9:255"


def test_vias_of_both_families_are_read() -> None:
    vias = [Via.parse(line) for line in parse_request("rfc5118_4_7").all("via")]
    assert [via.sent_by for via in vias] == [
        "[2001:db8::9:1]:6050",
        "192.0.2.1",
        "[2001:db8::9:255]",
    ]
    assert vias[2].received == "192.0.2.200"
