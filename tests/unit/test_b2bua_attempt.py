"""Who wants to call whom, as an INVITE says it."""

import pytest

from routing.trunk import Trunk
from switch.b2bua.attempt import attempt_of, caller_text
from switch.sip.message import Field
from tests.support.exchange import request
from tests.support.switch import device

ALICE = device("alice")
CARRIER = Trunk("carrier", "192.0.2.1", did_prefix="0")
ASSERTED: Field = ("P-Asserted-Identity", '"Taro" <sip:09012345678@carrier.test>')


def test_a_device_calls_the_user_of_the_uri_and_is_its_own_number() -> None:
    invite = request(uri="sip:102@example.test", from_='"Shop" <sip:0398765000@x>;tag=a')
    attempt = attempt_of(invite, ALICE, 7.0)
    assert (attempt.origin, attempt.called, attempt.at) == (ALICE, "102", 7.0)
    assert attempt.presented == "+81398765000"
    assert not attempt.is_preferred
    assert caller_text(ALICE, attempt) == ALICE.number


def test_a_device_may_ask_for_a_number_and_to_be_hidden() -> None:
    fields: list[Field] = [
        ("P-Preferred-Identity", "<sip:0398765001@example.test>"), ("Privacy", "id")
    ]  # fmt: skip
    attempt = attempt_of(request(uri="sip:102@example.test", fields=fields), ALICE, 0.0)
    assert (attempt.presented, attempt.withhold, attempt.is_preferred) == (
        "+81398765001", True, True,
    )  # fmt: skip


def test_a_trunk_names_the_number_as_it_writes_it_and_the_caller_as_it_asserts_him() -> None:
    invite = request(uri="sip:312340001@192.0.2.10", fields=[ASSERTED])
    attempt = attempt_of(invite, CARRIER, 0.0)
    assert (attempt.called, attempt.display_name) == ("0312340001", "Taro")
    assert attempt.presented == caller_text(CARRIER, attempt) == "+819012345678"


@pytest.mark.parametrize("from_", ["<sip:anonymous@anonymous.invalid>;tag=a", "<sip:x@y>;tag=a"])
def test_a_trunks_caller_that_is_nobody_is_anonymous_in_records(from_: str) -> None:
    attempt = attempt_of(request(uri="sip:312340001@192.0.2.10", from_=from_), CARRIER, 0.0)
    expected = "anonymous" if "anonymous" in from_ else "x"
    assert caller_text(CARRIER, attempt) == expected
