"""The messages of RFC 4475, read by the parser; the oracle stands beside the corpus."""

from pathlib import Path

import pytest

from switch.sip import parser, scan
from switch.sip.errors import RemoteProtocolError
from switch.sip.header.name_addr import NameAddr
from switch.sip.message import Request, Response
from switch.sip.uri import SipUri

CORPUS = Path(__file__).parents[2].parent / "shared/assets/sip-torture/rfc4475"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the RFC 4475 corpus is not there")

ACCEPTED = [
    "badbranch",
    "baddate",
    "bcast",
    "bext01",
    "cparam01",
    "cparam02",
    "dblreq",
    "esc01",
    "esc02",
    "escnull",
    "intmeth",
    "inv2543",
    "invut",
    "longreq",
    "lwsdisp",
    "mpart01",
    "noreason",
    "novelsc",
    "regaut01",
    "regescrt",
    "sdp01",
    "semiuri",
    "transports",
    "unkscm",
    "unksm2",
    "unreason",
    "wsinv",
    "zeromf",
]
"""What the parser lets pass; some of these are refused above it (416, 420, 415, 401, 406, 483)."""

REFUSED = {
    **dict.fromkeys(
        [
            "badaspec",
            "baddn",
            "baddn_crlf",
            "badinv01",
            "clerr",
            "escruri",
            "insuf",
            "ltgtruri",
            "lwsruri",
            "lwsstart",
            "mcl01",
            "mismatch01",
            "mismatch02",
            "multi01",
            "ncl",
            "quotbal",
            "regbadct",
            "scalar02",
            "test",
            "trws",
        ],
        400,
    ),
    "badvers": 505,
    "bigcode": 0,
    "scalarlg": 0,
}
SCANNERS = {"reference": scan.scan_reference, "accelerated": scan.scan_accelerated}


@pytest.fixture(autouse=True, params=SCANNERS)
def scanner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the parser use each scanner in turn."""
    monkeypatch.setattr(parser, "scan", SCANNERS[request.param])


def read(name: str) -> bytes:
    return (CORPUS / f"{name}.dat").read_bytes()


def parse_request(name: str) -> Request:
    message = parser.parse(read(name))
    assert isinstance(message, Request)
    return message


def test_every_message_of_the_corpus_has_an_expectation() -> None:
    assert {path.stem for path in CORPUS.glob("*.dat")} == {*ACCEPTED, *REFUSED}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_valid_message_is_read_and_crosses_byte_for_byte(name: str) -> None:
    message = parser.parse(read(name))
    assert read(name).startswith(message.octets())
    assert message.call_id.startswith(name) or name in {"intmeth", "mpart01"}


@pytest.mark.parametrize("name", REFUSED)
def test_an_invalid_message_is_refused_with_the_status_of_the_rfc(name: str) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        parser.parse(read(name))
    assert raised.value.status == REFUSED[name]


@pytest.mark.parametrize("name", [name for name, status in REFUSED.items() if status])
def test_a_refused_request_is_recovered_so_that_it_can_be_answered(name: str) -> None:
    request = parser.recover(read(name))
    if name == "test":
        assert request is None
    else:
        assert request is not None
        assert request.call_id.startswith(name.partition("_")[0]) or name == "insuf"


def test_wsinv_is_read_through_its_white_space() -> None:
    request = parse_request("wsinv")
    assert request.via.sent_by == "192.0.2.2"
    assert request.branch == "390skdjuw"
    assert request.from_ == NameAddr(
        'J Rosenberg \\"', "sip:jdrosen@example.com", {"tag": "98asjd8"}
    )
    assert request.to_tag == "1918181833n"
    assert request.cseq.number == 9
    assert len(request.body) == 150


def test_dblreq_ends_where_its_content_length_says() -> None:
    assert parse_request("dblreq").octets().endswith(b"\r\n\r\n")
    assert parse_request("dblreq").body == b""


def test_semiuri_keeps_the_semicolon_in_the_user_part() -> None:
    assert SipUri.parse(parse_request("semiuri").uri).user == "user;par=u@example.net"


def test_escnull_keeps_apart_contacts_that_differ_in_escaped_nuls() -> None:
    first, second = map(NameAddr.parse, parse_request("escnull").all("contact"))
    assert not SipUri.parse(first.uri).equals(SipUri.parse(second.uri))


def test_esc01_compares_equal_to_its_unescaped_form() -> None:
    to = SipUri.parse(parse_request("esc01").to.uri)
    assert to.equals(SipUri.parse("sip:user@example.com"))
    contact = NameAddr.parse(parse_request("esc01").first("contact") or "")
    assert SipUri.parse(contact.uri).params == {"lr": None, "name": "value%41"}


def test_esc02_keeps_the_method_as_it_is_spelled() -> None:
    request = parse_request("esc02")
    assert request.method == "RE%47IST%45R"
    assert len(request.all("contact")) == 2


def test_regescrt_keeps_the_escaped_route() -> None:
    contact = NameAddr.parse(parse_request("regescrt").first("contact") or "")
    assert SipUri.parse(contact.uri).header_fields() == [("Route", "<sip:sip.example.com>")]


def test_cparam_parameters_belong_to_the_field_or_to_the_uri() -> None:
    outside = NameAddr.parse(parse_request("cparam01").first("contact") or "")
    inside = NameAddr.parse(parse_request("cparam02").first("contact") or "")
    assert outside.params == {"unknownparam": None}
    assert inside.params == {}
    assert SipUri.parse(inside.uri).params == {"unknownparam": None}


@pytest.mark.parametrize("name", ["unkscm", "novelsc"])
def test_an_unknown_scheme_is_416_when_the_uri_is_read(name: str) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        SipUri.parse(parse_request(name).uri)
    assert raised.value.status == 416


def test_unreason_keeps_its_reason_phrase() -> None:
    message = parser.parse(read("unreason"))
    assert isinstance(message, Response)
    assert message.reason.startswith("= 2**3 * 5**2 ")
