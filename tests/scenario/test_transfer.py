"""Transfers: blind, attended, semi-attended, and each way in which they fail (RFC 5589)."""

from urllib.parse import quote

import pytest

from tests.support.manner import Manner
from tests.support.outgoing_call import OutgoingCall
from tests.support.switch import World


def talking() -> tuple[World, OutgoingCall]:
    """Let the carrier call alice, who answers and holds."""
    world = World()
    world.register("alice", "bob", "carol")
    call = world.carrier_1.call_in("0312340001")
    world.run(4)
    world.alice.calls[0].hold()
    world.run(1)
    return world, call


def test_a_blind_transfer_leads_the_caller_on() -> None:
    world, call = talking()
    mine = world.alice.calls[0]
    mine.refer("102")
    world.run(1)
    assert mine.notices == [b"SIP/2.0 100 Trying\r\n"]
    assert world.hears(call) == "tone:ringback"
    world.run(4)
    assert mine.notices[-1] == b"SIP/2.0 200 OK\r\n"
    assert not mine.is_established
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    call.hang_up()
    world.run(1)
    assert not world.bob.calls[0].is_established
    world.expect_clean()


def test_who_was_told_of_the_hold_talks_again_to_whom_it_is_led_on() -> None:
    world, call = talking()
    mine = world.alice.calls[0]
    mine.recode((0, 101))
    world.run(1)
    mine.refer("102")
    world.run(4)
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    call.hang_up()
    world.run(1)
    world.expect_clean()


def test_a_blind_transfer_to_a_busy_phone_comes_back() -> None:
    world, call = talking()
    world.bob.manner = Manner(answer_after=1.0, answer_status=486)
    mine = world.alice.calls[0]
    mine.refer("102")
    world.run(3)
    assert mine.notices[-1] == b"SIP/2.0 486 Busy Here\r\n"
    assert world.hears(call) == "music"
    mine.resume()
    world.run(1)
    assert world.talks(call, mine) == (True, True)
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("target", ["999", "sip:x@example.test", "0000"])
def test_a_blind_transfer_to_nobody_is_refused_and_nothing_changes(target: str) -> None:
    world, call = talking()
    mine = world.alice.calls[0]
    mine.refer(target)
    world.run(1)
    assert mine.notices[-1].startswith(b"SIP/2.0 4")
    assert mine.is_established
    assert world.hears(call) == "music"
    call.hang_up()
    world.expect_clean()


def test_a_transferor_who_has_hung_up_is_rung_when_nobody_takes_the_call() -> None:
    world, call = talking()
    world.bob.manner = Manner(answer_after=1.0, answer_status=486)
    mine = world.alice.calls[0]
    mine.refer("102")
    world.run(0.1)
    mine.hang_up()
    world.run(10)
    back = world.alice.calls[-1]
    assert back is not mine
    assert world.talks(call, back) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_caller_who_hangs_up_while_led_on_ends_everything() -> None:
    world, call = talking()
    world.alice.calls[0].refer("102")
    world.run(1)
    call.hang_up()
    world.run(1)
    assert not world.alice.calls[0].is_established
    world.expect_clean()


def test_an_outside_party_is_led_on_to_an_outside_number() -> None:
    world, call = talking()
    world.alice.calls[0].refer("0398765432")
    world.run(5)
    out = world.carrier_1.calls[-1]
    assert world.talks(call, out) == (True, True)
    call.hang_up()
    world.expect_clean()


def consulted() -> tuple[World, OutgoingCall, OutgoingCall]:
    """Let alice call bob beside the call that she holds."""
    world, call = talking()
    consultation = world.alice.call("102")
    world.run(4)
    assert consultation.is_established
    return world, call, consultation


def test_an_attended_transfer_connects_the_two_others() -> None:
    world, call, consultation = consulted()
    mine = world.alice.calls[0]
    mine.refer(f"sip:102@example.test?Replaces={quote(consultation.replaces())}")
    world.run(2)
    assert mine.notices[-1] == b"SIP/2.0 200 OK\r\n"
    assert not mine.is_established
    assert not consultation.is_established
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    world.bob.calls[0].hang_up()
    world.run(1)
    assert not call.is_established
    world.expect_clean()


def test_a_semi_attended_transfer_lets_the_caller_wait_for_the_other() -> None:
    world, call = talking()
    world.bob.manner = Manner(answer_after=5.0)
    consultation = world.alice.call("102")
    world.run(2)
    mine = world.alice.calls[0]
    mine.refer(f"sip:102@example.test?Replaces={quote(consultation.replaces())}")
    world.run(1)
    assert mine.notices[-1] == b"SIP/2.0 200 OK\r\n"
    assert not mine.is_established
    world.run(6)
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_an_attended_transfer_that_names_a_strangers_dialog_is_refused() -> None:
    world, call, consultation = consulted()
    world.register("dave")
    stranger = world.dave.call("0312340003")
    world.run(4)
    mine = world.alice.calls[0]
    for named in (stranger.replaces(), "nobody;to-tag=a;from-tag=b"):
        mine.refer(f"sip:102@example.test?Replaces={quote(named)}")
        world.run(1)
        assert mine.notices[-1] == b"SIP/2.0 481 Call/Transaction Does Not Exist\r\n"
    assert mine.is_established
    for each in (call, consultation, stranger):
        each.hang_up()
    world.expect_clean()


def test_who_hangs_up_in_the_middle_of_an_attended_transfer_leaves_nobody_behind() -> None:
    world, call, consultation = consulted()
    mine = world.alice.calls[0]
    mine.refer(f"sip:102@example.test?Replaces={quote(consultation.replaces())}")
    world.run(0.025)
    world.bob.calls[0].hang_up()
    world.run(3)
    call.hang_up()
    mine.hang_up()
    consultation.hang_up()
    world.expect_clean()


def test_a_carrier_may_not_lead_anybody_on() -> None:
    world, call = talking()
    call.refer("0900000000")
    world.run(1)
    assert call.notices[-1] == b"SIP/2.0 403 Forbidden\r\n"
    call.hang_up()
    world.expect_clean()


def test_a_refer_that_names_nobody_is_malformed() -> None:
    world, call = talking()
    mine = world.alice.calls[0]
    statuses = mine.ask("REFER")
    world.run(1)
    assert statuses == [400]
    call.hang_up()
    world.expect_clean()
