"""Phones on TCP: no repetitions, calls on the phone's connection (RFC 3261 section 18)."""

import pytest

from switch.sip.flow import Transport
from tests.support.manner import MUTE
from tests.support.switch import World


def test_a_call_over_tcp_uses_the_phones_connections() -> None:
    world = World(transport=Transport.TCP)
    world.register("alice", "bob")
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
          |                   |--ACK------------->|    2.051
          |<-200 INVITE sdp---|                   |    2.051
          |--ACK------------->|                   |    2.061
          |--BYE------------->|                   |    5.000
          |<-200 BYE----------|                   |    5.010
          |                   |--BYE------------->|    5.010
          |                   |<-200 BYE----------|    5.020
    """,
    )
    assert world.network.connections() == (1, 2)
    world.expect_clean()


def test_a_call_crosses_from_tcp_to_udp() -> None:
    world = World()
    world.bob.transport = Transport.TCP
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    assert call.is_established
    world.bob.calls[0].hang_up()
    world.expect_clean()


def test_a_closed_connection_takes_its_binding_along() -> None:
    world = World(transport=Transport.TCP)
    world.register("alice", "bob")
    bobs = world.network.connections()[-1]
    world.network.close(bobs)
    world.run(1)
    call = world.alice.call("102")
    world.run(3)
    assert call.final == 480
    world.expect_clean()


def test_a_connection_that_closes_while_it_rings_fails_the_call() -> None:
    world = World(transport=Transport.TCP)
    world.register("alice", "bob")
    world.bob.manner = MUTE
    call = world.alice.call("102")
    bobs = world.network.connections()[-1]
    world.at(2, lambda: world.network.close(bobs))
    world.run(5)
    assert call.final is not None
    assert call.final >= 400
    world.settle()
    assert world.switch.leftovers() == {}


@pytest.mark.parametrize("closes_at", [0.1, 0.5, 1.5, 4.0])
def test_a_caller_whose_connection_closes_leaves_nothing_behind(closes_at: float) -> None:
    world = World()
    world.alice.transport = Transport.TCP
    world.register("alice", "bob")
    world.switch.media.delay = 0.3
    world.alice.call("102")
    world.at(closes_at, lambda: world.network.close(1))
    world.settle()
    for call in world.bob.calls:
        call.hang_up()
    world.settle()
    assert world.switch.leftovers() == {}
