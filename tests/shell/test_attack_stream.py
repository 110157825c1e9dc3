"""Attacks on TCP: crowds, unfinished messages, tricks with lengths, noise."""

import re
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from random import Random

import pytest

from tests.support.daemon import (
    CONFIGURATION,
    SECONDS,
    Daemon,
    Stranger,
    converse,
    options,
    running_daemon,
)

CONNECTIONS = 700
UNFINISHED = b"INVITE sip:x SIP/2.0\r\nX: " + b"a" * 20_000
GOOD = options("z9hG4bK-good", "TCP", "192.0.2.1:5060")
PIPELINED = options("z9hG4bK-smuggled", "TCP", "192.0.2.1:5060")
LENGTHS = {
    b"Content-Length: -1": 400,
    b"Content-Length: +0": 400,
    b"Content-Length: 0x0": 400,
    b"Content-Length: 1e1": 400,
    b"Content-Length: 0, 0": 400,
    b"Content-Length: 0;a=b": 400,
    b"Content-Length:": 400,
    b"Content-Length: \xef\xbc\x90": 400,
    b"Content-Length: 0\r\nl: 5": 400,
    b"Content-Length: 99999999999999999999": 513,
    b"X: y\nContent-Length: 0": 400,
    b"X: y\rContent-Length: 0": 400,
}


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    unlimited = CONFIGURATION.replace(
        "[http]", "[security]\nrequests_per_second = 10000\nrequest_burst = 10000\n[http]"
    )
    with running_daemon(tmp_path_factory.mktemp("stream"), unlimited) as daemon:
        yield daemon
        daemon.expect_no_fault()


@pytest.fixture
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connect(daemon: Daemon, source: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.settimeout(SECONDS)
    sock.bind((source, 0))
    sock.connect(daemon.address("tcp"))
    return sock


def is_cut(sock: socket.socket) -> bool:
    sock.setblocking(False)
    try:
        return sock.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


@pytest.mark.usefixtures("many_files")
def test_one_source_has_so_many_connections_and_others_are_served(daemon: Daemon) -> None:
    before = daemon.settled()
    with ExitStack() as stack:
        socks = [
            stack.enter_context(connect(daemon, f"127.3.{number // CONNECTIONS}.1"))
            for number in range(2 * CONNECTIONS)
        ]
        with Stranger(daemon) as stranger:
            stranger.drain()
        assert converse(daemon, GOOD, "127.3.9.9").startswith(b"SIP/2.0 200")
        cut = [is_cut(sock) for sock in socks]
        assert sum(cut[:CONNECTIONS]) == sum(cut[CONNECTIONS:]) == CONNECTIONS - 512
        for sock in socks:
            sock.setblocking(True)
            with suppress(OSError):
                sock.sendall(UNFINISHED)
        with Stranger(daemon) as stranger:
            stranger.drain()
        assert daemon.resident - before < 2 * 512 * 100_000


@pytest.mark.parametrize("line", LENGTHS)
def test_no_length_smuggles_a_message(daemon: Daemon, line: bytes) -> None:
    source = f"127.5.0.{list(LENGTHS).index(line) + 1}"
    octets = GOOD.replace(b"Content-Length: 0", line) + PIPELINED
    answers = converse(daemon, octets, source)
    assert [int(each) for each in re.findall(rb"(?m)^SIP/2\.0 (\d{3})", answers)] in (
        [LENGTHS[line]],
        [],
    )
    assert b"smuggled" not in answers


def test_noise_closes_only_its_own_connection(daemon: Daemon) -> None:
    random = Random(5)  # noqa: S311 - noise is no secret
    for number in range(200):
        noise = random.randbytes(random.randrange(1, 3000))
        converse(daemon, noise, f"127.6.0.{number + 1}")
        with Stranger(daemon, f"127.6.1.{number + 1}") as stranger:
            stranger.send(noise)
    for flood in (b"\r\n" * 50_000, bytes(500_000), b"INVITE " * 100_000):
        converse(daemon, flood, "127.6.2.1")
    with Stranger(daemon) as stranger:
        stranger.drain()
