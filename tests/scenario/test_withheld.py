"""A withheld number stays withheld: on lamps, when a call comes back, and where it is led on to."""

import pytest

from tests.support.outgoing_call import OutgoingCall
from tests.support.phone import SimulatedPhone
from tests.support.switch import World

NUMBER = "9012345678"
PRIVATE = (("Privacy", "id"),)


def withheld() -> tuple[World, OutgoingCall]:
    """Let a caller who is not shown reach alice."""
    world = World()
    world.register("alice", "bob", "carol")
    call = world.carrier_1.call_in("0312340001", fields=PRIVATE)
    world.run(4)
    assert call.is_established
    return world, call


def saw(phone: SimulatedPhone) -> str:
    """Return what the last INVITE to a phone said of its caller."""
    return str(phone.calls[-1].invite.octets())  # type: ignore[attr-defined]


def test_no_lamp_tells_it_while_the_call_talks_or_waits() -> None:
    world, call = withheld()
    told = world.carol.watch("lamps", fields=(("Supported", "eventlist"),))
    world.run(1)
    world.alice.calls[0].refer("*1")
    world.run(2)
    assert b"anonymous@anonymous.invalid" in b"".join(told)
    assert NUMBER.encode() not in b"".join(told)
    call.hang_up()
    world.run(1)


@pytest.mark.parametrize("target", ["102", "*1"])
def test_nobody_to_whom_the_call_is_led_or_who_is_rung_back_is_told(target: str) -> None:
    world, call = withheld()
    world.alice.calls[0].refer(target)
    world.run(4 if target == "102" else 185)
    phone = world.bob if target == "102" else world.alice
    assert NUMBER not in saw(phone)
    assert "anonymous" in saw(phone)
    call.hang_up()
    world.expect_clean()
