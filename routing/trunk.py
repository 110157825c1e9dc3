"""A trunk: a carrier's line as routing and signalling know it."""

from dataclasses import dataclass, field
from enum import Enum

from routing.number import NumberFormat
from switch.sip.flow import Transport


class DidSource(Enum):
    """Where a carrier writes the called number of an INVITE."""

    REQUEST_URI = "request_uri"
    TO = "to"
    P_CALLED_PARTY_ID = "p_called_party_id"
    """RFC 7315 section 4.2; the Request-URI's where the field is absent."""


class IdentityField(Enum):
    """Which field names the caller to a carrier, beside From."""

    ASSERTED = "p_asserted_identity"
    """RFC 3325; inside a trust domain only."""
    PREFERRED = "p_preferred_identity"
    """RFC 3325; picks one of the numbers of our line, as carriers of the Hikari kind want it."""
    REMOTE_PARTY_ID = "remote_party_id"
    """The draft that RFC 3325 replaced (draft-ietf-sip-privacy-04); older carriers know it only."""
    FROM = "from"
    """None: From alone."""


class Withholding(Enum):
    """How a carrier is told that the caller is not to be shown."""

    PRIVACY = "privacy"
    """An anonymous From and Privacy: id (RFC 3323, RFC 3325)."""
    PREFIX = "prefix"
    """184 before the called number; the number is shown to the carrier, which hides it."""


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
    """How it writes callers' numbers, and called ones unless `called_format` says otherwise."""
    called_format: NumberFormat | None = None
    did_in: DidSource = DidSource.REQUEST_URI
    did_prefix: str = ""
    """What the carrier leaves off the front of called numbers: `0` or `050`."""
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
    identity: IdentityField | None = None
    """None asserts towards a trusted carrier and asks any other."""
    withholding: Withholding = Withholding.PRIVACY
    user_phone: bool = True
    """Whether SIP URIs with a number say user=phone (RFC 3261 section 19.1.1)."""
    tel_uris: bool = False
    """Whether numbers are written as tel URIs (RFC 3966)."""
    transports: frozenset[Transport] = frozenset()
    """Over which transports its calls are accepted; any when empty."""
    ports: frozenset[int] = frozenset()
    """From which source ports its calls are accepted; any when empty."""

    @property
    def sip_domain(self) -> str:
        """The host part of URIs in this carrier's domain."""
        return self.domain or self.host

    @property
    def identity_field(self) -> IdentityField:
        """The field that names the caller to it."""
        if self.identity is not None:
            return self.identity
        return IdentityField.ASSERTED if self.trusted else IdentityField.PREFERRED

    @property
    def called_number_format(self) -> NumberFormat:
        """How it wants called numbers written."""
        return self.called_format or self.number_format

    def speaks_by(self, transport: Transport, port: int) -> bool:
        """Whether its calls may come over this transport and from this port."""
        by_transport = not self.transports or transport in self.transports
        return by_transport and (not self.ports or port in self.ports)

    def carries(self, number: str) -> bool:
        """Whether the number may come in or be presented on this trunk."""
        return not self.numbers or number in self.numbers
