"""Challenges and credentials (RFC 3261 sections 20.7, 20.27, 20.28, 20.44; RFC 7616 section 3)."""

import re

import msgspec

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import LWS, QUOTED, TOKEN, is_token, quote, token_or_quoted, unquote

MAX_AUTH_PARAMS = 32
"""Digest defines thirteen parameters; more than this is no phone."""

BARE = frozenset({"algorithm", "nc", "stale"})
"""Parameters that digest writes without quotation marks in challenges and credentials alike."""

_PARAM = re.compile(
    rf"[ \t,]*+({TOKEN})[ \t]*+=[ \t]*+({QUOTED}|[^\s\",]*+)[ \t]*+(?=,|\Z)", re.DOTALL
)
_REST = re.compile(r"[ \t,]*+\Z")


def _parse(text: str) -> tuple[str, dict[str, str]]:
    scheme, _, rest = text.strip(LWS).partition(" ")
    if not is_token(scheme):
        raise RemoteProtocolError("an authentication field has no scheme")
    params: dict[str, str] = {}
    at = 0
    while _REST.match(rest, at) is None:
        match = _PARAM.match(rest, at)
        if match is None:
            if scheme.lower() != "digest":
                return scheme, {}
            raise RemoteProtocolError("an authentication parameter is malformed")
        name = match[1].lower()
        if name in params or len(params) >= MAX_AUTH_PARAMS:
            raise RemoteProtocolError(
                "an authentication parameter is repeated, or there are too many"
            )
        params[name] = unquote(match[2])
        at = match.end()
    return scheme, params


def _format(scheme: str, params: dict[str, str], bare: frozenset[str]) -> str:
    parts = (
        f"{name}={token_or_quoted(value) if name in bare else quote(value)}"
        for name, value in params.items()
    )
    return f"{scheme} {', '.join(parts)}"


class Challenge(msgspec.Struct, frozen=True, gc=False):
    """The value of WWW-Authenticate or Proxy-Authenticate: a scheme and unquoted parameters in order."""

    scheme: str
    params: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> "Challenge":
        """Read one challenge; a scheme that is not Digest and has other syntax has no parameters."""
        return cls(*_parse(text))

    def __str__(self) -> str:
        return _format(self.scheme, self.params, BARE)


class Credentials(msgspec.Struct, frozen=True, gc=False):
    """The value of Authorization or Proxy-Authorization: a scheme and unquoted parameters in order."""

    scheme: str
    params: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> "Credentials":
        """Read one value; a scheme that is not Digest and has other syntax has no parameters."""
        return cls(*_parse(text))

    def __str__(self) -> str:
        return _format(self.scheme, self.params, BARE | {"qop"})
