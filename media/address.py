"""Addresses of far sides: their canonical spelling, and which of them may be sent to."""

from functools import lru_cache
from ipaddress import ip_address

from media.latch import Source

_CACHED = 4096
"""Hosts whose judgement is kept: the phones of a switch come again with each call."""
_LONGEST = 64
"""No literal is as long, so that a longer host, cut off here, is none either."""


def canonical_host(host: str) -> str | None:
    """Spell an IP literal as the sockets do; None for a name or anything else."""
    return _judge(host[:_LONGEST])[0]


def far_side(host: str, port: int, *, ipv6: bool) -> Source | None:
    """Return the far side's address, None when nothing may be sent there.

    That is so for a name, the other address family, port 0, the unspecified address (RFC 3264
    section 8.4: hold), and for multicast and broadcast, by which a peer would make us an amplifier.
    """
    canonical, is_ipv6, is_unicast = _judge(host[:_LONGEST])
    if canonical is None or not is_unicast or is_ipv6 is not ipv6 or not 0 < port < 0x10000:
        return None
    return canonical, port


@lru_cache(_CACHED)
def _judge(host: str) -> tuple[str | None, bool, bool]:
    """Read a host: its canonical spelling, whether it is IPv6, and whether it is one host."""
    try:
        address = ip_address(host)
    except ValueError:
        return None, False, False
    is_many = address.is_unspecified or address.is_multicast or host == "255.255.255.255"
    return str(address), address.version == 6, not is_many and "%" not in host
