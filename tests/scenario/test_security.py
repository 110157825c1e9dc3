"""What others than the caller and the called may not do."""

import re

import pytest

from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Response
from switch.sip.parser import parse
from tests.support.chance import Chance
from tests.support.credentials import Credentials
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


def bumped(request: bytes, method: bytes) -> bytes:
    """Make a request of one's own of a copied one: a new branch, a higher CSeq, a method."""
    line = re.search(rb"\r\nCSeq: (\d+) (\w+)", request)
    assert line is not None
    after = b"\r\nCSeq: %d %s" % (int(line[1]) + 1, method)
    copy = request.replace(line[0], after).replace(b"z9hG4bK", b"z9hG4bK-copy")
    return copy.replace(line[2], method, 1)


@pytest.mark.parametrize("method", [b"BYE", b"INVITE", b"UPDATE", b"INFO"])
def test_a_copied_dialog_is_not_believed_from_elsewhere(method: bytes) -> None:
    world = World()
    world.register("alice", "bob")
    Garbler(world.network, Chance(1))
    call = world.alice.call("102")
    world.run(4)
    call.hold()
    world.run(1)
    inside = sent(world, "alice", b"INVITE sip:")[-1]
    world.network.transmit("garbler", bumped(inside, method), ELSEWHERE)
    world.run(1)
    assert sent(world, "switch", b"z9hG4bK-copy")[0].startswith(b"SIP/2.0 407")
    assert call.is_established
    assert world.bob.calls[0].is_established
    call.hang_up()
    world.expect_clean()


def test_a_copied_ack_changes_no_session() -> None:
    world = World()
    world.register("alice", "bob")
    Garbler(world.network, Chance(1))
    call = world.alice.call("102")
    world.run(4)
    invite, ack = sent(world, "alice", b"INVITE sip:")[-1], sent(world, "alice", b"ACK sip:")[-1]
    head = bumped(ack, b"ACK").partition(b"Content-Length")[0]
    body = invite.partition(b"\r\n\r\n")[2]
    forged = head + b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(body)
    world.network.transmit("garbler", forged + body, ELSEWHERE)
    world.network.transmit("garbler", bumped(ack, b"ACK"), ELSEWHERE)
    world.run(1)
    assert sent(world, "switch", b"z9hG4bK-copy") == []
    call.hang_up()
    world.expect_clean()


def test_a_copied_cancel_cancels_nothing() -> None:
    world = World()
    world.register("alice", "bob")
    Garbler(world.network, Chance(1))
    call = world.alice.call("102")
    world.run(1)
    invite = sent(world, "alice", b"INVITE sip:")[-1]
    number = re.search(rb"\r\nCSeq: (\d+) INVITE", invite)
    assert number is not None
    cancel = invite.replace(b"INVITE ", b"CANCEL ", 1).partition(b"\r\n\r\n")[0]
    cancel = cancel.replace(number[0], b"\r\nCSeq: %s CANCEL" % number[1])
    cancel = re.sub(rb"\r\nContent-[^\r]*", b"", cancel) + b"\r\nContent-Length: 0\r\n\r\n"
    world.network.transmit("garbler", cancel, ELSEWHERE)
    world.run(3)
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_a_phone_that_has_moved_proves_who_it_is_or_registers_anew() -> None:
    for registers in (False, True):
        world = World()
        world.register("alice", "bob")
        call = world.bob.call("101")
        world.run(4)
        world.bob.move(Address("198.51.100.200", 5060))
        if registers:
            world.bob.register(600)
            world.run(1)
        call.hold()
        world.run(2)
        assert call.reinvite_statuses == [200]
        world.alice.calls[0].hang_up()
        world.run(1)
        assert call.ended_by == "them"
        world.expect_clean()


def test_the_credentials_of_another_device_open_no_dialog() -> None:
    world = World()
    world.register("alice", "bob", "carol")
    call = world.alice.call("102")
    world.run(4)
    call.hold()
    world.run(1)
    Garbler(world.network, Chance(1))
    inside = bumped(sent(world, "alice", b"INVITE sip:")[-1], b"BYE")
    uri = inside.split(b" ")[1].decode()

    def answer(request: bytes) -> Response:
        world.network.transmit("garbler", request, ELSEWHERE)
        world.run(1)
        response = parse(sent(world, "switch", b"z9hG4bK-copy")[-1])
        assert isinstance(response, Response)
        return response

    for phone, status in ((world.carol, 403), (world.alice, 200)):
        credentials = Credentials(phone.account.user, phone.account.password)
        assert credentials.take(answer(inside))
        ((name, value),) = credentials.fields("BYE", uri)
        field = f"\r\n{name}: {value}\r\nCSeq: ".encode()
        assert answer(inside.replace(b"\r\nCSeq: ", field)).status == status
