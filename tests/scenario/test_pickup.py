"""Pickup: a call that rings elsewhere in the contract is answered here (RFC 5359, RFC 3891)."""

from tests.support.manner import Manner
from tests.support.switch import World


def ringing() -> World:
    """Let the carrier call alice, who does not answer for long."""
    world = World()
    world.register("alice", "bob", "carol")
    world.alice.manner = Manner(answer_after=60.0)
    world.carrier_1.call_in("0312340001")
    world.run(2)
    return world


def test_a_group_pickup_takes_the_call_that_rings() -> None:
    world = ringing()
    call = world.carrier_1.calls[0]
    taking = world.bob.call("**")
    world.run(2)
    assert world.talks(call, taking) == (True, True)
    assert world.alice.calls[0].final == 487
    taking.hang_up()
    world.run(1)
    assert not call.is_established
    world.expect_clean()


def test_a_directed_pickup_takes_the_call_of_that_extension() -> None:
    world = ringing()
    call = world.carrier_1.calls[0]
    taking = world.carol.call("**101")
    world.run(2)
    assert world.talks(call, taking) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_where_nothing_rings_there_is_nothing_to_pick_up() -> None:
    world = ringing()
    taking = world.carol.call("**102")
    world.run(1)
    assert taking.final == 404
    world.carrier_1.calls[0].hang_up()
    world.expect_clean()


def test_a_neighbour_picks_nothing_up() -> None:
    world = ringing()
    world.register("dave")
    for code in ("**", "**101"):
        taking = world.dave.call(code)
        world.run(1)
        assert taking.final == 404
    world.carrier_1.calls[0].hang_up()
    world.expect_clean()


def test_a_pickup_that_crosses_the_answer_finds_nothing_or_gets_the_call() -> None:
    world = ringing()
    call = world.carrier_1.calls[0]
    world.alice.calls[0].answer()
    taking = world.bob.call("**")
    world.run(2)
    assert world.talks(call, world.alice.calls[0]) == (True, True)
    assert taking.final == 404
    call.hang_up()
    world.expect_clean()


def test_an_invite_with_replaces_takes_the_early_call() -> None:
    world = ringing()
    call = world.carrier_1.calls[0]
    named = world.alice.calls[0].replaces()
    taking = world.bob.call("101", fields=(("Replaces", f"{named};early-only"),))
    world.run(2)
    assert world.talks(call, taking) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_an_invite_with_replaces_takes_over_a_call_that_stands() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.carrier_1.call_in("0312340001")
    world.run(4)
    named = world.alice.calls[0].replaces()
    refused = world.bob.call("101", fields=(("Replaces", f"{named};early-only"),))
    world.run(1)
    assert refused.final == 486
    taking = world.bob.call("101", fields=(("Replaces", named),))
    world.run(2)
    assert world.talks(call, taking) == (True, True)
    assert not world.alice.calls[0].is_established
    call.hang_up()
    world.expect_clean()


def test_a_replaces_that_names_a_strangers_dialog_or_none_is_refused_alike() -> None:
    world = ringing()
    world.register("dave")
    named = world.alice.calls[0].replaces()
    for value in (named, "nobody;to-tag=a;from-tag=b"):
        taking = world.dave.call("101", fields=(("Replaces", value),))
        world.run(1)
        assert taking.final == 481
    malformed = world.bob.call("101", fields=(("Replaces", "x"),))
    world.run(1)
    assert malformed.final == 400
    world.carrier_1.calls[0].hang_up()
    world.expect_clean()
