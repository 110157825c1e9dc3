"""A call between two extensions (RFC 3665 section 3.1, with the switch in the middle)."""

from tests.support.network import Link
from tests.support.switch import World


def test_a_call_is_challenged_rings_is_answered_and_ends() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.at(5, call.hang_up)
    world.run(4)
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    world.run(4)
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
    a, b = world.switch.cdrs
    assert (a.leg, a.status, a.cause, a.released_by) == ("a", 200, "normal", "caller")
    assert (b.leg, b.status, b.device) == ("b1", 200, "bob")
    assert a.answered_at is not None
    assert 2.8 < a.ended_at - a.answered_at < 3.0
    world.expect_clean()


def test_the_called_phone_may_hang_up() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    world.begin()
    world.bob.calls[0].hang_up()
    world.run(1)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |                   |<-BYE--------------|    0.000
          |                   |--200 BYE--------->|    0.010
          |<-BYE--------------|                   |    0.010
          |--200 BYE--------->|                   |    0.020
    """,
    )
    assert call.ended_by == "them"
    assert world.switch.cdrs[0].released_by == "callee"
    world.expect_clean()


def test_a_direct_number_reaches_its_device_without_a_trunk() -> None:
    world = World()
    world.register("alice", "dave")
    call = world.alice.call("0612340001")
    world.run(4)
    assert call.is_established
    assert len(world.dave.calls) == 1
    assert world.carrier_1.calls == []
    call.hang_up()
    world.expect_clean()


def test_neither_side_learns_of_the_other_sides_network() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    call.recode()
    world.run(1)
    call.hold()
    world.run(1)
    call.hang_up()
    world.settle()
    to_bob = b"".join(p.octets for p in world.network.passages if p.destination == "bob")
    to_alice = b"".join(p.octets for p in world.network.passages if p.destination == "alice")
    assert b"192.0.2.11" not in to_bob
    assert b"192.0.2.12" not in to_alice
    assert call.call_id.encode() not in to_bob


def test_two_calls_at_once_do_not_disturb_each_other() -> None:
    world = World()
    world.register()
    first, second = world.alice.call("102"), world.carol.call("0612340001")
    world.run(4)
    assert world.talks(first, world.bob.calls[0]) == (True, True)
    assert world.talks(second, world.dave.calls[0]) == (True, True)
    first.hang_up()
    world.run(1)
    assert second.is_established
    second.hang_up()
    world.expect_clean()
    assert len(world.switch.cdrs) == 4


def test_the_story_of_a_call_can_be_read_in_the_log() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    call.hang_up()
    world.settle()
    events = [event for event in world.switch.events() if event.startswith("call_")]
    assert events[:2] == ["call_received", "call_routed"]
    assert events[-1] == "call_ended"
    assert "call_answered" in events
    (received,) = world.switch.logged("call_received")
    (ended,) = world.switch.logged("call_ended")
    assert received.fields["call_id"] == ended.fields["call_id"]


def test_the_same_seed_replays_a_call_byte_for_byte() -> None:
    def run(seed: int) -> bytes:
        world = World(seed, Link(delay=0.02, jitter=0.1, loss=0.1, duplication=0.1))
        world.register("alice", "bob")
        call = world.alice.call("102")
        world.run(10)
        call.hang_up()
        world.settle()
        return world.network.trace()

    assert run(5) == run(5)
    assert run(5) != run(6)
