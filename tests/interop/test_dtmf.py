"""Digits as telephone events (RFC 4733) pass through as pressed."""

import pytest

from tests.interop.support.conversation import connect, end, hear_each_other
from tests.interop.support.office import Office
from tests.interop.support.softphone import Softphone

DIGITS = "184*0#"


@pytest.mark.parametrize("turn", ["baresip presses", "pjsua presses"])
def test_digits_arrive_in_order_and_once(
    office: Office, baresip: Softphone, pjsua: Softphone, turn: str
) -> None:
    del office
    connect(baresip, pjsua)
    presser, listener = (baresip, pjsua) if turn == "baresip presses" else (pjsua, baresip)
    presser.press(DIGITS)
    arrived = "".join(listener.wait("digit").text for _ in DIGITS)
    assert arrived == DIGITS
    hear_each_other(baresip, pjsua, seconds=0.3)
    assert not listener.has_said("digit")
    end(baresip, pjsua)
