"""Phones behind NATs: what they write is not where they are (RFC 3581, RFC 5626 section 3)."""

from switch.sip.flow import Address
from tests.support.switch import World

INSIDE = Address("192.168.1.10", 5060)
OUTSIDE = Address("203.0.113.77", 41234)


def test_a_phone_behind_a_nat_is_called_through_its_flow() -> None:
    world = World()
    world.replace_phone("bob", OUTSIDE, claimed=INSIDE)
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    assert call.is_established
    call.recode()
    world.run(1)
    assert call.reinvite_statuses == [200]
    call.hang_up()
    world.expect_clean()
    assert world.bob.calls[0].ended_by == "them"


def test_a_phone_behind_a_nat_calls_and_is_hung_up_on() -> None:
    world = World()
    world.replace_phone("bob", OUTSIDE, claimed=INSIDE)
    world.register("alice", "bob")
    call = world.bob.call("101")
    world.run(4)
    assert call.is_established
    world.alice.calls[0].recode()
    world.run(1)
    world.alice.calls[0].hang_up()
    world.run(1)
    assert call.ended_by == "them"
    world.expect_clean()


def test_a_phone_whose_nat_gives_it_another_port_is_reached_after_it_registers_again() -> None:
    world = World()
    world.replace_phone("bob", OUTSIDE, claimed=INSIDE)
    world.register("alice", "bob")
    world.bob.move(Address("203.0.113.77", 45678))
    world.bob.register(600)
    world.run(1)
    call = world.alice.call("102")
    world.run(4)
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_a_nat_that_changes_in_the_middle_of_a_call_is_followed_by_the_phones_own_requests() -> (
    None
):
    world = World()
    world.replace_phone("bob", OUTSIDE, claimed=INSIDE)
    world.register("alice", "bob")
    call = world.bob.call("101")
    world.run(4)
    world.bob.move(Address("203.0.113.77", 45678))
    call.hold()
    world.run(1)
    assert call.reinvite_statuses == [200]
    world.alice.calls[0].hang_up()
    world.run(1)
    assert call.ended_by == "them"
    world.expect_clean()
