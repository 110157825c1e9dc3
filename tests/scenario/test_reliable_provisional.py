"""Reliable provisional responses and PRACK on either leg (RFC 3262)."""

import pytest

from tests.support.manner import Habits, Manner
from tests.support.switch import World

RELIABLE = Habits(supports_100rel=True)


def test_a_reliable_183_is_acknowledged_by_prack() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = RELIABLE
    world.bob.manner = Manner(ring_status=183, ring_described=True, reliable=True)
    call = world.alice.call("102")
    world.at(5, call.hang_up)
    world.run(7)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |<-407 INVITE-------|                   |    0.010
          |--ACK------------->|                   |    0.020
          |--INVITE sdp------>|                   |    0.020
          |                   |--INVITE sdp------>|    0.031
          |                   |<-183 INVITE sdp---|    0.041
          |                   |--PRACK----------->|    0.051
          |<-183 INVITE sdp---|                   |    0.051
          |                   |<-200 PRACK--------|    0.061
          |--PRACK----------->|                   |    0.061
          |<-200 PRACK--------|                   |    0.071
          |                   |<-200 INVITE-------|    2.041
          |                   |--ACK------------->|    2.051
          |<-200 INVITE-------|                   |    2.051
          |--ACK------------->|                   |    2.061
          |--BYE------------->|                   |    5.000
          |<-200 BYE----------|                   |    5.010
          |                   |--BYE------------->|    5.010
          |                   |<-200 BYE----------|    5.020
    """,
    )
    assert call.final == 200
    world.expect_clean()


def test_a_lost_prack_makes_the_provisional_response_come_again() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = RELIABLE
    world.bob.manner = Manner(ring_status=183, ring_described=True, reliable=True)
    world.network.lose("switch", "bob", "PRACK", times=2)
    world.network.lose("alice", "switch", "PRACK", times=2)
    call = world.alice.call("102")
    world.run(6)
    assert call.final == 200
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_caller_that_demands_reliability_gets_it() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = RELIABLE
    call = world.alice.call("102", fields=(("Require", "100rel"),))
    world.run(6)
    assert call.final == 200
    call.hang_up()
    world.expect_clean()


def test_a_phone_without_reliability_is_served_as_well() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(ring_status=183, ring_described=True, reliable=True)
    call = world.alice.call("102")
    world.run(6)
    assert call.final == 200
    assert call.has_early_media
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("described", [True, False])
def test_a_late_offer_may_come_in_a_reliable_183(described: bool) -> None:  # noqa: FBT001 - pytest's
    world = World()
    world.register("alice", "bob")
    world.alice.habits = RELIABLE
    world.bob.manner = Manner(ring_status=183, ring_described=described, reliable=True)
    call = world.alice.call("102", described=False)
    world.run(6)
    assert call.final == 200
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_cancelled_call_ends_also_between_183_and_prack() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = RELIABLE
    world.bob.manner = Manner(ring_status=183, ring_described=True, reliable=True)
    world.network.lose("switch", "bob", "PRACK", times=99)
    call = world.alice.call("102")
    world.at(2, call.hang_up)
    world.run(5)
    assert call.final == 487
    world.settle()
    assert world.switch.leftovers() == {}
