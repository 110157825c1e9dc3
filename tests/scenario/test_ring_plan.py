"""Fixed phones first, apps when none of them can ring, and the switch that turns it round (R31).

DESIGN's step of the ring plan, R15, R28, R32 and R42, live.
"""

import pytest

from routing.line import Ringer
from tests.support.manner import BUSY, MUTE, NEVER_ANSWERS, Manner
from tests.support.office import (
    HEAD,
    HEAD_DIALLED,
    SALES,
    directory_of,
    office,
    office_world,
    shared,
    small_office,
    staff,
)
from tests.support.switch import World

ALL = ("desk", "lobby", "hana", "taro")


def rung(world: World) -> list[str]:
    """Name those who have been called."""
    return [name for name, phone in world.phones.items() if phone.calls]


@pytest.mark.parametrize("fixed", ["desk", "lobby"])
def test_a_fixed_phone_or_a_phone_behind_an_ata_rings_and_the_app_stays_silent(fixed: str) -> None:
    world = office_world(small_office(fixed, "hana"), fixed, "hana")
    world.phones[fixed].manner = NEVER_ANSWERS
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(60)
    assert rung(world) == [fixed]
    call.hang_up()
    world.expect_clean()


def test_apps_ring_when_no_fixed_phone_is_registered() -> None:
    world = office_world(small_office(*ALL), "hana", "taro")
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    assert rung(world) == ["hana", "taro"]
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("status", [486, 480, 404, 500, 503, 600])
def test_apps_ring_when_the_fixed_phone_is_busy_or_out_of_order(status: int) -> None:
    world = office_world(small_office("desk", "hana"), "desk", "hana")
    world.phones["desk"].manner = Manner(ring_after=None, answer_after=0.0, answer_status=status)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert world.talks(call, world.phones["hana"].calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_apps_wait_until_the_last_fixed_phone_has_failed() -> None:
    world = office_world(small_office(*ALL), *ALL)
    world.phones["desk"].manner = BUSY
    world.phones["lobby"].manner = Manner(answer_after=5.0, answer_status=480)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert rung(world) == ["desk", "lobby"]
    world.run(4)
    assert rung(world) == ["desk", "lobby", "hana", "taro"]
    call.hang_up()
    world.expect_clean()


def test_a_fixed_phone_that_declines_keeps_the_apps_silent() -> None:
    world = office_world(small_office("desk", "hana"), "desk", "hana")
    world.phones["desk"].manner = Manner(answer_after=1.0, answer_status=603)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert (call.final, rung(world)) == (603, ["desk"])
    world.expect_clean()


def test_a_fixed_phone_that_has_gone_silent_lets_the_apps_ring_after_five_seconds() -> None:
    world = office_world(small_office("desk", "hana"), "desk", "hana")
    world.phones["desk"].disappear()
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.at(9, call.hang_up)
    world.run(12)
    world.expect(
        "carrier-1 switch desk hana",
        """
        carrier-1           switch              desk                hana
          |--INVITE sdp------>|                   |                   |    0.000
          |                   |--INVITE sdp----X  |                   |    0.011
          |<-100 INVITE-------|                   |                   |    0.210
          |                   |--INVITE sdp----X  |                   |    0.511
          |                   |--INVITE sdp----X  |                   |    1.511
          |                   |--INVITE sdp----X  |                   |    3.511
          |                   |--INVITE sdp-------------------------->|    5.011
          |                   |<-180 INVITE---------------------------|    5.021
          |<-180 INVITE-------|                   |                   |    5.031
          |                   |<-200 INVITE sdp-----------------------|    7.021
          |                   |--ACK--------------------------------->|    7.031
          |<-200 INVITE sdp---|                   |                   |    7.031
          |--ACK------------->|                   |                   |    7.041
          |                   |--INVITE sdp----X  |                   |    7.511
          |--BYE------------->|                   |                   |    9.000
          |<-200 BYE----------|                   |                   |    9.010
          |                   |--BYE--------------------------------->|    9.010
          |                   |<-200 BYE------------------------------|    9.020
    """,
    )
    assert world.switch.logged("leg_silent")[0].fields["device"] == "desk"


def test_a_silent_phone_that_speaks_again_may_still_take_the_call() -> None:
    world = office_world(small_office("desk", "hana"), "desk", "hana")
    world.network.unplug("desk")
    world.phones["hana"].manner = NEVER_ANSWERS
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.at(6, lambda: world.network.plug_in("desk"))
    world.run(12)
    assert rung(world) == ["desk", "hana"]
    assert world.talks(call, world.phones["desk"].calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_slow_phone_that_has_said_trying_is_not_passed_over() -> None:
    world = office_world(small_office("desk", "hana"), "desk", "hana")
    world.phones["desk"].manner = Manner(ring_status=100, ring_after=1.0, answer_after=20.0)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(25)
    assert (call.final, rung(world)) == (200, ["desk"])
    call.hang_up()
    world.expect_clean()


def test_a_phone_that_never_speaks_leaves_the_call_to_apps_until_patience_ends() -> None:
    world = office_world(small_office("desk", "hana"), "desk", "hana")
    world.phones["desk"].manner = MUTE
    world.phones["hana"].manner = Manner(answer_after=3.0, answer_status=486)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(20)
    # The app is busy, but the phone has not been given up yet.
    assert call.final is None
    world.run(20)
    assert call.final == 486
    world.settle()
    assert world.switch.leftovers() == {}


def test_a_fixed_phone_that_is_switched_off_for_the_number_lets_the_app_ring_first() -> None:
    customer = office(shared(HEAD, "hana", silent=["desk"]), devices=map(staff, ("desk", "hana")))
    world = office_world(customer, "desk", "hana")
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert (call.final, rung(world)) == (200, ["hana"])
    call.hang_up()
    world.settle()
    direct = world.carrier_1.call_in("0312340201")
    world.run(4)
    assert (direct.final, rung(world)) == (200, ["desk", "hana"])
    direct.hang_up()
    world.expect_clean()


def test_the_switch_holds_for_one_number_and_not_for_the_other() -> None:
    head, sales = shared(HEAD, "hana", silent=["desk"]), shared(SALES, "desk", "hana")
    world = office_world(office(head, sales, devices=map(staff, ("desk", "hana"))), "desk", "hana")
    call = world.carrier_1.call_in("0398765001")
    world.run(4)
    assert (call.final, rung(world)) == (200, ["desk"])
    call.hang_up()
    world.expect_clean()


def test_a_switch_that_is_turned_while_it_rings_holds_from_the_next_call_on() -> None:
    world = office_world(small_office("desk", "hana"), "desk", "hana")
    world.phones["desk"].manner = NEVER_ANSWERS
    first = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(2)
    line = shared(HEAD, "hana", silent=["desk"])
    assert line.ringers == (Ringer("hana"), Ringer("desk", rings=False))
    world.switch.replace_directory(directory_of(office(line, devices=map(staff, ("desk", "hana")))))
    world.run(20)
    assert (first.final, rung(world)) == (None, ["desk"])
    second = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert (second.final, rung(world)) == (200, ["desk", "hana"])
    assert len(world.phones["desk"].calls) == 1
    first.hang_up()
    second.hang_up()
    world.expect_clean()


def test_nobody_registered_is_told_at_once() -> None:
    world = office_world(small_office("desk", "hana"))
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    assert (call.final, rung(world)) == (480, [])
    world.expect_clean()


def test_a_device_that_leaves_between_decision_and_stage_is_passed_over() -> None:
    world = office_world(small_office("desk", "hana", "taro"), "desk", "hana", "taro")
    world.phones["desk"].manner = Manner(answer_after=3.0, answer_status=486)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    world.phones["hana"].unregister()
    world.run(4)
    assert rung(world) == ["desk", "taro"]
    assert world.switch.logged("leg_unreachable")[0].fields["reason"] == "not registered"
    call.hang_up()
    world.expect_clean()


def test_the_next_stage_passes_over_a_device_that_is_full_meanwhile() -> None:
    devices = [staff("desk"), staff("hana", max_calls=1)]
    world = office_world(office(shared(HEAD, "desk", "hana"), devices=devices), "desk", "hana")
    world.phones["desk"].manner = Manner(answer_after=3.0, answer_status=480)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    other = world.phones["hana"].call("0398761234")
    world.run(4)
    assert (call.final, other.final) == (486, 200)
    assert world.switch.logged("leg_unreachable")[0].fields["reason"] == "no channel is free"
    other.hang_up()
    world.expect_clean()
