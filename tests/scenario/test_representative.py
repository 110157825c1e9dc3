"""A number that several devices share: who rings, who wins, who is told (R9 to R19)."""

import pytest

from tests.support.manner import DECLINES, NEVER_ANSWERS, Manner
from tests.support.office import (
    HEAD,
    HEAD_DIALLED,
    SALES,
    SALES_DIALLED,
    office,
    office_world,
    shared,
    small_office,
    staff,
)


def test_all_fixed_phones_ring_at_once_and_the_first_to_answer_has_the_call() -> None:
    world = office_world(small_office("desk", "lobby", "hana"), "desk", "lobby", "hana")
    world.phones["desk"].manner = NEVER_ANSWERS
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.at(5, call.hang_up)
    world.run(6)
    world.expect(
        "carrier-1 switch desk lobby",
        """
        carrier-1           switch              desk                lobby
          |--INVITE sdp------>|                   |                   |    0.000
          |                   |--INVITE sdp------>|                   |    0.011
          |                   |--INVITE sdp-------------------------->|    0.011
          |                   |<-180 INVITE-------|                   |    0.021
          |                   |<-180 INVITE---------------------------|    0.021
          |<-180 INVITE-------|                   |                   |    0.031
          |                   |<-200 INVITE sdp-----------------------|    2.021
          |                   |--ACK--------------------------------->|    2.031
          |                   |--CANCEL---------->|                   |    2.031
          |<-200 INVITE sdp---|                   |                   |    2.031
          |                   |<-200 CANCEL-------|                   |    2.041
          |                   |<-487 INVITE-------|                   |    2.041
          |--ACK------------->|                   |                   |    2.041
          |                   |--ACK------------->|                   |    2.051
          |--BYE------------->|                   |                   |    5.000
          |<-200 BYE----------|                   |                   |    5.010
          |                   |--BYE--------------------------------->|    5.010
          |                   |<-200 BYE------------------------------|    5.020
    """,
    )
    assert world.phones["hana"].calls == []
    world.expect_clean()


def test_those_who_rang_in_vain_are_told_that_the_call_was_taken() -> None:
    world = office_world(small_office("desk", "lobby"), "desk", "lobby")
    world.phones["desk"].manner = NEVER_ANSWERS
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    to_desk = b"".join(p.octets for p in world.network.passages if p.destination == "desk")
    assert b'Reason: SIP;cause=200;text="Call completed elsewhere"' in to_desk
    call.hang_up()
    world.expect_clean()
    causes = {cdr.device: (cdr.status, cdr.cause) for cdr in world.switch.cdrs if cdr.leg != "a"}
    assert causes == {"desk": (487, "completed_elsewhere"), "lobby": (200, "normal")}


def test_two_phones_that_answer_at_once_leave_one_call_and_the_other_is_hung_up() -> None:
    world = office_world(small_office("desk", "lobby"), "desk", "lobby")
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.at(5, call.hang_up)
    world.run(6)
    world.expect(
        "switch desk lobby",
        """
        switch              desk                lobby
          |--INVITE sdp------>|                   |    0.011
          |--INVITE sdp-------------------------->|    0.011
          |<-180 INVITE-------|                   |    0.021
          |<-180 INVITE---------------------------|    0.021
          |<-200 INVITE sdp---|                   |    2.021
          |<-200 INVITE sdp-----------------------|    2.021
          |--ACK------------->|                   |    2.031
          |--CANCEL------------------------------>|    2.031
          |--ACK--------------------------------->|    2.031
          |--BYE--------------------------------->|    2.031
          |<-200 CANCEL---------------------------|    2.041
          |<-200 BYE------------------------------|    2.041
          |--BYE------------->|                   |    5.010
          |<-200 BYE----------|                   |    5.020
    """,
    )
    assert call.statuses.count(200) == 1
    world.expect_clean()


def test_a_phone_that_declines_ends_only_its_own_ringing() -> None:
    world = office_world(small_office("desk", "lobby"), "desk", "lobby")
    world.phones["desk"].manner = DECLINES
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert call.is_established
    assert world.phones["lobby"].calls[0].is_established
    call.hang_up()
    world.expect_clean()


def test_when_the_last_phone_has_declined_the_caller_hears_it() -> None:
    world = office_world(small_office("desk", "lobby", "hana"), "desk", "lobby", "hana")
    world.phones["desk"].manner = DECLINES
    world.phones["lobby"].manner = DECLINES
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert call.final == 603
    assert world.phones["hana"].calls == []
    world.expect_clean()


def test_a_device_is_called_by_its_direct_and_by_its_representative_number() -> None:
    world = office_world(small_office("desk", "hana"), "desk", "hana")
    for number in ("0312340201", HEAD_DIALLED):
        call = world.carrier_1.call_in(number)
        world.run(4)
        assert call.is_established
        call.hang_up()
        world.settle()
    assert len(world.phones["desk"].calls) == 2
    assert world.phones["hana"].calls == []


def test_two_representative_numbers_ring_different_devices() -> None:
    world = office_world(
        office(shared(HEAD, "desk", "hana"), shared(SALES, "lobby", "taro")), "desk", "lobby"
    )
    head, sales = world.carrier_1.call_in(HEAD_DIALLED), world.carrier_1.call_in(SALES_DIALLED)
    world.run(4)
    assert world.talks(head, world.phones["desk"].calls[0]) == (True, True)
    assert world.talks(sales, world.phones["lobby"].calls[0]) == (True, True)
    head.hang_up()
    sales.hang_up()
    world.expect_clean()


def test_a_colleague_who_calls_the_number_does_not_ring_at_the_own_phone() -> None:
    world = office_world(small_office("desk", "lobby"), "desk", "lobby")
    call = world.phones["desk"].call(HEAD_DIALLED)
    world.run(4)
    assert call.is_established
    assert [each.is_outgoing for each in world.phones["desk"].calls] == [True]
    call.hang_up()
    world.expect_clean()


def test_another_contracts_phone_calls_the_number_without_a_trunk() -> None:
    world = office_world(small_office("desk", "hana"), "desk", "hana", "neighbour")
    call = world.phones["neighbour"].call(HEAD_DIALLED)
    world.run(4)
    assert world.talks(call, world.phones["desk"].calls[0]) == (True, True)
    assert world.carrier_1.calls == []
    call.hang_up()
    world.expect_clean()


def test_a_representative_number_for_apps_alone_needs_no_fixed_phone() -> None:
    world = office_world(small_office("hana", "taro"), "hana", "taro")
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    assert [len(world.phones[name].calls) for name in ("hana", "taro")] == [1, 1]
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("seconds", [1.0, 12.0])
def test_the_caller_may_give_up_while_several_phones_ring(seconds: float) -> None:
    world = office_world(small_office("desk", "lobby"), "desk", "lobby")
    for name in ("desk", "lobby"):
        world.phones[name].manner = NEVER_ANSWERS
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.at(seconds, call.hang_up)
    world.run(seconds + 2)
    assert call.final == 487
    assert [world.phones[name].calls[0].final for name in ("desk", "lobby")] == [487, 487]
    world.expect_clean()


def test_a_caller_whose_patience_ends_hears_unavailable() -> None:
    world = office_world(small_office("desk", "lobby"), "desk", "lobby")
    for name in ("desk", "lobby"):
        world.phones[name].manner = NEVER_ANSWERS
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(182)
    assert call.final == 480
    assert world.switch.cdrs[0].cause == "no_answer"
    world.expect_clean()


def test_early_media_of_one_phone_is_heard_and_the_call_goes_to_who_answers() -> None:
    world = office_world(small_office("desk", "lobby"), "desk", "lobby")
    world.phones["desk"].manner = Manner(ring_status=183, ring_described=True, answer_after=None)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert world.talks(call, world.phones["lobby"].calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_the_lines_of_a_call_name_the_representative_number() -> None:
    world = office_world(office(shared(HEAD, "desk", "hana"), devices=map(staff, ("desk", "hana"))))
    world.register("desk")
    world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    (received,) = world.switch.logged("call_received")
    expected = {"contract": "office", "number": HEAD, "representative": HEAD}
    assert expected.items() <= received.fields.items()
    (invited,) = world.switch.logged("leg_invited")
    own = {"device": "desk", "number": "+81312340201", "representative": HEAD}
    assert own.items() <= invited.fields.items()
    assert {cdr.contract for cdr in world.switch.cdrs} <= {"office"}
