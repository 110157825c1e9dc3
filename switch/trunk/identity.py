"""Who calls whom, at the border to a carrier and to a device (RFC 3323, RFC 3325).

Each carrier has its own way of writing numbers and of naming callers, which its `Trunk` tells.
Asserted identities are believed from trusted trunks only and are given to trusted trunks only. A
device is believed nothing: what it wants to be is at most a wish.
"""

from routing.decision import Caller, Out
from routing.number import (
    COUNTRY_CODE,
    WITHHOLD_PREFIX,
    Number,
    NumberError,
    NumberFormat,
    bare,
)
from routing.trunk import DidSource, IdentityField, Trunk, Withholding
from switch.sip.errors import RemoteProtocolError
from switch.sip.header.address_list import parse_addresses
from switch.sip.header.name_addr import NameAddr
from switch.sip.header.privacy import withholds_identity
from switch.sip.message import Field, Request
from switch.sip.uri import Parameters, SipUri
from switch.value import Value

ANONYMOUS = NameAddr("Anonymous", "sip:anonymous@anonymous.invalid", {})
"""The From of a caller who is not shown (RFC 3323 section 4.1.1.3)."""

MAX_CALLER_LENGTH = 64
"""A foreign caller's text that is no number is carried up to this length."""

MAX_NAME_LENGTH = 128
"""A foreign caller's name is carried up to this length."""

_HIDING = frozenset({"full", "name", "uri"})
"""Values of a Remote-Party-ID's privacy under which the caller is not shown."""

_NOBODY = frozenset({"", "anonymous", "unavailable", "restricted", "unknown"})


class CallerWish(Value, frozen=True):
    """What a caller says of itself."""

    number: str | None
    """E.164 where it can be read as a number, else the text; None when nothing is told."""
    display_name: str
    withhold: bool


class TrunkCall(Value, frozen=True):
    """How an INVITE to a carrier names both parties."""

    uri: str
    caller: str
    """The From value, without tag."""
    callee: str
    """The To value."""
    fields: tuple[Field, ...]


def called_user(request: Request, trunk: Trunk) -> str:
    """Return the number that an INVITE from a trunk calls, with what the carrier leaves off it."""
    text = _subscriber(SipUri.parse(_called_uri(request, trunk)))
    digits = bare(text)
    if not digits.isdecimal():
        return text
    if _is_bare_e164(digits, trunk.called_number_format):
        return f"+{digits}"
    return text if digits.startswith("0") else trunk.did_prefix + text


def caller_from_trunk(request: Request, trunk: Trunk) -> CallerWish:
    """Read who calls from a trunk: the asserted identity before the From (RFC 3325 section 7)."""
    party = _remote_party(request) if trunk.trusted else None
    source = (_asserted(request) or party) if trunk.trusted else None
    source = source or request.from_
    number = _number(source.uri, trunk.number_format)
    hides = party is not None and party.params.get("privacy", "off") in _HIDING
    withhold = _asks_privacy(request) or hides
    withhold = withhold or (number is None and _is_anonymous(request.from_))
    return CallerWish(number, _readable(source.display_name[:MAX_NAME_LENGTH]), withhold)


def caller_from_device(request: Request) -> CallerWish:
    """Read what a device wants to present: its preferred identity before its From."""
    source = _first_address(request, "p-preferred-identity") or request.from_
    number = _number(source.uri, NumberFormat.NATIONAL)
    withhold = _asks_privacy(request) or _is_anonymous(request.from_)
    return CallerWish(number, "", withhold)


def call_to_trunk(out: Out, trunk: Trunk) -> TrunkCall:
    """Name both parties as a carrier wants them."""
    withheld = out.caller.withheld
    by_prefix = withheld and trunk.withholding is Withholding.PREFIX
    called = out.dialled(trunk)
    if by_prefix:
        # Who dials 184 dials as a subscriber does, whatever the format.
        called = WITHHOLD_PREFIX + out.number.national
    callee = _uri(called, trunk)
    own = NameAddr("", _uri(_written(out.caller.number or "", trunk), trunk), {})
    return TrunkCall(
        uri=callee,
        caller=str(ANONYMOUS if withheld and not by_prefix else own),
        callee=str(NameAddr("", callee, {})),
        fields=_identity(own, trunk, withheld=withheld and not by_prefix),
    )


def _identity(own: NameAddr, trunk: Trunk, *, withheld: bool) -> tuple[Field, ...]:
    """Return the fields that name the caller beside From; a withheld one to those we trust only."""
    privacy: tuple[Field, ...] = (("Privacy", "id"),) if withheld else ()
    if withheld and not trunk.trusted:
        return privacy
    match trunk.identity_field:
        case IdentityField.ASSERTED if trunk.trusted:
            return (*privacy, ("P-Asserted-Identity", str(own)))
        case IdentityField.ASSERTED | IdentityField.PREFERRED:
            # Outside the trust domain nothing is asserted; the number is asked for (section 9.2).
            return (*privacy, ("P-Preferred-Identity", str(own)))
        case IdentityField.REMOTE_PARTY_ID:
            hidden = "full" if withheld else "off"
            party = NameAddr("", own.uri, {"party": "calling", "privacy": hidden, "screen": "yes"})
            return (*privacy, ("Remote-Party-ID", str(party)))
        case IdentityField.FROM:
            return privacy


def caller_to_device(caller: Caller, domain: str) -> str:
    """Return the From value that a device is shown; a withheld number does not reach it."""
    if caller.withheld or caller.number is None:
        return str(ANONYMOUS)
    try:
        shown = Number.parse(caller.number).national if caller.number[:1] == "+" else caller.number
    except NumberError:
        shown = caller.number
    return str(NameAddr(caller.display_name, str(SipUri("sip", shown, domain)), {}))


def _called_uri(request: Request, trunk: Trunk) -> str:
    match trunk.did_in:
        case DidSource.TO:
            return request.to.uri
        case DidSource.P_CALLED_PARTY_ID:
            party = _first_address(request, "p-called-party-id")
            return request.uri if party is None else party.uri
        case DidSource.REQUEST_URI:
            return request.uri


def _remote_party(request: Request) -> NameAddr | None:
    """Return the caller of a Remote-Party-ID, which is also about other parties."""
    party = _first_address(request, "remote-party-id")
    if party is None or party.params.get("party", "calling") != "calling":
        return None
    return party


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
        text = _subscriber(SipUri.parse(uri))
    except RemoteProtocolError:
        return None
    if text.lower() in _NOBODY:
        return None
    try:
        return Number.parse(f"+{text}" if _is_bare_e164(text, form) else text).text
    except NumberError:
        return _readable(text[:MAX_CALLER_LENGTH])


def _subscriber(uri: SipUri) -> str:
    """Return the user part without parameters, with the context that a local number needs.

    A tel URI has it as a parameter, a SIP URI inside its user part (RFC 3966 section 5.1.5).
    """
    text, _, params = uri.user.partition(";")
    context = uri.params.get("phone-context") if uri.scheme == "tel" else None
    if context is None:
        context = params.partition("phone-context=")[2].partition(";")[0]
    if not context.startswith("+") or text.startswith("+") or _is_number(text):
        return text
    return context + text


def _is_number(text: str) -> bool:
    try:
        Number.parse(text)
    except NumberError:
        return False
    return True


def _is_bare_e164(text: str, form: NumberFormat) -> bool:
    return form is NumberFormat.E164_BARE and text.startswith(COUNTRY_CODE)


def _readable(text: str) -> str:
    """Return the text without octets that are no UTF-8: it goes into records and logs."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _written(number: str, trunk: Trunk) -> str:
    try:
        return Number.parse(number).written(trunk.number_format)
    except NumberError:
        return number


def _uri(user: str, trunk: Trunk) -> str:
    """Write a number in a carrier's domain; a tel URI says where a national one holds."""
    if trunk.tel_uris and bare(user).removeprefix("+").isdecimal():
        params: Parameters = {}
        if not user.startswith("+"):
            params["phone-context"] = f"+{COUNTRY_CODE}"
        return str(SipUri("tel", user, "", None, params))
    params = {"user": "phone"} if trunk.user_phone else {}
    return str(SipUri("sip", user, trunk.sip_domain, None, params))
