"""Lamps: who watches an extension or a slot sees what it does (RFC 4235, RFC 4662)."""

from tests.support.switch import World

EVENTLIST = ("Supported", "eventlist")


def office() -> World:
    """Let four phones register."""
    world = World()
    world.register("alice", "bob", "carol", "dave")
    return world


def test_an_extensions_lamp_follows_its_calls() -> None:
    world = office()
    told = world.carol.watch("101")
    world.run(1)
    assert b"<state>terminated</state>" in told[-1]
    call = world.carrier_1.call_in("0312340001")
    world.run(1)
    assert b"<state>early</state>" in told[-1]
    assert b'direction="recipient"' in told[-1]
    world.run(4)
    assert b"<state>confirmed</state>" in told[-1]
    world.alice.calls[0].hold()
    world.run(1)
    assert b"+sip.rendering" in told[-1]
    call.hang_up()
    world.run(1)
    assert b"<state>terminated</state>" in told[-1]


def test_a_watcher_picks_up_what_its_lamp_has_named() -> None:
    world = office()
    told = world.carol.watch("101")
    world.run(1)
    call = world.carrier_1.call_in("0312340001")
    world.run(1.5)
    named = dict(
        part.split("=", 1)
        for part in told[-1].decode().replace('"', "").split()
        if "-" in part and "=" in part
    )
    value = f"{named['call-id']};to-tag={named['local-tag']};from-tag={named['remote-tag']}"
    taking = world.carol.call("101", fields=(("Replaces", value),))
    world.run(2)
    assert world.talks(call, taking) == (True, True)
    call.hang_up()
    world.run(1)


def test_a_slots_lamp_blinks_while_a_call_waits_in_it() -> None:
    world = office()
    told = world.bob.watch("*1")
    call = world.carrier_1.call_in("0312340001")
    world.run(4)
    world.alice.calls[0].refer("*1")
    world.run(1)
    assert b"+sip.rendering" in told[-1]
    fetching = world.carol.call("*1")
    world.run(2)
    assert b"<state>terminated</state>" in told[-1]
    assert world.talks(call, fetching) == (True, True)
    call.hang_up()
    world.run(1)


def test_one_subscription_shows_every_lamp_of_the_contract() -> None:
    world = office()
    told = world.bob.watch("lamps", fields=(EVENTLIST,))
    world.run(1)
    assert told[-1].count(b"application/dialog-info+xml") == 12
    call = world.carrier_1.call_in("0312340001")
    world.run(1)
    assert told[-1].count(b"application/dialog-info+xml") == 1
    assert b"sip:101@" in told[-1]
    call.hang_up()
    world.run(1)


def test_what_belongs_to_another_contract_is_as_if_it_were_nowhere() -> None:
    world = office()
    watched = [world.dave.watch("102"), world.dave.watch("nobody"), world.carol.watch("109")]
    told = world.dave.watch("*1")
    world.run(1)
    assert watched == [[b"404"]] * 3
    call = world.carrier_1.call_in("0312340001")
    world.run(4)
    world.alice.calls[0].refer("*1")
    world.run(1)
    assert len(told) == 1
    call.hang_up()
    world.run(1)


def test_a_phone_that_vanishes_is_told_no_more() -> None:
    world = office()
    told = world.bob.watch("101")
    world.run(1)
    world.bob.disappear()
    call = world.carrier_1.call_in("0312340001")
    world.run(40)
    assert len(told) == 1
    assert len(world.switch.core.notifier) == 0
    call.hang_up()
    world.run(1)


def test_a_party_outside_the_contract_is_shown_by_its_number_not_by_its_extension() -> None:
    world = office()
    told = world.bob.watch("*1")
    for dialled, shown in (("0398765432", b"0398765432"), ("0612340001", b"+81612340001")):
        call = world.alice.call(dialled)
        world.run(4)
        call.refer("*1")
        world.run(2)
        assert b"sip:" + shown + b"@" in told[-1]
        fetched = world.carol.call("*1")
        world.run(2)
        fetched.hang_up()
        world.run(2)
