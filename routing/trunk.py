"""A trunk: a carrier's line as routing and signalling know it."""

from dataclasses import dataclass, field
from enum import Enum

from routing.number import NumberFormat
from switch.sip.flow import Transport


class DidSource(Enum):
    """Where a carrier writes the called number of an INVITE."""

    REQUEST_URI = "request_uri"
    TO = "to"


@dataclass(frozen=True, slots=True)
class TrunkCredential:
    """What answers the carrier's digest challenges."""

    username: str
    password: str = field(repr=False)
    realm: str | None = None
    """The one realm that may be answered; None accepts whatever the carrier's next hop names."""


@dataclass(frozen=True, slots=True)
class TrunkRegistration:
    """How the switch registers with a carrier."""

    user: str
    """The user part of the address-of-record."""
    domain: str
    """Its host, which is also the Request-URI's."""
    expires: int = 3600
    contact_user: str | None = None
    """The user part of our Contact; the address-of-record's unless the carrier wants another."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """A carrier's line: where to send, from where to accept, and how it writes numbers."""

    name: str
    host: str
    """The next hop: a name to resolve or an address literal (IPv6 without brackets)."""
    port: int | None = None
    transport: Transport | None = None
    """None lets the resolver choose (RFC 3263)."""
    addresses: tuple[str, ...] = ()
    """From where its calls are accepted: address literals or networks such as 192.0.2.0/28."""
    number_format: NumberFormat = NumberFormat.E164
    did_in: DidSource = DidSource.REQUEST_URI
    priority: int = 0
    """Lower is tried first; equal ones in the order of their names."""
    max_calls: int | None = None
    options_interval: float | None = 30.0
    """Seconds between OPTIONS pings; None for a carrier that must not be pinged."""
    domain: str | None = None
    """The host part of our identity and of the Request-URI; the next hop's unless given."""
    credential: TrunkCredential | None = None
    registration: TrunkRegistration | None = None
    numbers: frozenset[str] = frozenset()
    """The numbers in E.164 that it carries in both directions; empty for any."""
    trusted: bool = True
    """Whether asserted identities cross to it (RFC 3325): a carrier of our trust domain."""

    @property
    def sip_domain(self) -> str:
        """The host part of URIs in this carrier's domain."""
        return self.domain or self.host

    def carries(self, number: str) -> bool:
        """Whether the number may come in or be presented on this trunk."""
        return not self.numbers or number in self.numbers
