"""How requests are inspected and answered (RFC 3261 section 8.2)."""

from collections.abc import Iterable

import pytest

from switch.sip import uas
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Address
from switch.sip.message import Field, Request
from switch.sip.parser import parse
from tests.support.exchange import request

METHODS = frozenset({"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO", "UPDATE"})
EXTENSIONS = frozenset({"100rel", "timer"})
SOURCE = Address("192.0.2.7", 40000)
SDP = ("Content-Type", "application/sdp")


def inspect(asked: Request) -> uas.Refusal | None:
    return uas.inspect(asked, methods=METHODS, extensions=EXTENSIONS)


def with_body(method: str = "INVITE", *, fields: Iterable[Field]) -> Request:
    return request(method, fields=fields, body=b"v=0\r\n")


# Answers


def test_a_response_has_the_standard_reason_and_the_local_tag() -> None:
    made = uas.respond(request(), 486, to_tag="t", fields=[("Retry-After", "5")])
    assert (made.status, made.reason, made.to_tag) == (486, "Busy Here", "t")
    assert made.first("retry-after") == "5"
    assert uas.respond(request(), 486, "Gone Fishing").reason == "Gone Fishing"


def test_a_status_without_a_standard_phrase_is_named_by_its_class() -> None:
    assert uas.reason_phrase(499) == "Request Failure"
    assert uas.reason_phrase(699) == "Global Failure"


@pytest.mark.parametrize(
    ("method", "status", "repeats"),
    [
        ("INVITE", 100, False),
        ("INVITE", 180, True),
        ("INVITE", 200, True),
        ("INVITE", 302, False),
        ("INVITE", 404, False),
        ("SUBSCRIBE", 200, True),
        ("OPTIONS", 200, False),
    ],
)
def test_what_makes_a_dialog_repeats_the_record_route(
    method: str, status: int, *, repeats: bool
) -> None:
    asked = request(
        method, fields=[("Record-Route", "<sip:p1;lr>"), ("Record-Route", "<sip:p2;lr>")]
    )
    made = uas.respond(asked, status, to_tag="t")
    assert made.all("record-route") == (["<sip:p1;lr>", "<sip:p2;lr>"] if repeats else [])


def test_the_body_of_a_response_is_as_given() -> None:
    assert uas.respond(request(), 200, fields=[SDP], body=b"v=0\r\n").body == b"v=0\r\n"


# Inspection, in the order of section 8.2


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_request_of_each_method_that_we_serve_passes(method: str) -> None:
    assert inspect(request(method)) is None


def test_a_method_that_others_know_is_405_and_any_other_501() -> None:
    allow = ("Allow", "ACK, BYE, CANCEL, INFO, INVITE, OPTIONS, UPDATE")
    assert inspect(request("PUBLISH")) == uas.Refusal(405, "Method Not Allowed", (allow,))
    assert inspect(request("NEWMETHOD")) == uas.Refusal(501, "Not Implemented", (allow,))


def test_an_ack_is_never_refused() -> None:
    assert inspect(request("ACK", uri="nobodyKnowsThisScheme:x")) is None


@pytest.mark.parametrize(
    ("uri", "status"),
    [
        ("sip:bob@example.jp", 0),
        ("sips:bob@example.jp", 0),
        ("tel:+81312345678", 0),
        ("http://example.jp", 416),
        ("nobodyKnowsThisScheme:totallyopaquecontent", 416),
        ("sip:", 400),
    ],
)
def test_the_request_uri_must_be_of_a_scheme_that_we_know(uri: str, status: int) -> None:
    refusal = inspect(request(uri=uri))
    assert (refusal.status if refusal else 0) == status


@pytest.mark.parametrize(
    ("method", "value", "status"),
    [
        ("INVITE", "1", 0),
        ("INVITE", "0", 483),
        ("OPTIONS", "0", 0),
        ("BYE", "0", 0),
        ("INVITE", "256", 400),
        ("INVITE", "-1", 400),
        ("INVITE", "", 400),
    ],
)
def test_what_may_go_no_further_is_483(method: str, value: str, status: int) -> None:
    asked = request(method)
    asked.fields = [
        ("Max-Forwards", value) if n == "Max-Forwards" else (n, v) for n, v in asked.fields
    ]
    refusal = inspect(asked)
    assert (refusal.status if refusal else 0) == status


def test_an_invite_inside_a_dialog_goes_no_further_than_us() -> None:
    asked = request(to="<sip:bob@example.jp>;tag=b")
    asked.fields = [
        ("Max-Forwards", "0") if n == "Max-Forwards" else (n, v) for n, v in asked.fields
    ]
    assert inspect(asked) is None


def test_max_forwards_may_be_absent() -> None:
    asked = request()
    asked.fields = [field for field in asked.fields if field[0] != "Max-Forwards"]
    assert inspect(asked) is None


def test_an_extension_that_we_do_not_know_is_420() -> None:
    asked = request(fields=[("Require", "100rel, gruu"), ("Require", "Timer,nothing")])
    assert inspect(asked) == uas.Refusal(420, "Bad Extension", (("Unsupported", "gruu, nothing"),))
    assert inspect(request(fields=[("Require", "TIMER")])) is None


def test_a_cancel_requires_nothing() -> None:
    assert inspect(request("CANCEL", fields=[("Require", "gruu")])) is None


def test_a_malformed_require_is_400() -> None:
    refusal = inspect(request(fields=[("Require", "a b")]))
    assert refusal == uas.Refusal(400, "Bad Request")


@pytest.mark.parametrize(
    ("fields", "accepts"),
    [
        ([SDP], None),
        ([("Content-Type", "Application/SDP;charset=utf-8")], None),
        ([SDP, ("Content-Encoding", "identity")], None),
        ([SDP, ("Content-Disposition", "session")], None),
        ([SDP, ("Content-Disposition", "Session;handling=required")], None),
        ([("Content-Type", "text/plain")], ("Accept", "application/sdp")),
        ([], ("Accept", "application/sdp")),
        ([SDP, ("Content-Disposition", "render")], ("Accept", "application/sdp")),
        ([SDP, ("Content-Encoding", "gzip")], ("Accept-Encoding", "identity")),
        (
            [("Content-Type", "text/plain"), ("Content-Disposition", "icon; handling=optional")],
            None,
        ),
    ],
)
def test_a_body_must_be_a_session_description_that_we_can_read(
    fields: list[Field], accepts: Field | None
) -> None:
    refusal = inspect(with_body(fields=fields))
    expected = accepts and uas.Refusal(415, "Unsupported Media Type", (accepts,))
    assert refusal == expected


def test_a_malformed_content_type_is_400() -> None:
    refusal = inspect(with_body(fields=[("Content-Type", "sdp")]))
    assert refusal == uas.Refusal(400, "Bad Request")


def test_the_body_of_another_request_is_of_any_type_but_not_encoded() -> None:
    dtmf = [("Content-Type", "application/dtmf-relay")]
    assert inspect(with_body("INFO", fields=dtmf)) is None
    refusal = inspect(with_body("INFO", fields=[*dtmf, ("Content-Encoding", "gzip")]))
    assert refusal is not None
    assert refusal.status == 415


# What could not be read


def broken(method: str = "INVITE", without: str = "") -> bytes:
    octets = request(method, fields=[("Contact", "<sip:")]).octets()
    lines = octets.split(b"\r\n")
    return b"\r\n".join(
        line for line in lines if not without or not line.startswith(without.encode())
    )


def test_a_malformed_request_is_answered_with_the_status_of_its_fault() -> None:
    error = RemoteProtocolError("Contact is malformed", status=400)
    octets = uas.reject_malformed(broken(), error, SOURCE)
    assert octets is not None
    made = parse(octets)
    assert octets.startswith(b"SIP/2.0 400 Contact is malformed\r\n")
    assert made.to_tag
    assert "rport=40000" in (made.first("via") or "")
    assert octets == uas.reject_malformed(broken(), error, SOURCE)


def test_silence_answers_what_may_not_or_cannot_be_answered() -> None:
    error = RemoteProtocolError("broken")
    assert uas.reject_malformed(broken(), RemoteProtocolError("broken", status=0), SOURCE) is None
    assert uas.reject_malformed(broken("ACK"), error, SOURCE) is None
    assert uas.reject_malformed(b"\x00\x01", error, SOURCE) is None
    assert uas.reject_malformed(broken(without="Via"), error, SOURCE) is None


@pytest.mark.parametrize("name", ["From", "To", "Call-ID", "CSeq"])
def test_a_request_that_lacks_a_field_is_answered_with_those_that_it_has(name: str) -> None:
    octets = uas.reject_malformed(broken(without=name), RemoteProtocolError("short"), SOURCE)
    assert octets is not None
    present = {line.partition(b":")[0].decode() for line in octets.split(b"\r\n")[1:] if line}
    assert present == {"Via", "From", "To", "Call-ID", "CSeq", "Content-Length"} - {name}


@pytest.mark.parametrize(
    ("values", "is_refused"),
    [
        ([], False),
        (["application/sdp"], False),
        (["text/plain, */*;q=0.5"], False),
        (["text/plain", "Application/*"], False),
        (["text/nobodyKnowsThis"], True),
        ([""], True),
    ],
)
def test_a_caller_who_understands_no_description_is_406(
    values: list[str], *, is_refused: bool
) -> None:
    fields = [("Accept", value) for value in values]
    refusal = inspect(request(fields=fields))
    assert refusal == (uas.Refusal(406, "Not Acceptable") if is_refused else None)
    assert inspect(request("OPTIONS", fields=fields)) is None


@pytest.mark.parametrize(
    ("to", "is_refused"),
    [("<sip:a@b>", False), ("<tel:+8131>", False), ("isbn:2983792873", True)],
)
def test_an_address_of_record_is_of_a_scheme_that_we_know(to: str, *, is_refused: bool) -> None:
    asked = request("REGISTER", to=to)
    refusal = uas.inspect(asked, methods=METHODS | {"REGISTER"}, extensions=EXTENSIONS)
    assert refusal == (uas.Refusal(400, "Bad Request") if is_refused else None)
