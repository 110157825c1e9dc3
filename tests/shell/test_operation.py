"""The daemon under signals while calls are up: drain, second signal, reload."""

import json
import signal
import socket
import ssl
from asyncio import run as run_loop
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from media.plane import StreamCounters
from switch import control
from switch.b2bua.facts import CallFacts
from switch.view import Ask, CallStory
from tests.shell.test_cli import (
    CONFIGURATION,
    SECONDS,
    Daemon,
    configure,
    fetch,
    run,
    started_daemon,
)
from tests.support.certificates import Authority
from tests.support.udp_phone import SDP, UdpPhone

DRAIN = CONFIGURATION.replace("[[listener]]", "drain_seconds = {drain}\n[[listener]]", 1)
HINT = "a second signal to the switch hangs up at once"
TRUNK = """
[media]
address = "127.0.0.1"
first_port = 41000
last_port = 41999
[[trunk]]
name = "carrier"
host = "127.0.0.1"
port = 9
inbound = ["127.0.0.1"]
options_ping = 0
"""


def server_of(daemon: Daemon, transport: str = "udp") -> tuple[str, int]:
    lines = (line for line in daemon.lines if line["event"] == "listening")
    address = next(str(line["address"]) for line in lines if line["transport"] == transport)
    host, _, port = address.rpartition(":")
    return host, int(port)


@contextmanager
def connected_call(folder: Path, drain: float) -> Iterator[tuple[Daemon, UdpPhone, UdpPhone]]:
    """Bring a carrier's call to a phone."""
    file = configure(folder, DRAIN.replace("{drain}", str(drain)) + TRUNK)
    with started_daemon(file) as daemon:
        daemon.read_until("started")
        server = server_of(daemon)
        with UdpPhone(server) as phone, UdpPhone(server) as carrier:
            assert phone.register("101", "secret-101").startswith("SIP/2.0 200 ")
            carrier.invite("05012340101", "call-1")
            invite = phone.read("INVITE ")
            phone.answer(invite, "200 OK", SDP)
            carrier.acknowledge(carrier.read("SIP/2.0 200 "), "call-1")
            phone.read("ACK ")
            yield daemon, phone, carrier


def test_a_drain_refuses_new_calls_and_waits_for_those_in_progress(tmp_path: Path) -> None:
    with connected_call(tmp_path, 30) as (daemon, phone, carrier):
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.read_until("draining")["calls"] == 1
        carrier.invite("05012340101", "call-2")
        refusal = carrier.read("SIP/2.0 503 ")
        assert "Retry-After: " in refusal
        told = daemon.read_until("call_refused")
        assert (told["reason"], told["sip_call_id"]) == ("draining", "call-2")
        run("call", "hangup", str(call_id(daemon)), "-c", daemon.file)
        carrier.answer(carrier.read("BYE "), "200 OK")
        phone.answer(phone.read("BYE "), "200 OK")
        assert daemon.read_until("drained")["left"] == 0
        daemon.read_until("stopped")
        assert daemon.process.wait(SECONDS) == 0


def test_a_drain_hangs_up_what_outlasts_its_bound_and_says_so(tmp_path: Path) -> None:
    with connected_call(tmp_path, 0.2) as (daemon, phone, carrier):
        daemon.process.send_signal(signal.SIGTERM)
        for side in (carrier, phone):
            side.answer(side.read("BYE "), "200 OK")
        ended = daemon.read_until("call_ended")
        assert (ended["cause"], ended["by"]) == ("shutdown", "switch")
        assert daemon.read_until("drained")["left"] == 0
        assert daemon.process.wait(SECONDS) == 0


def test_a_second_signal_ends_the_drain(tmp_path: Path) -> None:
    with connected_call(tmp_path, 3600) as (daemon, phone, carrier):
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.read_until("draining")["hint"] == HINT
        daemon.process.send_signal(signal.SIGTERM)
        for side in (carrier, phone):
            side.answer(side.read("BYE "), "200 OK")
        daemon.read_until("stopped")
        assert daemon.process.wait(SECONDS) == 0


def test_a_signal_after_an_operators_drain_is_the_first_and_ends_no_call(tmp_path: Path) -> None:
    with connected_call(tmp_path, 3600) as (daemon, phone, carrier):
        code, text = run("drain", "-c", daemon.file)
        told = f"draining: 1 in progress may go on for 3600 s; {HINT}\n"
        assert (code, text) == (0, told)
        daemon.read_until("draining")
        daemon.process.send_signal(signal.SIGINT)
        assert daemon.read_until("signal")["hint"] == HINT
        assert json.loads(run("status", "--json", "-c", daemon.file)[1])["calls"] == 1
        daemon.process.send_signal(signal.SIGINT)
        assert "hint" not in daemon.read_until("signal")
        for side in (carrier, phone):
            side.answer(side.read("BYE "), "200 OK")
        daemon.read_until("stopped")
        assert daemon.process.wait(SECONDS) == 0


def test_a_call_in_progress_is_shown_with_its_media_and_every_line_names_it(
    tmp_path: Path,
) -> None:
    with connected_call(tmp_path, 0.1) as (daemon, _, _):
        daemon.read_until("call_answered")
        story = run_loop(
            control.ask(tmp_path / "data", Ask("call", call_id=call_id(daemon)), CallStory)
        )
        assert [each.leg for each in story.media] == ["a", "b1"]
        assert isinstance(story.media[0].streams[0], StreamCounters)
        lines = [line for line in daemon.lines if "call_id" in line]
        assert [line["event"] for line in lines] == [
            "call_received",
            "call_routed",
            "leg_invited",
            "call_answered",
        ]
        for line in lines:
            assert line["contract"] == "shop"
            assert line["number"] == "+815012340101"
            assert line["sip_call_id"]
        assert lines[0]["trunk"] == "carrier"
        assert lines[-1]["device"] == "101"


def call_id(daemon: Daemon) -> str:
    line = next(line for line in daemon.lines if line["event"] == "call_received")
    return str(line["call_id"])


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def shown_name(server: tuple[str, int], authority: Authority) -> str:
    """Read whom the listener's certificate names."""
    context = ssl.create_default_context(cafile=str(authority.ca))
    with (
        socket.create_connection(server, SECONDS) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as tls,
    ):
        shown = tls.getpeercert()
    assert shown is not None
    return str(dict(pair for (pair,) in shown["subject"])["commonName"])


def test_a_reload_takes_new_certificates_and_says_what_needs_a_restart(
    tmp_path: Path, authority: Authority
) -> None:
    certificate, key = authority.issue("first", "127.0.0.1")
    text = CONFIGURATION + (
        '[[listener]]\ntransport = "tls"\nhost = "127.0.0.1"\nport = 0\n'
        f'certificate = "{certificate}"\nkey = "{key}"\n'
    )
    with started_daemon(configure(tmp_path, text)) as daemon:
        daemon.read_until("started")
        server = server_of(daemon, "tls")
        assert shown_name(server, authority) == "first"
        second, second_key = authority.issue("second", "127.0.0.1")
        certificate.write_bytes(second.read_bytes())
        key.write_bytes(second_key.read_bytes())
        configure(tmp_path, text.replace("[[listener]]", "max_calls = 5\n[[listener]]", 1))
        daemon.process.send_signal(signal.SIGHUP)
        assert daemon.read_until("restart_needed")["settings"] == "server.max_calls"
        assert shown_name(server, authority) == "second"

        key.write_text("no key")
        daemon.process.send_signal(signal.SIGHUP)
        assert "no certificate with its key" in str(daemon.read_until("certificate_kept")["fault"])
        assert shown_name(server, authority) == "second"

        configure(tmp_path, text.replace("data_dir", 'realm = "other"\ndata_dir'))
        daemon.process.send_signal(signal.SIGHUP)
        assert "server.realm has changed" in str(daemon.read_until("reload_refused")["fault"])
        assert daemon.end(signal.SIGTERM) == 0


def test_a_call_in_progress_names_its_endpoints(tmp_path: Path) -> None:
    with connected_call(tmp_path, 0.1) as (daemon, _, _):
        [facts] = run_loop(control.ask(tmp_path / "data", Ask("calls"), list[CallFacts]))
        assert facts.endpoints == (f"{facts.call_id}/a", f"{facts.call_id}/b1")
        assert daemon.process.poll() is None


def test_a_scrape_tells_of_calls_trunks_and_ports_that_are_free(tmp_path: Path) -> None:
    with connected_call(tmp_path, 0.1) as (daemon, _, _):
        rows = set(fetch(daemon, "/metrics")[1].splitlines())
    wanted = {
        "daihyo_calls 1.0",
        "daihyo_registrations 1.0",
        'daihyo_trunk_up{trunk="carrier"} 1.0',
        'daihyo_trunk_calls{trunk="carrier"} 1.0',
        "daihyo_media_endpoints 2.0",
        f'daihyo_media_port_pairs_free{{family="ipv4"}} {500 - 2}.0',
        'daihyo_media_packets_total{kind="received"} 0.0',
        "daihyo_log_suppressed_total 0.0",
    }
    assert wanted - rows == set()
    for name in ("daihyo_connections", "daihyo_loop_lag_seconds", "process_resident_memory_bytes"):
        assert any(row.startswith(f"# HELP {name} ") for row in rows)
