"""No input may cost more than 1 ms per kB: the shapes on which parsers turn quadratic."""

import sys
import time
from contextlib import suppress

import pytest

from switch.sip import parser, scan
from switch.sip.errors import RemoteProtocolError
from switch.sip.framing import StreamFraming
from switch.sip.header import address_list
from switch.sip.header.token_list import contains_token
from switch.sip.header.via import Via
from switch.sip.uri import SipUri

HEAD = (
    b"INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\n"
    b"To: <sip:b@x>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
)
UNITS = [
    b" ",
    b"\t",
    b"\r\n",
    b"\r\n ",
    b"\n",
    b'"',
    b'\\"',
    b'"a',
    b'""',
    b"<",
    b"<>",
    b"<a",
    b",",
    b";",
    b";a",
    b";a=",
    b"a=b;",
    b"%",
    b"%41",
    b"=",
    b"?",
    b"@",
    b":",
    b"[",
    b"(",
    b"\\",
    b"0",
    b"a",
    b"a\r\n",
    b"a:\r\n",
    b"\x00",
    b"\xff",
    b"\xe4\xbb\xa3",
    b'"\\',
    b" ;",
    b" ,",
    b'";',
    b"<a>,",
    b'"a",',
    b"v:a\r\n",
    b"a:\r\n b\r\n",
]
PLACES = ["Via", "From", "To", "Contact", "CSeq", "Call-ID", "Content-Length", "X", "Supported"]
SIZE = 8000
TRACED = 4.0 if sys.gettrace() is not None else 1.0
"""Measuring coverage slows every line."""

LIMIT = 0.001 * 65 * 1.5 * TRACED
"""For a whole datagram, with half as much again for a machine that has other things to do."""


def spent(octets: bytes) -> float:
    """Return the least of three CPU times that reading these octets takes, in seconds."""
    times = []
    for _ in range(3):
        start = time.thread_time()
        try:
            parser.parse(octets)
        except RemoteProtocolError:
            parser.recover(octets)
        times.append(time.thread_time() - start)
    return min(times)


@pytest.fixture(params=["reference", "accelerated"])
def scanner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the parser use each scanner in turn."""
    scanners = {"reference": scan.scan_reference, "accelerated": scan.scan_accelerated}
    monkeypatch.setattr(parser, "scan", scanners[request.param])


@pytest.mark.usefixtures("scanner")
@pytest.mark.parametrize("unit", UNITS)
def test_a_datagram_of_one_thing_repeated_is_read_in_time(unit: bytes) -> None:
    for octets in (
        unit * (65000 // len(unit)),
        b"INVITE sip:" + unit * (65000 // len(unit)),
        HEAD + unit * (64000 // len(unit)) + b"\r\n\r\n",
    ):
        assert spent(octets[:65535]) < LIMIT


@pytest.mark.usefixtures("scanner")
@pytest.mark.parametrize("place", PLACES)
def test_a_field_of_one_thing_repeated_is_read_in_time(place: str) -> None:
    for unit in UNITS:
        lines = [
            line for line in HEAD.split(b"\r\n") if line and not line.startswith(place.encode())
        ]
        for start in (b"", b"SIP/2.0/UDP h;", b'"', b"<sip:a@b>;", b"sip:", b"1"):
            value = start + unit * (SIZE // len(unit))
            line = place.encode() + b": " + value
            octets = b"\r\n".join([*lines, line, b"", b""])
            assert spent(octets) < 0.001 * 9 * 2 * TRACED, (place, unit, start)


@pytest.mark.parametrize("unit", [unit.decode("utf-8", "surrogateescape") for unit in UNITS])
def test_values_are_read_in_time(unit: str) -> None:
    text = unit * (64000 // len(unit))
    for prefix in ("", "sip:", "sip:a@b;", "sip:a@b?", "SIP/2.0/UDP h;"):
        for read in (address_list.split, SipUri.parse, Via.parse):
            start = time.thread_time()
            with suppress(RemoteProtocolError):
                read(prefix + text)
            assert time.thread_time() - start < LIMIT
    start = time.thread_time()
    contains_token([text], "timer")
    assert time.thread_time() - start < LIMIT


@pytest.mark.parametrize("unit", [*UNITS, b"a b\r\n\r\n", b"a b\r\nl:0\r\n\r\n"])
def test_a_stream_is_cut_in_time(unit: bytes) -> None:
    stream = unit * (64000 // len(unit))
    start = time.thread_time()
    StreamFraming().feed(stream)
    assert time.thread_time() - start < LIMIT
    framing = StreamFraming()
    start = time.thread_time()
    for at in range(0, len(stream), 100):
        framing.feed(stream[at : at + 100])
    assert time.thread_time() - start < LIMIT
