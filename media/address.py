"""Addresses of far sides: their canonical spelling, and which of them may be sent to."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from media.latch import Source


def canonical_host(host: str) -> str | None:
    """Spell an IP literal as the sockets do; None for a name or anything else."""
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def far_side(host: str, port: int, *, ipv6: bool) -> Source | None:
    """Return the far side's address, None when nothing may be sent there.

    That is so for a name, the other address family, port 0, the unspecified address (RFC 3264
    section 8.4: hold), and for multicast and broadcast, by which a peer would make us an amplifier.
    """
    try:
        address: IPv4Address | IPv6Address = ip_address(host)
    except ValueError:
        return None
    if (address.version == 6) is not ipv6 or not 0 < port < 0x10000 or "%" in host:
        return None
    if address.is_unspecified or address.is_multicast or host == "255.255.255.255":
        return None
    return str(address), port
