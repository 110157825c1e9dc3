"""Channels of a representative number: as many calls as IDs, and free the moment one ends (R14)."""

from dataclasses import replace

import pytest

from routing.limit import Claim, Leases, LimitKey, LimitKind
from routing.line import WhenFull
from routing.trunk import Trunk
from switch.command import HangUpAll
from switch.sip.flow import Transport
from tests.support.manner import BUSY, NEVER_ANSWERS, Habits, Manner
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
from tests.support.switch import World, trunks

CHANNEL = LimitKey(LimitKind.NUMBER, HEAD)
CARRIER = LimitKey(LimitKind.TRUNK, "carrier-1")

THREE = ("desk", "lobby", "hana")


def held(world: World, key: LimitKey = CHANNEL) -> int:
    """Count the calls that hold a channel now."""
    return world.switch.core.dispatcher.leases.held(key)


def lets_in(world: World) -> bool:
    """Tell whether one more call of the public network rings, which then gives up."""
    call = world.carrier_2.call_in(HEAD_DIALLED)
    world.run(0.5)
    rings = call.final is None
    call.hang_up()
    world.run(1)
    return rings


def test_three_ids_have_three_calls_and_the_fourth_is_refused() -> None:
    world = office_world(small_office(*THREE), *THREE)
    calls = []
    for _ in range(3):
        calls.append(world.carrier_1.call_in(HEAD_DIALLED))
        world.run(4)
    fourth = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert [call.final for call in (*calls, fourth)] == [200, 200, 200, 486]
    assert world.switch.cdrs[-1].cause == "busy"
    (refused,) = world.switch.logged("call_refused")
    assert refused.fields["reason"] == "channels_full"
    assert (refused.fields["contract"], refused.fields["number"]) == ("office", HEAD)
    calls[1].hang_up()
    world.run(0.1)
    assert lets_in(world)
    calls[0].hang_up()
    calls[2].hang_up()
    world.expect_clean()


def test_ringing_and_held_calls_count_as_well() -> None:
    world = office_world(small_office(*THREE), *THREE)
    talking = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    talking.hold()
    world.run(1)
    for name in THREE:
        world.phones[name].manner = NEVER_ANSWERS
    ringing = [world.carrier_1.call_in(HEAD_DIALLED) for _ in range(2)]
    world.run(1)
    assert held(world) == 3
    assert not lets_in(world)
    for call in (talking, *ringing):
        call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("by", ["caller", "callee"])
def test_an_answered_call_frees_its_channel_with_its_bye(by: str) -> None:
    world = office_world(small_office("desk"), "desk")
    world.switch.media.delay = 1.0
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(8)
    assert held(world) == 1
    assert not lets_in(world)
    if by == "caller":
        call.hang_up()
    else:
        world.phones["desk"].calls[0].hang_up()
    world.run(0.05)
    # The media plane still counts packets; the channel is free all the same.
    assert held(world) == 0
    assert world.switch.core.dispatcher.calls
    assert lets_in(world)


def test_a_cancelled_call_frees_its_channel() -> None:
    world = office_world(small_office("desk"), "desk")
    world.phones["desk"].manner = NEVER_ANSWERS
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(3)
    assert held(world) == 1
    call.hang_up()
    world.run(0.05)
    assert held(world) == 0
    world.expect_clean()


def test_a_call_that_nobody_answers_frees_its_channel_when_patience_ends() -> None:
    world = office_world(small_office("desk"), "desk")
    world.phones["desk"].manner = NEVER_ANSWERS
    world.carrier_1.call_in(HEAD_DIALLED)
    world.run(179)
    assert held(world) == 1
    world.run(2)
    assert held(world) == 0
    world.expect_clean()


def test_a_call_that_a_phone_never_hears_frees_its_channel_at_the_timeout() -> None:
    world = office_world(small_office("desk"), "desk")
    world.phones["desk"].disappear()
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(31)
    assert held(world) == 1
    world.run(2)
    assert (held(world), call.final) == (0, 480)


@pytest.mark.parametrize("status", [486, 480, 500, 503, 603])
def test_a_refused_call_frees_its_channel(status: int) -> None:
    world = office_world(small_office("desk"), "desk")
    world.phones["desk"].manner = Manner(answer_after=1.0, answer_status=status)
    world.carrier_1.call_in(HEAD_DIALLED)
    world.run(0.5)
    assert held(world) == 1
    world.run(0.6)
    assert held(world) == 0
    world.expect_clean()


def test_a_phone_that_crashes_in_the_call_frees_its_channel_by_the_session_timer() -> None:
    world = office_world(small_office("desk"), "desk")
    world.phones["desk"].habits = Habits(session_expires=90)
    world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    world.phones["desk"].disappear()
    assert held(world) == 1
    world.run(2000)
    assert held(world) == 0


def test_a_carrier_that_never_acknowledges_frees_its_channel() -> None:
    world = office_world(small_office("desk"), "desk")
    world.carrier_1.habits = Habits(acks_skipped=10_000)
    world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert held(world) == 1
    world.run(34)
    assert held(world) == 0
    world.expect_clean()


def test_a_connection_that_closes_while_the_phone_is_called_frees_its_channel() -> None:
    world = office_world(small_office("desk"))
    world.phones["desk"].transport = Transport.TCP
    world.phones["desk"].manner = Manner(ring_after=None, answer_after=None)
    world.register("desk")
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    assert held(world) == 1
    world.network.close(*world.network.connections())
    world.run(0.1)
    assert (held(world), call.final) == (0, 500)


def test_a_shutdown_frees_every_channel() -> None:
    world = office_world(small_office(*THREE), *THREE)
    world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    for name in THREE:
        world.phones[name].manner = NEVER_ANSWERS
    world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    assert held(world) == 2
    world.switch.command(HangUpAll())
    assert held(world) == 0
    world.expect_clean()


def test_without_ports_for_media_the_channel_is_free_again() -> None:
    world = office_world(small_office("desk"), "desk")
    world.switch.media.capacity = 1
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    assert (held(world), call.final) == (0, 503)
    world.expect_clean()


def test_a_call_out_that_presents_the_number_takes_one_of_its_channels() -> None:
    devices = [staff("desk", caller_id=HEAD), staff("lobby")]
    world = office_world(office(shared(HEAD, "desk", "lobby"), devices=devices), "desk", "lobby")
    out = world.phones["desk"].call("0398761234")
    world.run(4)
    assert (out.final, held(world)) == (200, 1)
    inbound = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert (inbound.final, held(world)) == (200, 2)
    one_more = world.phones["desk"].call("0398761234")
    world.run(2)
    assert one_more.final == 486
    out.hang_up()
    inbound.hang_up()
    world.expect_clean()


def test_a_call_out_that_presents_the_direct_number_takes_none() -> None:
    world = office_world(small_office("desk"), "desk")
    out = world.phones["desk"].call("0398761234")
    world.run(4)
    assert (out.final, held(world)) == (200, 0)
    out.hang_up()
    world.expect_clean()


def test_calls_to_extensions_and_direct_numbers_take_none() -> None:
    world = office_world(small_office(*THREE), *THREE)
    inside, direct = world.phones["desk"].call("203"), world.carrier_1.call_in("0312340202")
    world.run(4)
    assert (inside.final, direct.final, held(world)) == (200, 200, 0)
    inside.hang_up()
    direct.hang_up()
    world.expect_clean()


def test_a_call_between_two_own_numbers_takes_a_channel_of_each() -> None:
    devices = [staff("desk", caller_id=HEAD), staff("lobby")]
    customer = office(shared(HEAD, "desk"), shared(SALES, "lobby"), devices=devices)
    world = office_world(customer, "desk", "lobby")
    call = world.phones["desk"].call("0398765001")
    world.run(4)
    assert call.is_established
    assert (held(world), held(world, LimitKey(LimitKind.NUMBER, SALES))) == (1, 1)
    call.hang_up()
    world.expect_clean()


def test_the_limit_follows_an_id_that_is_added_and_one_that_is_removed() -> None:
    world = office_world(small_office("desk"), "desk")
    first = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert not lets_in(world)
    world.switch.replace_directory(directory_of(small_office("desk", "lobby")))
    assert lets_in(world)
    world.switch.replace_directory(directory_of(small_office("desk")))
    assert not lets_in(world)
    assert first.is_established
    first.hang_up()
    world.expect_clean()


def test_a_full_number_may_have_an_announcement_which_takes_no_channel() -> None:
    line = shared(HEAD, "desk", when_full=WhenFull.ANNOUNCEMENT)
    world = office_world(office(line, devices=[staff("desk")]), "desk")
    first = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    second = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    assert (second.final, held(world)) == (200, 1)
    assert world.hears(second) == "prompt:busy"
    world.run(3)
    assert (second.ended_by, held(world)) == ("them", 1)
    assert first.is_established
    first.hang_up()
    world.expect_clean()


def test_a_contract_may_have_a_limit_of_its_own() -> None:
    customer = replace(small_office(*THREE), max_calls=1)
    world = office_world(customer, *THREE)
    first = world.carrier_1.call_in("0312340201")
    world.run(4)
    second, inside = world.carrier_1.call_in("0312340202"), world.phones["lobby"].call("203")
    world.run(4)
    assert (first.final, second.final, inside.final) == (200, 486, 486)
    first.hang_up()
    world.expect_clean()


def test_a_device_with_one_call_is_passed_over_for_the_next() -> None:
    devices = [staff("desk", max_calls=1), staff("lobby")]
    world = office_world(office(shared(HEAD, "desk", "lobby"), devices=devices), "desk", "lobby")
    world.phones["lobby"].manner = BUSY
    first = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    world.phones["lobby"].manner = Manner()
    second = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert (first.final, second.final) == (200, 200)
    counts = [len(world.phones[name].calls) for name in ("desk", "lobby")]
    assert counts == [1, 2]
    first.hang_up()
    second.hang_up()
    world.expect_clean()


def narrow(*limits: int | None) -> tuple[Trunk, ...]:
    """Make both trunks with limits."""
    return tuple(
        replace(trunk, max_calls=limit) for trunk, limit in zip(trunks(), limits, strict=True)
    )


def test_a_full_trunk_leaves_its_calls_to_the_next() -> None:
    world = office_world(small_office(*THREE), *THREE, carriers=narrow(1, 1))
    calls = []
    for name in THREE:
        calls.append(world.phones[name].call("0398761234"))
        world.run(4)
    assert [call.final for call in calls] == [200, 200, 500]
    assert [len(each.calls) for each in (world.carrier_1, world.carrier_2)] == [1, 1]
    calls[0].hang_up()
    world.run(0.1)
    again = world.phones["hana"].call("0398761234")
    world.run(4)
    assert again.is_established
    for call in calls:
        call.hang_up()
    again.hang_up()
    world.expect_clean()


def test_a_trunk_that_failed_holds_no_place_while_the_next_is_tried() -> None:
    world = office_world(small_office("desk"), "desk", carriers=narrow(1, None))
    world.carrier_1.manner = Manner(ring_after=None, answer_after=0.0, answer_status=503)
    call = world.phones["desk"].call("0398761234")
    world.run(1)
    assert held(world, CARRIER) == 0
    assert held(world, LimitKey(LimitKind.TRUNK, "carrier-2")) == 1
    world.run(3)
    call.hang_up()
    world.expect_clean()


def test_calls_that_come_in_fill_a_trunk_too() -> None:
    world = office_world(small_office(*THREE), *THREE, carriers=narrow(1, None))
    inbound = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    out = world.phones["lobby"].call("0398761234")
    world.run(4)
    assert (held(world, CARRIER), len(world.carrier_2.calls)) == (1, 1)
    inbound.hang_up()
    out.hang_up()
    world.expect_clean()


def test_an_emergency_call_passes_every_limit() -> None:
    customer = replace(small_office(*THREE), max_calls=1)
    world = office_world(customer, *THREE, carriers=narrow(1, 1))
    first = world.phones["desk"].call("0398761234")
    world.run(4)
    urgent = [world.phones[name].call("110") for name in ("lobby", "hana")]
    world.run(4)
    assert [call.final for call in (first, *urgent)] == [200, 200, 200]
    for call in (first, *urgent):
        call.hang_up()
    world.expect_clean()


def test_limits_that_are_shared_and_were_taken_meanwhile_refuse_the_call() -> None:
    world = office_world(small_office("desk"), "desk")
    dispatcher = world.switch.core.dispatcher
    taken = dispatcher.leases
    # Another machine's lease, of which this one does not know yet when it decides.
    dispatcher.standing._leases = Leases()
    taken.take("elsewhere", [Claim(CHANNEL, 1)])
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    assert call.final == 486
    assert world.switch.logged("call_refused")[0].fields["reason"] == "channels_full"
    taken.release("elsewhere")
    world.expect_clean()
