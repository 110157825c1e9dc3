"""The switch as a process: `daihyo run` on ephemeral ports, its log, records and state."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from time import monotonic

from switch import control
from switch.effect import WriteCdr
from switch.sip_trace import Message
from switch.store.database import read_cdrs, sqlite_url
from switch.view import Ask, BindingView, CallStory, Status
from tests.interop.support.softphone import PATIENCE, ROOT

Line = dict[str, str | int | float | bool | None]
POLL_SECONDS = 0.05


class Daemon:
    """One switch: its process may be ended and started again over the same data folder."""

    def __init__(self, folder: Path, configuration: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.file = folder / "daihyo.toml"
        self.file.write_text(configuration)
        self.lines: list[Line] = []
        self.addresses: dict[str, tuple[str, int]] = {}
        self.http = ""
        self._news = threading.Condition()
        self._errors = (folder / "stderr").open("ab")
        self._process: subprocess.Popen[bytes]

    def start(self) -> "Daemon":
        """Run it and wait until it serves."""
        begin = len(self.lines)
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "switch", "run", "-c", str(self.file)],
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=ROOT,
            env=_environment(),
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        self.http = str(self.wait_line("started", after=begin)["http"])
        for line in self.lines[begin:]:
            if line["event"] == "listening":
                host, _, port = str(line["address"]).rpartition(":")
                name = f"{line['transport']}{'6' if '[' in host else ''}"
                self.addresses[name] = (host.strip("[]"), int(port))
        return self

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal it, and wait for its end."""
        self._process.send_signal(number)
        return self.join()

    def join(self) -> int:
        """Wait for its end."""
        code = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def close(self) -> None:
        """End it, if it still runs."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(PATIENCE)
        self._errors.close()

    def wait_line(
        self, event: str, after: int = 0, seconds: float = PATIENCE, **fields: str
    ) -> Line:
        """Wait for a log line with these fields, later than the first `after` lines."""
        found: list[Line] = []

        def is_found() -> bool:
            found[:] = [line for line in self.lines[after:] if _fits(line, event, fields)][:1]
            return bool(found) or self._process.poll() is not None

        with self._news:
            self._news.wait_for(is_found, seconds)
            if found:
                return found[0]
        errors = (self.folder / "stderr").read_text()[-2000:]
        said = "\n".join(json.dumps(line) for line in self.lines[after:])
        raise AssertionError(f"no line {event} {fields} in {seconds:g} s; said:\n{said}\n{errors}")

    def ask(self, *words: str) -> bytes:
        """Run `daihyo WORDS -c FILE` and give back what it prints."""
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "switch", *words, "-c", str(self.file)],
            capture_output=True,
            timeout=PATIENCE,
            check=True,
            cwd=ROOT,
            env=_environment(),
        ).stdout

    def status(self) -> Status:
        """Ask how it is."""
        return asyncio.run(control.ask(self.data, Ask("status"), Status))

    def call(self, call_id: str) -> CallStory:
        """Ask for the story of a call."""
        return asyncio.run(control.ask(self.data, Ask("call", call_id=call_id), CallStory))

    def bindings(self) -> list[BindingView]:
        """Ask where the devices are."""
        return asyncio.run(control.ask(self.data, Ask("bindings"), list[BindingView]))

    def cdrs(self, call_id: str | None = None) -> list[WriteCdr]:
        """Read the records, of one call or of all, newest first."""
        url = sqlite_url(self.data / "daihyo.db")
        return asyncio.run(read_cdrs(url, call_id=call_id, limit=1000))

    def messages(self, since: float = 0.0) -> list[Message]:
        """Read the SIP messages since a Unix time, as far as the switch still keeps them."""

        async def read() -> list[Message]:
            found = control.follow(self.data, Ask("trace"))
            return [message async for message in found if message.at >= since]

        return asyncio.run(read())

    def wait_message(self, what: str, text: str) -> None:
        """Wait until the switch has received such a message."""
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            for message in self.messages():
                if message.what == what and text.encode() in message.octets:
                    return
            threading.Event().wait(POLL_SECONDS)
        raise AssertionError(f"no {what} with {text!r}")

    def metric(self, name: str) -> float:
        """Read one number of /metrics."""
        with urllib.request.urlopen(f"http://{self.http}/metrics", timeout=PATIENCE) as page:
            for text in page.read().decode().splitlines():
                if text.startswith(f"{name} "):
                    return float(text.split()[1])
        raise AssertionError(f"no metric {name}")

    def records(self, call_id: str, count: int = 2) -> list[WriteCdr]:
        """Wait until the call's records are stored."""
        deadline = monotonic() + PATIENCE
        while len(found := self.cdrs(call_id)) < count and monotonic() < deadline:
            threading.Event().wait(POLL_SECONDS)
        return found

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for text in process.stdout:
                with self._news:
                    self.lines.append(json.loads(text))
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()


def _fits(line: Line, event: str, fields: dict[str, str]) -> bool:
    return line["event"] == event and all(line.get(key) == value for key, value in fields.items())


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DAIHYO_")}
    if pure := os.environ.get("DAIHYO_PURE"):
        kept["DAIHYO_PURE"] = pure
    return kept
