"""Header field parameters: `;name=value`, quoted strings respected (RFC 3261 section 7.3.1)."""

import re

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import LWS, is_quoted, is_token, quote, split

Parameters = dict[str, str | None]
"""Names in lower case, in order; values as written, quotes included; None without value."""


_UNUSUAL = re.compile(r'[\x00-\x20"<>]')
_USUAL = frozenset(
    {
        "branch",
        "cause",
        "comp",
        "early-only",
        "expires",
        "from-tag",
        "ftag",
        "id",
        "isub",
        "lr",
        "maddr",
        "method",
        "ob",
        "q",
        "received",
        "refresher",
        "reg-id",
        "rport",
        "tag",
        "text",
        "to-tag",
        "transport",
        "ttl",
        "user",
    }
)


def parse_parameters(text: str) -> Parameters:
    """Read `name=value;name` (with or without a first semicolon); an empty text has none."""
    if _UNUSUAL.search(text) is None and (params := _parse_usual(text)) is not None:
        return params
    text = text.strip(LWS)
    if text.startswith(";"):
        text = text[1:]
    elif not text:
        return {}
    params = {}
    for part in split(text, ";"):
        name, equals, value = part.partition("=")
        name = name.rstrip(LWS).lower()
        if not is_token(name):
            raise RemoteProtocolError("a header parameter has no name")
        if name in params:
            raise RemoteProtocolError("a header parameter is repeated")
        params[name] = _value(value.lstrip(LWS)) if equals else None
    return params


def _parse_usual(text: str) -> Parameters | None:
    """Read parameters of usual names without white space and quotes; None for any other."""
    params: Parameters = {}
    for part in text.removeprefix(";").split(";"):
        name, equals, value = part.partition("=")
        if name not in _USUAL or name in params:
            return None
        params[name] = value if equals else None
    return params


def _value(text: str) -> str:
    if '"' in text and not is_quoted(text):
        raise RemoteProtocolError("a header parameter has text around a quoted string")
    if ("<" in text or ">" in text) and text[0] != '"':
        raise RemoteProtocolError("a header parameter has an angle bracket")
    return text


def format_parameters(params: Parameters) -> str:
    """Write `;name=value;name`."""
    return "".join(
        f";{name}" if value is None else f";{name}={value}" for name, value in params.items()
    )


def parameter(text: str) -> str:
    """Return a parameter's value as it is written: itself, or quoted when it could not stand so."""
    if text and not any(c in text for c in ' \t",;=<>?@\\'):
        return text
    return quote(text)
