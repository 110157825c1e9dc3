"""Reason: why a request was sent (RFC 3326)."""

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import LWS, is_token, parse_number, quote, split, unquote
from switch.sip.header.parameters import Parameters, format_parameters, parse_parameters
from switch.value import Atom

MAX_CAUSE = 999
"""SIP statuses have three digits and Q.850 causes fit in seven bits."""


class Reason(Atom, frozen=True, gc=False):
    """A protocol (`SIP`, `Q.850`), a cause of that protocol, and a text for people."""

    protocol: str
    cause: int | None = None
    text: str | None = None
    params: Parameters = {}

    @classmethod
    def parse(cls, text: str) -> "Reason":
        """Read one value."""
        protocol, _, rest = text.partition(";")
        protocol = protocol.strip(LWS)
        if not is_token(protocol):
            raise RemoteProtocolError("Reason has no protocol")
        params = parse_parameters(rest)
        cause = params.pop("cause", None)
        said = params.pop("text", None)
        return cls(
            protocol,
            None if cause is None else parse_number(cause, MAX_CAUSE, "a cause"),
            None if said is None else unquote(said),
            params,
        )

    @classmethod
    def parse_list(cls, text: str) -> list["Reason"]:
        """Read every value of a header line, one a protocol."""
        return [cls.parse(value) for value in split(text, ",")]

    def __str__(self) -> str:
        cause = "" if self.cause is None else f";cause={self.cause}"
        text = "" if self.text is None else f";text={quote(self.text)}"
        return f"{self.protocol}{cause}{text}{format_parameters(self.params)}"
