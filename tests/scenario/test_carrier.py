"""Which carrier a call out takes, and when the next one is tried."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from routing.carrier import CarrierRoute
from routing.customer import plain_customers
from routing.destination import Destination
from routing.directory import Directory
from routing.hours import Hours
from routing.trunk import Trunk
from switch.sip.flow import Address, Flow, Transport
from tests.support.call import Phase
from tests.support.chance import Chance
from tests.support.manner import BUSY, MUTE, NEVER_ANSWERS, Manner
from tests.support.storm import Garbler
from tests.support.switch import PHONES, SWITCH, WALL_OFFSET, World, device, trunks

ELSEWHERE = Flow(Transport.UDP, Address("192.0.2.66", 5060), SWITCH)

FAR = "0398765432"
MOBILE = "09012345678"


def refusing(status: int, *, ring_after: float | None = None, after: float = 0.0) -> Manner:
    return Manner(ring_after=ring_after, answer_after=after, answer_status=status)


def ready(*routes: CarrierRoute, lines: tuple[Trunk, ...] = ()) -> World:
    directory = Directory.build(plain_customers(map(device, PHONES)), lines or trunks(), routes)
    world = World(directory=directory)
    world.run(1)
    world.register("alice", "bob")
    return world


def route(name: str, destination: str, priority: int | None = None) -> CarrierRoute:
    return CarrierRoute(name, Destination.parse(destination), priority)


def called(world: World) -> tuple[int, int]:
    return len(world.carrier_1.calls), len(world.carrier_2.calls)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_carrier_that_fails_is_followed_by_the_next(status: int) -> None:
    world = ready()
    world.carrier_1.manner = refusing(status)
    call = world.alice.call(FAR)
    world.run(5)
    assert call.is_established
    assert called(world) == (1, 1)
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("status", [302, 400, 403, 404, 480, 484, 486, 488, 600, 603])
def test_what_a_carrier_says_of_the_called_party_is_not_asked_of_another(status: int) -> None:
    world = ready()
    world.carrier_1.manner = refusing(status)
    call = world.alice.call(FAR)
    world.run(5)
    assert call.final == (480 if status == 302 else status)
    assert called(world) == (1, 0)
    assert [log.fields["status"] for log in world.switch.logged("leg_failed")] == [status]
    world.expect_clean()


def test_a_redirection_of_a_carrier_is_not_followed() -> None:
    world = ready()
    contact = ("Contact", "<sip:0312345678@203.0.113.2>")
    world.carrier_1.manner = Manner(
        ring_after=None, answer_after=0.0, answer_status=302, answer_fields=(contact,)
    )
    call = world.alice.call(FAR)
    world.run(3)
    assert call.final == 480
    assert called(world) == (1, 0)
    world.expect_clean()


@pytest.mark.parametrize("ring_status", [180, 183])
def test_a_party_that_rang_is_not_rung_again_by_way_of_another_carrier(ring_status: int) -> None:
    world = ready()
    world.carrier_1.manner = replace(
        refusing(503, ring_after=0.0, after=2.0), ring_status=ring_status
    )
    call = world.alice.call(FAR)
    world.run(5)
    assert call.final == 500
    assert called(world) == (1, 0)
    world.expect_clean()


def test_the_ladder_of_a_ringing_that_ends_in_failure() -> None:
    world = ready()
    world.carrier_1.manner = refusing(503, ring_after=0.0, after=2.0)
    world.alice.call(FAR)
    world.run(4)
    world.expect(
        "alice switch carrier-1 carrier-2",
        """
        alice               switch              carrier-1           carrier-2
          |--INVITE sdp------>|                   |                   |    0.000
          |<-407 INVITE-------|                   |                   |    0.010
          |--ACK------------->|                   |                   |    0.020
          |--INVITE sdp------>|                   |                   |    0.020
          |                   |--INVITE sdp------>|                   |    0.031
          |                   |<-180 INVITE-------|                   |    0.041
          |<-180 INVITE-------|                   |                   |    0.051
          |                   |<-503 INVITE-------|                   |    2.041
          |                   |--ACK------------->|                   |    2.051
          |<-500 INVITE-------|                   |                   |    2.051
          |--ACK------------->|                   |                   |    2.061
    """,
    )
    world.expect_clean()


def test_a_carrier_that_asks_for_a_pause_gets_it() -> None:
    world = ready()
    world.carrier_1.manner = replace(refusing(503), answer_fields=(("Retry-After", "120"),))
    for _ in range(2):
        call = world.alice.call(FAR)
        world.run(4)
        call.hang_up()
        world.run(50)
    assert called(world) == (1, 2)
    (rest,) = world.switch.logged("trunk_rests")
    assert rest.fields["seconds"] == 120.0
    world.carrier_1.manner = BUSY
    world.run(40)
    world.alice.call(FAR)
    world.run(2)
    assert called(world) == (2, 2)
    world.expect_clean()


def test_a_full_carrier_is_passed_over() -> None:
    first, second = trunks()
    world = ready(lines=(replace(first, max_calls=1), second))
    one = world.alice.call(FAR)
    world.run(4)
    two = world.bob.call(MOBILE)
    world.run(4)
    assert called(world) == (1, 1)
    one.hang_up()
    two.hang_up()
    world.run(2)
    three = world.alice.call(FAR)
    world.run(4)
    assert called(world) == (2, 1)
    three.hang_up()
    world.expect_clean()


def test_a_route_sends_a_destination_to_its_carrier() -> None:
    world = ready(route("carrier-2", "mobile"))
    for number in (MOBILE, FAR):
        call = world.alice.call(number)
        world.run(4)
        call.hang_up()
        world.run(2)
    assert called(world) == (1, 1)
    world.expect_clean()


def test_a_call_without_a_route_is_refused() -> None:
    world = ready(
        route("carrier-1", "emergency"), route("carrier-1", "mobile"), route("carrier-2", "mobile")
    )
    call = world.alice.call(FAR)
    world.run(3)
    assert call.final is not None
    assert call.final >= 400
    assert called(world) == (0, 0)
    world.expect_clean()


def test_a_route_holds_in_its_hours_only() -> None:
    # The world begins at 17:00 on a Friday in Tokyo.
    assert WALL_OFFSET == 1_800_000_000.0
    evening = CarrierRoute(
        "carrier-2", Destination.parse("mobile"), hours=Hours.parse("fri 17:01-18:00")
    )
    world = ready(evening, route("carrier-2", "emergency"))
    for _ in range(2):
        call = world.alice.call(MOBILE)
        world.run(4)
        call.hang_up()
        world.run(60)
    assert called(world) == (1, 1)
    world.expect_clean()


def test_calls_are_shared_out_by_weight() -> None:
    any_number = Destination.parse("any")
    world = ready(
        CarrierRoute("carrier-1", any_number, 0, weight=3),
        CarrierRoute("carrier-2", any_number, 0, weight=1),
    )
    world.carrier_1.manner = world.carrier_2.manner = BUSY
    count = 200
    for _ in range(count):
        world.alice.call(FAR)
        world.run(3)
    shares = Counter(dict(zip("ab", called(world), strict=True)))
    assert shares.total() == count
    assert shares["a"] / count == pytest.approx(0.75, abs=0.08)
    world.expect_clean()


@pytest.mark.parametrize("status", [403, 404, 480, 486, 503, 603])
def test_an_emergency_call_goes_on_to_the_next_carrier_whatever_one_says(status: int) -> None:
    world = ready(route("carrier-1", "emergency"), route("carrier-2", "110"))
    world.carrier_2.manner = refusing(status, ring_after=0.0, after=1.0)
    call = world.alice.call("110")
    world.run(6)
    assert call.is_established
    assert called(world) == (1, 1)
    call.hang_up()
    world.expect_clean()


def test_an_emergency_call_takes_full_carriers_too() -> None:
    first, second = trunks()
    world = ready(lines=(replace(first, max_calls=1), replace(second, max_calls=1)))
    calls = [world.alice.call(FAR), world.bob.call(MOBILE)]
    world.run(4)
    urgent = world.alice.call("119")
    world.run(4)
    assert urgent.is_established
    for call in (*calls, urgent):
        call.hang_up()
    world.expect_clean()


def test_a_caller_who_gives_up_is_not_carried_on_by_the_next_carrier() -> None:
    world = ready()
    world.carrier_1.manner = NEVER_ANSWERS
    call = world.alice.call(FAR)
    world.run(4)
    call.hang_up()
    world.run(4)
    assert call.final == 487
    assert called(world) == (1, 0)
    world.expect_clean()


def test_a_carrier_that_is_silent_is_followed_when_its_time_is_over() -> None:
    world = ready()
    world.carrier_1.manner = MUTE
    call = world.alice.call(FAR)
    world.run(31)
    assert called(world)[1] == 0
    world.run(6)
    assert call.is_established
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("method", [b"BYE", b"INVITE", b"INFO"])
def test_a_copied_dialog_of_a_carrier_is_not_believed_from_elsewhere(method: bytes) -> None:
    world = ready()
    call = world.carrier_1.call_in("0312340001")
    world.run(4)
    Garbler(world.network, Chance(1))
    invite = next(
        p.octets
        for p in reversed(world.network.passages)
        if p.source == "carrier-1" and p.octets.startswith(b"ACK")
    )
    copy = re.sub(rb"CSeq: \d+ ACK", b"CSeq: 999 " + method, invite)
    copy = copy.replace(b"ACK ", method + b" ", 1).replace(b"z9hG4bK", b"z9hG4bK-copy")
    world.network.transmit("garbler", copy, ELSEWHERE)
    world.run(1)
    refused = next(p.octets for p in world.network.passages if p.destination == "garbler")
    assert refused.startswith(b"SIP/2.0 403")
    world.network.transmit("garbler", invite.replace(b"z9hG4bK", b"z9hG4bK-again"), ELSEWHERE)
    world.run(1)
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_a_carriers_other_address_speaks_in_its_dialogs() -> None:
    first, second = trunks()
    other = replace(first, addresses=(*first.addresses, "192.0.2.66"))
    world = ready(lines=(other, second))
    call = world.carrier_1.call_in("0312340001")
    world.run(4)
    Garbler(world.network, Chance(1))
    ack = next(
        p.octets
        for p in reversed(world.network.passages)
        if p.source == "carrier-1" and p.octets.startswith(b"ACK")
    )
    bye = re.sub(rb"CSeq: \d+ ACK", b"CSeq: 999 BYE", ack).replace(b"ACK ", b"BYE ", 1)
    world.network.transmit("garbler", bye.replace(b"z9hG4bK", b"z9hG4bK-bye"), ELSEWHERE)
    world.run(1)
    assert world.alice.calls[0].phase is Phase.ENDED
    assert call.is_established  # It has not heard of what was said in its name.
    call.hang_up()
