"""Lost messages are made good by repetition, and nobody notices (RFC 3261 section 17)."""

import pytest

from tests.support.manner import Habits, Manner
from tests.support.network import Link
from tests.support.switch import World


def test_a_lost_100_makes_the_invite_come_again() -> None:
    world = World()
    world.register("alice", "bob")
    world.network.lose("switch", "alice", "100")
    world.network.set_link("switch", "bob", Link(delay=0.4))
    call = world.alice.call("102")
    world.at(6, call.hang_up)
    world.run(8)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |<-407 INVITE-------|                   |    0.010
          |--ACK------------->|                   |    0.020
          |--INVITE sdp------>|                   |    0.020
          |                   |--INVITE sdp------>|    0.031
          |  X-100 INVITE-----|                   |    0.230
          |                   |<-180 INVITE-------|    0.431
          |--INVITE sdp------>|                   |    0.520
          |<-100 INVITE-------|                   |    0.530
          |                   |--INVITE sdp------>|    0.531
          |<-180 INVITE-------|                   |    0.831
          |                   |<-180 INVITE-------|    0.931
          |<-180 INVITE-------|                   |    1.331
          |                   |<-200 INVITE sdp---|    2.431
          |                   |--ACK------------->|    2.831
          |<-200 INVITE sdp---|                   |    2.831
          |--ACK------------->|                   |    2.841
          |                   |<-200 INVITE sdp---|    2.931
          |                   |--ACK------------->|    3.331
          |--BYE------------->|                   |    6.000
          |<-200 BYE----------|                   |    6.010
          |                   |--BYE------------->|    6.010
          |                   |<-200 BYE----------|    6.410
          |                   |--BYE------------->|    6.510
          |                   |<-200 BYE----------|    6.910
    """,
    )
    assert len(world.bob.calls) == 1
    world.expect_clean()


def test_a_lost_200_is_repeated_by_who_answered() -> None:
    world = World()
    world.register("alice", "bob")
    world.network.lose("switch", "alice", "200 INVITE", times=2)
    world.network.lose("bob", "switch", "200 INVITE")
    call = world.alice.call("102")
    world.at(8, call.hang_up)
    world.run(10)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |<-407 INVITE-------|                   |    0.010
          |--ACK------------->|                   |    0.020
          |--INVITE sdp------>|                   |    0.020
          |                   |--INVITE sdp------>|    0.031
          |                   |<-180 INVITE-------|    0.041
          |<-180 INVITE-------|                   |    0.051
          |                   |  X-200 INVITE sdp-|    2.041
          |                   |<-200 INVITE sdp---|    2.541
          |                   |--ACK------------->|    2.551
          |  X-200 INVITE sdp-|                   |    2.551
          |  X-200 INVITE sdp-|                   |    3.051
          |<-200 INVITE sdp---|                   |    4.051
          |--ACK------------->|                   |    4.061
          |--BYE------------->|                   |    8.000
          |<-200 BYE----------|                   |    8.010
          |                   |--BYE------------->|    8.010
          |                   |<-200 BYE----------|    8.020
    """,
    )
    world.expect_clean()


def test_a_lost_ack_makes_the_200_come_again() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = Habits(acks_skipped=2)
    world.network.lose("switch", "bob", "ACK")
    call = world.alice.call("102")
    world.at(8, call.hang_up)
    world.run(10)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |<-407 INVITE-------|                   |    0.010
          |--ACK------------->|                   |    0.020
          |--INVITE sdp------>|                   |    0.020
          |                   |--INVITE sdp------>|    0.031
          |                   |<-180 INVITE-------|    0.041
          |<-180 INVITE-------|                   |    0.051
          |                   |<-200 INVITE sdp---|    2.041
          |                   |--ACK-----------X  |    2.051
          |<-200 INVITE sdp---|                   |    2.051
          |                   |<-200 INVITE sdp---|    2.541
          |<-200 INVITE sdp---|                   |    2.551
          |                   |--ACK------------->|    2.551
          |<-200 INVITE sdp---|                   |    3.551
          |--ACK------------->|                   |    3.561
          |--BYE------------->|                   |    8.000
          |<-200 BYE----------|                   |    8.010
          |                   |--BYE------------->|    8.010
          |                   |<-200 BYE----------|    8.020
    """,
    )
    world.expect_clean()


def test_an_answer_that_is_never_acknowledged_ends_the_call() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = Habits(acks_skipped=10_000)
    call = world.alice.call("102")
    world.run(40)
    assert call.ended_by == "them"
    assert world.bob.calls[0].ended_by == "them"
    assert world.switch.cdrs[0].cause == "no_ack"
    world.expect_clean()


def test_a_lost_refusal_is_repeated() -> None:
    world = World()
    world.register("alice")
    world.network.lose("switch", "alice", "404", times=2)
    call = world.alice.call("299")
    world.run(5)
    world.expect(
        "alice switch",
        """
        alice               switch
          |--INVITE sdp------>|    0.000
          |<-407 INVITE-------|    0.010
          |--ACK------------->|    0.020
          |--INVITE sdp------>|    0.020
          |  X-404 INVITE-----|    0.030
          |--INVITE sdp------>|    0.520
          |  X-404 INVITE-----|    0.530
          |<-404 INVITE-------|    0.530
          |--ACK------------->|    0.540
    """,
    )
    assert call.final == 404
    world.expect_clean()


def test_a_lost_bye_is_repeated() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    world.network.lose("alice", "switch", "BYE")
    world.network.lose("switch", "bob", "BYE", times=3)
    call.hang_up()
    world.run(10)
    assert world.bob.calls[0].ended_by == "them"
    world.expect_clean()


def test_a_bye_that_is_never_answered_is_given_up() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.habits = Habits(answers_bye=False)
    call = world.alice.call("102")
    world.run(4)
    call.hang_up()
    world.settle()
    assert call.bye_status == 200
    assert world.switch.leftovers() == {}
    assert len(world.switch.cdrs) == 2


def test_a_bye_that_overtakes_a_lost_200_leaves_nothing_behind() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(hang_up_after=0.1)
    world.network.lose("bob", "switch", "200 INVITE", times=99)
    call = world.alice.call("102")
    world.run(10)
    assert call.final is not None
    assert call.final >= 400
    world.settle()
    assert world.switch.leftovers() == {}


@pytest.mark.parametrize("what", ["INVITE", "100", "180", "200 INVITE", "ACK", "BYE", "200 BYE"])
def test_any_message_may_be_lost_once_on_every_way(what: str) -> None:
    world = World()
    world.register("alice", "bob")
    for one, other in (("alice", "switch"), ("switch", "bob")):
        world.network.lose(one, other, what)
        world.network.lose(other, one, what)
    call = world.alice.call("102")
    world.run(10)
    assert call.is_established
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("seed", range(5))
def test_a_storm_of_repetitions_changes_nothing(seed: int) -> None:
    world = World(seed)
    world.register("alice", "bob")
    world.network.set_links(Link(delay=1.2, jitter=0.4, duplication=0.9))
    call = world.alice.call("102")
    world.run(25)
    assert call.is_established
    assert len(world.bob.calls) == 1
    call.hang_up()
    world.expect_clean()
    assert len(world.switch.cdrs) == 2
