"""Floods without credentials: memory stays bounded, and phones are served."""

import re
import socket
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.daemon import CONFIGURATION, PASSWORDS, Daemon, Stranger, running_daemon
from tests.support.intruder import DESCRIPTION, SDP, Intruder

SOURCES = 4000
GROWTH = 48 * 1024 * 1024
"""Octets: 4,000 kept messages of the trace, some 10 MB, and the allowances of the sources."""

FLOODS = ["REGISTER", "INVITE", "OPTIONS", "SUBSCRIBE", "FOO"]
CREDENTIALS = (
    'Digest username="101", realm="example.test", nonce="0123", uri="sip:example.test",'
    ' response="0123456789abcdef0123456789abcdef", algorithm=MD5, qop=auth, nc=00000001, cnonce="x"'
)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with running_daemon(tmp_path) as daemon:
        yield daemon


def unasked(method: str, number: int, *, lies: bool) -> bytes:
    """Write a request of a stranger, with wrong credentials or none."""
    name = "Authorization" if method == "REGISTER" else "Proxy-Authorization"
    credentials = f"{name}: {CREDENTIALS}\r\n" if lies else ""
    return (
        f"{method} sip:{number}@example.test SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 192.0.2.66:5060;branch=z9hG4bK-{method}-{number}-{lies};rport\r\n"
        f"From: <sip:{number}@example.test>;tag={number}\r\nTo: <sip:{number}@example.test>\r\n"
        f"Call-ID: {method}-{number}-{lies}\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\n"
        f"Contact: <sip:x@192.0.2.66>\r\n{credentials}Content-Length: 0\r\n\r\n"
    ).encode()


def flood(daemon: Daemon, write: Callable[[int], bytes], network: int) -> None:
    """Send one message from each of many sources of the loopback network."""
    address = daemon.address("udp")
    for number in range(SOURCES):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((f"127.{network}.{number // 250}.{number % 250 + 1}", 0))
            sock.sendto(write(number), address)


def gauge(daemon: Daemon, name: str) -> float:
    with urllib.request.urlopen(f"http://{daemon.started['http']}/metrics", timeout=20) as answer:
        found = re.search(rf"(?m)^{name} (\S+)$", answer.read().decode())
    assert found is not None
    return float(found[1])


def test_a_flood_from_many_sources_leaves_no_state_and_phones_in_service(daemon: Daemon) -> None:
    with (
        Intruder(daemon, "101", PASSWORDS["101"]) as alice,
        Intruder(daemon, "102", PASSWORDS["102"], "127.0.0.2") as bob,
    ):
        assert (alice.register().status, bob.register().status) == (200, 200)
        before = daemon.settled()
        for network, method in enumerate(FLOODS):
            for lies in (False, True):
                write = partial(unasked, method, lies=lies)
                flood(daemon, write, 10 + 2 * network + lies)
            assert alice.persist(alice.register).status == 200
        assert daemon.resident - before < GROWTH
        assert gauge(daemon, "daihyo_calls") == 0
        assert gauge(daemon, "daihyo_registrations") == 2
        # The phones' own REGISTERs are all that linger.
        assert gauge(daemon, "daihyo_transactions") < 30
        alice.persist(lambda: alice.take_challenge("INVITE"))
        alice.send(alice.write("INVITE", "102", SDP, DESCRIPTION))
        bob.respond(bob.next_request("INVITE"), "200 OK", SDP, DESCRIPTION)
        assert alice.final().status == 200
    assert len(daemon.of("request_refused")) < 500
    daemon.expect_no_fault()


def test_a_flooding_source_is_ignored_and_others_are_not(tmp_path: Path) -> None:
    limited = CONFIGURATION.replace(
        "[http]", "[security]\nrequests_per_second = 1\nrequest_burst = 50\n[http]"
    )
    with (
        running_daemon(tmp_path, limited) as daemon,
        Stranger(daemon, "127.9.9.9") as stranger,
        Intruder(daemon, "101", PASSWORDS["101"]) as alice,
    ):
        for number in range(SOURCES):
            stranger.send(unasked("INVITE", number, lies=False))
        assert alice.persist(alice.register).status == 200
        assert 40 < len(stranger.waiting()) < 60
        daemon.expect_no_fault()


def test_a_guesser_of_passwords_is_banned_and_hears_nothing_more(tmp_path: Path) -> None:
    with running_daemon(tmp_path) as daemon:
        with Intruder(daemon, "101", "wrong", "127.9.9.9") as guesser:
            guesser.take_challenge("REGISTER")
            for _ in range(30):
                guesser.send(guesser.write("REGISTER"))
            with Intruder(daemon, "101", PASSWORDS["101"]) as alice:
                assert alice.register().status == 200
            assert 15 < len(guesser.waiting()) < 25
        assert [line for line in daemon.of("request_refused") if line.get("banned")]
