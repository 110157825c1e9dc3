"""Both sides at once: re-INVITE glare (RFC 3261 section 14.1) and BYE glare."""

from tests.support.switch import World


def test_crossing_reinvites_are_refused_with_491_and_then_succeed() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    callee = world.bob.calls[0]
    world.begin()
    call.recode((0, 8))
    callee.recode((8, 101))
    world.run(10)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |                   |<-INVITE sdp-------|    0.000
          |                   |--INVITE sdp------>|    0.010
          |                   |--491 INVITE------>|    0.010
          |                   |<-491 INVITE-------|    0.020
          |                   |<-ACK--------------|    0.020
          |                   |--ACK------------->|    0.030
          |<-491 INVITE-------|                   |    0.030
          |--ACK------------->|                   |    0.040
          |                   |<-INVITE sdp-------|    1.580
          |<-INVITE sdp-------|                   |    1.590
          |--200 INVITE sdp-->|                   |    1.600
          |<-ACK--------------|                   |    1.610
          |                   |--200 INVITE sdp-->|    1.610
          |                   |<-ACK--------------|    1.620
          |--INVITE sdp------>|                   |    2.700
          |                   |--INVITE sdp------>|    2.710
          |                   |<-200 INVITE sdp---|    2.720
          |                   |--ACK------------->|    2.730
          |<-200 INVITE sdp---|                   |    2.730
          |--ACK------------->|                   |    2.740
    """,
    )
    assert call.reinvite_statuses[-1] == 200
    assert callee.reinvite_statuses[-1] == 200
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_crossing_byes_are_both_answered() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    callee = world.bob.calls[0]
    world.begin()
    call.hang_up()
    callee.hang_up()
    world.run(2)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--BYE------------->|                   |    0.000
          |                   |<-BYE--------------|    0.000
          |<-200 BYE----------|                   |    0.010
          |                   |--BYE------------->|    0.010
          |                   |--200 BYE--------->|    0.010
          |                   |<-200 BYE----------|    0.020
    """,
    )
    assert (call.bye_status, callee.bye_status) == (200, 200)
    world.expect_clean()


def test_a_bye_that_crosses_a_reinvite_ends_both() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    callee = world.bob.calls[0]
    call.recode()
    callee.hang_up()
    world.run(5)
    assert len(call.reinvite_statuses) == 1
    assert call.reinvite_statuses[0] >= 400
    world.expect_clean()


def test_a_caller_who_hangs_up_during_its_own_reinvite_ends_both() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    call.recode()
    call.hang_up()
    world.run(5)
    world.expect_clean()
