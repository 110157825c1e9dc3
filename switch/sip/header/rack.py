"""RSeq and RAck: reliable provisional responses and their acknowledgement (RFC 3262 section 7)."""

import re

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import LWS, TOKEN, parse_number
from switch.sip.header.cseq import MAX_SEQUENCE
from switch.value import Atom

MAX_RSEQ = 2**32 - 1

_RACK = re.compile(rf"[ \t]*+([0-9]++)[ \t]++([0-9]++)[ \t]++({TOKEN})[ \t]*+")


def parse_rseq(text: str) -> int:
    """Read an RSeq: 1 to 2**32 - 1."""
    number = parse_number(text.strip(LWS), MAX_RSEQ, "RSeq")
    if number == 0:
        raise RemoteProtocolError("RSeq is 0")
    return number


class RAck(Atom, frozen=True, gc=False):
    """Which response of which request a PRACK acknowledges."""

    rseq: int
    cseq_number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> "RAck":
        """Read `776656 1 INVITE`."""
        match = _RACK.fullmatch(text)
        if match is None:
            raise RemoteProtocolError("RAck is not two numbers and a method")
        number = parse_number(match[2], MAX_SEQUENCE, "the CSeq of RAck")
        return cls(parse_rseq(match[1]), number, match[3])

    def __str__(self) -> str:
        return f"{self.rseq} {self.cseq_number} {self.method}"
