"""Forwards: a call goes where the ID that it rang has set it, and the ID pays for it."""

from dataclasses import replace

from routing.customer import plain_customers
from routing.directory import Directory
from routing.handling import CallHandling, Condition
from tests.support.manner import BUSY, NEVER_ANSWERS
from tests.support.switch import PHONES, World, device, trunks


def world_with(condition: Condition, target: str) -> World:
    """Let bob forward his calls; he is called by the carrier's first call."""
    handling = CallHandling(forwards={condition: target}, no_answer_delay=5.0)
    devices = [
        replace(each, handling=handling) if each.username == "bob" else each
        for each in map(device, PHONES)
    ]
    world = World(directory=Directory.build(plain_customers(devices), trunks()))
    world.register("alice", "bob", "carol")
    return world


def test_every_call_goes_on_at_once() -> None:
    world = world_with(Condition.ALWAYS, "103")
    call = world.carrier_1.call_in("0312340002")
    world.run(4)
    assert world.talks(call, world.carol.calls[0]) == (True, True)
    assert not world.bob.calls
    call.hang_up()
    world.expect_clean()


def test_a_busy_phones_calls_go_on() -> None:
    world = world_with(Condition.BUSY, "103")
    world.bob.manner = BUSY
    call = world.carrier_1.call_in("0312340002")
    world.run(5)
    assert world.talks(call, world.carol.calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_call_that_nobody_answers_goes_on_in_time_and_the_phone_stops_ringing() -> None:
    world = world_with(Condition.NO_ANSWER, "103")
    world.bob.manner = NEVER_ANSWERS
    call = world.carrier_1.call_in("0312340002")
    world.run(4)
    assert not world.carol.calls
    world.run(6)
    assert world.talks(call, world.carol.calls[0]) == (True, True)
    assert world.bob.calls[0].final == 487
    call.hang_up()
    world.expect_clean()


def test_a_phone_out_of_reach_has_its_calls_sent_outside() -> None:
    world = world_with(Condition.UNREACHABLE, "09012345678")
    world.bob.disappear()
    call = world.alice.call("102")
    world.run(50)
    out = world.carrier_1.calls[-1]
    assert world.talks(call, out) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_forward_that_leads_nowhere_leaves_the_first_answer() -> None:
    world = world_with(Condition.BUSY, "109")
    world.bob.manner = BUSY
    call = world.alice.call("102")
    world.run(3)
    assert call.final == 486
    world.expect_clean()


def test_a_phone_sets_its_own_forward_by_code_and_hears_that_it_is_set() -> None:
    world = world_with(Condition.BUSY, "103")
    call = world.alice.call("*72103")
    world.run(1)
    assert world.hears(call) == "prompt:forwarding-on"
    world.run(3)
    ending = world.alice.call("*78")
    world.run(1)
    assert world.hears(ending) == "prompt:do-not-disturb-on"
    said = [(each.username, each.forwards, each.do_not_disturb) for each in world.switch.changes]
    assert said == [("alice", {"always": "103"}, None), ("alice", {}, True)]
    world.expect_clean()


def test_a_forward_to_where_nobody_may_call_is_not_set() -> None:
    world = world_with(Condition.BUSY, "103")
    for target in ("110", "01012125551234", "999"):
        call = world.alice.call(f"*72{target}")
        world.run(1)
        assert world.hears(call) == "prompt:forwarding-failed"
        world.run(4)
    world.expect_clean()
