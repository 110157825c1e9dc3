"""Flows: the addresses and the connection on which a SIP message travels (RFC 5626 section 3).

A flow is a value. The transport layer owns the sockets behind it; everything above only names it.
"""

from enum import StrEnum

import msgspec


class Transport(StrEnum):
    """A SIP transport, spelled as the `transport` URI parameter spells it."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"

    @property
    def is_reliable(self) -> bool:
        """Whether the transport retransmits by itself, so that timers A, E and G stay silent."""
        return self is not Transport.UDP

    @property
    def via_name(self) -> str:
        """The transport's name in a Via header field."""
        return self.value.upper()


class Address(msgspec.Struct, frozen=True, gc=False):
    """An IP address literal (IPv6 without brackets) and a port."""

    host: str
    port: int

    @property
    def is_ipv6(self) -> bool:
        """Whether the host is an IPv6 literal."""
        return ":" in self.host

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if self.is_ipv6 else f"{self.host}:{self.port}"


class Flow(msgspec.Struct, frozen=True, gc=False):
    """Where a message came from, or where it is to go.

    `local` is the listener's own address. `connection` is the number that the transport layer gave
    to a stream connection; it is 0 for UDP, and 0 for a stream that the transport layer has yet to
    open (it then reuses a connection to `remote` when there is one).
    """

    transport: Transport
    local: Address
    remote: Address
    connection: int = 0

    def __str__(self) -> str:
        return f"{self.transport.value}:{self.remote}"
