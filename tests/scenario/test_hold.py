"""Hold and resume, by re-INVITE from either side (RFC 3665 section 3.7, RFC 3264 section 8.4)."""

from tests.support.manner import Habits
from tests.support.switch import World


def test_a_caller_holds_and_resumes() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    callee = world.bob.calls[0]
    world.begin()
    call.hold()
    world.run(1)
    assert (callee.remote and callee.remote.direction) == "sendonly"
    assert (call.remote and call.remote.direction) == "recvonly"
    assert world.talks(call, callee) == (True, False)
    call.resume()
    world.run(1)
    assert world.talks(call, callee) == (True, True)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |                   |--INVITE sdp------>|    0.010
          |                   |<-200 INVITE sdp---|    0.020
          |                   |--ACK------------->|    0.030
          |<-200 INVITE sdp---|                   |    0.030
          |--ACK------------->|                   |    0.040
          |--INVITE sdp------>|                   |    1.000
          |                   |--INVITE sdp------>|    1.010
          |                   |<-200 INVITE sdp---|    1.020
          |                   |--ACK------------->|    1.030
          |<-200 INVITE sdp---|                   |    1.030
          |--ACK------------->|                   |    1.040
    """,
    )
    call.hang_up()
    world.expect_clean()


def test_a_called_phone_holds_and_resumes() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    callee = world.bob.calls[0]
    callee.hold()
    world.run(1)
    assert world.talks(callee, call) == (True, False)
    callee.resume()
    world.run(1)
    assert world.talks(callee, call) == (True, True)
    callee.hang_up()
    world.expect_clean()


def test_both_sides_hold_and_one_resumes() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    callee = world.bob.calls[0]
    call.hold()
    world.run(1)
    callee.hold()
    world.run(1)
    assert world.talks(call, callee) == (False, False)
    call.resume()
    world.run(1)
    callee.resume()
    world.run(1)
    assert world.talks(call, callee) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_refused_reinvite_leaves_the_call_as_it_was() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.habits = Habits(answers_updates=False)
    call = world.alice.call("102")
    world.run(4)
    world.begin()
    call.hold()
    world.run(1)
    assert call.reinvite_statuses == [488]
    assert call.is_established
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |                   |--INVITE sdp------>|    0.010
          |                   |<-488 INVITE-------|    0.020
          |                   |--ACK------------->|    0.030
          |<-488 INVITE-------|                   |    0.030
          |--ACK------------->|                   |    0.040
    """,
    )
    call.hang_up()
    world.expect_clean()


def test_a_reinvite_without_offer_asks_the_other_side() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    world.begin()
    call.reinvite(described=False)
    world.run(1)
    assert call.reinvite_statuses == [200]
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE---------->|                   |    0.000
          |                   |--INVITE---------->|    0.010
          |                   |<-200 INVITE sdp---|    0.020
          |<-200 INVITE sdp---|                   |    0.030
          |--ACK sdp--------->|                   |    0.040
          |                   |--ACK sdp--------->|    0.050
    """,
    )
    call.hang_up()
    world.expect_clean()
