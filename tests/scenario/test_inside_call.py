"""What else may happen inside a call: digits by INFO, OPTIONS, a re-INVITE that is withdrawn."""

from tests.support.manner import Manner
from tests.support.network import Link
from tests.support.switch import World


def test_a_digit_sent_by_info_reaches_the_other_side() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    call.press("5")
    world.run(1)
    assert call.info_statuses == [200]
    assert world.bob.calls[0].digits == [b"Signal=5\r\nDuration=160\r\n"]
    call.hang_up()
    world.expect_clean()


def test_a_reinvite_may_be_withdrawn_before_it_is_answered() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    world.network.set_link("switch", "bob", Link(delay=0.5))
    world.begin()
    call.recode()
    world.run(0.3)
    call.withdraw()
    world.run(5)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |                   |--INVITE sdp------>|    0.010
          |<-100 INVITE-------|                   |    0.210
          |--CANCEL---------->|                   |    0.300
          |<-200 CANCEL-------|                   |    0.310
          |<-487 INVITE-------|                   |    0.310
          |--ACK------------->|                   |    0.320
          |                   |<-200 INVITE sdp---|    0.510
          |                   |--INVITE sdp------>|    0.510
          |                   |--ACK------------->|    1.010
          |                   |--INVITE sdp------>|    1.010
          |                   |<-200 INVITE sdp---|    1.010
          |                   |--INVITE sdp------>|    1.510
          |                   |<-200 INVITE sdp---|    1.510
          |                   |--ACK------------->|    1.510
          |                   |--ACK------------->|    2.010
          |                   |<-200 INVITE sdp---|    2.010
          |                   |--ACK------------->|    2.510
    """,
    )
    assert len(call.reinvite_statuses) == 1
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_options_outside_a_call_are_answered_without_challenge() -> None:
    world = World()
    statuses = world.alice.ask("OPTIONS")
    world.settle()
    assert statuses == [200]
    assert world.switch.leftovers() == {}


def test_an_extension_that_nobody_knows_is_refused_with_420() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102", fields=(("Require", "teleportation"),))
    world.run(2)
    assert call.final == 420
    assert call.final_response is not None
    assert call.final_response.first("unsupported") == "teleportation"
    assert world.bob.calls == []


def test_a_call_is_hung_up_by_its_caller_before_the_ack_arrives() -> None:
    world = World()
    world.register("alice", "bob")
    world.network.lose("alice", "switch", "ACK", times=3, skip=1)
    call = world.alice.call("102")
    world.run(2.3)
    call.hang_up()
    world.expect_clean()
    assert len(world.switch.cdrs) == 2


def test_a_called_phone_hangs_up_at_once_after_answering() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(hang_up_after=0.001)
    call = world.alice.call("102")
    world.run(5)
    assert call.final == 200
    assert call.ended_by == "them"
    world.expect_clean()
