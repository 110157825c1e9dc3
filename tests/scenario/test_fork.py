"""A proxy behind the switch forks: early dialogs and 2xx responses with several To tags."""

from tests.support.manner import Manner
from tests.support.switch import World


def test_the_second_200_is_acknowledged_and_ended_and_the_caller_sees_one() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(forks=True)
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
          |                   |<-180 INVITE-------|    0.041
          |<-180 INVITE-------|                   |    0.051
          |                   |<-200 INVITE sdp---|    2.041
          |                   |<-200 INVITE sdp---|    2.041
          |                   |--ACK------------->|    2.051
          |<-200 INVITE sdp---|                   |    2.051
          |                   |--ACK------------->|    2.051
          |                   |--BYE------------->|    2.051
          |--ACK------------->|                   |    2.061
          |                   |<-200 BYE----------|    2.061
          |--BYE------------->|                   |    5.000
          |<-200 BYE----------|                   |    5.010
          |                   |--BYE------------->|    5.010
          |                   |<-200 BYE----------|    5.020
    """,
    )
    assert call.statuses.count(200) == 1
    assert call.forks == []
    world.expect_clean()


def test_two_early_dialogs_make_one_ringing_caller() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(rings_twice=True)
    call = world.alice.call("102")
    world.at(5, call.hang_up)
    world.run(7)
    assert call.final == 200
    world.expect_clean()


def test_a_phone_that_refuses_after_its_own_200_keeps_the_call() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(second_status=486)
    call = world.alice.call("102")
    world.run(4)
    assert call.is_established
    call.hang_up()
    world.expect_clean()
