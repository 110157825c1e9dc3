"""What attackers learn of users, and what those with an account may not do with it."""

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest

from switch.sip.message import Response
from switch.sip.parser import parse
from tests.support.daemon import CONFIGURATION, PASSWORDS, REALM, ROOT, Daemon, running_daemon
from tests.support.intruder import DESCRIPTION, SDP, Intruder

METHODS = ["REGISTER", "INVITE", "OPTIONS", "SUBSCRIBE", "MESSAGE", "PUBLISH", "BYE", "CANCEL"]
UNLIMITED = CONFIGURATION.replace(
    "[http]",
    "[security]\nrequests_per_second = 10000\nrequest_burst = 10000\nfailures_before_ban = 10000\n"
    "[http]",
)
ALICE, NOBODY = "101", "199"
EVASIONS = {
    "an octet that is no UTF-8": ("199\udce7", {}),
    "an escape that is no UTF-8": ("199%E7", {}),
    "a Call-ID that is no UTF-8": (NOBODY, {"call_id": "x\udce7"}),
    "a NUL": ("199%00", {}),
    "a very long number": ("9" * 3000, {}),
    "a parameter": ("199;phone-context=%0d%0a", {}),
}


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with running_daemon(tmp_path_factory.mktemp("account"), UNLIMITED) as daemon:
        yield daemon
        daemon.expect_no_fault()


@pytest.fixture
def alice(daemon: Daemon) -> Iterator[Intruder]:
    with Intruder(daemon, ALICE, PASSWORDS[ALICE]) as alice:
        assert alice.register().status == 200
        alice.take_challenge("INVITE")
        yield alice


def answer_to(daemon: Daemon, user: str, method: str, *, lies: bool) -> bytes:
    """Return the answer to a stranger's request, without what differs between any two."""
    with Intruder(daemon, user, "wrong", "127.8.0.1") as stranger:
        if lies:
            stranger.take_challenge("REGISTER" if method == "REGISTER" else "INVITE")
        stranger.send(stranger.write(method, user))
        text = stranger.receive()
        text = re.sub(rb'nonce="[0-9a-f]{40}"', b"nonce", text)
        text = re.sub(rb"tag=[0-9a-f]{16}\r", b"tag\r", text)
        text = re.sub(rb"sip:(101|199)@", b"sip:user@", text)
        return text.replace(str(stranger.port).encode(), b"port")


@pytest.mark.parametrize("lies", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_nobody_learns_which_users_exist(daemon: Daemon, method: str, *, lies: bool) -> None:
    known = answer_to(daemon, ALICE, method, lies=lies)
    assert known == answer_to(daemon, NOBODY, method, lies=lies)
    assert known.startswith(b"SIP/2.0 ")


def test_credentials_serve_once_and_stale_ones_are_told_so(daemon: Daemon, alice: Intruder) -> None:
    first = alice.write("INVITE", NOBODY)
    alice.send(first)
    assert alice.final().status == 404
    copy = first.replace(b"z9hG4bK-", b"z9hG4bK-copy").replace(b"Call-ID: ", b"Call-ID: copy-")
    with Intruder(daemon, ALICE, "unknown", "127.8.0.2") as thief:
        for octets in (copy, copy.replace(b"nc=00000001", b"nc=00000002")):
            thief.send(octets.replace(b"z9hG4bK", b"z9hG4bK%d" % octets.count(b"nc=00000002")))
            assert thief.final().status == 407
    challenge = alice.credentials.challenge
    for nonce in ("0" * 40, "", "\udce7", challenge["nonce"][:-1] + "x"):
        alice.credentials.challenge = {**challenge, "nonce": nonce}
        alice.send(alice.write("INVITE", NOBODY))
        response = alice.final()
        assert response.status == 407
        assert "stale=true" in (response.first("proxy-authenticate") or "")


@pytest.mark.parametrize("other", ["102", NOBODY])
def test_a_device_registers_nobody_else(alice: Intruder, other: str) -> None:
    alice.take_challenge("REGISTER")
    address = f"<sip:{other}@{REALM}>"
    for sender in (f"{address};tag=1", f"<sip:{ALICE}@{REALM}>;tag=1"):
        alice.send(alice.write("REGISTER", sender=sender, to=address))
        assert alice.final().status == 403


def test_a_device_presents_no_number_but_its_own(daemon: Daemon, alice: Intruder) -> None:
    claims = (
        ("P-Asserted-Identity", "<sip:0312345678@example.test>"),
        ("P-Preferred-Identity", "<tel:+81312345678>"),
        ("Remote-Party-ID", "<sip:0312345678@example.test>;party=calling"),
        ("Diversion", "<sip:0312345678@example.test>"),
    )
    with Intruder(daemon, "102", PASSWORDS["102"], "127.0.0.2") as bob:
        assert bob.register().status == 200
        for called in ("102", "05012340102"):
            sender = '"Police" <sip:0312345678@example.test>;tag=police'
            alice.send(alice.write("INVITE", called, (*claims, *SDP), DESCRIPTION, sender=sender))
            invite = bob.next_request("INVITE")
            assert b"12345678" not in invite
            assert b"Police" not in invite
            bob.respond(invite, "486 Busy Here")
            assert alice.final().status == 486


@pytest.mark.parametrize("evasion", EVASIONS)
def test_no_call_escapes_its_record(daemon: Daemon, alice: Intruder, evasion: str) -> None:
    called, changes = EVASIONS[evasion]
    before = len(daemon.of("call_ended"))
    alice.send(alice.write("INVITE", called, SDP, DESCRIPTION, **changes))
    assert alice.final().status in {404, 484}
    alice.drain()
    daemon.wait_until(lambda: len(daemon.of("call_ended")) > before)
    assert len(daemon.of("call_ended")) == before + 1
    assert daemon.of("store_refused") == []


@pytest.mark.parametrize("place", ["switch", "127.255.255.255:5060", "224.0.0.1:5060", "127.7.7.7"])
def test_a_contact_elsewhere_turns_no_call_on_anybody_else(daemon: Daemon, place: str) -> None:
    host, port = daemon.address("udp")
    contact = f"sip:102@{host}:{port}" if place == "switch" else f"sip:102@{place}"
    route = (("Path", f"<sip:{host}:{port};lr>"), ("Supported", "path"))
    with (
        Intruder(daemon, ALICE, PASSWORDS[ALICE]) as alice,
        Intruder(daemon, "102", PASSWORDS["102"], "127.0.0.2") as bob,
    ):
        bob.take_challenge("REGISTER")
        bob.send(bob.write("REGISTER", contact=contact, fields=route))
        assert bob.final().status == 200
        alice.take_challenge("INVITE")
        alice.send(alice.write("INVITE", "102", SDP, DESCRIPTION))
        invite = bob.next_request("INVITE")
        assert invite.startswith(f"INVITE {contact} SIP/2.0\r\n".encode())
        alice.drain()
        bob.respond(invite, "486 Busy Here")
        assert alice.final().status == 486
        alice.take_challenge("REGISTER")


def test_what_a_phone_writes_forges_no_field_no_line_and_no_colour(
    daemon: Daemon, alice: Intruder
) -> None:
    forged = "a\r\n\tX-Forged: 1\x85X-Forged: 2\u2028X-Forged: 3\x1b[31m\x0bX-Forged: 4"
    with Intruder(daemon, "102", PASSWORDS["102"], "127.0.0.2") as bob:
        assert bob.register().status == 200
        fields = (("Subject", forged), ("User-Agent", forged), *SDP)
        sender = '"\x1b[31m\\" <sip:x@y>" <sip:101@example.test>;tag=forged'
        alice.send(alice.write("INVITE", "102", fields, DESCRIPTION, sender=sender))
        invite = bob.next_request("INVITE")
        assert not re.search(rb"(?m)^X-Forged", invite)
        bob.respond(invite, f"486 Busy {forged.replace(chr(13) + chr(10), '')}")
        answer = alice.final()
        assert isinstance(answer, Response)
        assert not answer.all("x-forged")
    told = subprocess.run(  # noqa: S603 - our own program
        [
            sys.executable,
            "-m",
            "switch",
            "trace",
            "--full",
            "-c",
            daemon.output.parent / "daihyo.toml",
        ],
        capture_output=True,
        check=True,
        cwd=ROOT,
    ).stdout
    for octets in (told, daemon.output.read_bytes()):
        assert not set(octets) & (set(range(32)) - {10})
        assert not re.search(r"(?m)^X-Forged", "\n".join(octets.decode().splitlines()))


def test_no_secret_is_told(daemon: Daemon, alice: Intruder) -> None:
    folded = alice.write("INVITE", NOBODY, SDP, DESCRIPTION).replace(
        b"Proxy-Authorization: ", b"Proxy-Authorization:\r\n "
    )
    alice.send(folded)
    assert alice.final().status == 404
    response = parse(folded).first("proxy-authorization") or ""
    secret = response.partition('response="')[2][:32]
    assert len(secret) == 32
    folder = daemon.output.parent
    traces = [
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "switch", "trace", *how, "-c", folder / "daihyo.toml"],
            capture_output=True,
            check=True,
            cwd=ROOT,
        ).stdout
        for how in (["--full"], ["--json"])
    ]
    with urllib.request.urlopen(f"http://{daemon.started['http']}/metrics", timeout=20) as page:
        metrics = page.read()
    for text in (*traces, metrics, daemon.output.read_bytes()):
        assert secret.encode() not in text
        assert b"secret-of" not in text
    assert (folder / "data/control.sock").stat().st_mode & 0o777 == 0o600
    assert (folder / "data").stat().st_mode & 0o777 == 0o700
