"""CSeq (RFC 3261 section 20.16)."""

import msgspec

from switch.sip.errors import RemoteProtocolError


class CSeq(msgspec.Struct, frozen=True, gc=False):
    """A sequence number and a method."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> "CSeq":
        """Read `4711 INVITE`; raise `RemoteProtocolError` for anything else."""
        number, _, method = text.strip().partition(" ")
        method = method.strip()
        if not (number.isascii() and number.isdigit() and method) or int(number) >= 2**31:
            raise RemoteProtocolError("CSeq is not a number below 2**31 and a method")
        return cls(int(number), method)

    def __str__(self) -> str:
        return f"{self.number} {self.method}"
