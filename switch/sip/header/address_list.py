"""Lists of addresses: Contact, Route, Path, P-Asserted-Identity (RFC 3261 section 7.3.1)."""

from collections.abc import Iterable

from switch.sip import grammar
from switch.sip.errors import RemoteProtocolError
from switch.sip.header.name_addr import NameAddr

MAX_ADDRESSES = 64
"""More addresses in one header line or message than any contact list or route set of ours needs."""

WILDCARD = "*"
"""The Contact that stands for every binding (RFC 3261 section 10.2.2)."""


def split(line: str) -> list[str]:
    """Return the values of one header line, one an address, as text."""
    values = grammar.split(line, ",")
    if len(values) > MAX_ADDRESSES:
        raise RemoteProtocolError("a header line has too many addresses")
    return values


def parse_addresses(lines: Iterable[str]) -> list[NameAddr]:
    """Read the values of these header lines; an empty value and a wildcard raise."""
    addresses: list[NameAddr] = []
    for line in lines:
        addresses += map(NameAddr.parse, split(line))
        if len(addresses) > MAX_ADDRESSES:
            raise RemoteProtocolError("a message has too many addresses")
    return addresses


def format_addresses(addresses: Iterable[NameAddr]) -> str:
    """Write the addresses as one value."""
    return ", ".join(map(str, addresses))
