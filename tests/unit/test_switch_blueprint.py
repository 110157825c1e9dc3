"""From settings to what the parts are told."""

from pathlib import Path

import pytest

from config.loader import load
from config.model import Settings
from routing.device import DeviceKind
from routing.number import NumberFormat, NumberKind
from routing.trunk import DidSource, TrunkCredential, TrunkRegistration
from switch import blueprint
from switch.effect import Level
from switch.sip.digest import Algorithm
from switch.sip.flow import Address, Transport
from switch.transport.address import Listener

LISTENER = Listener(Transport.UDP, Address("127.0.0.1", 5060), Address("192.0.2.1", 5060))


def settings(folder: Path, text: str) -> Settings:
    file = folder / "daihyo.toml"
    file.write_text(text)
    return load([file], {})


def test_contracts_become_devices(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path,
        """
[[contract]]
name = "shop"
[[contract.id]]
username = "shop-1"
password = "x"
extension = 11
number = "0312345678"
display_name = "Front"
device = { kind = "ata" }
barring = { international = false }
""",
    )
    device = blueprint.directory(loaded).device("shop-1")
    assert device is not None
    assert (device.contract, device.extension, device.number) == ("shop", "11", "+81312345678")
    assert (device.kind, NumberKind.INTERNATIONAL in device.barred) == (DeviceKind.ATA, False)
    assert set(device.ha1) == {algorithm.value for algorithm in Algorithm}


def test_a_trunk_is_mapped_whole(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path,
        """
[[trunk]]
name = "carrier"
host = "sip.example"
port = 5070
transport = "tcp"
inbound = ["192.0.2.0/28"]
numbers = ["0312345678"]
options_ping = 0
number_format = "national"
did_in = "to"
priority = 3
max_calls = 20
[trunk.register]
username = "me"
password = "pw"
realm = "r"
contact_user = "c"
""",
    )
    trunk = blueprint.directory(loaded).trunk("carrier")
    assert trunk is not None
    assert (trunk.host, trunk.port, trunk.transport) == ("sip.example", 5070, Transport.TCP)
    assert (trunk.addresses, trunk.numbers) == (("192.0.2.0/28",), frozenset({"+81312345678"}))
    assert (trunk.options_interval, trunk.number_format) == (None, NumberFormat.NATIONAL)
    assert (trunk.did_in, trunk.priority, trunk.max_calls) == (DidSource.TO, 3, 20)
    assert trunk.credential == TrunkCredential("me", "pw", "r")
    assert trunk.registration == TrunkRegistration("me", "sip.example", 3600, "c")


@pytest.mark.parametrize(
    ("host", "addresses"), [("192.0.2.9", ("192.0.2.9",)), ("sip.example", ())]
)
def test_a_trunk_without_sources_accepts_its_own_address(
    tmp_path: Path, host: str, addresses: tuple[str, ...]
) -> None:
    loaded = settings(tmp_path, f'[[trunk]]\nname = "t"\nhost = "{host}"\n')
    trunk = blueprint.directory(loaded).trunk("t")
    assert trunk is not None
    assert (trunk.addresses, trunk.credential, trunk.transport) == (addresses, None, None)


def test_the_relay_shows_what_is_configured(tmp_path: Path) -> None:
    text = '[media]\naddress = "127.0.0.1"\nipv6 = "::1"\nfirst_port = 20000\nlast_port = 20100\n'
    told = blueprint.relay_settings(settings(tmp_path, text))
    assert (told.port_low, told.port_high) == (20000, 20100)
    assert (told.advertise_v4, told.advertise_v6) == ("127.0.0.1", "::1")
    text += 'advertise = "203.0.113.1"\nadvertise_ipv6 = "2001:db8::1"\n'
    told = blueprint.relay_settings(settings(tmp_path, text))
    assert (told.advertise_v4, told.advertise_v6) == ("203.0.113.1", "2001:db8::1")


def test_a_relay_on_every_interface_shows_an_address(tmp_path: Path) -> None:
    told = blueprint.relay_settings(settings(tmp_path, ""))
    assert told.advertise_v4 != "0.0.0.0"  # noqa: S104 - what must not be shown
    assert told.advertise_v6 is None


def test_listeners_and_logs_are_told(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path,
        '[log]\nlevel = "warning"\n[[listener]]\ntransport = "udp"\nport = 5080\n'
        'advertise = "sip.example"\n',
    )
    [listener] = blueprint.transport_settings(loaded).listeners
    assert (listener.transport, listener.port) == (Transport.UDP, 5080)
    assert listener.advertise_host == "sip.example"
    assert blueprint.log_settings(loaded).level is Level.WARNING


def test_a_core_is_made_that_has_nothing_to_do(tmp_path: Path) -> None:
    core = blueprint.core(settings(tmp_path, ""), [LISTENER], 0.0, [])
    assert core.is_idle
    assert core.calls() == []


def test_the_domain_is_the_configured_one_or_what_phones_reach(tmp_path: Path) -> None:
    text = '[server]\nrealm = "r"\n'
    assert blueprint.domain(settings(tmp_path, text), [LISTENER]) == "192.0.2.1"
    text += 'domain = "pbx.example"\n'
    assert blueprint.domain(settings(tmp_path, text), [LISTENER]) == "pbx.example"


def test_outgoing_tls_and_dns_are_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    text = '[tls]\nca = "ca.pem"\nverify = false\n[dns]\nservers = ["192.0.2.53"]\ntimeout = 1\n'
    loaded = settings(tmp_path, text)
    client = blueprint.transport_settings(loaded).tls_client
    assert (client.ca, client.verify) == (tmp_path / "ca.pem", False)
    dns = blueprint.resolver_settings(loaded)
    assert (dns.nameservers, dns.port, dns.timeout) == (("192.0.2.53",), 53, 1.0)


@pytest.mark.parametrize(
    ("address", "reached"),
    [("0.0.0.0", "127.0.0.1"), ("127.0.0.2", "127.0.0.2")],  # noqa: S104 - what is configured
)
def test_the_terminating_plane_reaches_the_relay_where_it_is(
    tmp_path: Path, address: str, reached: str
) -> None:
    text = f'[media]\naddress = "{address}"\nmax_terminated = 7\nprompts = "own"\n'
    told = blueprint.termination_settings(settings(tmp_path, text))
    assert (told.host, told.max_terminals, told.prompts) == (reached, 7, tmp_path / "own")
