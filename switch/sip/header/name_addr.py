"""name-addr and addr-spec: the value of From, To, Contact, Route and their like (RFC 3261 section 20.10)."""

import msgspec

from switch.sip.errors import RemoteProtocolError


class NameAddr(msgspec.Struct, frozen=True, gc=False):
    """A display name, a URI as text, and the header field's parameters in order (names in lower case)."""

    display_name: str
    uri: str
    params: dict[str, str | None]

    @property
    def tag(self) -> str | None:
        """The tag parameter."""
        return self.params.get("tag")

    @classmethod
    def parse(cls, text: str) -> "NameAddr":
        """Read one value."""
        if "<" in text:
            display, _, rest = text.partition("<")
            uri, closed, params = rest.partition(">")
            if not closed:
                raise RemoteProtocolError("an angle bracket is not closed")
            display = display.strip()
            if display.startswith('"') and display.endswith('"'):
                display = display[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        else:
            display = ""
            uri, _, params = text.strip().partition(";")
        pairs = (p.strip().partition("=") for p in params.split(";") if p.strip())
        return cls(display, uri.strip(), {n.lower(): v if s else None for n, s, v in pairs})

    def __str__(self) -> str:
        quoted = self.display_name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{quoted}" ' if quoted else ""
        params = "".join(f";{n}" if v is None else f";{n}={v}" for n, v in self.params.items())
        return f"{name}<{self.uri}>{params}"
