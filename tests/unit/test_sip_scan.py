"""Both scanners: the same answers to the same octets."""

import sys
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from switch.sip import scan
from switch.sip.errors import RemoteProtocolError
from switch.sip.message import Head
from tests.support.mutation import SEEDS, mutated

PLAIN = (
    b"INVITE sip:b@x;user=phone SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP H.example:5070;branch=z9hG4bK1;rport\r\n"
    b'From: "A" <sip:a@x>;tag=f\r\n'
    b"To: <sip:b@x>;tag=t\r\n"
    b"Call-ID: c\r\n"
    b"CSeq: 9 INVITE\r\n"
    b"X-Own: 1\r\n"
    b"Content-Length: 2\r\n"
    b"\r\n"
    b"hi"
)
needs_accelerator = pytest.mark.skipif(
    not scan.IS_ACCELERATED, reason="the accelerator is not built, or switched off"
)


@pytest.fixture(params=["reference", "accelerated"])
def scanner(request: pytest.FixtureRequest) -> Callable[[bytes], Head]:
    """Return each scanner in turn."""
    scanners = {"reference": scan.scan_reference, "accelerated": scan.scan_accelerated}
    return scanners[request.param]


def facts(scanner: Callable[[bytes], Head], octets: bytes) -> object:
    """Return everything that a scanner says of these octets."""
    try:
        head = scanner(octets)
    except RemoteProtocolError as error:
        return error.status, error.reason
    keys = ("via", "contact", "supported", "x-own", "x_y", "subject", "to", "user-agent")
    return (
        (head.octets, head.body, head.method, head.uri, head.status, head.reason),
        (head.branch, head.sent_by, head.call_id, head.from_tag, head.to_tag),
        (head.cseq_number, head.cseq_method),
        head.fields(),
        [(head.first(key), head.all(key)) for key in keys],
        head.select(frozenset(keys)),
    )


def test_the_routing_fields_of_a_request_are_read(scanner: Callable[[bytes], Head]) -> None:
    head = scanner(PLAIN)
    assert (head.method, head.uri, head.status) == ("INVITE", "sip:b@x;user=phone", 0)
    assert (head.branch, head.sent_by) == ("z9hG4bK1", "h.example:5070")
    assert (head.call_id, head.from_tag, head.to_tag) == ("c", "f", "t")
    assert (head.cseq_number, head.cseq_method) == (9, "INVITE")
    assert head.body == b"hi"
    assert head.octets == PLAIN


@pytest.mark.parametrize("method", ["ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS", "INFO", "FOO"])
def test_any_method_is_read(scanner: Callable[[bytes], Head], method: str) -> None:
    assert scanner(PLAIN.replace(b"INVITE", method.encode())).method == method


def test_the_start_line_of_a_response_is_read(scanner: Callable[[bytes], Head]) -> None:
    response = PLAIN.replace(b"INVITE sip:b@x;user=phone SIP/2.0", b"SIP/2.0 486 Busy \xe4\xbb\xa3")
    head = scanner(response)
    assert (head.status, head.reason, head.method, head.uri) == (486, "Busy 代", "", "")
    assert head.cseq_method == "INVITE"
    assert scanner(response.replace(b" Busy \xe4\xbb\xa3", b"")).reason == ""
    assert scanner(response.replace(b"SIP/2.0 486", b"sip/2.0 487")).status == 487


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"SIP/2.0\r\nVia", b"sip/2.0\r\nVia"),
        (b"Call-ID:", b"Call-ID :"),
        (b"X-Own: 1", b"X-Own:\r\n 1\r\n\t2"),
        (b"X-Own: 1", b"Max-Forwards: \t70 "),
        (b"X-Own: 1", b"Contact: *"),
        (b"X-Own: 1", b"Contact: <sip:a@x>, <sip:b@x>\r\nm: <sip:c@x>"),
        (b"X-Own: 1", b"Via: SIP/2.0/TCP z;branch=1"),
        (b"sip:b@x;user=phone", b"sip:b%40c@x:99;a=%41"),
        (b"sip:b@x;user=phone", b"sips:[::1]"),
        (b"sip:b@x;user=phone", b"SIP:x:65535"),
        (b"sip:b@x;user=phone", b"urn:service:sos"),
        (b";tag=f", b";tag"),
        (b";tag=f", b';tag="f"'),
        (b'From: "A" <sip:a@x>;tag=f', b"From: sip:a@x ; tag=f"),
        (b"\r\n\r\nhi", b"\r\n\r\nhi and more"),
    ],
)
def test_unusual_but_valid_messages_are_read(
    scanner: Callable[[bytes], Head], old: bytes, new: bytes
) -> None:
    octets = PLAIN.replace(old, new)
    assert octets != PLAIN
    assert scanner(octets).body == b"hi"
    assert facts(scanner, octets) == facts(scan.scan_reference, octets)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"\r\n\r\nhi", b"", "the header has no end"),
        (b"X-Own: 1", b"X-Own: \n1", "the header has a bare CR or LF"),
        (b"X-Own: 1", b"X-Own", "a header line has no colon"),
        (b"X-Own: 1", b"From", "a header line has no colon"),
        (b"X-Own: 1", b"X Own: 1", "a header field's name is no token"),
        (b"X-Own: 1", b": 1", "a header field's name is no token"),
        (b"X-Own: 1", b"t: <sip:b@x>", "to is repeated"),
        (b"X-Own: 1", b"X: " + b"y" * 9000, "a header line is too long"),
        (b"X-Own: 1", b"\r\n".join([b"X: y"] * 300), "the header has too many lines"),
        (b"X-Own: 1", b"\r\n".join([b"v: SIP/2.0/UDP h"] * 71), "there are too many Via fields"),
        (b"X-Own: 1", b"m: " + b",".join([b"<sip:a@x>"] * 33), "there are too many contacts"),
        (b"X-Own: 1", b"m: <sip:a@x>;;", "a header parameter has no name"),
        (b"X-Own: 1", b"Max-Forwards: 256", "Max-Forwards is above 255"),
        (b"Call-ID: c", b"Call-ID:", "Call-ID is empty"),
        (b"Call-ID: c\r\n", b"", "call-id is missing"),
        (b"CSeq: 9 INVITE", b"CSeq: 9 BYE", "CSeq names another method"),
        (b"Length: 2", b"Length: 3", "the body is shorter than Content-Length"),
        (b"INVITE sip", b"IN\xffITE sip", "the method is no token"),
        (b"sip:b@x;user=phone", b"", "the Request-URI is no URI"),
        (b"sip:b@x;user=phone", b"x:\x01", "the Request-URI has white space or control characters"),
        (b"sip:b@x;user=phone", b"sip:b@x?a=b", "the Request-URI has headers"),
        (b"sip:b@x;user=phone SIP/2.0", b"SIP/2.0", "the start line is malformed"),
        (b"phone SIP/2.0", b"phone SIP/3.0", "the SIP version is not supported"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    scanner: Callable[[bytes], Head], old: bytes, new: bytes, reason: str
) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        scanner(PLAIN.replace(old, new))
    assert raised.value.reason == reason


def test_a_message_beyond_a_datagram_is_too_long(scanner: Callable[[bytes], Head]) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        scanner(PLAIN + b" " * 65536)
    assert raised.value.status == 513


@settings(deadline=None, max_examples=400)
@given(mutated())
@example(PLAIN)
def test_the_scanners_agree_on_broken_messages(octets: bytes) -> None:
    assert facts(scan.scan_accelerated, octets) == facts(scan.scan_reference, octets)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_the_scanners_agree_on_any_octets(octets: bytes) -> None:
    assert facts(scan.scan_accelerated, octets) == facts(scan.scan_reference, octets)


@needs_accelerator
def test_plain_messages_never_reach_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(octets: bytes) -> Head:
        raise AssertionError(octets)

    monkeypatch.setattr(scan, "scan_reference", refuse)
    assert scan.scan_accelerated(PLAIN).call_id == "c"


def test_the_reference_alone_reads_all_when_the_accelerator_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scan, "_scan_plain", None)
    for octets in SEEDS:
        assert facts(scan.scan_accelerated, octets) == facts(scan.scan_reference, octets)


def test_the_environment_switches_the_accelerator_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAIHYO_PURE", "1")
    assert scan._load() is None


def test_a_missing_accelerator_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAIHYO_PURE", raising=False)
    monkeypatch.setitem(sys.modules, "switch.sip._scan", None)
    assert scan._load() is None
