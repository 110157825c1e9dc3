"""Retry-After (RFC 3261 section 20.33)."""

import re

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.delta_seconds import parse_delta
from switch.sip.header.parameters import Parameters, format_parameters, parse_parameters
from switch.value import Atom

_RETRY_AFTER = re.compile(r"[ \t]*+([0-9]++)[ \t]*+(?:\([^()]*+\)[ \t]*+)?+(;.*+)?+", re.DOTALL)


class RetryAfter(Atom, frozen=True, gc=False):
    """How many seconds to wait before asking again; a comment is dropped."""

    delay: int
    params: Parameters = {}

    @classmethod
    def parse(cls, text: str) -> "RetryAfter":
        """Read `120 (in a meeting);duration=60`."""
        match = _RETRY_AFTER.fullmatch(text)
        if match is None:
            raise RemoteProtocolError("Retry-After is malformed")
        return cls(parse_delta(match[1]), parse_parameters(match[2]) if match[2] else {})

    def __str__(self) -> str:
        return str(self.delay) + format_parameters(self.params)
