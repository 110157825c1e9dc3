"""Finding a next hop: what to ask of DNS, and in which order to try the answers (RFC 3263).

`locate` is a generator without I/O: it yields questions, is sent records, and returns addresses.
"""

from bisect import bisect_left
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate

import msgspec

from switch.effect import Target
from switch.sip.flow import Address, Transport
from switch.transport.address import DEFAULT_PORTS, is_literal

MAX_SERVICES = 6
"""NAPTR records followed: three transports, each in two variants, is what a domain may need."""

MAX_SERVERS = 16
"""SRV records followed of one service; each costs up to two questions."""

MAX_ADDRESSES = 32
"""Addresses returned: nobody tries more before timer B ends the call."""


class Kind(Enum):
    """The types of DNS records that RFC 3263 asks for."""

    NAPTR = "NAPTR"
    SRV = "SRV"
    A = "A"
    AAAA = "AAAA"


class Question(msgspec.Struct, frozen=True, gc=False):
    """One question to DNS; the name is without a dot at its end."""

    name: str
    kind: Kind


class Naptr(msgspec.Struct, frozen=True, gc=False):
    """A NAPTR record (RFC 3403), as far as it matters here."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


class Srv(msgspec.Struct, frozen=True, gc=False):
    """An SRV record (RFC 2782)."""

    priority: int
    weight: int
    port: int
    target: str


class Host(msgspec.Struct, frozen=True, gc=False):
    """An A or AAAA record."""

    address: str


Record = Naptr | Srv | Host
Addresses = tuple[tuple[Transport, Address], ...]
Location = Generator[Question, tuple[Record, ...], Addresses]


@dataclass(frozen=True, slots=True)
class Reach:
    """What the switch's own sockets can reach."""

    transports: frozenset[Transport] = frozenset(Transport)
    ipv4: bool = True
    ipv6: bool = True


_NAPTR_SERVICES = {
    "SIP+D2U": Transport.UDP,
    "SIP+D2T": Transport.TCP,
    "SIPS+D2T": Transport.TLS,
}

_SRV_PREFIXES = {
    Transport.UDP: "_sip._udp.",
    Transport.TCP: "_sip._tcp.",
    Transport.TLS: "_sips._tcp.",
}


def locate(target: Target, reach: Reach, draw: Callable[[], float]) -> Location:
    """Find a next hop's addresses (RFC 3263 section 4); `draw` gives numbers from 0 to 1."""
    host = target.host.rstrip(".").lower()
    wanted = _transport(target)
    if is_literal(host):
        transport = wanted or _default(target)
        port = target.port or DEFAULT_PORTS[transport]
        return _reachable([(transport, Address(host, port))], reach)
    if target.port is not None:
        transport = wanted or _default(target)
        return (yield from _hosts(host, target.port, transport, reach))
    services: list[tuple[Transport, str]]
    if wanted is not None:
        services = [(wanted, _SRV_PREFIXES[wanted] + host)]
    else:
        records = yield Question(host, Kind.NAPTR)
        services = _services(records, target, reach) or _usual_services(host, target, reach)
    found: list[tuple[Transport, Address]] = []
    is_offered = False
    for transport, name in services[:MAX_SERVICES]:
        records = yield Question(name, Kind.SRV)
        servers = [record for record in records if isinstance(record, Srv)]
        is_offered = is_offered or bool(servers)
        for server in order_servers(servers, draw)[:MAX_SERVERS]:
            # A target of "." says that the service is decidedly not there (RFC 2782).
            if server.target:
                found += yield from _hosts(server.target, server.port, transport, reach)
    if not is_offered:
        transport = wanted or _default(target)
        return (yield from _hosts(host, DEFAULT_PORTS[transport], transport, reach))
    return _reachable(found, reach)


def order_servers(servers: Iterable[Srv], draw: Callable[[], float]) -> list[Srv]:
    """Order SRV records by priority, and within one by chance according to weight (RFC 2782)."""
    ordered: list[Srv] = []
    # Weight 0 comes first, so that it has a small chance beside others.
    waiting = sorted(servers, key=lambda server: (server.priority, server.weight))
    while waiting:
        priority = waiting[0].priority
        rivals = [server for server in waiting if server.priority == priority]
        sums = list(accumulate(server.weight for server in rivals))
        chosen = rivals[bisect_left(sums, draw() * sums[-1])]
        waiting.remove(chosen)
        ordered.append(chosen)
    return ordered


def _transport(target: Target) -> Transport | None:
    """Give the transport that the URI names; `sips` over TCP is TLS (RFC 3261 section 26.2.2)."""
    if target.secure and target.transport is not None:
        return Transport.TLS
    return target.transport


def _default(target: Target) -> Transport:
    return Transport.TLS if target.secure else Transport.UDP


def _services(
    records: tuple[Record, ...], target: Target, reach: Reach
) -> list[tuple[Transport, str]]:
    offers = [record for record in records if isinstance(record, Naptr)]
    offers.sort(key=lambda offer: (offer.order, offer.preference))
    services: list[tuple[Transport, str]] = []
    for offer in offers:
        transport = _NAPTR_SERVICES.get(offer.service.upper())
        if transport is None or offer.flags.lower() != "s" or not offer.replacement:
            continue
        if transport in reach.transports and (transport is Transport.TLS or not target.secure):
            services.append((transport, offer.replacement))
    return services


def _usual_services(host: str, target: Target, reach: Reach) -> list[tuple[Transport, str]]:
    return [
        (transport, prefix + host)
        for transport, prefix in _SRV_PREFIXES.items()
        if transport in reach.transports and (transport is Transport.TLS or not target.secure)
    ]


def _hosts(host: str, port: int, transport: Transport, reach: Reach) -> Location:
    found: list[tuple[Transport, Address]] = []
    for kind, wanted in ((Kind.A, reach.ipv4), (Kind.AAAA, reach.ipv6)):
        if wanted:
            records = yield Question(host, kind)
            found += [(transport, Address(r.address, port)) for r in records if isinstance(r, Host)]
    return _reachable(found, reach)


def _reachable(found: Iterable[tuple[Transport, Address]], reach: Reach) -> Addresses:
    usable = [
        (transport, address)
        for transport, address in found
        if transport in reach.transports
        and (reach.ipv6 if address.is_ipv6 else reach.ipv4)
        and 0 < address.port < 65536
    ]
    return tuple(dict.fromkeys(usable))[:MAX_ADDRESSES]
