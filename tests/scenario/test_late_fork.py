"""An app that is opened while the fixed phone rings is offered the call (R31.2)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from routing.customer import Customer
from routing.directory import Directory
from switch.sip.flow import Address, Transport
from tests.support.manner import DECLINES, NEVER_ANSWERS, Manner
from tests.support.office import (
    HEAD,
    HEAD_DIALLED,
    office,
    office_world,
    shared,
    small_office,
    staff,
)
from tests.support.switch import World, trunks

APP = "hana"


def ringing_desk(*registered: str) -> World:
    """Let the fixed phone ring, and nobody answer."""
    world = office_world(small_office("desk", "hana", "taro"), "desk", *registered)
    world.phones["desk"].manner = NEVER_ANSWERS
    return world


def test_an_app_that_is_opened_rings_and_takes_the_call() -> None:
    world = ringing_desk()
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.at(4, world.phones[APP].register)
    world.at(8, call.hang_up)
    world.run(9)
    world.expect(
        "carrier-1 switch desk hana",
        """
        carrier-1           switch              desk                hana
          |--INVITE sdp------>|                   |                   |    0.000
          |                   |--INVITE sdp------>|                   |    0.011
          |                   |<-180 INVITE-------|                   |    0.021
          |<-180 INVITE-------|                   |                   |    0.031
          |                   |<-REGISTER-----------------------------|    4.000
          |                   |--401 REGISTER------------------------>|    4.010
          |                   |<-REGISTER-----------------------------|    4.020
          |                   |--200 REGISTER------------------------>|    4.030
          |                   |--INVITE sdp-------------------------->|    4.031
          |                   |<-180 INVITE---------------------------|    4.041
          |                   |<-200 INVITE sdp-----------------------|    6.041
          |                   |--ACK--------------------------------->|    6.051
          |                   |--CANCEL---------->|                   |    6.051
          |<-200 INVITE sdp---|                   |                   |    6.051
          |                   |<-200 CANCEL-------|                   |    6.061
          |                   |<-487 INVITE-------|                   |    6.061
          |--ACK------------->|                   |                   |    6.061
          |                   |--ACK------------->|                   |    6.071
          |--BYE------------->|                   |                   |    8.000
          |<-200 BYE----------|                   |                   |    8.010
          |                   |--BYE--------------------------------->|    8.010
          |                   |<-200 BYE------------------------------|    8.020
    """,
    )
    assert world.switch.logged("leg_joined")[0].fields["device"] == APP
    world.expect_clean()


def opened_anew(world: World) -> None:
    """Let the app come from another address, as after a change of networks."""
    phone = world.replace_phone(APP, Address("192.0.2.99", 5060))
    phone.registration_call_id = "opened-anew"
    phone.register()


def opened_over_tcp(world: World) -> None:
    """Let the app open a new connection."""
    world.phones[APP].transport = Transport.TCP
    world.phones[APP].register()


def opened_soon_after(world: World) -> None:
    """Let the app refresh over the same flow long before its time."""
    world.phones[APP].register()


def opened_with_another_contact(world: World) -> None:
    """Let the app name another Contact on the same flow."""
    world.phones[APP].register(contact=f"sip:{APP}-2@{world.phones[APP].address}")


@pytest.mark.parametrize(
    "opens", [opened_anew, opened_over_tcp, opened_soon_after, opened_with_another_contact]
)
def test_a_registered_app_joins_when_it_is_opened(opens: Callable[[World], None]) -> None:
    world = ringing_desk("hana")
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert world.phones[APP].calls == []
    opens(world)
    world.run(4)
    assert call.is_established
    assert world.phones[APP].calls[0].is_established
    call.hang_up()
    world.settle()
    assert world.switch.leftovers() == {}


def test_an_app_that_only_stays_registered_does_not_ring() -> None:
    world = ringing_desk()
    world.phones[APP].register(600)
    world.run(500)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    world.phones[APP].register(600)
    world.run(4)
    assert world.phones[APP].calls == []
    call.hang_up()
    world.expect_clean()


def test_an_app_that_unregisters_is_not_called() -> None:
    world = ringing_desk("hana")
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(2)
    world.phones[APP].unregister()
    world.run(2)
    assert world.phones[APP].calls == []
    call.hang_up()
    world.expect_clean()


def test_a_fixed_phone_that_comes_back_rings_beside_the_apps() -> None:
    world = office_world(small_office("desk", "hana"), "hana")
    world.phones["hana"].manner = NEVER_ANSWERS
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(2)
    world.phones["desk"].register()
    world.run(4)
    assert world.talks(call, world.phones["desk"].calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_fixed_phone_that_rang_and_restarted_elsewhere_rings_again() -> None:
    world = ringing_desk()
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(2)
    world.phones["desk"].disappear()
    again = world.replace_phone("desk", Address("192.0.2.77", 5060))
    again.registration_call_id = "restarted"
    world.network.plug_in("desk")
    again.register()
    world.run(4)
    assert world.talks(call, again.calls[0]) == (True, True)
    call.hang_up()
    world.settle()


def test_a_device_that_registers_again_while_it_rings_there_is_not_called_twice() -> None:
    world = ringing_desk()
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(2)
    world.phones["desk"].register()
    world.run(2)
    assert len(world.phones["desk"].calls) == 1
    call.hang_up()
    world.expect_clean()


def test_an_app_that_has_declined_is_left_in_peace() -> None:
    world = ringing_desk()
    world.phones[APP].manner = DECLINES
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    world.phones[APP].register()
    world.run(3)
    world.phones[APP].register()
    world.run(3)
    assert [each.final for each in world.phones[APP].calls] == [603]
    assert call.final is None
    call.hang_up()
    world.expect_clean()


def test_an_app_that_was_busy_may_come_again() -> None:
    world = ringing_desk()
    world.phones[APP].manner = Manner(answer_after=0.5, answer_status=486)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    world.phones[APP].register()
    world.run(3)
    world.phones[APP].manner = Manner()
    world.phones[APP].register()
    world.run(4)
    assert [each.final for each in world.phones[APP].calls] == [486, 200]
    call.hang_up()
    world.expect_clean()


def test_a_device_that_registers_again_and_again_makes_a_bounded_number_of_legs() -> None:
    world = ringing_desk()
    world.phones[APP].manner = Manner(ring_after=None, answer_after=0.1, answer_status=486)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    for number in range(100):
        world.at(1 + number, world.phones[APP].register)
    world.run(102)
    assert len(world.phones[APP].calls) == 63
    call.hang_up()
    world.expect_clean()


def test_an_app_that_is_opened_after_the_answer_or_the_end_is_not_called() -> None:
    world = office_world(small_office("desk", "hana"), "desk")
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert call.is_established
    world.phones[APP].register()
    world.run(1)
    call.hang_up()
    world.run(1)
    world.phones[APP].register()
    world.run(1)
    assert world.phones[APP].calls == []
    world.expect_clean()


def test_an_app_that_does_not_ring_for_the_number_is_not_offered_the_call() -> None:
    customer = office(shared(HEAD, "desk", silent=["hana"]), devices=map(staff, ("desk", "hana")))
    world = office_world(customer, "desk")
    world.phones["desk"].manner = NEVER_ANSWERS
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    for name in ("hana", "neighbour"):
        world.phones[name].register()
    world.run(2)
    assert [world.phones[name].calls for name in ("hana", "neighbour")] == [[], []]
    call.hang_up()
    world.expect_clean()


def test_an_app_that_took_its_place_in_both_stages_rings_once() -> None:
    world = ringing_desk("taro")
    world.phones["desk"].manner = Manner(answer_after=5.0, answer_status=480)
    for name in ("hana", "taro"):
        world.phones[name].manner = NEVER_ANSWERS
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(2)
    world.phones["taro"].register()
    world.run(6)
    assert len(world.phones["taro"].calls) == 1
    assert call.final is None
    call.hang_up()
    world.expect_clean()


def test_a_device_that_another_contract_has_taken_over_does_not_join() -> None:
    world = ringing_desk()
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    moved = replace(staff(APP), contract="next-door", extension="202")
    neighbour = Customer("next-door", (staff("neighbour"), moved))
    alone = office(shared(HEAD, "desk"), devices=[staff("desk")])
    world.switch.replace_directory(Directory.build((alone, neighbour), trunks()))
    world.phones[APP].register()
    world.run(1)
    assert world.phones[APP].calls == []
    assert world.switch.logged("registered")[-1].fields["contract"] == "next-door"
    call.hang_up()
    world.expect_clean()
