"""Which header fields cross a call."""

import pytest

from switch.b2bua.header_policy import crossing, reason_across
from tests.support.exchange import request

INVITE = request(
    fields=[
        ("Subject", "lunch"),
        ("Diversion", "<sip:x@carrier>"),
        ("P-Asserted-Identity", "<sip:forged@carrier>"),
        ("X-Internal", "secret"),
    ]
)


@pytest.mark.parametrize(
    ("from_trunk", "to_trunk", "names"),
    [
        (False, False, ["Subject"]),
        (True, False, ["Subject", "Diversion"]),
        (True, True, ["Subject", "Diversion"]),
        (False, True, []),
    ],
)
def test_only_what_is_allowed_crosses(
    *, from_trunk: bool, to_trunk: bool, names: list[str]
) -> None:
    found = crossing(INVITE, from_trunk=from_trunk, to_trunk=to_trunk)
    assert [name for name, _ in found] == names


def test_a_carrier_gets_no_reason_of_a_devices() -> None:
    assert reason_across("Q.850;cause=16", to_trunk=True) is None
    assert reason_across("Q.850;cause=16", to_trunk=False) == "Q.850;cause=16"
