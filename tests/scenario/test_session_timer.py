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
    assert call.is_established
    assert {"INVITE", "UPDATE"} & set(call.requests)
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
    world.run(LONG)
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
