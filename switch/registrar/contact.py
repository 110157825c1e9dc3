"""What a REGISTER asks for: its Contact and Expires, read and checked (RFC 3261 section 10.3).

A device has one binding. Of several Contacts in one REGISTER the one with the highest q is bound,
the first among equals; those that ask for 0 seconds remove the binding when they name it.
"""

from collections.abc import Iterable

from switch.registrar.settings import RegistrarSettings
from switch.sip.errors import RemoteProtocolError, SipError
from switch.sip.header.address_list import WILDCARD, split
from switch.sip.header.delta_seconds import parse_delta
from switch.sip.header.name_addr import NameAddr
from switch.sip.message import Field, Request
from switch.sip.uri import SipUri
from switch.value import Atom

MAX_CONTACTS = 16
"""A phone with several networks sends one Contact for each."""

MAX_CONTACT_LENGTH = 1024
"""An app's Contact with push parameters (RFC 8599) has some 500 characters."""

MAX_INSTANCE_LENGTH = 128
"""A `urn:uuid:` has 45 characters, a MAC-derived one fewer; a longer one is not kept."""


class RegistrationError(SipError):
    """A REGISTER that changes nothing; `rule` names why for the operator."""

    def __init__(self, status: int, rule: str, *fields: Field) -> None:
        super().__init__(rule)
        self.status = status
        self.rule = rule
        self.fields = fields


class Contact(Atom, frozen=True, gc=False):
    """One Contact of a REGISTER."""

    text: str
    """The URI as the device wrote it."""
    uri: SipUri
    expires: int
    quality: float
    instance: str | None
    reg_id: str | None


class Wish(Atom, frozen=True, gc=False):
    """What a REGISTER asks for; neither `bind` nor `remove` is a query."""

    bind: Contact | None = None
    remove: tuple[Contact, ...] = ()
    remove_all: bool = False

    @property
    def is_query(self) -> bool:
        """Whether nothing is to change (section 10.2.3)."""
        return self.bind is None and not self.remove and not self.remove_all


def read_wish(request: Request, settings: RegistrarSettings) -> Wish:
    """Read what the REGISTER asks for; raise `RegistrationError` or `RemoteProtocolError`."""
    values = listed(request.all("contact"))
    if len(values) > MAX_CONTACTS:
        raise RegistrationError(400, "contact_count")
    expires = _seconds(request.first("expires"), settings.default_expires)
    if WILDCARD in values:
        if len(values) > 1 or request.first("expires") is None or expires != 0:
            raise RegistrationError(400, "wildcard")
        return Wish(remove_all=True)
    contacts = [_contact(value, expires) for value in values]
    lasting = [contact for contact in contacts if contact.expires > 0]
    ended = tuple(contact for contact in contacts if contact.expires == 0)
    best = max(lasting, key=lambda contact: contact.quality, default=None)
    return Wish(bind=best, remove=ended)


def listed(lines: Iterable[str]) -> list[str]:
    """Return the values of the header lines of an address list, as text without white space."""
    return [value.strip() for line in lines for value in split(line)]


def _contact(value: str, default_expires: int) -> Contact:
    address = NameAddr.parse(value)
    if len(address.uri) > MAX_CONTACT_LENGTH:
        raise RegistrationError(400, "contact_length")
    try:
        uri = SipUri.parse(address.uri)
    except RemoteProtocolError as error:
        rule = "contact_scheme" if error.status == 416 else "contact_syntax"
        raise RegistrationError(400, rule) from error
    if uri.scheme == "tel":
        raise RegistrationError(400, "contact_scheme")
    params = address.params
    return Contact(
        text=address.uri,
        uri=uri,
        expires=_seconds(params.get("expires"), default_expires),
        quality=_quality(params.get("q")),
        instance=_instance(params.get("+sip.instance")),
        reg_id=params.get("reg-id"),
    )


def _seconds(text: str | None, default: int) -> int:
    """Read an expiry; one that cannot be read counts as not given (section 10.2.1.1)."""
    if text is None:
        return default
    try:
        return parse_delta(text)
    except RemoteProtocolError:
        return default


def _quality(text: str | None) -> float:
    try:
        quality = float(text or "1")
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0


def _instance(text: str | None) -> str | None:
    """Return the instance without its quotes and brackets (RFC 5626 section 4.1)."""
    bare = (text or "").strip('"').removeprefix("<").removesuffix(">")
    return bare if 0 < len(bare) <= MAX_INSTANCE_LENGTH else None
