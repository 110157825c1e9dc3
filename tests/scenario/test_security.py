"""What others than the caller and the called may not do."""

import pytest

from switch.sip.flow import Address, Flow, Transport
from tests.support.chance import Chance
from tests.support.storm import Garbler
from tests.support.switch import SWITCH, World

ELSEWHERE = Flow(Transport.UDP, Address("192.0.2.66", 5060), SWITCH)


def sent(world: World, source: str, what: bytes) -> list[bytes]:
    return [p.octets for p in world.network.passages if p.source == source and what in p.octets]


def test_a_copy_of_an_invite_from_elsewhere_does_not_steal_the_answer() -> None:
    world = World()
    world.register("alice", "bob")
    Garbler(world.network, Chance(1))
    call = world.alice.call("102")
    world.run(1)
    invite = sent(world, "alice", b"INVITE sip:")[-1]
    world.network.transmit("garbler", invite, ELSEWHERE)
    world.run(3)
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_a_copied_invite_with_its_credentials_is_no_call_of_its_own() -> None:
    world = World()
    world.register("alice", "bob")
    Garbler(world.network, Chance(1))
    call = world.alice.call("102")
    world.run(4)
    invite = sent(world, "alice", b"INVITE sip:")[-1]
    copy = invite.replace(b"z9hG4bK", b"z9hG4bK-copy").replace(b"alice-call", b"other-call")
    world.network.transmit("garbler", copy, ELSEWHERE)
    world.run(3)
    assert len(world.bob.calls) == 1
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("method", ["BYE", "INVITE", "UPDATE", "PRACK", "INFO"])
def test_a_request_with_guessed_tags_gets_481_and_changes_nothing(method: str) -> None:
    world = World()
    world.register("alice", "bob")
    Garbler(world.network, Chance(1))
    call = world.alice.call("102")
    world.run(4)
    request = (
        f"{method} sip:198.51.100.1:5060 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 192.0.2.66:5060;branch=z9hG4bK-guess;rport\r\n"
        "From: <sip:alice@example.test>;tag=guess\r\nTo: <sip:102@example.test>;tag=guess\r\n"
        f"Call-ID: {call.call_id}\r\nCSeq: 9 {method}\r\nMax-Forwards: 70\r\n"
        "Content-Length: 0\r\n\r\n"
    )
    world.network.transmit("garbler", request.encode(), ELSEWHERE)
    world.run(1)
    assert sent(world, "switch", b"z9hG4bK-guess")[0].startswith(b"SIP/2.0 481")
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_a_flood_of_strangers_keeps_nothing() -> None:
    world = World()
    Garbler(world.network, Chance(1))
    for number in range(500):
        request = (
            f"INVITE sip:{number}@example.test SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 192.0.2.66:5060;branch=z9hG4bK-{number};rport\r\n"
            f"From: <sip:x@example.test>;tag={number}\r\nTo: <sip:{number}@example.test>\r\n"
            f"Call-ID: flood-{number}\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"
            "Contact: <sip:x@192.0.2.66>\r\nContent-Length: 0\r\n\r\n"
        )
        world.network.transmit("garbler", request.encode(), ELSEWHERE)
    world.run(1)
    assert world.switch.leftovers() == {}
    assert world.switch.cdrs == []
