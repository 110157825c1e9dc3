"""SIP and SIPS URIs, and tel URIs as far as trunks use them (RFC 3261 section 19.1, RFC 3966)."""

import msgspec

from switch.sip.errors import RemoteProtocolError


class SipUri(msgspec.Struct, frozen=True, gc=False):
    """A `sip:`, `sips:` or `tel:` URI.

    `user` is unescaped; for a tel URI it is the number and `host` is empty. `host` of an IPv6 literal is
    without brackets. `params` and `headers` keep their order; a parameter without value has None.
    """

    scheme: str
    user: str
    host: str
    port: int | None = None
    params: dict[str, str | None] = {}
    headers: str = ""

    @classmethod
    def parse(cls, text: str) -> "SipUri":
        """Read a URI; raise `RemoteProtocolError` (416 for a scheme that is not known, else 400)."""
        scheme, colon, rest = text.partition(":")
        scheme = scheme.lower()
        if scheme not in {"sip", "sips", "tel"} or not colon:
            raise RemoteProtocolError("the URI scheme is not known", status=416)
        rest, _, headers = rest.partition("?")
        user, at, hostpart = rest.rpartition("@")
        hostport, *params = (hostpart if at else rest).split(";")
        host, port = hostport, None
        if host.startswith("["):
            host, _, tail = host[1:].partition("]")
            port = int(tail[1:]) if tail else None
        elif ":" in host:
            host, _, digits = host.partition(":")
            port = int(digits)
        pairs = (p.partition("=") for p in params)
        return cls(scheme, user.partition(":")[0], host.lower(), port,
                   {n.lower(): v if s else None for n, s, v in pairs}, headers)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{self.user}@" if self.user else ""
        port = "" if self.port is None else f":{self.port}"
        params = "".join(f";{n}" if v is None else f";{n}={v}" for n, v in self.params.items())
        return f"{self.scheme}:{user}{host}{port}{params}" + (f"?{self.headers}" if self.headers else "")
