"""Calls that are refused, and calls that nobody takes (RFC 3665 sections 3.6 and 3.9 to 3.11)."""

import pytest

from tests.support.manner import BUSY, DECLINES, MUTE, NEVER_ANSWERS, Manner
from tests.support.switch import World


def test_a_busy_phone_refuses_the_call() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = BUSY
    call = world.alice.call("102")
    world.run(2)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |<-407 INVITE-------|                   |    0.010
          |--ACK------------->|                   |    0.020
          |--INVITE sdp------>|                   |    0.020
          |                   |--INVITE sdp------>|    0.031
          |                   |<-486 INVITE-------|    0.041
          |                   |--ACK------------->|    0.051
          |<-486 INVITE-------|                   |    0.051
          |--ACK------------->|                   |    0.061
    """,
    )
    assert call.final == 486
    assert [(cdr.leg, cdr.status, cdr.cause) for cdr in world.switch.cdrs] == [
        ("a", 486, "busy"),
        ("b1", 486, "busy"),
    ]
    world.expect_clean()


def test_a_declined_call_says_so() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = DECLINES
    call = world.alice.call("102")
    world.run(3)
    assert call.final == 603
    assert world.switch.cdrs[0].cause == "declined"
    world.expect_clean()


@pytest.mark.parametrize("status", [404, 480, 488, 500, 503, 604])
def test_every_refusal_reaches_the_caller_as_a_final_response(status: int) -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(answer_status=status, answer_after=0.5)
    call = world.alice.call("102")
    world.run(40)
    assert call.final is not None
    assert call.final >= 400
    assert call.final // 100 in {status // 100, 4, 5}
    world.expect_clean()


def test_a_phone_that_never_answers_rings_until_patience_ends() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = NEVER_ANSWERS
    call = world.alice.call("102")
    world.run(179)
    assert call.statuses == [180]
    world.run(3)
    assert call.final == 480
    assert world.switch.cdrs[0].cause == "no_answer"
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
          |<-480 INVITE-------|                   |    180.030
          |                   |--CANCEL---------->|    180.030
          |--ACK------------->|                   |    180.040
          |                   |<-200 CANCEL-------|    180.040
          |                   |<-487 INVITE-------|    180.040
          |                   |--ACK------------->|    180.050
    """,
    )
    world.expect_clean()


def test_a_phone_that_does_not_respond_at_all_is_unreachable() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = MUTE
    call = world.alice.call("102")
    world.run(40)
    assert call.final in {408, 480}
    assert world.switch.cdrs[0].cause == "unreachable"
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
          |                   |--INVITE sdp------>|    1.531
          |                   |--INVITE sdp------>|    3.531
          |                   |--INVITE sdp------>|    7.531
          |                   |--INVITE sdp------>|    15.531
          |                   |--INVITE sdp------>|    31.531
          |<-480 INVITE-------|                   |    32.031
          |--ACK------------->|                   |    32.041
    """,
    )
    world.expect_clean()


def test_an_unknown_extension_is_not_found() -> None:
    world = World()
    world.register("alice")
    call = world.alice.call("299")
    world.run(2)
    world.expect(
        "alice switch",
        """
        alice               switch
          |--INVITE sdp------>|    0.000
          |<-407 INVITE-------|    0.010
          |--ACK------------->|    0.020
          |--INVITE sdp------>|    0.020
          |<-404 INVITE-------|    0.030
          |--ACK------------->|    0.040
    """,
    )
    assert call.final == 404
    assert len(world.switch.cdrs) == 1
    world.expect_clean()


def test_a_device_that_is_not_registered_is_temporarily_unavailable() -> None:
    world = World()
    world.register("alice")
    call = world.alice.call("102")
    world.run(2)
    world.expect(
        "alice switch",
        """
        alice               switch
          |--INVITE sdp------>|    0.000
          |<-407 INVITE-------|    0.010
          |--ACK------------->|    0.020
          |--INVITE sdp------>|    0.020
          |<-480 INVITE-------|    0.030
          |--ACK------------->|    0.040
    """,
    )
    assert call.final == 480
    assert world.switch.cdrs[0].cause == "unreachable"
    world.expect_clean()


def test_a_redirection_is_not_followed_for_the_caller() -> None:
    world = World()
    world.register("alice", "bob", "carol")
    contact = ("Contact", "<sip:carol@192.0.2.13>")
    world.bob.manner = Manner(answer_status=302, answer_after=0.5, answer_fields=(contact,))
    call = world.alice.call("102")
    world.run(5)
    assert call.final is not None
    assert call.final >= 400
    assert world.carol.calls == []
    world.expect_clean()


def test_a_wrong_password_never_rings_anybody() -> None:
    world = World()
    world.register("bob")
    world.alice.credentials.password = "guess"  # noqa: S105 - a wrong one
    call = world.alice.call("102")
    world.run(2)
    assert call.final == 407
    assert world.bob.calls == []
    assert world.switch.cdrs == []
    world.settle()
    assert world.switch.leftovers() == {}
