"""Independent readings of valid messages: sipmessage and aiosipua agree with the parser."""

from pathlib import Path

import aiosipua
import pytest
import sipmessage

from switch.sip.message import Request, Response
from switch.sip.parser import parse
from switch.sip.uri import SipUri

FOLDER = Path(__file__).parents[1] / "data" / "torture"
USUAL = ["plain-invite", "plain-200", "plain-register", "trailing-octets", "unknown-transport"]


def read(name: str) -> tuple[bytes, Request | Response]:
    octets = (FOLDER / f"{name}.sip").read_bytes()
    message = parse(octets)
    return message.octets(), message


@pytest.mark.parametrize("name", USUAL)
def test_sipmessage_reads_the_same(name: str) -> None:
    octets, ours = read(name)
    theirs = sipmessage.Message.parse(octets)
    assert (ours.via.transport, ours.via.host, ours.via.port) == (
        theirs.via[0].transport,
        theirs.via[0].host,
        theirs.via[0].port,
    )
    assert ours.branch == theirs.via[0].parameters["branch"]
    assert ours.call_id == theirs.call_id
    assert (ours.cseq.number, ours.cseq.method) == (theirs.cseq.sequence, theirs.cseq.method)
    assert theirs.from_address is not None
    assert theirs.to_address is not None
    assert ours.from_.display_name == theirs.from_address.name
    assert ours.from_tag == theirs.from_address.parameters["tag"]
    assert SipUri.parse(ours.to.uri).user == theirs.to_address.uri.user
    assert ours.to.tag == dict(theirs.to_address.parameters).get("tag")
    assert ours.body == theirs.body


@pytest.mark.parametrize("name", USUAL)
def test_aiosipua_reads_the_same(name: str) -> None:
    octets, ours = read(name)
    theirs = aiosipua.SipMessage.parse(octets)
    assert ours.call_id == theirs.call_id
    assert theirs.cseq is not None
    assert (ours.cseq.number, ours.cseq.method) == (theirs.cseq.seq, theirs.cseq.method)
    assert theirs.from_addr is not None
    assert theirs.to_addr is not None
    assert ours.from_tag == theirs.from_addr.tag
    assert ours.to.tag == theirs.to_addr.tag
    assert ours.branch == theirs.via[0].branch
    assert (ours.via.host, ours.via.port) == (theirs.via[0].host, theirs.via[0].port)


def test_sipmessage_reads_what_we_build() -> None:
    _, ours = read("plain-invite")
    built = Request("INVITE", "sip:203@pbx.example", ours.fields, ours.body)
    theirs = sipmessage.Message.parse(built.octets())
    assert isinstance(theirs, sipmessage.Request)
    assert str(theirs.uri) == "sip:203@pbx.example"
    assert theirs.body == ours.body
