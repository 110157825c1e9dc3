"""SIPp, the carrier of these tests: one scenario a process, its sound an echo of what it hears."""

import re
import shutil
import socket
import subprocess
from pathlib import Path
from threading import Event
from time import monotonic

from tests.interop.support.softphone import PATIENCE

PROGRAM = shutil.which("sipp")
FOLDER = Path(__file__).parents[1] / "sipp"
POLL_SECONDS = 0.02


def free_port(host: str) -> int:
    """Find a UDP port, with the three after it, that nobody has."""
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first:
            first.bind((host, 0))
            port: int = first.getsockname()[1] & ~1
        if not any(_is_bound(host, port + step) for step in range(4)):
            return port
    raise AssertionError("no free port")


class Sipp:
    """One run of a scenario."""

    def __init__(self, folder: Path, scenario: str, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._folder = folder
        self._errors = folder / f"sipp-{scenario}-{port}.log"
        self._messages = folder / f"sipp-{scenario}-{host}-{port}.messages"
        self._command = [
            *(str(PROGRAM), "-sf", str(FOLDER / f"{scenario}.xml"), "-m", "1", "-nostdin"),
            *("-i", host, "-mi", host, "-p", str(port), "-mp", str(free_port(host)), "-rtp_echo"),
            *("-trace_err", "-error_file", str(self._errors)),
            *("-trace_msg", "-message_file", str(self._messages)),
            *("-timeout", f"{PATIENCE:g}s", "-timeout_error"),
        ]

    def answers(self, talk: int = 0) -> "Sipp":
        """Wait for a call, with its socket open on return."""
        self._run("-d", str(talk), f"{self._host}:{self._port}")
        deadline = monotonic() + PATIENCE
        while not _is_bound(self._host, self._port) and monotonic() < deadline:
            Event().wait(POLL_SECONDS)
        return self

    def calls(self, called: str, switch: tuple[str, int], talk: int = 0) -> "Sipp":
        """Place the call; `talk` is how many milliseconds each pause lasts."""
        self._run("-key", "called", called, "-d", str(talk), f"{switch[0]}:{switch[1]}")
        return self

    def asks(self, user: str, secret: str, called: str, switch: tuple[str, int]) -> "Sipp":
        """Do what the scenario does as a phone with these credentials."""
        address = f"{switch[0]}:{switch[1]}"
        uri = ("-auth_uri", f"{called}@{address}")
        self._run("-s", called, "-key", "user", user, "-au", user, "-ap", secret, *uri, address)
        return self

    def waits_for(self, text: str, count: int = 1) -> "Sipp":
        """Wait until so many of the messages that it has received hold this."""
        deadline = monotonic() + PATIENCE
        while sum(text in message for message in self.heard()) < count:
            assert monotonic() < deadline, f"no {text} in {self.heard()}"
            Event().wait(POLL_SECONDS)
        return self

    def heard(self, start: str = "") -> list[str]:
        """Give the messages that it has received so far, those that begin like this."""
        told = self._messages.read_text() if self._messages.exists() else ""
        pieces = re.findall(
            r"message received \[\d+\] bytes :\s+(.*?)(?=\n-{20,}|\Z)", told, re.DOTALL
        )
        return [piece for piece in pieces if piece.startswith(start)]

    def succeeds(self) -> bool:
        """Wait for its end, and tell whether all went as its scenario says."""
        code = self._process.wait(2 * PATIENCE)
        if code:
            said = self._errors.read_text() if self._errors.exists() else ""
            raise AssertionError(f"sipp ended with {code}: {said[-3000:]}")
        return True

    def received(self, method: str) -> str:
        """Give the first request of this method that it has received; its end was waited for."""
        found = re.search(
            rf"message received \[\d+\] bytes :\s+({method} .*?\n)\s*\n",
            self._messages.read_text(),
            re.DOTALL,
        )
        assert found is not None, f"no {method} in {self._messages.read_text()}"
        return found[1]

    def close(self) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def _run(self, *arguments: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - Debian's program
            [*self._command, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            cwd=self._folder,
        )


def _is_bound(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
