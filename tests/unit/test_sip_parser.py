"""The parser: messages or one kind of error, and what is left of a refused request."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.sip import parser, scan
from switch.sip.errors import RemoteProtocolError
from switch.sip.message import Head, Request, Response
from switch.sip.parser import parse, recover
from tests.support.mutation import SEEDS, mutated

REQUEST = (
    b"INVITE sip:b@x SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
    b"Via: SIP/2.0/UDP i;branch=z9hG4bK2\r\n"
    b"From: <sip:a@x>;tag=f\r\n"
    b"To:\r\n <sip:b@x>\r\n"
    b"Call-ID: c\r\n"
    b"Call-ID: d\r\n"
    b"CSeq: 9 INVITE\r\n"
    b"\r\n"
)


@pytest.fixture(autouse=True, params=["reference", "accelerated"])
def scanner(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[bytes], Head]:
    """Let the parser use each scanner in turn."""
    scanners = {"reference": scan.scan_reference, "accelerated": scan.scan_accelerated}
    monkeypatch.setattr(parser, "scan", scanners[request.param])
    return scanners[request.param]


def test_requests_and_responses_are_told_apart() -> None:
    request = REQUEST.replace(b"Call-ID: d\r\n", b"")
    assert isinstance(parse(request), Request)
    assert isinstance(
        parse(request.replace(b"INVITE sip:b@x SIP/2.0", b"SIP/2.0 200 OK")), Response
    )


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\r\n\r\n",
        b"\x00\x00\x00\x00",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"\r\nsip/2.0 99 x\r\n\r\n",
        b"ACK sip:b@x SIP/2.0\r\n\r\n",
    ],
)
def test_what_nobody_answers_has_no_status_or_no_request(octets: bytes) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        parse(octets)
    assert raised.value.status == 0 or octets.startswith(b"\x00")
    assert recover(octets) is None


def test_a_broken_request_has_the_status_that_answers_it() -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        parse(REQUEST)
    assert raised.value.status == 400


def test_the_rest_of_a_broken_request_is_recovered() -> None:
    request = recover(REQUEST)
    assert request is not None
    assert (request.method, request.uri) == ("INVITE", "sip:b@x")
    assert request.fields == [
        ("Via", "SIP/2.0/UDP h;branch=z9hG4bK1"),
        ("Via", "SIP/2.0/UDP i;branch=z9hG4bK2"),
        ("From", "<sip:a@x>;tag=f"),
        ("To", "<sip:b@x>"),
        ("Call-ID", "c"),
        ("CSeq", "9 INVITE"),
    ]


@pytest.mark.parametrize(
    "octets",
    [
        b"INVITE\r\n\r\n",
        b"IN\xffVITE sip:b@x SIP/2.0\r\n\r\n",
        b"INVITE sip:b@x SIP/2.0\r\nTo: <sip:b@x>\r\n\r\n",
        b'INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP h;x="\r\n\r\n',
        b'INVITE sip:b@x SIP/2.0\r\nVia: "SIP/2.0/UDP h\r\n\r\n',
    ],
)
def test_what_no_response_could_repeat_is_not_recovered(octets: bytes) -> None:
    assert recover(octets) is None


def test_recovered_fields_have_no_line_breaks() -> None:
    request = recover(REQUEST.replace(b"tag=f", b"tag=f\nEvil: 1\rX"))
    assert request is not None
    assert request.first("from") == "<sip:a@x>;tag=f Evil: 1 X"


def check_refusal(octets: bytes, status: int) -> None:
    assert status in {0, 400, 505, 513}
    request = recover(octets)
    if request is not None:
        assert request.response_vias()
        assert request.from_tag is not None
        assert request.to_tag is not None
        assert request.cseq.method


@settings(deadline=None, max_examples=300)
@given(mutated() | st.binary(max_size=300))
def test_nothing_but_the_protocol_error_is_raised(octets: bytes) -> None:
    try:
        message = parse(octets)
    except RemoteProtocolError as error:
        check_refusal(octets, error.status)
        return
    assert octets.lstrip(b"\r\n").startswith(message.octets())
    assert message.via.branch in {message.branch, None}
    assert message.via.sent_by == message.sent_by
    assert (message.from_.tag or "") == message.from_tag
    assert (message.to.tag or "") == message.to_tag


def test_a_message_written_anew_reads_as_before() -> None:
    for octets in SEEDS:
        try:
            message = parse(octets)
        except RemoteProtocolError:
            continue
        fields = list(message.fields)
        message.fields = [*fields, ("X-New", "1")]
        again = parse(message.octets())
        assert [
            f for f in again.fields if f[0].lower() not in {"content-length", "l", "x-new"}
        ] == [f for f in fields if f[0].lower() not in {"content-length", "l"}]
        assert again.body == message.body
