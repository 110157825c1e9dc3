"""Watching messages: what is kept, selected, withheld and drawn."""

import pytest

from switch.sip.flow import Address, Flow, Transport
from switch.sip_trace import MAX_OCTETS, MAX_WATCHERS, Message, Selection, SipTrace, ladder, line
from switch.transport.trace import Direction

US = Address("192.0.2.1", 5060)
ALICE = Flow(Transport.UDP, US, Address("192.0.2.101", 5060))
BOB = Flow(Transport.UDP, US, Address("192.0.2.102", 5060))

INVITE = (
    b"INVITE sip:102@h SIP/2.0\r\n"
    b'f: "A" <sip:101@h>;tag=1\r\n'
    b"t: <sip:102@h>\r\n"
    b"i: one@h\r\n"
    b"CSeq: 1 INVITE\r\n"
    b'Proxy-Authorization: Digest username="101",\r\n response="0123"\r\n'
    b"Content-Length: 3\r\n\r\nv=0"
)
OK = (
    b"SIP/2.0 200 OK\r\nFrom: <sip:101@h>;tag=1\r\nTo: <tel:102>;tag=2\r\n"
    b"Call-ID: one@h\r\nCSeq: 1 INVITE\r\n\r\n"
)


def message(
    octets: bytes, flow: Flow = ALICE, direction: Direction = Direction.RECEIVED
) -> Message:
    return Message(10.0, direction, flow, octets)


def test_a_message_tells_what_it_is_and_whose() -> None:
    assert (message(INVITE).what, message(INVITE).users) == ("INVITE", ("101", "102"))
    assert (message(OK).what, message(OK).users) == ("200 OK (INVITE)", ("101", "102"))


def test_junk_is_shown_without_harm() -> None:
    junk = message(b"\x1b[2J\xff\x00")
    assert junk.what.isprintable()
    assert junk.text().isprintable()
    assert junk.users == ("", "")


def test_bodies_and_credentials_are_withheld() -> None:
    text = message(INVITE).text()
    assert "0123" not in text
    assert "v=0" not in text
    assert "Proxy-Authorization: Digest (withheld)\nContent-Length" in text
    assert text.endswith("(3 octets of body)")


@pytest.mark.parametrize(
    "field",
    [
        b"Authorization:\r\n Digest\r\n\tresponse=0123,\r\n x=0123",
        b"authorization :Digest response=0123",
        b"AUTHORIZATION:\t\tDigest\tresponse=0123",
        b"Authorization:\r\n\r\n Digest response=0123",
        b"Authorization:response=0123",
        b"Proxy-Authorization: , response=0123",
    ],
)
def test_credentials_are_withheld_however_they_are_folded(field: bytes) -> None:
    octets = INVITE.replace(b"CSeq: 1 INVITE", field + b"\r\nCSeq: 1 INVITE")
    text = message(octets).text()
    assert "0123" not in text
    assert "\x00" not in text


def test_no_value_poses_as_a_field() -> None:
    octets = INVITE.replace(b"t: ", "Subject: a\u2028X: 1\x85X: 2\x0bX: 3\x0cX: 4\r\nt: ".encode())
    assert not any(line.startswith("X:") for line in message(octets).text().split("\n"))
    assert len(message(octets).text().splitlines()) == len(message(INVITE).text().splitlines()) + 1


def test_bodies_and_credentials_are_shown_when_asked_for() -> None:
    text = message(INVITE).text(bodies=True, secrets=True)
    assert 'response="0123"' in text
    assert text.endswith("v=0")


def test_the_latest_messages_are_kept_with_their_unix_time() -> None:
    trace = SipTrace(1000.0)
    trace(Direction.RECEIVED, INVITE, ALICE, 5.0)
    trace(Direction.SENT, b"x" * (MAX_OCTETS + 1), ALICE, 6.0)
    kept = list(trace.messages())
    assert [each.at for each in kept] == [1005.0, 1006.0]
    assert len(kept[1].octets) == MAX_OCTETS


def test_watchers_hear_what_follows_until_they_leave() -> None:
    trace, heard = SipTrace(0.0), list[Message]()
    assert trace.watch(heard.append)
    trace(Direction.RECEIVED, INVITE, ALICE, 0.0)
    trace.unwatch(heard.append)
    trace.unwatch(heard.append)
    trace(Direction.RECEIVED, OK, ALICE, 0.0)
    assert [each.what for each in heard] == ["INVITE"]


def test_there_is_room_for_so_many_watchers() -> None:
    trace = SipTrace(0.0)
    assert all(trace.watch(lambda _: None) for _ in range(MAX_WATCHERS))
    assert not trace.watch(lambda _: None)


def test_a_selection_is_by_call_and_by_user() -> None:
    invite = message(INVITE)
    assert Selection().wants(invite)
    assert Selection(frozenset({"one@h"}), frozenset({"102", "x"})).wants(invite)
    assert not Selection(frozenset({"two@h"})).wants(invite)
    assert not Selection(users=frozenset({"103"})).wants(invite)


def test_a_ladder_has_the_switch_between_its_far_sides() -> None:
    drawn = ladder(
        [
            message(INVITE),
            message(INVITE, BOB, Direction.SENT),
            message(OK, BOB),
            message(OK, ALICE, Direction.SENT),
        ]
    )
    assert "101 udp:192.0.2.101:5060" in drawn[0]
    assert drawn[0].index("101 udp") < drawn[0].index("daihyo") < drawn[0].index("102 udp")
    rungs = [rung.replace("-", "").split()[:-1] for rung in drawn[1:]]
    assert rungs[0] == ["|INVITE>|", "|"]
    assert rungs[1] == ["|", "|INVITE>|"]
    assert rungs[2] == ["|", "|<200", "OK", "(INVITE)|"]
    assert rungs[3] == ["|<200", "OK", "(INVITE)|", "|"]


def test_an_empty_ladder_names_the_switch() -> None:
    assert [row.strip() for row in ladder([])] == ["daihyo"]


def test_a_followed_message_is_one_line() -> None:
    shown = line(message(INVITE), "10:00")
    assert shown.split() == [
        "10:00", "udp:192.0.2.101:5060", "->", "INVITE", "101", "to", "102",
    ]  # fmt: skip
    assert "<-" in line(message(OK, direction=Direction.SENT), "10:00")
