"""What a message says of its session."""

import pytest

from switch.b2bua.body import description_of, offer_refusal, with_body
from tests.support.exchange import request, response
from tests.support.leg_bench import FAR, SDP

MANY = FAR + b"m=audio 6000 RTP/AVP 0\r\n" * 6


def test_a_request_without_body_is_no_offer_and_no_fault() -> None:
    assert offer_refusal(request()) is None


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/sdp", FAR, None),
        ("Application/SDP ; charset=utf-8", FAR, None),
        ("text/plain", FAR, 415),
        ("application/sdp", b"nonsense", 400),
        ("application/sdp", MANY, 488),
    ],
)
def test_an_offer_is_judged_before_it_is_used(
    content_type: str, body: bytes, status: int | None
) -> None:
    offer = request(fields=[("Content-Type", content_type)], body=body)
    assert offer_refusal(offer) == status


def test_a_body_of_no_type_is_no_offer() -> None:
    assert offer_refusal(request(body=FAR)) == 415


@pytest.mark.parametrize(
    ("content_type", "body", "found"),
    [
        ("application/sdp", FAR, FAR),
        ("text/plain", FAR, b""),
        ("application/sdp", b"", b""),
        ("application/sdp", b"nonsense", b""),
        ("application/sdp", MANY, b""),
    ],
)
def test_a_description_is_taken_where_it_can_be_used(
    content_type: str, body: bytes, found: bytes
) -> None:
    answer = response(200, fields=[("Content-Type", content_type)], body=body)
    assert description_of(answer) == found


def test_a_description_of_no_type_is_believed() -> None:
    assert description_of(response(200, body=FAR)) == FAR


def test_the_type_goes_with_the_body() -> None:
    assert with_body([("A", "b")], FAR) == [("A", "b"), SDP]
    assert with_body([("A", "b")], b"") == [("A", "b")]
