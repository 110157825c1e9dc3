"""The caller gives up while it rings (RFC 3665 section 3.8); CANCEL may cross the 200."""

from tests.support.manner import NEVER_ANSWERS, Manner
from tests.support.switch import World


def test_a_caller_who_hangs_up_while_it_rings_cancels_the_call() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = NEVER_ANSWERS
    call = world.alice.call("102")
    world.at(3, call.hang_up)
    world.run(5)
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
          |--CANCEL---------->|                   |    3.000
          |<-200 CANCEL-------|                   |    3.010
          |<-487 INVITE-------|                   |    3.010
          |                   |--CANCEL---------->|    3.010
          |--ACK------------->|                   |    3.020
          |                   |<-200 CANCEL-------|    3.020
          |                   |<-487 INVITE-------|    3.020
          |                   |--ACK------------->|    3.030
    """,
    )
    assert call.final == 487
    assert [(cdr.status, cdr.cause) for cdr in world.switch.cdrs] == [(487, "cancelled")] * 2
    world.expect_clean()


def test_a_call_that_is_cancelled_before_it_rings_waits_for_a_provisional_response() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(ring_after=3.0, answer_after=None)
    call = world.alice.call("102")
    world.at(1, call.hang_up)
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
          |<-100 INVITE-------|                   |    0.230
          |                   |--INVITE sdp------>|    0.531
          |--CANCEL---------->|                   |    1.000
          |<-200 CANCEL-------|                   |    1.010
          |<-487 INVITE-------|                   |    1.010
          |--ACK------------->|                   |    1.020
          |                   |--INVITE sdp------>|    1.531
          |                   |<-180 INVITE-------|    3.041
          |                   |--CANCEL---------->|    3.051
          |                   |<-200 CANCEL-------|    3.061
          |                   |<-487 INVITE-------|    3.061
          |                   |--ACK------------->|    3.071
    """,
    )
    assert call.final == 487
    world.expect_clean()


def test_a_cancel_that_crosses_the_200_ends_the_answered_leg_with_bye() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    bob_answers_at = 2.0 + 0.051
    world.at(bob_answers_at - 0.005, call.hang_up)
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
          |                   |<-180 INVITE-------|    0.041
          |<-180 INVITE-------|                   |    0.051
          |                   |<-200 INVITE sdp---|    2.041
          |--CANCEL---------->|                   |    2.046
          |                   |--ACK------------->|    2.051
          |<-200 INVITE sdp---|                   |    2.051
          |<-200 CANCEL-------|                   |    2.056
          |--ACK------------->|                   |    2.061
          |--BYE------------->|                   |    2.061
          |<-200 BYE----------|                   |    2.071
          |                   |--BYE------------->|    2.071
          |                   |<-200 BYE----------|    2.081
    """,
    )
    world.expect_clean()


def test_a_cancel_that_comes_after_the_200_is_too_late() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.at(2.067, call.hang_up)
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
          |                   |<-180 INVITE-------|    0.041
          |<-180 INVITE-------|                   |    0.051
          |                   |<-200 INVITE sdp---|    2.041
          |                   |--ACK------------->|    2.051
          |<-200 INVITE sdp---|                   |    2.051
          |--ACK------------->|                   |    2.061
          |--BYE------------->|                   |    2.067
          |<-200 BYE----------|                   |    2.077
          |                   |--BYE------------->|    2.077
          |                   |<-200 BYE----------|    2.087
    """,
    )
    assert call.final == 200
    world.expect_clean()


def test_a_lost_cancel_is_repeated() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = NEVER_ANSWERS
    world.network.lose("alice", "switch", "CANCEL")
    world.network.lose("switch", "bob", "CANCEL", times=2)
    call = world.alice.call("102")
    world.at(3, call.hang_up)
    world.run(8)
    assert call.final == 487
    assert world.bob.calls[0].final == 487
    world.expect_clean()
