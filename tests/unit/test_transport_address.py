"""Listener settings and addresses as operators write them."""

from pathlib import Path

import pytest

from switch.sip.flow import Address, Transport
from switch.transport.address import (
    AddressError,
    Listener,
    ListenerSettings,
    is_literal,
    is_unspecified,
    split_host_port,
)


@pytest.mark.parametrize(
    ("text", "transport", "host", "port"),
    [
        ("udp:0.0.0.0:5060", Transport.UDP, "0.0.0.0", 5060),  # noqa: S104 - what operators write
        ("TLS:[::]:5061", Transport.TLS, "::", 5061),
        (" tcp:127.0.0.1", Transport.TCP, "127.0.0.1", 5060),
        ("tls:[2001:db8::1]", Transport.TLS, "2001:db8::1", 5061),
    ],
)
def test_a_listener_is_read(text: str, transport: Transport, host: str, port: int) -> None:
    settings = ListenerSettings.parse(text)
    assert (settings.transport, settings.host, settings.port) == (transport, host, port)
    assert settings.is_ipv6 is (":" in host)


@pytest.mark.parametrize(
    "text",
    ["", "sctp:1.2.3.4:5060", "udp", "udp:", "udp:name:5060", "udp:[::1", "udp:[::1]5", "udp:::1"],
)
def test_a_listener_that_cannot_be_read_says_what_would_be_right(text: str) -> None:
    with pytest.raises(AddressError, match=r".+: .+"):
        ListenerSettings.parse(text)


def test_what_is_advertised_is_a_host_with_or_without_a_port() -> None:
    settings = ListenerSettings.parse(
        "tls:127.0.0.1:5061", advertise="sip.example:443", certificate=Path("a"), key=Path("b")
    )
    assert (settings.advertise_host, settings.advertise_port) == ("sip.example", 443)
    assert ListenerSettings.parse("udp:127.0.0.1", advertise="sip.example").advertise_port is None
    assert str(settings) == "tls:127.0.0.1:5061"


@pytest.mark.parametrize("text", ["a:", "a:x", "a:65536", "a:-1", "a:٣", ":5060"])
def test_a_port_is_a_number_that_fits(text: str) -> None:
    with pytest.raises(AddressError):
        split_host_port(text)


def test_a_host_and_a_port_are_split() -> None:
    assert split_host_port("[::1]:5060") == ("::1", 5060)
    assert split_host_port("[::1]") == ("::1", None)
    assert split_host_port("a.example") == ("a.example", None)


def test_literals_and_wildcards_are_told_from_names() -> None:
    assert is_literal("::1")
    assert not is_literal("a.example")
    assert is_unspecified("::")
    assert not is_unspecified("10.0.0.1")
    assert not is_unspecified("a.example")


def test_a_listener_shows_where_it_is() -> None:
    listener = Listener(Transport.UDP, Address("::1", 5060), Address("::1", 5060))
    assert str(listener) == "udp:[::1]:5060"
