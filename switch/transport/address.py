"""Where the switch listens and what it tells peers about it (RFC 3261 section 18)."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import msgspec

from switch.sip.flow import Address, Transport

DEFAULT_PORTS = {Transport.UDP: 5060, Transport.TCP: 5060, Transport.TLS: 5061}


class AddressError(ValueError):
    """A listener or an address is not written as it must be; the text says what would be right."""


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """One socket to listen on, as the operator configures it."""

    transport: Transport
    host: str
    """An address literal; `0.0.0.0` and `::` mean every interface of that family."""
    port: int
    """0 lets the system choose."""
    advertise_host: str | None = None
    """What Via and Contact name instead of `host`: a public address or a host name."""
    advertise_port: int | None = None
    certificate: Path | None = None
    """The chain that a TLS listener shows, in PEM."""
    key: Path | None = None
    ca: Path | None = None
    """When given, a TLS peer must show a certificate that one of these authorities signed."""

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        advertise: str | None = None,
        certificate: Path | None = None,
        key: Path | None = None,
        ca: Path | None = None,
    ) -> "ListenerSettings":
        """Read `udp:0.0.0.0:5060` or `tls:[::]:5061`; `advertise` may lack a port."""
        name, colon, rest = text.strip().partition(":")
        try:
            transport = Transport(name.lower())
        except ValueError:
            raise AddressError(f"{text!r}: begin with udp:, tcp: or tls:") from None
        host, port = split_host_port(rest)
        if not colon or not is_literal(host):
            raise AddressError(f"{text!r}: name an IP address, such as {name}:0.0.0.0:5060")
        shown, shown_port = (None, None) if advertise is None else split_host_port(advertise)
        return cls(
            transport,
            host,
            DEFAULT_PORTS[transport] if port is None else port,
            shown,
            shown_port,
            certificate,
            key,
            ca,
        )

    @property
    def is_ipv6(self) -> bool:
        """Whether the listener's socket is of the IPv6 family."""
        return ":" in self.host

    def __str__(self) -> str:
        return f"{self.transport.value}:{Address(self.host, self.port)}"


class Listener(msgspec.Struct, frozen=True, gc=False):
    """A socket that is open: what flows call it, and what Via and Contact say."""

    transport: Transport
    local: Address
    """The bound address; `Flow.local` of everything that uses this listener."""
    advertised: Address
    """What peers are told to send to."""

    def __str__(self) -> str:
        return f"{self.transport.value}:{self.local}"


def is_literal(host: str) -> bool:
    """Tell whether the host is an IPv4 or IPv6 address literal (without brackets)."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_unspecified(host: str) -> bool:
    """Tell whether the host is `0.0.0.0` or `::`, which no peer can send to."""
    return is_literal(host) and ip_address(host).is_unspecified


def split_host_port(text: str) -> tuple[str, int | None]:
    """Split `host`, `host:port` or `[v6]:port`; the host comes back without brackets."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise AddressError(f"{text!r}: close the bracket, such as [2001:db8::1]:5060")
        digits = rest[1:] if rest else None
    elif text.count(":") > 1:
        raise AddressError(f"{text!r}: put an IPv6 address in brackets")
    else:
        host, colon, after = text.partition(":")
        digits = after if colon else None
    if not host:
        raise AddressError(f"{text!r}: the host is missing")
    return host, None if digits is None else _port(digits, text)


def _port(digits: str, text: str) -> int:
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 5 or int(digits) > 65535:
        raise AddressError(f"{text!r}: the port is a number from 0 to 65535")
    return int(digits)
