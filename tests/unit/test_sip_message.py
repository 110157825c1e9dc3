"""Messages: lookups, building, and crossing unchanged."""

import pytest

from switch.sip.header.cseq import CSeq
from switch.sip.header.name_addr import NameAddr
from switch.sip.header.via import Via
from switch.sip.message import Field, Message, Request, Response, canonical
from switch.sip.parser import parse

FIELDS: list[Field] = [
    ("v", "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1;rport"),
    ("Via", "SIP/2.0/TCP 192.0.2.2;branch=z9hG4bK2"),
    ("From", "<sip:a@x>;tag=1"),
    ("t", "<sip:b@x>"),
    ("CALL-ID", "c@x"),
    ("cSeQ", "7 INVITE"),
    ("Supported", "timer, 100rel"),
    ("k", "Path"),
    ("X-Vendor", "1"),
    ("X_y", "2"),
]
OCTETS = (
    b"INVITE sip:b@x SIP/2.0\r\n"
    + b"".join(f"{name}: {value}\r\n".encode() for name, value in FIELDS)
    + b"Content-Length: 2\r\n\r\nhi"
)


def built() -> Request:
    return Request("INVITE", "sip:b@x", FIELDS, b"hi")


def parsed() -> Request:
    message = parse(OCTETS)
    assert isinstance(message, Request)
    return message


def touched() -> Request:
    message = parsed()
    assert message.fields
    return message


@pytest.fixture(params=[built, parsed, touched])
def request_(request: pytest.FixtureRequest) -> Request:
    """Return the same request, made in three ways."""
    made = request.param()
    assert isinstance(made, Request)
    return made


def test_routing_fields_are_attributes(request_: Request) -> None:
    for _ in range(2):
        assert request_.via == Via.parse(FIELDS[0][1])
        assert request_.branch == "z9hG4bK1"
        assert request_.sent_by == "192.0.2.1:5070"
        assert request_.call_id == "c@x"
        assert request_.cseq == CSeq(7, "INVITE")
        assert request_.from_ == NameAddr("", "sip:a@x", {"tag": "1"})
        assert request_.to == NameAddr("", "sip:b@x", {})
        assert request_.from_tag == "1"
        assert request_.to_tag == ""
    assert repr(request_) == "<Request INVITE sip:b@x c@x>"


def test_fields_are_found_whatever_their_spelling(request_: Request) -> None:
    assert request_.first("call-id") == "c@x"
    assert request_.first("via") == FIELDS[0][1]
    assert request_.all("via") == [FIELDS[0][1], FIELDS[1][1]]
    assert request_.all("supported") == ["timer, 100rel", "Path"]
    assert request_.first("x-vendor") == "1"
    assert request_.first("x_y") == "2"
    assert request_.first("supported") == "timer, 100rel"
    assert request_.first("route") is None
    assert request_.first("x-none") is None
    assert request_.all("route") == []


def test_tokens_are_found_in_any_line_and_case(request_: Request) -> None:
    assert request_.has_token("supported", "TIMER")
    assert request_.has_token("supported", "path")
    assert not request_.has_token("supported", "rel")
    assert not request_.has_token("require", "timer")


def test_allowed_fields_are_copied_in_order(request_: Request) -> None:
    keys = frozenset({"supported", "x-vendor", "from", "call-id"})
    assert request_.copy_fields(keys) == [FIELDS[i] for i in (2, 4, 6, 7, 8)]


def test_a_built_message_states_the_length_of_its_body() -> None:
    request = Request("INVITE", "sip:b@x", [*FIELDS, ("l", "999"), ("Content-length", "1")], b"hi")
    assert request.octets() == OCTETS


def test_an_unchanged_message_is_written_as_it_came() -> None:
    odd = OCTETS.replace(b"From: ", b"FROM  :\r\n\t ")
    message = parse(odd)
    assert message.octets() == odd
    assert message.first("from") == "<sip:a@x>;tag=1"
    assert message.fields[2] == ("FROM", "<sip:a@x>;tag=1")
    assert message.octets() == odd


def test_a_changed_message_is_written_anew() -> None:
    for change in ("fields", "uri", "method", "body"):
        message = parsed()
        if change == "fields":
            message.fields.insert(0, ("Via", "SIP/2.0/UDP z;branch=z9hG4bK0"))
            assert message.octets().startswith(b"INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP z;")
        elif change == "uri":
            message.uri = "sip:c@x"
            assert message.octets().startswith(b"INVITE sip:c@x SIP/2.0\r\n")
        elif change == "method":
            message.method = "OPTIONS"
            assert message.octets().startswith(b"OPTIONS sip:b@x SIP/2.0\r\n")
        else:
            message.body = b"longer"
            assert message.octets().endswith(b"Content-Length: 6\r\n\r\nlonger")


def test_fields_can_be_replaced_whole() -> None:
    message = parsed()
    message.fields = FIELDS[:1]
    assert message.all("call-id") == []
    assert message.octets().count(b"\r\n") == 4


def test_response_vias_carry_the_source_of_the_request(request_: Request) -> None:
    assert request_.response_vias() == [FIELDS[0][1], FIELDS[1][1]]
    request_.stamp("203.0.113.9", 40000)
    assert request_.response_vias() == [
        "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1;rport=40000;received=203.0.113.9",
        FIELDS[1][1],
    ]
    request_.fields = []
    assert request_.response_vias() == []


def test_a_response_has_status_and_reason() -> None:
    response = Response(180, "Ringing", FIELDS)
    assert response.status_class == 1
    assert response.octets().startswith(b"SIP/2.0 180 Ringing\r\nv: SIP")
    assert repr(response) == "<Response 180 INVITE c@x>"
    again = parse(response.octets())
    assert isinstance(again, Response)
    assert (again.status, again.reason) == (180, "Ringing")
    assert again.octets() == response.octets()
    again.status = 183
    assert again.octets().startswith(b"SIP/2.0 183 Ringing\r\n")


def test_text_of_any_octets_survives() -> None:
    octets = OCTETS.replace(b"X-Vendor: 1", b"X-Vendor: \xff\xe4\xbb\xa3")
    message = parse(octets)
    message.fields = [*message.fields]
    message.body = b"other"
    assert b"X-Vendor: \xff\xe4\xbb\xa3\r\n" in message.octets()


def test_compact_forms_have_long_names() -> None:
    assert canonical("I") == "call-id"
    assert canonical("X-Odd") == "x-odd"


def test_a_message_without_kind_has_no_start_line() -> None:
    with pytest.raises(AssertionError):
        Message([]).octets()


def test_what_is_left_of_a_broken_request_never_raises() -> None:
    request = Request.recovered("INVITE", "sip:b@x", [("To", '"open <sip:b@x>'), ("CSeq", "x")])
    assert request.to == NameAddr("", '"open <sip:b@x>', {})
    assert request.from_.uri == ""
    assert request.via.transport == "UDP"
    assert request.cseq == CSeq(0, "INVITE")
