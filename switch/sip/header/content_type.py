"""Content-Type, and the members of Accept (RFC 3261 sections 20.15 and 20.1)."""

import re

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import TOKEN
from switch.sip.header.parameters import Parameters, format_parameters, parse_parameters
from switch.value import Atom

_MEDIA_TYPE = re.compile(rf"[ \t]*+({TOKEN})[ \t]*+/[ \t]*+({TOKEN})[ \t]*+(;.*+)?+", re.DOTALL)


class ContentType(Atom, frozen=True, gc=False):
    """A media type in lower case, as in `application/sdp`, and its parameters."""

    media_type: str
    params: Parameters = {}

    @classmethod
    def parse(cls, text: str) -> "ContentType":
        """Read one media type with parameters."""
        match = _MEDIA_TYPE.fullmatch(text)
        if match is None:
            raise RemoteProtocolError("a media type is malformed")
        media_type = f"{match[1]}/{match[2]}".lower()
        return cls(media_type, parse_parameters(match[3]) if match[3] else {})

    def __str__(self) -> str:
        return self.media_type + format_parameters(self.params)
