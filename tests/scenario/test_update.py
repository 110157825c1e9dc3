"""UPDATE inside a call (RFC 3311)."""

from tests.support.switch import World


def test_an_update_with_an_offer_reaches_the_other_side() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    callee = world.bob.calls[0]
    world.begin()
    call.recode(method="UPDATE")
    world.run(1)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--UPDATE sdp------>|                   |    0.000
          |                   |--UPDATE sdp------>|    0.010
          |                   |<-200 UPDATE sdp---|    0.020
          |<-200 UPDATE sdp---|                   |    0.030
    """,
    )
    assert call.reinvite_statuses == [200]
    assert (callee.remote and callee.remote.payloads) == (0, 101)
    assert world.talks(call, callee) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_an_update_without_an_offer_is_answered_by_the_switch() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    call.update(described=False)
    world.run(1)
    assert call.reinvite_statuses == [200]
    call.hang_up()
    world.expect_clean()


def test_crossing_updates_are_refused_with_491_and_the_call_goes_on() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    callee = world.bob.calls[0]
    call.recode((0, 8), method="UPDATE")
    callee.recode((8, 101), method="UPDATE")
    world.run(5)
    assert call.is_established
    assert set(call.reinvite_statuses + callee.reinvite_statuses) <= {200, 491}
    call.hang_up()
    world.expect_clean()
