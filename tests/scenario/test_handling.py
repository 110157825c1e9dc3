"""Call handling of an ID, live: forwards that are known at once, do-not-disturb, call waiting."""

from dataclasses import replace

import pytest

from routing.handling import CallHandling, Condition
from tests.support.office import HEAD, HEAD_DIALLED, STAFF, office, office_world, shared, staff
from tests.support.switch import WALL_OFFSET, World

MOBILE = "+819033334444"
DESK, DESK_DIALLED = STAFF["desk"][2], "0312340201"
ALWAYS = Condition.ALWAYS


def handled_office(**handlings: CallHandling) -> World:
    """Set the stage of an office in which some IDs have set something."""
    devices = [
        replace(staff(name), handling=handlings.get(name, CallHandling()))
        for name, place in STAFF.items()
        if place[0] == "office"
    ]
    names = [device.username for device in devices]
    return office_world(office(shared(HEAD, *names), devices=devices), *names)


def rung(world: World) -> list[str]:
    """Name those who have been called."""
    return [name for name, phone in world.phones.items() if phone.calls]


def test_a_call_from_outside_is_forwarded_to_an_extension() -> None:
    world = handled_office(desk=CallHandling({ALWAYS: "202"}))
    call = world.carrier_1.call_in(DESK_DIALLED)
    world.run(4)
    assert rung(world) == ["lobby"]
    assert world.talks(call, world.phones["lobby"].calls[0]) == (True, True)
    world.at(9, call.hang_up)
    world.run(8)
    world.expect(
        "carrier-1 switch lobby",
        """
        carrier-1           switch              lobby
          |--INVITE sdp------>|                   |    0.000
          |                   |--INVITE sdp------>|    0.011
          |                   |<-180 INVITE-------|    0.021
          |<-180 INVITE-------|                   |    0.031
          |                   |<-200 INVITE sdp---|    2.021
          |                   |--ACK------------->|    2.031
          |<-200 INVITE sdp---|                   |    2.031
          |--ACK------------->|                   |    2.041
          |--BYE------------->|                   |    9.000
          |<-200 BYE----------|                   |    9.010
          |                   |--BYE------------->|    9.010
          |                   |<-200 BYE----------|    9.020
    """,
    )
    world.expect_clean()


def test_a_call_from_outside_is_forwarded_to_a_mobile_phone_in_the_ids_name() -> None:
    world = handled_office(desk=CallHandling({ALWAYS: MOBILE}))
    call = world.carrier_1.call_in(DESK_DIALLED)
    world.run(4)
    assert rung(world) == []
    [away] = [each for each in world.carrier_1.calls if each is not call]
    assert world.talks(call, away) == (True, True)
    assert MOBILE in away.invite.uri
    assert DESK in str(away.invite.first("from"))
    call.hang_up()
    world.expect_clean()
    assert {record.trunk for record in world.switch.cdrs} == {"carrier-1"}


@pytest.mark.parametrize("from_outside", [True, False])
def test_the_id_that_forwards_pays(
    from_outside: bool,  # noqa: FBT001 - a row of the table
) -> None:
    world = handled_office(desk=CallHandling({ALWAYS: MOBILE}))
    hana = world.phones["hana"]
    call = world.carrier_1.call_in(DESK_DIALLED) if from_outside else hana.call("201")
    world.run(4)
    assert call.final == 200
    budgets = world.switch.core.budgets
    used = {each.holder.name for each in budgets.usage(world.network.now + WALL_OFFSET)}
    assert used == {"desk", "office"}
    call.hang_up()
    world.expect_clean()


def test_forwards_in_a_circle_end_at_once() -> None:
    world = handled_office(desk=CallHandling({ALWAYS: "202"}), lobby=CallHandling({ALWAYS: "201"}))
    call = world.carrier_1.call_in(DESK_DIALLED)
    world.run(1)
    assert (call.final, rung(world)) == (482, [])
    world.expect_clean()


def test_an_unreachable_phone_forwards_to_another() -> None:
    world = handled_office(desk=CallHandling({Condition.UNREACHABLE: "202"}))
    world.phones["desk"].register(0)
    world.run(1)
    call = world.phones["hana"].call("201")
    world.run(4)
    assert (call.final, rung(world)) == (200, ["lobby", "hana"])
    call.hang_up()
    world.expect_clean()


def test_who_is_not_to_be_disturbed_hears_only_of_nothing() -> None:
    world = handled_office(desk=CallHandling(do_not_disturb=True))
    call = world.carrier_1.call_in(DESK_DIALLED)
    world.run(1)
    assert (call.final, rung(world)) == (480, [])
    shared_call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert rung(world) == ["lobby"]
    shared_call.hang_up()
    world.expect_clean()


def test_without_call_waiting_a_second_call_is_busy_and_the_ring_leaves_the_device_out() -> None:
    world = handled_office(desk=CallHandling(call_waiting=False))
    first = world.phones["hana"].call("201")
    world.run(4)
    assert first.final == 200
    second = world.carrier_1.call_in(DESK_DIALLED)
    world.run(1)
    assert second.final == 486
    third = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert world.talks(third, world.phones["lobby"].calls[0]) == (True, True)
    assert len(world.phones["desk"].calls) == 1
    first.hang_up()
    third.hang_up()
    world.run(1)
    again = world.carrier_1.call_in(DESK_DIALLED)
    world.run(4)
    assert again.final == 200
    again.hang_up()
    world.expect_clean()


def test_a_busy_phone_without_call_waiting_forwards() -> None:
    handling = CallHandling({Condition.BUSY: "202"}, call_waiting=False)
    world = handled_office(desk=handling)
    first = world.phones["desk"].call("203")
    world.run(4)
    second = world.carrier_1.call_in(DESK_DIALLED)
    world.run(4)
    assert world.talks(second, world.phones["lobby"].calls[0]) == (True, True)
    first.hang_up()
    second.hang_up()
    world.expect_clean()


def test_a_caller_on_an_ids_list_reaches_everybody_else() -> None:
    world = handled_office(desk=CallHandling(rejected=frozenset({STAFF["hana"][2]})))
    turned_away = world.phones["hana"].call("201")
    other = world.phones["taro"].call("201")
    world.run(4)
    assert (turned_away.final, other.final) == (603, 200)
    other.hang_up()
    world.expect_clean()
