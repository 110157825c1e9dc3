"""Phones on IPv6, and calls between the two worlds: the switch relays from one to the other."""

from switch.sip.flow import Address
from tests.support.switch import SWITCH_IPV6, World


def test_an_ipv6_phone_calls_an_ipv4_phone() -> None:
    world = World()
    world.replace_phone("alice", Address("2001:db8::11", 5060), server=SWITCH_IPV6)
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    assert call.remote is not None
    assert ":" in call.remote.host
    call.hang_up()
    world.expect_clean()


def test_an_ipv4_phone_calls_an_ipv6_phone() -> None:
    world = World()
    world.replace_phone("bob", Address("2001:db8::12", 5060), server=SWITCH_IPV6)
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    world.bob.calls[0].hang_up()
    world.expect_clean()


def test_two_ipv6_phones_call_each_other() -> None:
    world = World()
    world.replace_phone("alice", Address("2001:db8::11", 5060), server=SWITCH_IPV6)
    world.replace_phone("bob", Address("2001:db8::12", 5060), server=SWITCH_IPV6)
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()
