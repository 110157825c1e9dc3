"""Features of the office that come to nothing, or meet one another: everybody is left somewhere."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from routing.customer import Customer, plain_customers
from routing.dial_plan import DialPlan, Feature, FeatureCode
from routing.directory import Directory
from routing.handling import VOICEMAIL, CallHandling, Condition
from routing.limit import Claim, Leases, LimitKey, LimitKind
from routing.line import Line, LineKind, Ringer
from switch.b2bua.channel import key_of
from tests.support.description import Description
from tests.support.incoming_call import IncomingCall
from tests.support.manner import BUSY, DECLINES, Habits, Manner
from tests.support.outgoing_call import OutgoingCall
from tests.support.switch import PHONES, World, device, trunks

FOREIGN = Description("192.0.2.12", 30_100, payloads=(18,)).octets()
"""What a phone says that speaks no codec of the switch."""

STUBBORN = Habits(answers_updates=False)


def talking(world: World | None = None) -> tuple[World, OutgoingCall]:
    """Let the carrier call alice, who answers."""
    world = world or World()
    world.register("alice", "bob", "carol")
    call = world.carrier_1.call_in("0312340001")
    world.run(4)
    return world, call


def consulted() -> tuple[World, OutgoingCall, OutgoingCall]:
    """Let alice hold the carrier's call and call bob, who answers."""
    world, call = talking()
    world.alice.calls[0].hold()
    world.run(1)
    consultation = world.alice.call("102")
    world.run(4)
    return world, call, consultation


def attended(consultation: OutgoingCall) -> str:
    """Write whom a Refer-To names that ends an attended transfer."""
    return f"sip:102@example.test?Replaces={quote(consultation.replaces())}"


def fill_lot(world: World, slots: str) -> None:
    """Park a call of the carrier's in each of the slots."""
    for slot in slots:
        world.carrier_1.call_in("0312340001")
        world.run(4)
        world.alice.calls[-1].refer(f"*{slot}")
        world.run(1)


def empty_lot(world: World) -> None:
    """Let everybody who calls from outside hang up."""
    for call in world.carrier_1.calls:
        if call.is_established:
            call.hang_up()
    world.expect_clean()


# Park


def test_the_switch_chooses_the_slot_and_says_when_none_is_free() -> None:
    world, call = talking()
    fill_lot(world, "12345678")
    world.alice.calls[0].hold()
    world.run(1)
    parking = world.alice.call("*0")
    world.run(1)
    assert world.hears(parking) == "prompt:park-9"
    assert world.hears(call) == "music"
    world.run(4)
    world.carrier_1.call_in("0312340002")
    world.run(4)
    held = world.bob.calls[0]
    held.hold()
    world.run(1)
    parking = world.bob.call("*0")
    world.run(1)
    assert world.hears(parking) == "prompt:park-full"
    assert held.is_established
    world.run(4)
    empty_lot(world)


def test_a_slot_that_the_contract_has_no_lamp_for_is_no_slot() -> None:
    plan = DialPlan(features=(FeatureCode(Feature.PARK_SLOT, "*", 1, 2),))
    customers = plain_customers(map(device, PHONES))
    world, call = talking(World(directory=Directory.build(customers, trunks(), plan=plan)))
    parking = world.alice.call("*12")
    world.run(1)
    assert parking.final == 404
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("code", ["*1", "*79"])
def test_a_phone_that_speaks_no_codec_of_ours_is_told_nothing(code: str) -> None:
    world, call = talking()
    parking = world.bob.call(code, body=FOREIGN)
    world.run(1)
    assert parking.final == 480
    call.hang_up()
    world.expect_clean()


def test_a_call_that_could_hear_no_music_stays_where_it_is() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(answer_body=FOREIGN)
    mine = world.alice.call("102", body=FOREIGN.replace(b"192.0.2.12", b"192.0.2.11"))
    world.run(4)
    mine.refer("*1")
    world.run(1)
    assert mine.notices[-1] == b"SIP/2.0 486 Busy Here\r\n"
    assert mine.is_established
    mine.local = replace(mine.local, payloads=(18,))
    mine.hold()
    world.run(1)
    parking = world.alice.call("*1")
    world.run(1)
    assert world.hears(parking) == "prompt:park-failed"
    assert mine.is_established
    world.run(4)
    mine.hang_up()
    world.expect_clean()


def test_a_call_held_without_music_goes_on_as_before() -> None:
    world, call = talking()
    world.switch.media.unplayable.add("music")
    mine = world.alice.calls[0]
    mine.hold()
    world.run(1)
    mine.resume()
    world.run(1)
    assert world.talks(call, mine) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_party_whose_music_stops_waits_on_and_may_change_its_session() -> None:
    world, call = talking()
    world.switch.media.unplayable.add("music")
    world.alice.calls[0].refer("*1")
    world.run(1)
    call.recode()
    world.run(1)
    assert call.reinvite_statuses == [200]
    fetching = world.bob.call("*1")
    world.run(2)
    assert world.talks(call, fetching) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_parked_party_that_takes_no_change_stays_parked() -> None:
    world, call = talking()
    world.carrier_1.habits = STUBBORN
    world.alice.calls[0].refer("*1")
    world.run(1)
    fetching = world.bob.call("*1")
    world.run(1)
    assert fetching.final == 480
    assert world.hears(call) == "music"
    call.hang_up()
    world.expect_clean()


def test_a_call_whose_slots_are_all_taken_when_its_fetch_fails_is_ended() -> None:
    world, call = talking()
    world.alice.calls[0].refer("*1")
    world.run(1)
    fill_lot(world, "23456789")
    world.carrier_1.call_in("0312340003")
    world.run(4)
    world.carrier_1.habits = STUBBORN
    world.switch.media.delay = 0.5
    fetching = world.bob.call("*1")
    world.run(0.1)
    world.carol.calls[0].refer("*1")
    world.run(2)
    assert fetching.final == 480
    assert not call.is_established
    empty_lot(world)


def test_a_parked_party_that_hangs_up_while_it_is_fetched_ends_the_fetching_too() -> None:
    world, call = talking()
    world.alice.calls[0].refer("*1")
    world.run(1)
    world.bob.call("*1")
    world.run(0.035)
    call.hang_up()
    world.run(2)
    assert world.bob.calls[0].final == 480
    world.expect_clean()


def test_a_parker_who_is_gone_from_the_contract_is_not_rung_back() -> None:
    world, call = talking()
    world.alice.calls[0].refer("*1")
    world.run(1)
    customers = plain_customers(device(name) for name in PHONES if name != "alice")
    world.switch.replace_directory(Directory.build(customers, trunks()))
    world.run(200)
    assert world.hears(call) == "music"
    call.hang_up()
    world.expect_clean()


# Pickup


def test_of_two_who_pick_up_at_once_one_gets_the_call() -> None:
    world = World()
    world.register("alice", "bob", "carol")
    world.alice.manner = Manner(answer_after=60.0)
    call = world.carrier_1.call_in("0312340001")
    world.run(2)
    one, other = world.bob.call("**"), world.carol.call("**")
    world.run(2)
    assert world.talks(call, one) == (True, True)
    assert other.final == 480
    call.hang_up()
    world.expect_clean()


def test_of_several_calls_that_ring_the_oldest_is_picked_up() -> None:
    world = World()
    world.register("alice", "bob", "carol")
    world.alice.manner = Manner(answer_after=60.0)
    calls = []
    for _ in range(2):
        calls.append(world.carrier_1.call_in("0312340001"))
        world.run(1)
    taking = world.bob.call("**")
    world.run(2)
    assert world.talks(calls[0], taking) == (True, True)
    assert not calls[1].is_established
    for call in calls:
        call.hang_up()
    world.expect_clean()


def test_a_pickup_that_is_given_up_or_has_no_codec_in_common_lets_the_call_ring_on() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.manner = Manner(answer_after=10.0)
    call = world.carrier_1.call_in("0312340001")
    world.run(1)
    foreign = world.bob.call("**", body=FOREIGN)
    world.run(1)
    assert foreign.final == 480
    world.switch.media.delay = 0.5
    taking = world.bob.call("**")
    world.run(0.1)
    taking.hang_up()
    world.run(1)
    assert taking.final == 487
    world.run(10)
    assert world.talks(call, world.alice.calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_replaces_whose_other_tag_is_wrong_names_nothing() -> None:
    world, call = talking()
    named = world.alice.calls[0].replaces()
    taking = world.bob.call("101", fields=(("Replaces", f"{named}x"),))
    world.run(1)
    assert taking.final == 481
    call.hang_up()
    world.expect_clean()


def test_who_has_not_taken_over_yet_can_be_taken_over_by_nobody() -> None:
    world, call = talking()
    world.switch.media.delay = 0.5
    taking = world.bob.call("101", fields=(("Replaces", world.alice.calls[0].replaces()),))
    world.run(0.1)
    call_id, tag = taking.call_id, taking._tag
    (usage,) = [
        leg.local_tag
        for each in world.switch.core.dispatcher.calls.values()
        for leg in (member.leg for member in each.members())
        if leg.sip_call_id == call_id
    ]
    named = f"{call_id};to-tag={usage};from-tag={tag}"
    other = world.carol.call("101", fields=(("Replaces", named),))
    world.run(2)
    assert other.final == 481
    assert world.talks(call, taking) == (True, True)
    call.hang_up()
    world.expect_clean()


# Transfer


def test_a_transferor_that_wants_no_progress_gets_none_and_a_second_refer_waits() -> None:
    world, call = talking()
    mine = world.alice.calls[0]
    fields = (("Refer-To", "<sip:102@example.test>"), ("Refer-Sub", "false"))
    statuses = mine.ask("REFER", fields=fields)
    world.run(0.1)
    second = mine.refer("103")
    world.run(5)
    assert (statuses, second, mine.notices) == ([202], [491], [])
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("target", ["**", "*43"])
def test_nobody_is_led_on_to_a_feature(target: str) -> None:
    world, call = talking()
    mine = world.alice.calls[0]
    mine.refer(target)
    world.run(1)
    assert mine.notices[-1].startswith(b"SIP/2.0 4")
    assert world.talks(call, mine) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_who_is_led_on_may_lose_the_transferor_and_hears_no_early_media() -> None:
    world, call = talking()
    world.bob.manner = Manner(answer_after=3.0, ring_status=183, ring_described=True)
    mine = world.alice.calls[0]
    mine.refer("102")
    world.run(1)
    assert world.hears(call) == "tone:ringback"
    mine.hang_up()
    world.run(4)
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    assert len(world.alice.calls) == 1
    call.hang_up()
    world.expect_clean()


def test_a_caller_is_told_what_its_new_party_speaks() -> None:
    world = World()
    body = Description("192.0.2.11", 30_100, payloads=(8,)).octets()
    world.phones["alice"].manner = Manner(answer_body=body)
    world, call = talking(world)
    world.alice.calls[0].refer("102")
    world.run(5)
    assert call.requests[-1] == "INVITE"
    assert call.remote is not None
    assert call.remote.payloads == (0, 8, 101)
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


def forwarding(name: str, condition: Condition, target: str) -> World:
    """Let a phone forward its calls."""
    handling = CallHandling(forwards={condition: target}, no_answer_delay=5.0)
    devices = [
        replace(each, handling=handling) if each.username == name else each
        for each in map(device, PHONES)
    ]
    return World(directory=Directory.build(plain_customers(devices), trunks()))


def test_one_who_is_led_on_inside_is_shown_and_is_never_forwarded() -> None:
    world = forwarding("carol", Condition.NO_ANSWER, "0398765432")
    world.register("alice", "bob", "carol")
    world.carol.manner = DECLINES
    mine = world.alice.call("102")
    world.run(4)
    mine.refer("103")
    world.run(0.5)
    rung = world.carol.calls[0]
    assert isinstance(rung, IncomingCall)
    assert '"Bob"' in (rung.invite.first("from") or "")
    world.run(5)
    assert mine.notices[-1] == b"SIP/2.0 603 Decline\r\n"
    assert world.talks(mine, world.bob.calls[0]) == (True, True)
    mine.hang_up()
    world.expect_clean()


def test_whom_a_busy_target_would_forward_the_transferor_gets_back() -> None:
    world, call = talking(forwarding("bob", Condition.BUSY, "103"))
    world.bob.manner = Manner(answer_after=4.0, answer_status=486)
    world.alice.calls[0].hold()
    consultation = world.alice.call("102")
    world.run(2)
    world.alice.calls[0].refer(attended(consultation))
    world.run(10)
    assert not world.carol.calls
    assert world.talks(call, world.alice.calls[-1]) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_transferor_that_does_not_take_the_call_back_loses_it() -> None:
    world, call = talking()
    world.bob.manner = Manner(answer_after=1.0, answer_status=486)
    world.alice.calls[0].refer("102")
    world.run(0.5)
    world.alice.manner = DECLINES
    world.alice.calls[0].hang_up()
    world.run(10)
    assert not call.is_established
    world.expect_clean()


def test_whom_a_target_of_a_semi_attended_transfer_declines_the_transferor_gets_back() -> None:
    world, call = talking()
    world.bob.manner = Manner(answer_after=4.0, answer_status=603)
    world.alice.calls[0].hold()
    consultation = world.alice.call("102")
    world.run(2)
    world.alice.calls[0].refer(attended(consultation))
    world.run(10)
    assert world.talks(call, world.alice.calls[-1]) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_target_that_takes_no_change_goes_on_talking_to_the_transferor() -> None:
    world, call, consultation = consulted()
    world.bob.habits = STUBBORN
    mine = world.alice.calls[0]
    mine.refer(attended(consultation))
    world.run(2)
    assert mine.notices[-1] == b"SIP/2.0 480 Temporarily Unavailable\r\n"
    assert world.talks(consultation, world.bob.calls[0]) == (True, True)
    assert world.hears(call) == "music"
    for each in (call, consultation):
        each.hang_up()
    world.expect_clean()


def test_a_consultation_that_ends_before_its_target_declines_the_change_ends_the_target() -> None:
    world, call, consultation = consulted()
    world.bob.habits = STUBBORN
    mine = world.alice.calls[0]
    mine.refer(attended(consultation))
    world.run(0.015)
    consultation.hang_up()
    world.run(2)
    assert mine.notices[-1] == b"SIP/2.0 480 Temporarily Unavailable\r\n"
    assert not world.bob.calls[0].is_established
    assert world.hears(call) == "music"
    call.hang_up()
    world.expect_clean()


def test_a_target_that_hangs_up_while_two_are_connected_leaves_the_caller_on_hold() -> None:
    world, call, consultation = consulted()
    world.switch.media.delay = 0.5
    mine, target = world.alice.calls[0], world.bob.calls[0]
    mine.refer(attended(consultation))
    world.run(0.015)
    target.hang_up()
    world.run(2)
    assert mine.notices[-1] == b"SIP/2.0 480 Temporarily Unavailable\r\n"
    assert mine.is_established
    assert not consultation.is_established
    mine.resume()
    world.run(1)
    assert world.talks(call, mine) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_caller_that_hangs_up_while_two_are_connected_ends_the_consultation_too() -> None:
    world, call, consultation = consulted()
    world.alice.calls[0].refer(attended(consultation))
    world.run(0.001)
    call.hang_up()
    world.run(2)
    for each in (world.alice.calls[0], world.bob.calls[0], consultation):
        assert not each.is_established
    world.expect_clean()


def test_a_call_whose_other_side_is_being_led_away_can_be_parked_by_nobody() -> None:
    world, call, consultation = consulted()
    consultation.hold()
    world.run(1)
    world.alice.calls[0].resume()
    world.run(1)
    world.bob.disappear()
    world.alice.calls[0].refer(attended(consultation))
    world.run(0.5)
    parking = world.alice.call("*1")
    world.run(1)
    assert world.hears(parking) == "prompt:park-failed"
    world.run(60)
    call.hang_up()
    world.run(1)
    assert not consultation.is_established
    world.settle()
    assert world.switch.leftovers() == {}


def test_a_party_that_is_being_led_on_elsewhere_takes_nobodys_place() -> None:
    world, call = talking()
    world.carol.call("101")
    world.run(4)
    other = world.alice.calls[-1]
    world.bob.manner = Manner(answer_after=20.0)
    other.refer("102")
    world.run(1)
    mine = world.alice.calls[0]
    mine.refer(f"sip:103@example.test?Replaces={quote(other.replaces())}")
    world.run(1)
    assert mine.notices[-1] == b"SIP/2.0 480 Temporarily Unavailable\r\n"
    assert world.talks(call, mine) == (True, True)
    call.hang_up()
    world.carol.calls[0].hang_up()
    world.expect_clean()


def test_one_who_has_picked_a_call_up_can_be_led_on_like_anybody() -> None:
    world, call = talking()
    world.alice.calls[0].hold()
    world.carol.manner = Manner(answer_after=60.0)
    consultation = world.alice.call("103")
    world.run(1)
    taking = world.bob.call("**103")
    world.run(2)
    assert world.talks(consultation, taking) == (True, True)
    world.alice.calls[0].refer(attended(consultation))
    world.run(2)
    assert world.talks(call, taking) == (True, True)
    call.hang_up()
    world.expect_clean()


# Forwards and channels


def test_a_forward_to_a_voicemail_that_is_not_there_leaves_the_first_answer() -> None:
    handling = CallHandling(forwards={Condition.BUSY: VOICEMAIL})
    bob = replace(device("bob"), handling=handling)
    line = Line(bob.number, bob.contract, LineKind.DIRECT, (Ringer("bob"),), voicemail_delay=20.0)
    customer = Customer(bob.contract, (device("alice"), bob), (line,))
    world = World(directory=Directory.build((customer,), trunks()))
    world.register("alice", "bob")
    world.switch.core.dispatcher.services.clear()
    world.bob.manner = BUSY
    call = world.alice.call("102")
    world.run(3)
    assert call.final == 486
    world.expect_clean()


def test_a_lamp_names_whom_a_phone_is_calling() -> None:
    world = World()
    world.register("alice", "bob", "carol")
    told = world.carol.watch("101")
    call = world.alice.call("102")
    world.run(1)
    assert b'direction="initiator"' in told[-1]
    assert b"<state>early</state>" in told[-1]
    assert b"sip:102@" in told[-1]
    call.hang_up()
    world.run(1)


def narrow(handling: CallHandling) -> World:
    """Let bob forward his calls, and carol have one call at a time."""
    devices = [replace(device("bob"), handling=handling), replace(device("carol"), max_calls=1)]
    world = World(directory=Directory.build(plain_customers([device("alice"), *devices]), trunks()))
    world.register("alice", "bob", "carol")
    return world


def take_elsewhere(world: World, *keys: LimitKey) -> None:
    """Let another machine take channels, of which this one does not know yet when it decides."""
    dispatcher = world.switch.core.dispatcher
    dispatcher.standing._leases = Leases()
    for key in keys:
        dispatcher.leases.take("elsewhere", [Claim(key, 1)])


def give_back_elsewhere(world: World) -> None:
    """Let the other machine give them back; nothing is left then."""
    world.switch.core.dispatcher.leases.release("elsewhere")
    world.expect_clean()


CAROL = LimitKey(LimitKind.DEVICE, "carol")


def test_a_transfer_for_which_no_channel_is_left_fails_as_busy() -> None:
    world = narrow(CallHandling())
    mine = world.alice.call("102")
    world.run(4)
    mine.hold()
    world.run(1)
    take_elsewhere(world, CAROL)
    mine.refer("103")
    world.run(1)
    assert mine.notices[-1] == b"SIP/2.0 486 Busy Here\r\n"
    assert world.hears(world.bob.calls[0]) == "music"
    mine.hang_up()
    world.run(1)
    give_back_elsewhere(world)


def test_a_forward_for_which_no_channel_is_left_leaves_the_first_answer() -> None:
    world = narrow(CallHandling(forwards={Condition.BUSY: "103"}))
    world.bob.manner = Manner(answer_after=1.0, answer_status=486)
    call = world.alice.call("102")
    world.run(0.5)
    take_elsewhere(world, CAROL)
    world.run(3)
    assert call.final == 486
    give_back_elsewhere(world)


def test_a_forward_whose_carriers_are_all_full_ends_the_ringing_phone_too() -> None:
    handling = CallHandling(forwards={Condition.NO_ANSWER: "0398765432"}, no_answer_delay=3.0)
    bob = replace(device("bob"), handling=handling)
    carriers = tuple(replace(each, max_calls=1) for each in trunks())
    world = World(directory=Directory.build(plain_customers([device("alice"), bob]), carriers))
    world.register("alice", "bob")
    world.bob.manner = Manner(answer_after=60.0)
    call = world.alice.call("102")
    world.run(1)
    take_elsewhere(world, *(key_of(each) for each in carriers))
    world.run(5)
    assert call.final == 480
    assert world.bob.calls[0].final == 487
    give_back_elsewhere(world)
