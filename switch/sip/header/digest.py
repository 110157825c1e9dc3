"""Challenges and credentials of the digest scheme, typed (RFC 3261 20.7 and 20.44, RFC 7616).

They are read once a request, before it is known who sends it, so they have a parser of their own:
one pass, a quarter of the general one's time. A quoted value is kept as it stands between its
quotes, escapes and all: that text is what the RFC hashes and what a client echoes.
"""

import re

from switch.sip.errors import LocalProtocolError, RemoteProtocolError
from switch.value import Atom

MAX_LENGTH = 4096
"""Characters of one value: real ones stay below 600; more would only buy a sender work."""

_PARAMETER = re.compile(
    r"""[ \t,]*+(?:
        ([-\w!#$%&'*+.^`|~]++)[ \t]*+=[ \t]*+                  # name
        (?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"|([^ \t,"]++))[ \t]*+  # quoted string, or token
        (?:,|\Z)
        |([^ \t,].*)                                          # what is no parameter
    )""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_UNQUOTABLE = re.compile(r'["\\\x00-\x1f\x7f]')


def parse_params(text: str) -> dict[str, str] | None:
    """Read the parameters of a digest value, names in lower case; None for another scheme."""
    if len(text) > MAX_LENGTH:
        raise RemoteProtocolError("an authentication field is too long")
    scheme, _, rest = text.strip().partition(" ")
    if scheme.lower() != "digest":
        return None
    params: dict[str, str] = {}
    for name, quoted_text, token, garbage in _PARAMETER.findall(rest.rstrip(" \t\r\n,")):
        key = name.lower()
        if garbage or key in params:
            raise RemoteProtocolError("an authentication field is malformed")
        params[key] = quoted_text or token
    return params


def quotable(text: str) -> str:
    """Return our own text for between quotes; raise `LocalProtocolError` if it needs an escape."""
    if _UNQUOTABLE.search(text):
        raise LocalProtocolError("an authentication parameter holds a quote or a control character")
    return text


class DigestChallenge(Atom, frozen=True, gc=False):
    """One WWW-Authenticate or Proxy-Authenticate value."""

    realm: str
    nonce: str
    algorithm: str | None = None
    """As spelled; None when the server names none, which means MD5."""
    qop: tuple[str, ...] = ()
    opaque: str | None = None
    stale: bool = False

    @classmethod
    def parse(cls, text: str) -> "DigestChallenge | None":
        """Read one value; None for another scheme."""
        params = parse_params(text)
        if params is None:
            return None
        if "realm" not in params or "nonce" not in params:
            raise RemoteProtocolError("a challenge lacks realm or nonce")
        options = params.get("qop", "").lower().split(",")
        return cls(
            realm=params["realm"],
            nonce=params["nonce"],
            algorithm=params.get("algorithm"),
            qop=tuple(option.strip() for option in options if option.strip()),
            opaque=params.get("opaque"),
            stale=params.get("stale", "").lower() == "true",
        )

    def __str__(self) -> str:
        parts = [f'Digest realm="{self.realm}"', f'nonce="{self.nonce}"']
        if self.opaque is not None:
            parts.append(f'opaque="{self.opaque}"')
        if self.stale:
            parts.append("stale=true")
        if self.algorithm is not None:
            parts.append(f"algorithm={self.algorithm}")
        if self.qop:
            parts.append(f'qop="{",".join(self.qop)}"')
        return ", ".join(parts)


class DigestCredentials(Atom, frozen=True, gc=False):
    """One Authorization or Proxy-Authorization value."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str | None = None
    """As spelled; None means MD5."""
    cnonce: str | None = None
    qop: str | None = None
    nonce_count: str | None = None
    """The eight hexadecimal digits as sent: they are hashed as text."""
    opaque: str | None = None

    @classmethod
    def parse(cls, text: str) -> "DigestCredentials | None":
        """Read one value; None for another scheme."""
        params = parse_params(text)
        if params is None:
            return None
        get = params.get
        try:
            return cls(
                params["username"],
                params["realm"],
                params["nonce"],
                params["uri"],
                params["response"],
                get("algorithm"),
                get("cnonce"),
                get("qop"),
                get("nc"),
                get("opaque"),
            )
        except KeyError as missing:
            raise RemoteProtocolError(f"credentials lack {missing.args[0]}") from None

    def __str__(self) -> str:
        parts = [
            f'Digest username="{self.username}"',
            f'realm="{self.realm}"',
            f'nonce="{self.nonce}"',
            f'uri="{self.uri}"',
            f'response="{self.response}"',
        ]
        if self.algorithm is not None:
            parts.append(f"algorithm={self.algorithm}")
        if self.qop is not None:
            parts.append(f'qop={self.qop}, cnonce="{self.cnonce}", nc={self.nonce_count}')
        if self.opaque is not None:
            parts.append(f'opaque="{self.opaque}"')
        return ", ".join(parts)
