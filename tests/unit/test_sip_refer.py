"""What a REFER asks for."""

import pytest

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.replaces import Replaces
from switch.sip.message import Field
from switch.sip.refer import Referral, fragment
from tests.support.exchange import request


def referral(*fields: Field) -> Referral:
    return Referral.of(request("REFER", fields=fields))


def test_a_blind_transfer_names_whom_to_call() -> None:
    found = referral(("Refer-To", "<sip:*771@example.jp;user=phone>"))
    assert (str(found.target), found.replaces) == ("sip:*771@example.jp;user=phone", None)
    assert (found.wants_progress, found.referred_by) == (True, None)


def test_an_attended_transfer_names_the_dialog_it_replaces() -> None:
    found = referral(
        ("Refer-To", "<sip:102@example.jp?Replaces=c%40h%3Bto-tag%3Da%3Bfrom-tag%3Db&Require=x>"),
        ("Referred-By", "<sip:101@example.jp>"),
    )
    assert str(found.target) == "sip:102@example.jp"
    assert found.replaces == Replaces("c@h", "a", "b")
    assert found.referred_by == "<sip:101@example.jp>"


def test_progress_can_be_declined() -> None:
    assert not referral(("Refer-To", "<sip:1@a>"), ("Refer-Sub", "false")).wants_progress


def test_a_method_parameter_that_says_the_usual_is_dropped() -> None:
    assert str(referral(("Refer-To", "<sip:1@a;method=INVITE>")).target) == "sip:1@a"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([], 400),
        ([("Refer-To", "<sip:1@a>"), ("Refer-To", "<sip:2@a>")], 400),
        ([("Refer-To", "<sip:1@a;method=BYE>")], 403),
        ([("Refer-To", "<http://a>")], 416),
        ([("Refer-To", "<sip:1@a?Replaces=x>")], 400),
    ],
)
def test_what_names_no_single_call_is_refused(fields: list[Field], status: int) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        referral(*fields)
    assert caught.value.status == status


def test_progress_is_told_by_a_status_line() -> None:
    assert fragment(180, "Ringing") == b"SIP/2.0 180 Ringing\r\n"
