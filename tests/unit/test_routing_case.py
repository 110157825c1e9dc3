"""Cases: who calls, and whether there is room."""

from routing.case import Case
from routing.limit import Claim, LimitKey, LimitKind
from routing.standing import AssumedStanding
from tests.support.routed import DESK, directory, inside, outside

KEY = LimitKey(LimitKind.DEVICE, "desk")


def test_a_device_calls_or_a_carrier_does() -> None:
    assert Case(inside("201"), directory(), AssumedStanding()).caller_device is DESK
    assert Case(outside(), directory(), AssumedStanding()).caller_device is None


def test_what_has_no_limit_has_room_and_a_claim_has_it_below_its_limit() -> None:
    case = Case(outside(), directory(), AssumedStanding(in_progress={KEY: 1}))
    assert case.has_room(None)
    assert case.has_room(Claim(KEY, 2))
    assert not case.has_room(Claim(KEY, 1))
