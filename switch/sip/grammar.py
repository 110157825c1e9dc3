"""The characters that RFC 3261 section 25.1 allows: tokens, hosts, ports, quoted strings, lists.

Every check runs in time linear in its input, whatever the input is: patterns use possessive
repeats, and a quotation mark or angle bracket that is not closed ends the reading at once.
"""

import re
from ipaddress import AddressValueError, IPv6Address

from switch.sip.errors import RemoteProtocolError

MAX_PORT = 65535
LWS = " \t"
"""White space inside a header field's value, once its lines are unfolded."""

TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]++"  # noqa: S105 - the grammar's word, no secret
QUOTED = r'"(?:[^"\\]++|\\.)*+"'
SCHEME = r"[A-Za-z][A-Za-z0-9+.\-]*+"

_TOKEN = re.compile(TOKEN)
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*+)")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]{2,45}+")
_QUOTED = re.compile(QUOTED, re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_NOT_TOKEN = re.compile(r"[^A-Za-z0-9\-.!%*_+`'~]")
_SCHEME = re.compile(SCHEME)
_PIECES = {
    separator: re.compile(
        rf'((?:[^"<{separator}]++|{QUOTED}|<[^<>]*+>)*+)({separator}|\Z)', re.DOTALL
    )
    for separator in (",", ";")
}


def is_token(text: str) -> bool:
    """Tell whether the text is a `token`."""
    return _TOKEN.fullmatch(text) is not None


def is_scheme(text: str) -> bool:
    """Tell whether the text is a URI scheme's name, known or not."""
    return _SCHEME.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """Tell whether the text is a host name or an IPv4 literal; underscores pass."""
    return _HOST.fullmatch(text) is not None


def is_ipv6(text: str) -> bool:
    """Tell whether the text is an IPv6 literal without brackets and without zone."""
    if _IPV6.fullmatch(text) is None:
        return False
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def is_quoted(text: str) -> bool:
    """Tell whether the text is one whole quoted string."""
    return _QUOTED.fullmatch(text) is not None


def parse_number(text: str, limit: int, subject: str) -> int:
    """Read decimal digits as a number up to `limit`; leading zeros pass."""
    if not (text.isascii() and text.isdigit()):
        raise RemoteProtocolError(f"{subject} is not a number")
    digits = text.lstrip("0")
    if len(digits) > 20 or int(digits or "0") > limit:
        raise RemoteProtocolError(f"{subject} is above {limit}")
    return int(digits or "0")


def parse_host_port(text: str) -> tuple[str, int | None]:
    """Read `host[:port]`: an IPv6 literal comes in brackets and is returned without them."""
    if text.startswith("["):
        host, closed, tail = text[1:].partition("]")
        tail = tail.strip(LWS)
        if not closed or not is_ipv6(host) or (tail and not tail.startswith(":")):
            raise RemoteProtocolError("an IPv6 host is malformed")
        port, given = tail[1:], bool(tail)
    else:
        host, colon, port = text.partition(":")
        host, given = host.rstrip(LWS), bool(colon)
        if not is_host(host):
            raise RemoteProtocolError("a host is malformed")
    if not given:
        return host, None
    return host, parse_number(port.strip(LWS), MAX_PORT, "a port")


def format_host_port(host: str, port: int | None) -> str:
    """Write `host[:port]`, an IPv6 literal in brackets."""
    literal = f"[{host}]" if ":" in host else host
    return literal if port is None else f"{literal}:{port}"


def quote(text: str) -> str:
    """Write a quoted string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquote(text: str) -> str:
    """Return what a quoted string says, or the text itself when it is none."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    inner = text[1:-1]
    return _QUOTED_PAIR.sub(r"\1", inner) if "\\" in inner else inner


def token_or_quoted(text: str) -> str:
    """Write the text as a token when it is one, else as a quoted string."""
    return text if text and _NOT_TOKEN.search(text) is None else quote(text)


def split(text: str, separator: str) -> list[str]:
    """Split at `,` or `;` outside quoted strings and angle brackets; strip each piece."""
    if '"' not in text and "<" not in text:
        return [piece.strip(LWS) for piece in text.split(separator)]
    pattern = _PIECES[separator]
    pieces: list[str] = []
    at = 0
    while True:
        match = pattern.match(text, at)
        if match is None:
            raise RemoteProtocolError("a quotation mark or an angle bracket is not closed")
        pieces.append(match[1].strip(LWS))
        at = match.end()
        if not match[2]:
            return pieces
