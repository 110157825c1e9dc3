"""Park and fetch: a call waits in a slot until somebody takes it (R29, RFC 5359 section 2.16)."""

from tests.support.outgoing_call import OutgoingCall
from tests.support.switch import World


def talking() -> tuple[World, OutgoingCall]:
    """Let the carrier call alice, who answers."""
    world = World()
    world.register("alice", "bob", "carol")
    call = world.carrier_1.call_in("0312340001")
    world.run(4)
    assert world.talks(call, world.alice.calls[0]) == (True, True)
    return world, call


def test_a_call_is_parked_by_code_and_fetched_from_another_phone() -> None:
    world, call = talking()
    mine = world.alice.calls[0]
    mine.hold()
    world.run(1)
    assert world.hears(call) == "music"
    parking = world.alice.call("*1")
    world.run(1)
    assert world.hears(parking) == "prompt:park-1"
    assert not mine.is_established
    assert world.hears(call) == "music"
    world.run(4)
    assert not parking.is_established
    fetching = world.bob.call("*1")
    world.run(2)
    assert world.talks(call, fetching) == (True, True)
    call.hang_up()
    world.run(1)
    assert not fetching.is_established
    world.expect_clean()


def test_a_call_is_parked_by_a_blind_transfer_to_the_slot() -> None:
    world, call = talking()
    mine = world.alice.calls[0]
    mine.refer("*3")
    world.run(1)
    assert mine.notices[-1] == b"SIP/2.0 200 OK\r\n"
    assert not mine.is_established
    assert world.hears(call) == "music"
    fetching = world.carol.call("*3")
    world.run(2)
    assert world.talks(call, fetching) == (True, True)
    fetching.hang_up()
    world.expect_clean()


def test_a_parked_party_that_hangs_up_frees_the_slot_at_once() -> None:
    world, call = talking()
    world.alice.calls[0].refer("*3")
    world.run(1)
    call.hang_up()
    world.run(1)
    fetching = world.bob.call("*3")
    world.run(1)
    assert world.hears(fetching) == "prompt:park-empty"
    world.expect_clean()


def test_a_taken_slot_takes_no_other_call_and_the_held_one_stays_held() -> None:
    world, call = talking()
    world.alice.calls[0].refer("*1")
    world.run(1)
    other = world.carrier_1.call_in("0312340002")
    world.run(4)
    held = world.bob.calls[0]
    held.hold()
    world.run(1)
    parking = world.bob.call("*1")
    world.run(1)
    assert world.hears(parking) == "prompt:park-taken"
    assert world.hears(other) == "music"
    assert held.is_established
    held.resume()
    world.run(5)
    held.refer("*1")
    world.run(1)
    assert held.notices[-1] == b"SIP/2.0 486 Busy Here\r\n"
    assert world.talks(other, held) == (True, True)
    for each in (call, other):
        each.hang_up()
    world.expect_clean()


def test_of_two_who_fetch_at_once_one_gets_the_call() -> None:
    world, call = talking()
    world.alice.calls[0].refer("*1")
    world.run(1)
    one, other = world.bob.call("*1"), world.carol.call("*1")
    world.run(2)
    assert world.talks(call, one) == (True, True)
    assert world.hears(other) == "prompt:park-empty"
    call.hang_up()
    world.expect_clean()


def test_a_call_that_nobody_fetches_rings_its_parker_again() -> None:
    world, call = talking()
    world.alice.calls[0].refer("*1")
    world.run(1)
    world.run(181)
    back = world.alice.calls[-1]
    assert back is not world.alice.calls[0]
    world.run(4)
    assert world.talks(call, back) == (True, True)
    back.hang_up()
    world.expect_clean()


def test_a_parker_who_does_not_answer_leaves_the_call_in_its_slot() -> None:
    world, call = talking()
    world.alice.calls[0].refer("*1")
    world.run(1)
    world.alice.disappear()
    world.run(181 + 40)
    assert world.hears(call) == "music"
    fetching = world.bob.call("*1")
    world.run(2)
    assert world.talks(call, fetching) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_fetch_that_is_given_up_leaves_the_call_parked_or_ends_cleanly() -> None:
    world, call = talking()
    world.alice.calls[0].refer("*1")
    world.run(1)
    fetching = world.bob.call("*1")
    world.run(0.015)
    fetching.hang_up()
    world.run(2)
    call.hang_up()
    world.expect_clean()


def test_a_neighbour_does_not_find_the_slot() -> None:
    world, call = talking()
    world.register("dave")
    world.alice.calls[0].refer("*1")
    world.run(1)
    stranger = world.dave.call("*1")
    world.run(1)
    assert world.hears(stranger) == "prompt:park-empty"
    call.hang_up()
    world.expect_clean()
