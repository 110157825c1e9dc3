"""CSeq (RFC 3261 section 20.16)."""

import re

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import TOKEN, parse_number
from switch.value import Atom

MAX_SEQUENCE = 2**31 - 1
"""CSeq numbers stay below 2**31 (RFC 3261 section 8.1.1.5)."""

_CSEQ = re.compile(rf"[ \t]*+([0-9]++)[ \t]++({TOKEN})[ \t]*+")


class CSeq(Atom, frozen=True, gc=False):
    """A sequence number and a method."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> "CSeq":
        """Read `4711 INVITE`; raise `RemoteProtocolError` for anything else."""
        match = _CSEQ.fullmatch(text)
        if match is None:
            raise RemoteProtocolError("CSeq is not a number and a method")
        return cls(parse_number(match[1], MAX_SEQUENCE, "CSeq"), match[2])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"
