"""Who calls, at the border to a carrier and to a device (RFC 3323, RFC 3325, Japanese practice).

Asserted identities are believed from trusted trunks only and are given to trusted trunks only. A
device is believed nothing: what it wants to be is at most a wish.
"""

import msgspec

from routing.number import COUNTRY_CODE, Number, NumberError, NumberFormat
from routing.route import Caller, Out
from routing.trunk import DidSource, Trunk
from switch.sip.errors import RemoteProtocolError
from switch.sip.header.address_list import parse_addresses
from switch.sip.header.name_addr import NameAddr
from switch.sip.header.privacy import withholds_identity
from switch.sip.message import Field, Request
from switch.sip.uri import SipUri

ANONYMOUS = NameAddr("Anonymous", "sip:anonymous@anonymous.invalid", {})
"""The From of a caller who is not shown (RFC 3323 section 4.1.1.3)."""

MAX_CALLER_LENGTH = 64
"""A foreign caller's text that is no number is carried up to this length."""

MAX_NAME_LENGTH = 128
"""A foreign caller's name is carried up to this length."""

_NOBODY = frozenset({"", "anonymous", "unavailable", "restricted", "unknown"})


class CallerWish(msgspec.Struct, frozen=True):
    """What a caller says of itself."""

    number: str | None
    """E.164 where it can be read as a number, else the text; None when nothing is told."""
    display_name: str
    withhold: bool


class TrunkCall(msgspec.Struct, frozen=True):
    """How an INVITE to a carrier names both parties."""

    uri: str
    caller: str
    """The From value, without tag."""
    callee: str
    """The To value."""
    fields: tuple[Field, ...]


def called_user(request: Request, trunk: Trunk) -> str:
    """Return the number that an INVITE from a trunk calls, as the carrier wrote it."""
    uri = request.to.uri if trunk.did_in is DidSource.TO else request.uri
    return SipUri.parse(uri).user


def caller_from_trunk(request: Request, trunk: Trunk) -> CallerWish:
    """Read who calls from a trunk: the asserted identity before the From (RFC 3325 section 7)."""
    source = _asserted(request) if trunk.trusted else None
    source = source or request.from_
    number = _number(source.uri, trunk.number_format)
    withhold = _asks_privacy(request) or (number is None and _is_anonymous(request.from_))
    return CallerWish(number, _readable(source.display_name[:MAX_NAME_LENGTH]), withhold)


def caller_from_device(request: Request) -> CallerWish:
    """Read what a device wants to present: its preferred identity before its From."""
    source = _first_address(request, "p-preferred-identity") or request.from_
    number = _number(source.uri, NumberFormat.NATIONAL)
    withhold = _asks_privacy(request) or _is_anonymous(request.from_)
    return CallerWish(number, "", withhold)


def call_to_trunk(out: Out, trunk: Trunk) -> TrunkCall:
    """Name both parties as a carrier wants them."""
    callee = _uri(out.dialled(trunk), trunk.sip_domain)
    own = NameAddr("", _uri(_written(out.caller.number or "", trunk), trunk.sip_domain), {})
    withheld = out.caller.withheld
    fields: list[Field] = [("Privacy", "id")] if withheld else []
    if trunk.trusted:
        fields.append(("P-Asserted-Identity", str(own)))
    elif not withheld:
        # Outside the trust domain nothing is asserted; the number is asked for (section 9.2).
        fields.append(("P-Preferred-Identity", str(own)))
    return TrunkCall(
        uri=callee,
        caller=str(ANONYMOUS if withheld else own),
        callee=str(NameAddr("", callee, {})),
        fields=tuple(fields),
    )


def caller_to_device(caller: Caller, domain: str) -> str:
    """Return the From value that a device is shown; a withheld number does not reach it."""
    if caller.withheld or caller.number is None:
        return str(ANONYMOUS)
    try:
        shown = Number.parse(caller.number).national if caller.number[:1] == "+" else caller.number
    except NumberError:
        shown = caller.number
    return str(NameAddr(caller.display_name, str(SipUri("sip", shown, domain)), {}))


def _asserted(request: Request) -> NameAddr | None:
    return _first_address(request, "p-asserted-identity")


def _first_address(request: Request, key: str) -> NameAddr | None:
    """Return the first address of a field; one that cannot be read counts as absent."""
    try:
        addresses = parse_addresses(request.all(key))
    except RemoteProtocolError:
        return None
    return addresses[0] if addresses else None


def _asks_privacy(request: Request) -> bool:
    return any(withholds_identity(line) for line in request.all("privacy"))


def _is_anonymous(address: NameAddr) -> bool:
    try:
        uri = SipUri.parse(address.uri)
    except RemoteProtocolError:
        return False
    return uri.user.lower() == "anonymous" or uri.host == "anonymous.invalid"


def _number(uri: str, form: NumberFormat) -> str | None:
    """Return the inner form of the number in a URI, its text when it is none, None for nobody."""
    try:
        text = SipUri.parse(uri).user.partition(";")[0]
    except RemoteProtocolError:
        return None
    if text.lower() in _NOBODY:
        return None
    bare_e164 = form is NumberFormat.E164_BARE and text.startswith(COUNTRY_CODE)
    try:
        return Number.parse(f"+{text}" if bare_e164 else text).text
    except NumberError:
        return _readable(text[:MAX_CALLER_LENGTH])


def _readable(text: str) -> str:
    """Return the text without octets that are no UTF-8: it goes into records and logs."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _written(number: str, trunk: Trunk) -> str:
    try:
        return Number.parse(number).written(trunk.number_format)
    except NumberError:
        return number


def _uri(user: str, domain: str) -> str:
    return str(SipUri("sip", user, domain, None, {"user": "phone"}))
