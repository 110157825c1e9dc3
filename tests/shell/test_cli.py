"""The command line: against a switch that runs, and against what can be wrong with a machine."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from switch.app import package_version
from switch.call_story import GONE
from switch.cli import app
from switch.effect import WriteCdr
from switch.store.database import Database, sqlite_url

SECONDS = 20
"""How long a process may take on a busy machine."""

CONFIGURATION = """
[server]
data_dir = "data"
[[listener]]
transport = "udp"
host = "127.0.0.1"
port = {port}
[http]
port = 0
[[contract]]
name = "shop"
[[contract.id]]
username = "101"
password = "secret-101"
extension = 101
number = "05012340101"
"""

CDR = WriteCdr(
    "one", "a", "in", "shop", "101", None, "+815012340101", "102",
    100.0, 101.0, 102.0, 160.0, 200, "normal", "caller", "x@h",
    '[{"packets_received": 150}]', '[{"rule": "extension"}]',
)  # fmt: skip

REGISTER = (
    "REGISTER sip:127.0.0.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK1;rport\r\n"
    "Max-Forwards: 70\r\nFrom: <sip:101@127.0.0.1>;tag=1\r\nTo: <sip:101@127.0.0.1>\r\n"
    "Call-ID: one@h\r\nCSeq: 1 REGISTER\r\nContact: <sip:101@127.0.0.1:{port}>\r\n"
    "Content-Length: 0\r\n\r\n"
)


@dataclass
class Daemon:
    """A switch in a process of its own."""

    process: subprocess.Popen[str]
    file: Path
    lines: list[dict[str, object]]

    def read_until(self, event: str) -> dict[str, object]:
        """Read log lines up to one of this event."""
        assert self.process.stdout is not None
        for text in self.process.stdout:
            self.lines.append(json.loads(text))
            if self.lines[-1]["event"] == event:
                return self.lines[-1]
        raise AssertionError(f"the switch ended before {event}: {self.lines}")

    def end(self, number: signal.Signals) -> int:
        """Signal it, and wait for its end."""
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


def configure(folder: Path, text: str = CONFIGURATION, port: int = 0) -> Path:
    file = folder / "daihyo.toml"
    file.write_text(text.replace("{port}", str(port)))
    return file


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DAIHYO_")}


@contextmanager
def started_daemon(file: Path) -> Iterator[Daemon]:
    """Run a switch while the context lasts."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "switch", "run", "-c", str(file)],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    ) as process:
        try:
            yield Daemon(process, file, [])
        finally:
            process.kill()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with started_daemon(configure(tmp_path)) as daemon:
        yield daemon


def run(*arguments: str | Path) -> tuple[int, str]:
    """Run a command in this process."""
    done = CliRunner().invoke(app, [str(each) for each in arguments], env={"DAIHYO_CONFIG": None})
    return done.exit_code, done.output


def run_apart(*arguments: str | Path, folder: Path | None = None) -> tuple[int, str, str]:
    """Run a command in a process of its own."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "switch", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        cwd=folder,
        env={**clean_environment(), "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    return done.returncode, done.stdout, done.stderr


def fetch(daemon: Daemon, path: str) -> tuple[int, str]:
    started = next(line for line in daemon.lines if line["event"] == "started")
    url = f"http://{started['http']}{path}"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_running_switch_answers_operators_and_ends_in_order(daemon: Daemon) -> None:
    daemon.read_until("started")
    listening = next(line for line in daemon.lines if line["event"] == "listening")
    host, _, port = str(listening["address"]).rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(SECONDS)
        phone.bind(("127.0.0.1", 0))
        text = REGISTER.format(port=phone.getsockname()[1])
        phone.sendto(text.encode(), (host, int(port)))
        assert phone.recv(4000).startswith(b"SIP/2.0 401 ")

    code, text = run("status", "--json", "-c", daemon.file)
    assert (code, json.loads(text)["registrations"]) == (0, 0)
    assert run("calls", "-c", daemon.file) == (0, "no calls in progress\n")
    assert run("bindings", "-c", daemon.file) == (0, "no device is registered\n")
    assert run("cdr", "-c", daemon.file) == (0, "no records\n")
    assert run("call", "hangup", "abc", "-c", daemon.file)[0] == 1
    assert run("trace", "--user", "102", "-c", daemon.file) == (0, "no messages\n")
    assert run("trace", "--user", "102", "--json", "-c", daemon.file) == (0, "")
    assert "Contact: <sip:101@" in run("trace", "--reveal", "-c", daemon.file)[1]
    assert "no call abc" in run("call", "show", "abc", "-c", daemon.file)[1]
    code, text = run("trace", "-c", daemon.file)
    assert ("--REGISTER--" in text, "401 Unauthorized" in text) == (True, True)
    assert len(run("trace", "--json", "--user", "101", "-c", daemon.file)[1].splitlines()) == 2
    assert "Contact: <sip:101@" in run("trace", "--full", "-c", daemon.file)[1]

    assert fetch(daemon, "/ready") == (200, "ready\n")
    assert 'daihyo_sip_total{kind="messages"} 1.0' in fetch(daemon, "/metrics")[1]

    assert daemon.end(signal.SIGTERM) == 0
    daemon.read_until("stopped")
    assert [line["event"] for line in daemon.lines][-4:] == [
        "signal", "draining", "drained", "stopped",
    ]  # fmt: skip
    assert "secret-101" not in json.dumps(daemon.lines)


def test_drain_ends_the_switch(daemon: Daemon) -> None:
    daemon.read_until("started")
    assert run("drain", "-c", daemon.file) == (0, "draining: no calls in progress\n")
    daemon.read_until("stopped")
    assert daemon.process.wait(SECONDS) == 0
    code, text = run("calls", "-c", daemon.file)
    assert (code, "no switch runs on" in text) == (1, True)
    assert "start it with `daihyo run`, or name its configuration with -c" in text


def test_check_tells_what_this_machine_refuses_and_leaves_nothing_behind(tmp_path: Path) -> None:
    text = CONFIGURATION + '[media]\naddress = "192.0.2.1"\n'
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as web,
    ):
        other.bind(("127.0.0.1", 0))
        web.bind(("127.0.0.1", 0))
        text = text.replace("[http]\nport = 0", f"[http]\nport = {web.getsockname()[1]}")
        file = configure(tmp_path, text, port=other.getsockname()[1])
        code, _, errors = run_apart("check", "-c", file)
    media, listener, pages = errors.splitlines()
    assert code == 2
    assert "media 192.0.2.1: this machine does not have that address" in media
    assert "the port is taken by another program" in listener
    assert "the port is taken by another program" in pages
    assert pages.endswith(f"; change [http] host or port in {file}")
    assert run("check", "--files-only", "-c", file)[0] == 0
    assert not (tmp_path / "data").exists()


def test_check_tells_an_unwritable_folder(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    code, _, errors = run_apart("check", "-c", configure(tmp_path))
    assert (code, len(errors.splitlines())) == (2, 1)
    assert "data: is no folder; name a folder that can be written to" in errors


def test_check_is_content_beside_the_switch_that_runs(daemon: Daemon) -> None:
    daemon.read_until("started")
    code, text = run("check", "-c", daemon.file)
    assert code == 0
    assert f"note: a switch runs on {daemon.file.parent / 'data'}; its ports were not" in text


def test_a_reload_takes_new_devices_and_keeps_the_old_ones_on_a_fault(daemon: Daemon) -> None:
    daemon.read_until("started")
    daemon.file.write_text("[nonsense")
    daemon.process.send_signal(signal.SIGHUP)
    assert "daihyo.toml:1: " in str(daemon.read_until("reload_refused")["fault"])
    second = CONFIGURATION.partition("[[contract.id]]")[2].replace("101", "102")
    configure(daemon.file.parent, f"{CONFIGURATION}\n[[contract.id]]{second}")
    daemon.process.send_signal(signal.SIGHUP)
    assert daemon.read_until("reloaded")["devices"] == 2
    assert daemon.end(signal.SIGINT) == 0


def test_a_good_configuration_is_called_good(tmp_path: Path) -> None:
    file = configure(tmp_path)
    assert run("check", "-c", file) == (
        0,
        f"{file}: good (1 contracts, 1 IDs, 0 trunks, 1 listeners)\n",
    )


def test_a_wrong_configuration_is_told_whole_and_ends_with_2(tmp_path: Path) -> None:
    file = configure(tmp_path, "[server]\nrelm = 1\n[log]\nlevel = 'loud'\n")
    for command in ("check", "run", "calls"):
        code, _, errors = run_apart(command, "-c", file)
        assert code == 2
        assert errors.splitlines() == [
            f"daihyo: {file}:2: server: relm: is unknown; did you mean realm?",
            (
                f"daihyo: {file}:4: log: level: 'loud' is wrong; "
                "input should be 'debug', 'info', 'warning' or 'error'"
            ),
        ]


def test_a_missing_file_is_one_line_and_2(tmp_path: Path) -> None:
    code, _, errors = run_apart("run", "-c", tmp_path / "none.toml")
    assert (code, len(errors.splitlines())) == (2, 1)
    assert "cannot be read (No such file or directory)" in errors


def test_a_busy_port_and_an_unwritable_folder_are_a_line_each_and_2(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        file = configure(tmp_path, port=port)
        code, _, errors = run_apart("run", "-c", file)
    assert code == 2
    folder, listener = errors.splitlines()
    assert listener.endswith(f"stop it or change [[listener]] port in {file}")
    assert folder.startswith(f"daihyo: data_dir {tmp_path}/data: ")
    assert f"udp:127.0.0.1:{port}: the port is taken by another program" in listener


def test_a_missing_certificate_is_one_line_and_2(tmp_path: Path) -> None:
    text = CONFIGURATION + (
        '[[listener]]\ntransport = "tls"\nport = 0\ncertificate = "c.pem"\nkey = "c.pem"\n'
    )
    (tmp_path / "c.pem").write_text("no certificate")
    code, _, errors = run_apart("run", "-c", configure(tmp_path, text))
    assert (code, len(errors.splitlines())) == (2, 1)
    assert "no certificate with its key" in errors
    (tmp_path / "c.pem").unlink()
    code, _, errors = run_apart("run", "-c", configure(tmp_path, text))
    assert (code, len(errors.splitlines())) == (2, 2)
    assert "c.pem does not exist; name a readable PEM file" in errors


def test_a_second_switch_on_one_folder_is_one_line_and_2(daemon: Daemon) -> None:
    daemon.read_until("started")
    code, _, errors = run_apart("run", "-c", daemon.file)
    assert (code, len(errors.splitlines())) == (2, 1)
    folder = daemon.file.parent / "data"
    assert errors == f"daihyo: a switch already runs on {folder}; see daihyo status\n"


def test_a_database_that_cannot_be_had_is_one_line_and_2(tmp_path: Path) -> None:
    text = CONFIGURATION.replace(
        "data_dir", 'database = "sqlite+aiosqlite:////proc/none/x.db"\ndata_dir'
    )
    code, _, errors = run_apart("run", "-c", configure(tmp_path, text))
    assert (code, len(errors.splitlines())) == (2, 1)
    assert "unable to open database file" in errors
    assert run_apart("cdr", "-c", configure(tmp_path))[0] == 2


def record(folder: Path, *records: WriteCdr) -> None:
    """Keep records as a switch that has run there."""
    (folder / "data").mkdir(exist_ok=True)

    async def write() -> None:
        url = sqlite_url(folder / "data" / "daihyo.db")
        database = await Database.open(url, migrate=True)
        await database.write(records)
        await database.close()

    asyncio.run(write())


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("05012340101", ["two", "one"]),
        ("050-1234-0101", ["two", "one"]),
        ("+815012340101", ["two", "one"]),
        ("101", ["two", "one"]),
        ("0312345678", ["two"]),
        ("103", []),
    ],
)
def test_records_are_found_by_a_number_in_any_form_an_extension_or_a_device(
    tmp_path: Path, wanted: str, found: list[str]
) -> None:
    file = configure(tmp_path)
    record(tmp_path, CDR, replace(CDR, call_id="two", caller="+81312345678", called="102"))
    code, text = run("cdr", "--json", "--number", wanted, "-c", file)
    assert (code, [each["call_id"] for each in json.loads(text)]) == (0, found)
    assert all(each["media"] == [{"packets_received": 150}] for each in json.loads(text))


def test_a_call_is_told_from_its_records_when_no_switch_runs(tmp_path: Path) -> None:
    file = configure(tmp_path)
    code, text = run("call", "show", "on", "-c", file)
    assert (code, "no switch runs on" in text) == (1, True)
    record(tmp_path, CDR)
    code, text, note = run_apart("call", "show", "on", "-c", file)
    assert code == 0
    assert note == f"daihyo: {GONE}\n"
    assert "call one\n" in text
    assert {"decision", "records", "media"} <= set(text.splitlines())
    code, text, _ = run_apart("call", "show", "on", "--json", "-c", file)
    assert json.loads(text)["cdrs"][0]["trace"] == [{"rule": "extension"}]
    assert run("call", "show", "two", "-c", file)[0] == 1


def test_the_version_and_the_help_are_told_without_a_configuration() -> None:
    code, text = run("--version")
    assert (code, text) == (0, f"daihyo {package_version()}\n")
    code, text = run()
    assert code == 0
    assert "bindings" in text
    assert "--version" in text
