"""What routing is told of the moment by the real parts."""

import pytest

from routing.limit import LimitKey, LimitKind
from tests.support.manner import NEVER_ANSWERS
from tests.support.office import HEAD, HEAD_DIALLED, office_world, small_office
from tests.support.switch import World


def world_of(*registered: str) -> World:
    return office_world(small_office("desk", "hana"), *registered)


def test_a_device_is_registered_while_it_can_be_reached() -> None:
    world = world_of("desk")
    standing = world.switch.core.dispatcher.standing
    assert [standing.is_registered(name) for name in ("desk", "hana", "nobody")] == [
        True, False, False,
    ]  # fmt: skip
    world.phones["desk"].unregister()
    world.run(1)
    assert not standing.is_registered("desk")


def test_who_rings_or_talks_holds_a_place() -> None:
    world = world_of("desk", "hana")
    standing = world.switch.core.dispatcher.standing
    world.phones["desk"].manner = NEVER_ANSWERS
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    keys = [
        LimitKey(LimitKind.NUMBER, HEAD),
        LimitKey(LimitKind.DEVICE, "desk"),
        LimitKey(LimitKind.DEVICE, "hana"),
        LimitKey(LimitKind.TRUNK, "carrier-1"),
    ]
    assert [standing.held(key) for key in keys] == [1, 1, 0, 1]
    call.hang_up()
    world.run(1)
    assert [standing.held(key) for key in keys] == [0, 0, 0, 0]


def test_a_trunk_takes_calls_while_it_works_and_has_room() -> None:
    world = world_of("desk")
    dispatcher = world.switch.core.dispatcher
    assert dispatcher.standing.is_healthy("carrier-1")
    assert not dispatcher.standing.is_healthy("carrier-3")
    world.switch.core.trunks.call_failed("carrier-1", 503)
    assert not dispatcher.standing.is_healthy("carrier-1")


@pytest.mark.parametrize("at", [0.0, 1_800_000_000.0])
def test_without_a_calendar_every_number_is_always_open(at: float) -> None:
    assert world_of().switch.core.dispatcher.standing.is_open(HEAD, at)
