"""Session timers (RFC 4028): refreshes keep a call, silence ends it."""

from tests.support.manner import Habits
from tests.support.switch import World

LONG = 4000.0


def test_a_call_between_phones_without_session_timers_lasts() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(LONG)
    assert call.is_established
    assert world.bob.calls[0].is_established
    call.hang_up()
    world.expect_clean()


def test_a_phone_that_refreshes_keeps_its_call() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = Habits(session_expires=1800, refresher="uac")
    call = world.alice.call("102")
    world.run(LONG)
    assert call.is_established
    assert call.reinvite_statuses
    assert set(call.reinvite_statuses) == {200}
    call.hang_up()
    world.expect_clean()


def test_a_phone_that_refreshes_by_update_keeps_its_call() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = Habits(session_expires=1800, refresher="uac", refresh_method="UPDATE")
    call = world.alice.call("102")
    world.run(LONG)
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_the_switch_refreshes_when_the_phone_asks_it_to() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = Habits(session_expires=1800, refresher="uas")
    call = world.alice.call("102")
    world.run(LONG)
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
          |                   |--UPDATE---------->|    902.051
          |<-UPDATE-----------|                   |    902.051
          |                   |<-200 UPDATE-------|    902.061
          |--200 UPDATE------>|                   |    902.061
          |                   |--UPDATE---------->|    1802.071
          |<-UPDATE-----------|                   |    1802.071
          |                   |<-200 UPDATE-------|    1802.081
          |--200 UPDATE------>|                   |    1802.081
          |                   |--UPDATE---------->|    2702.091
          |<-UPDATE-----------|                   |    2702.091
          |                   |<-200 UPDATE-------|    2702.101
          |--200 UPDATE------>|                   |    2702.101
          |                   |--UPDATE---------->|    3602.111
          |<-UPDATE-----------|                   |    3602.111
          |                   |<-200 UPDATE-------|    3602.121
          |--200 UPDATE------>|                   |    3602.121
    """,
    )
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_a_called_phone_takes_part_in_session_timers() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.habits = Habits(session_expires=1800)
    call = world.alice.call("102")
    world.run(LONG)
    assert call.is_established
    assert world.bob.calls[0].is_established
    call.hang_up()
    world.expect_clean()


def test_a_session_that_its_phone_does_not_refresh_expires() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = Habits(session_expires=120, refresher="uac", refreshes=False)
    call = world.alice.call("102")
    world.run(200)
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
          |<-BYE--------------|                   |    90.051
          |                   |--BYE------------->|    90.051
          |--BYE------------->|                   |    90.061
          |--200 BYE--------->|                   |    90.061
          |                   |<-200 BYE----------|    90.061
          |<-200 BYE----------|                   |    90.071
    """,
    )
    assert not call.is_established
    assert not world.bob.calls[0].is_established
    assert world.switch.cdrs
    world.expect_clean()


def test_an_interval_that_is_too_small_is_refused_with_422() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = Habits(session_expires=20)
    call = world.alice.call("102")
    world.run(5)
    assert call.final == 422
    world.expect_clean()


def test_a_phone_that_disappears_is_noticed_by_the_session_timer() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    world.bob.disappear()
    world.begin()
    world.run(LONG)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |                   |--UPDATE--------X  |    898.051
          |<-UPDATE-----------|                   |    898.051
          |--200 UPDATE------>|                   |    898.061
          |                   |--UPDATE--------X  |    898.551
          |                   |--UPDATE--------X  |    899.551
          |                   |--UPDATE--------X  |    901.551
          |                   |--UPDATE--------X  |    905.551
          |                   |--UPDATE--------X  |    909.551
          |                   |--UPDATE--------X  |    913.551
          |                   |--UPDATE--------X  |    917.551
          |                   |--UPDATE--------X  |    921.551
          |                   |--UPDATE--------X  |    925.551
          |                   |--UPDATE--------X  |    929.551
          |                   |--BYE-----------X  |    930.051
          |<-BYE--------------|                   |    930.051
          |--200 BYE--------->|                   |    930.061
          |                   |--BYE-----------X  |    930.551
          |                   |--BYE-----------X  |    931.551
          |                   |--BYE-----------X  |    933.551
          |                   |--BYE-----------X  |    937.551
          |                   |--BYE-----------X  |    941.551
          |                   |--BYE-----------X  |    945.551
          |                   |--BYE-----------X  |    949.551
          |                   |--BYE-----------X  |    953.551
          |                   |--BYE-----------X  |    957.551
          |                   |--BYE-----------X  |    961.551
    """,
    )
    assert call.ended_by == "them"
    assert world.switch.cdrs[0].cause in {"session_expired", "dialog_lost"}
    assert world.switch.cdrs[0].released_by != "caller"
    world.settle()
    assert world.switch.leftovers() == {}


def test_the_switch_refreshes_by_invite_a_phone_that_knows_no_update() -> None:
    world = World()
    world.register("alice", "bob")
    allow = "INVITE, ACK, CANCEL, BYE"
    world.alice.habits = Habits(session_expires=1800, refresher="uas", allow=allow)
    world.bob.habits = Habits(allow=allow)
    call = world.alice.call("102")
    world.run(LONG)
    assert call.is_established
    assert "INVITE" in call.requests
    assert "UPDATE" not in call.requests
    assert "INVITE" in world.bob.calls[0].requests
    call.hang_up()
    world.expect_clean()


def test_a_refused_refresh_leaves_the_call_alone() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.habits = Habits(answers_updates=False, allow="INVITE, ACK, CANCEL, BYE")
    call = world.alice.call("102")
    world.run(LONG)
    assert call.is_established
    call.hang_up()
    world.expect_clean()
