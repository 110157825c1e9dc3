"""SIP and SIPS URIs, and tel URIs as far as trunks use them (RFC 3261 section 19.1, RFC 3966).

The parts of a `SipUri` are unescaped text; what is not UTF-8 after unescaping becomes surrogate
escapes, so that writing the URI gives the same octets again, escaped where the grammar asks for it.
"""

import re
from functools import lru_cache

from switch.sip.bounds import MAX_URI
from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import (
    format_host_port,
    is_scheme,
    parse_host_port,
)
from switch.value import Atom

DECIDING_PARAMETERS = frozenset({"user", "ttl", "method", "maddr", "transport"})
"""Parameters that make two URIs differ when only one has them (RFC 3261 section 19.1.4)."""

REMEMBERED = 1024
"""URIs that are remembered as read: one call reads the same few a dozen times."""

SHORT = 128
"""Characters of the longest that is; real ones stay below, and a sender could fill no memory."""

Parameters = dict[str, str | None]

_UNRESERVED = r"A-Za-z0-9\-_.!~*'()"
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})++")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_USER = re.compile(rf"(?:[{_UNRESERVED}&=+$,;?/#\u0080-\U0010ffff]|%[0-9A-Fa-f]{{2}})++")
_PASSWORD = re.compile(rf"(?:[{_UNRESERVED}&=+$,\u0080-\U0010ffff]|%[0-9A-Fa-f]{{2}})*+")
_NOT_USER = re.compile(rf"[^{_UNRESERVED}&=+$,;?/]")
_NOT_PASSWORD = re.compile(rf"[^{_UNRESERVED}&=+$,]")
_NOT_PARAMETER = re.compile(rf"[^{_UNRESERVED}\[\]/:&+$]")
_PARAMETER = re.compile(rf"(?:[{_UNRESERVED}\[\]/:&+$\u0080-\U0010ffff]|%[0-9A-Fa-f]{{2}})*+")
_HEADERS = re.compile(rf"(?:[{_UNRESERVED}\[\]/?:+$&=;,@\u0080-\U0010ffff]|%[0-9A-Fa-f]{{2}})*+")
_TEL_NUMBER = re.compile(r"\+?[0-9A-Fa-f*#().\-]++")
_SEPARATORS = str.maketrans("", "", "-.()")


def unescape(text: str) -> str:
    """Replace `%XX` by the octet, read as UTF-8 with surrogate escapes."""
    if "%" not in text:
        return text
    octets = _ESCAPES.sub(_octets_of, text)
    return octets.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _octets_of(match: re.Match[str]) -> str:
    octets = bytes.fromhex(match[0].replace("%", ""))
    return octets.decode("utf-8", "surrogateescape")


def _escape(text: str, outside: re.Pattern[str]) -> str:
    if outside.search(text) is None:
        return text
    return outside.sub(_escapes_of, text)


def _escapes_of(match: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in match[0].encode("utf-8", "surrogateescape"))


class SipUri(Atom, frozen=True, gc=False):
    """A `sip:`, `sips:` or `tel:` URI.

    `user` is unescaped; for a tel URI it is the number and `host` is empty. `host` is in lower
    case, an IPv6 literal without brackets. `params` keep their order, names in lower case; a
    parameter without value has None. `headers` is what follows the question mark, as it was
    written.
    """

    scheme: str
    user: str
    host: str
    port: int | None = None
    params: Parameters = {}
    headers: str = ""
    password: str | None = None

    @classmethod
    def parse(cls, text: str) -> "SipUri":
        """Read a URI; raise `RemoteProtocolError` (416 for an unknown scheme, else 400)."""
        if len(text) > MAX_URI:
            raise RemoteProtocolError("a URI is too long")
        return _remembered(text) if len(text) <= SHORT else cls.read(text)

    @classmethod
    def read(cls, text: str) -> "SipUri":
        """Do what `parse` does, remembering nothing."""
        scheme, colon, rest = text.partition(":")
        if not colon or not is_scheme(scheme):
            raise RemoteProtocolError("a URI has no scheme")
        scheme = scheme.lower()
        if scheme == "tel":
            return cls._parse_tel(rest)
        if scheme not in {"sip", "sips"}:
            raise RemoteProtocolError("the URI scheme is not known", status=416)
        userinfo, at, hostpart = rest.rpartition("@")
        user, password = _parse_userinfo(userinfo) if at else ("", None)
        hostpart, _, headers = hostpart.partition("?")
        if headers and _HEADERS.fullmatch(headers) is None:
            raise RemoteProtocolError("the headers of a URI are malformed")
        hostport, _, params = hostpart.partition(";")
        host, port = parse_host_port(hostport)
        if hostport[-1] in " \t":
            raise RemoteProtocolError("a URI has white space")
        return cls(
            scheme, user, host.lower(), port, _parse_params(params) if _ else {}, headers, password
        )

    @classmethod
    def _parse_tel(cls, rest: str) -> "SipUri":
        number, semicolon, params = rest.partition(";")
        if _TEL_NUMBER.fullmatch(number) is None:
            raise RemoteProtocolError("a tel URI has no number")
        return cls("tel", number, "", None, _parse_params(params) if semicolon else {})

    def __str__(self) -> str:
        params = "".join(
            f";{_escape(name, _NOT_PARAMETER)}"
            if value is None
            else f";{_escape(name, _NOT_PARAMETER)}={_escape(value, _NOT_PARAMETER)}"
            for name, value in self.params.items()
        )
        if self.scheme == "tel":
            return f"tel:{self.user}{params}"
        user = _escape(self.user, _NOT_USER)
        if self.password is not None:
            user += ":" + _escape(self.password, _NOT_PASSWORD)
        hostport = format_host_port(self.host, self.port)
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{'@' if user else ''}{hostport}{params}{headers}"

    def header_fields(self) -> list[tuple[str, str]]:
        """Return the fields that the URI asks to be put into a request, unescaped, in order."""
        pairs = (part.partition("=") for part in self.headers.split("&") if part)
        return [(unescape(name), unescape(value)) for name, _, value in pairs]

    def equals(self, other: "SipUri") -> bool:
        """Compare as RFC 3261 section 19.1.4 does (and RFC 3966 section 4 for tel)."""
        if self.scheme != other.scheme:
            return False
        if self.scheme == "tel":
            return _tel_key(self) == _tel_key(other)
        if (self.user, self.password, self.host.lower(), self.port) != (
            other.user,
            other.password,
            other.host.lower(),
            other.port,
        ):
            return False
        return _params_agree(self.params, other.params) and _header_key(self) == _header_key(other)


@lru_cache(maxsize=REMEMBERED)
def _remembered(text: str) -> SipUri:
    return SipUri.read(text)


def _parse_userinfo(userinfo: str) -> tuple[str, str | None]:
    user, colon, password = userinfo.partition(":")
    if _USER.fullmatch(user) is None or _PASSWORD.fullmatch(password) is None:
        raise RemoteProtocolError("the user part of a URI is malformed")
    return unescape(user), unescape(password) if colon else None


def _parse_params(text: str) -> Parameters:
    params: Parameters = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not name or _PARAMETER.fullmatch(name) is None or _PARAMETER.fullmatch(value) is None:
            raise RemoteProtocolError("a URI parameter is malformed")
        key = unescape(name).lower()
        if key in params:
            raise RemoteProtocolError("a URI parameter is repeated")
        params[key] = unescape(value) if equals else None
    return params


def _lower(value: str | None) -> str | None:
    return None if value is None else value.lower()


def _params_agree(ours: Parameters, theirs: Parameters) -> bool:
    for name in ours.keys() & theirs.keys():
        if _lower(ours[name]) != _lower(theirs[name]):
            return False
    return not (ours.keys() ^ theirs.keys()) & DECIDING_PARAMETERS


def _header_key(uri: SipUri) -> list[tuple[str, str]]:
    return sorted((name.lower(), value) for name, value in uri.header_fields())


def _tel_key(uri: SipUri) -> tuple[str, list[tuple[str, str | None]]]:
    params = sorted((name, _lower(value)) for name, value in uri.params.items())
    return uri.user.translate(_SEPARATORS).lower(), params
