"""Attacks on a call's media: bleed, injection, noise, loops, descriptions that are bombs."""

import os
import re
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.support.daemon import CONFIGURATION, PASSWORDS, Daemon, running_daemon
from tests.support.intruder import SDP, Intruder

HOST = "127.0.0.1"


def description(host: str, port: int | str, more: str = "") -> bytes:
    return (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 0\r\n{more}"
    ).encode()


BOMBS = {
    "streams": b"v=0\r\n" + b"m=audio 1 RTP/AVP 0\r\n" * 2500,
    "attributes": description(HOST, 4000, "a=rtpmap:0 x/8000\r\n" * 2500),
    "a port too large": description(HOST, 70_000),
    "a negative port": description(HOST, -1),
    "a long host": description("x" * 20_000, 4000),
    "a port of many digits": description(HOST, "9" * 5000),
    "formats": b"v=0\r\nm=audio 4 RTP/AVP " + b"0 " * 15_000 + b"\r\n",
    "noise": bytes(range(256)) * 50,
}


def packet(sequence: int, source: int) -> bytes:
    head = struct.pack("!BBHII", 0x80, 0, sequence & 0xFFFF, sequence * 160, source)
    return head + bytes(160)


@dataclass
class Party:
    """A phone's media socket, and the relay's port that it talks to."""

    sock: socket.socket
    port: int = 0

    @property
    def own(self) -> bytes:
        """The description of this socket."""
        host, port = self.sock.getsockname()
        return description(host, port)

    def say(self, octets: bytes, port: int | None = None) -> None:
        """Send to the relay."""
        self.sock.sendto(octets, (HOST, port or self.port))

    def heard(self) -> list[int]:
        """Return the RTP sources of what has come and comes soon."""
        sources = []
        try:
            while True:
                octets = self.sock.recv(3000)
                sources.append(int.from_bytes(octets[8:12], "big"))
        except TimeoutError:
            return sources


def media_socket(host: str) -> Party:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, 0))
    sock.settimeout(0.3)
    return Party(sock)


def port_of(octets: bytes) -> int:
    found = re.search(rb"m=audio (\d+)", octets)
    assert found is not None
    return int(found[1])


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with running_daemon(tmp_path) as daemon:
        yield daemon
        daemon.expect_no_fault()


def test_strangers_hear_little_and_say_nothing(daemon: Daemon) -> None:
    random = Random(3)  # noqa: S311 - noise is no secret
    alice, bob, mallory = map(media_socket, (HOST, "127.0.0.2", "127.6.6.6"))
    with (
        Intruder(daemon, "101", PASSWORDS["101"]) as one,
        Intruder(daemon, "102", PASSWORDS["102"], "127.0.0.2") as other,
        alice.sock,
        bob.sock,
        mallory.sock,
    ):
        assert (one.register().status, other.register().status) == (200, 200)
        one.take_challenge("INVITE")
        one.send(one.write("INVITE", "102", SDP, alice.own))
        invite = other.next_request("INVITE")
        bob.port = port_of(invite)
        other.respond(invite, "200 OK", SDP, bob.own)
        alice.port = port_of(one.final().body)
        for sequence in range(50):
            alice.say(packet(sequence, 0xA))
            bob.say(packet(sequence, 0xB))
        assert set(alice.heard()) == {0xB}
        assert set(bob.heard()) == {0xA}
        for sequence in range(200):
            for port in (alice.port, bob.port):
                mallory.say(packet(50 + sequence, 0xE), port)
                mallory.say(packet(50 + sequence, 0xA), port)
                mallory.say(random.randbytes(random.randrange(1400)), port)
                mallory.say(random.randbytes(random.randrange(1400)), port + 1)
        assert (alice.heard(), bob.heard(), mallory.heard()) == ([], [], [])
        for sequence in range(50, 100):
            alice.say(packet(sequence, 0xA))
            bob.say(packet(sequence, 0xB))
        assert set(alice.heard()) == {0xB}
        assert set(bob.heard()) == {0xA}
        assert mallory.heard() == []


def test_a_description_that_names_the_relay_makes_no_loop(tmp_path: Path) -> None:
    # An address of its own, so that the ports are given in order whatever else runs here.
    relay = f"127.77.{os.getpid() // 250 % 250}.{os.getpid() % 250 + 1}"
    own_address = CONFIGURATION.replace(
        f'[media]\naddress = "{HOST}"', f'[media]\naddress = "{relay}"'
    )
    alice = media_socket(HOST)
    with (
        running_daemon(tmp_path, own_address) as daemon,
        Intruder(daemon, "101", PASSWORDS["101"]) as one,
        Intruder(daemon, "102", PASSWORDS["102"], "127.0.0.2") as other,
        alice.sock,
    ):
        assert (one.register().status, other.register().status) == (200, 200)
        daemon.settled()  # Its sounds cost it more at the start than a loop would.
        one.take_challenge("INVITE")
        # Each side names the port that is the other's.
        one.send(one.write("INVITE", "102", SDP, description(relay, 16_386)))
        invite = other.next_request("INVITE")
        other.respond(invite, "200 OK", SDP, description(relay, 16_384))
        assert (port_of(one.final().body), port_of(invite)) == (16_384, 16_386)
        for sequence in range(100):
            alice.sock.sendto(packet(sequence, 0xA), (relay, 16_384))
        before = _ticks(daemon)
        assert alice.heard() == []
        assert _ticks(daemon) - before < 20
        daemon.expect_no_fault()


def _ticks(daemon: Daemon) -> int:
    """Return the hundredths of a second that the switch has computed."""
    fields = Path(f"/proc/{daemon.process.pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_descriptions_that_are_bombs_are_refused(daemon: Daemon) -> None:
    with Intruder(daemon, "102", PASSWORDS["102"], "127.0.0.2") as bob:
        assert bob.register().status == 200
        for name, bomb in BOMBS.items():
            with Intruder(daemon, "101", PASSWORDS["101"]) as alice:
                alice.take_challenge("INVITE")
                alice.send(alice.write("INVITE", "102", SDP, bomb))
                assert (name, alice.final().status) in {(name, 400), (name, 488)}
        assert bob.drain() == []
