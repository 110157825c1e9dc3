"""Late offers and early media: where descriptions travel (RFC 3264, RFC 3960)."""

from tests.support.manner import Manner
from tests.support.switch import World


def test_a_late_offer_crosses_in_the_200_and_its_answer_in_the_ack() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102", described=False)
    world.at(5, call.hang_up)
    world.run(4)
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    world.run(2)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE---------->|                   |    0.000
          |<-407 INVITE-------|                   |    0.010
          |--ACK------------->|                   |    0.020
          |--INVITE---------->|                   |    0.020
          |                   |--INVITE---------->|    0.031
          |                   |<-180 INVITE-------|    0.041
          |<-180 INVITE-------|                   |    0.051
          |                   |<-200 INVITE sdp---|    2.041
          |<-200 INVITE sdp---|                   |    2.051
          |--ACK sdp--------->|                   |    2.061
          |                   |--ACK sdp--------->|    2.071
          |--BYE------------->|                   |    5.000
          |<-200 BYE----------|                   |    5.010
          |                   |--BYE------------->|    5.010
          |                   |<-200 BYE----------|    5.020
    """,
    )
    world.expect_clean()


def test_early_media_is_heard_before_the_answer() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(ring_status=183, ring_described=True)
    call = world.alice.call("102")
    world.run(1)
    assert call.has_early_media
    assert world.talks(call, world.bob.calls[0])[1]
    world.at(5, call.hang_up)
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
          |                   |<-183 INVITE sdp---|    0.041
          |<-183 INVITE sdp---|                   |    0.051
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
    world.expect_clean()


def test_media_of_a_refused_call_is_released_after_early_media() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(ring_status=183, ring_described=True, answer_status=486)
    call = world.alice.call("102")
    world.run(5)
    assert call.final == 486
    world.expect_clean()
