"""What operators do to calls: hang up, drain, and the end of the switch."""

from routing.customer import plain_customers
from routing.directory import Directory
from switch.command import Drain, HangUp, HangUpAll
from tests.support.manner import NEVER_ANSWERS
from tests.support.switch import World, device, trunks


def test_an_operator_ends_one_call() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    world.begin()
    world.switch.command(HangUp(next(iter(world.switch.core.dispatcher.calls))))
    world.run(1)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |<-BYE--------------|                   |    0.000
          |                   |--BYE------------->|    0.000
          |--200 BYE--------->|                   |    0.010
          |                   |<-200 BYE----------|    0.010
    """,
    )
    assert call.ended_by == "them"
    assert world.switch.cdrs[0].cause == "operator"
    world.expect_clean()


def test_a_draining_switch_takes_no_new_calls_and_lets_old_ones_end() -> None:
    world = World()
    world.register()
    first = world.alice.call("102")
    world.run(4)
    world.switch.command(Drain())
    second = world.carol.call("0612340001")
    world.run(4)
    assert (first.is_established, second.final) == (True, 503)
    first.hang_up()
    world.run(1)
    assert world.switch.core.is_idle
    world.expect_clean()


def test_hanging_up_all_ends_ringing_and_answered_calls() -> None:
    world = World()
    world.register()
    world.dave.manner = NEVER_ANSWERS
    first, second = world.alice.call("102"), world.carol.call("0612340001")
    world.run(4)
    world.switch.command(HangUpAll())
    world.run(2)
    assert first.ended_by == "them"
    assert second.final is not None
    assert world.switch.core.is_idle
    world.expect_clean()


def test_operators_see_the_calls_in_progress() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    (facts,) = world.switch.core.calls()
    assert (facts.caller, facts.called) == ("+81312340001", "102")
    assert facts.answered_at is not None
    assert len(facts.legs) == 2
    (kept,) = world.switch.core.dispatcher.calls.values()
    assert "CONNECTED" in repr(kept)
    call.hang_up()
    world.expect_clean()
    assert world.switch.core.calls() == []


def test_a_device_that_leaves_the_directory_loses_its_binding_and_keeps_its_call() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    smaller = Directory.build(plain_customers([device("alice"), device("carol")]), trunks())
    world.switch.replace_directory(smaller)
    assert call.is_established
    assert "bob" not in world.switch.bindings
    call.hang_up()
    world.expect_clean()
    again = world.alice.call("102")
    world.run(2)
    assert len(world.bob.calls) == 1
    again.hang_up()
    world.expect_clean()
