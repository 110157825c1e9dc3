"""name-addr and addr-spec: the value of From, To, Contact, Route (RFC 3261 section 20.10)."""

import re

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import QUOTED, SCHEME, quote, unquote
from switch.sip.header.parameters import Parameters, format_parameters, parse_parameters
from switch.value import Atom

_NAME_ADDR = re.compile(
    rf"[ \t]*+(?:({QUOTED})|([^\"<>,;]*+))[ \t]*+<({SCHEME}:[^<>\"\s]++)>[ \t]*+(;.*+)?+", re.DOTALL
)
_ADDR_SPEC = re.compile(rf"[ \t]*+({SCHEME}:[^<>\",;?]++)(;.*+)?+", re.DOTALL)


class NameAddr(Atom, frozen=True, gc=False):
    """A display name, a URI as text, and the header field's parameters in order."""

    display_name: str
    uri: str
    params: Parameters

    @property
    def tag(self) -> str | None:
        """The tag parameter."""
        return self.params.get("tag")

    @classmethod
    def parse(cls, text: str) -> "NameAddr":
        """Read `"Name" <uri>;params`, or `uri;params`, whose URI has then no parameters."""
        match = _NAME_ADDR.fullmatch(text)
        if match is not None:
            quoted, plain, uri, params = match.groups()
            name = plain.rstrip(" \t") if quoted is None else unquote(quoted)
        else:
            match = _ADDR_SPEC.fullmatch(text)
            if match is None:
                raise RemoteProtocolError("an address is malformed")
            name, uri, params = "", match[1].rstrip(" \t"), match[2]
        return cls(name, uri, parse_parameters(params) if params else {})

    def __str__(self) -> str:
        name = f"{quote(self.display_name)} " if self.display_name else ""
        return f"{name}<{self.uri}>{format_parameters(self.params)}"
