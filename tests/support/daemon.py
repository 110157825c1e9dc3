"""A switch in a process of its own, and what strangers send to its sockets."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TypeVar

ROOT = Path(__file__).parents[2]
SECONDS = 20.0
"""How long anything may take on a busy machine."""

Result = TypeVar("Result")

REALM = "example.test"
PASSWORDS = {"101": "secret-of-101", "102": "secret-of-102"}

CONFIGURATION = """
[server]
data_dir = "data"
realm = "example.test"
[[listener]]
transport = "udp"
host = "127.0.0.1"
port = 0
[[listener]]
transport = "tcp"
host = "127.0.0.1"
port = 0
[media]
address = "127.0.0.1"
[http]
port = 0
[[contract]]
name = "shop"
[[contract.id]]
username = "101"
password = "secret-of-101"
extension = 101
number = "05012340101"
[[contract.id]]
username = "102"
password = "secret-of-102"
extension = 102
number = "05012340102"
"""


@dataclass
class Daemon:
    """One running switch, and the lines that it has logged."""

    process: subprocess.Popen[bytes]
    output: Path
    started: dict[str, object] = field(default_factory=dict)

    def lines(self) -> list[dict[str, object]]:
        """Return every line logged so far."""
        whole = self.output.read_bytes().rpartition(b"\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line]

    def of(self, event: str) -> list[dict[str, object]]:
        """Return the lines of one event."""
        return [line for line in self.lines() if line["event"] == event]

    def wait_for(self, event: str) -> dict[str, object]:
        """Wait for the first line of an event."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            if found := self.of(event):
                return found[0]
            if self.process.poll() is not None:
                break
            time.sleep(0.01)  # noqa: TID251 - there is no loop to block
        raise AssertionError(f"no {event} in {self.output.read_text()}")

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait for something that a line of the log, or the process, will show soon."""
        for _ in range(200):
            if holds():
                return
            time.sleep(0.05)  # noqa: TID251 - the daemon is another process
        raise AssertionError("it has not come to pass within ten seconds")

    def settled(self) -> int:
        """Return the resident octets once they rest: sounds are prepared after the start."""
        seen = [self.resident]

        def rests() -> bool:
            time.sleep(0.5)  # noqa: TID251 - the daemon is another process
            seen.append(self.resident)
            return len(seen) > 4 and seen[-1] == seen[-3]

        self.wait_until(rests)
        return seen[-1]

    def address(self, transport: str) -> tuple[str, int]:
        """Return where a listener can be reached."""
        for line in self.of("listening"):
            if line["transport"] == transport:
                host, _, port = str(line["address"]).rpartition(":")
                return host, int(port)
        raise LookupError(transport)

    @property
    def resident(self) -> int:
        """The octets of memory that it has."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def expect_no_fault(self) -> None:
        """Demand that it runs, and that nothing raised where nothing may."""
        assert self.process.poll() is None
        faults = {"core_fault", "effect_fault", "loop_fault"}
        assert [line for line in self.lines() if line["event"] in faults] == []

    def end(self) -> int:
        """Let it end in order, and tell its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@contextmanager
def running_daemon(folder: Path, configuration: str = CONFIGURATION) -> Iterator[Daemon]:
    """Run a switch with its files in a folder."""
    file, output = folder / "daihyo.toml", folder / "output"
    file.write_text(configuration)
    environment = {key: text for key, text in os.environ.items() if not key.startswith("DAIHYO_C")}
    with (
        output.open("wb") as sink,
        subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "switch", "run", "-c", str(file)],
            stdout=sink,
            cwd=ROOT,
            env=environment,
        ) as process,
    ):
        daemon = Daemon(process, output)
        try:
            daemon.started = daemon.wait_for("started")
            yield daemon
        finally:
            process.kill()


class Stranger:
    """A UDP socket of its own, or one at a source address of its own on the loopback network."""

    def __init__(self, daemon: Daemon, source: str = "127.0.0.1") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((source, 0))
        self._socket.connect(daemon.address("udp"))
        self._socket.settimeout(SECONDS)
        self.host, self.port = self._socket.getsockname()
        self._probes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, octets: bytes) -> None:
        """Send a datagram."""
        self._socket.send(octets)

    def receive(self) -> bytes:
        """Wait for a datagram."""
        return self._socket.recv(65536)

    def waiting(self) -> list[bytes]:
        """Return what has arrived already."""
        self._socket.setblocking(False)
        arrived = []
        with suppress(BlockingIOError):
            while True:
                arrived.append(self.receive())
        self._socket.settimeout(SECONDS)
        return arrived

    def persist(self, act: Callable[[], Result]) -> Result:
        """Do something again until it is answered: a flood may have filled the switch's socket."""
        self._socket.settimeout(1.0)
        try:
            for _ in range(int(SECONDS)):
                with suppress(TimeoutError):
                    return act()
        finally:
            self._socket.settimeout(SECONDS)
        raise TimeoutError

    def ask(self, octets: bytes) -> list[bytes]:
        """Send a datagram, and return what came before the answer to an OPTIONS behind it."""
        self.send(octets)
        return self.drain()

    def drain(self) -> list[bytes]:
        """Return what came before the answer to an OPTIONS sent now, which has to be 200."""
        self._probes += 1
        branch = f"z9hG4bK-probe-{self.port}-{self._probes}"
        self.send(options(branch, "UDP", f"{self.host}:{self.port}"))
        answers = []
        while branch.encode() not in (answer := self.receive()):
            answers.append(answer)
        assert answer.startswith(b"SIP/2.0 200 ")
        return answers


def options(branch: str, transport: str, sent_by: str) -> bytes:
    """Write the OPTIONS that asks a switch whether it lives."""
    return (
        "OPTIONS sip:127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/{transport} {sent_by};branch={branch};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:probe@{sent_by}>;tag=p\r\nTo: <sip:127.0.0.1>\r\n"
        f"Call-ID: {branch}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def converse(daemon: Daemon, octets: bytes, source: str = "127.0.0.1") -> bytes:
    """Send octets on a TCP connection, close our half, and return all that comes back."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with sock:
        sock.settimeout(SECONDS)
        sock.bind((source, 0))
        sock.connect(daemon.address("tcp"))
        sock.sendall(octets)
        sock.shutdown(socket.SHUT_WR)
        received = bytearray()
        try:
            while part := sock.recv(65536):
                received += part
        except ConnectionResetError:
            pass
        return bytes(received)


def statuses(answers: list[bytes]) -> list[int]:
    """Return the statuses of responses."""
    return [int(answer.split(b" ", 2)[1]) for answer in answers]
