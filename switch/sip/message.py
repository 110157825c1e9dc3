"""SIP messages (RFC 3261 section 7): requests and responses, read lazily, crossing byte for byte.

A message keeps its header fields in the order and spelling in which they came. Names are looked up by
their canonical lower-case long form ("call-id", also when the message says "i"). What every message
must have (Via, From, To, Call-ID, CSeq) is checked once by the parser and is an attribute, never None.
Text is UTF-8 with surrogate escapes, so that any octets survive a round trip.
"""

from collections.abc import Iterable
from functools import cached_property

from switch.sip.header.cseq import CSeq
from switch.sip.header.name_addr import NameAddr
from switch.sip.header.via import Via

COMPACT_FORMS = {
    "a": "accept-contact", "b": "referred-by", "c": "content-type", "d": "request-disposition",
    "e": "content-encoding", "f": "from", "i": "call-id", "j": "reject-contact", "k": "supported",
    "l": "content-length", "m": "contact", "o": "event", "r": "refer-to", "s": "subject", "t": "to",
    "u": "allow-events", "v": "via", "x": "session-expires", "y": "identity",
}  # fmt: skip

Field = tuple[str, str]
"""A header field's name as spelled and its value without surrounding white space."""


def canonical(name: str) -> str:
    """Return the lower-case long form of a header field's name."""
    lower = name.lower()
    return COMPACT_FORMS.get(lower, lower)


class Message:
    """What requests and responses share."""

    def __init__(self, fields: Iterable[Field], body: bytes = b"") -> None:
        self.fields: list[Field] = list(fields)
        self.body = body

    def first(self, key: str) -> str | None:
        """Return the value of the first field of this canonical name."""
        for name, value in self.fields:
            if canonical(name) == key:
                return value
        return None

    def all(self, key: str) -> list[str]:
        """Return the values of every field of this canonical name, one a header line, not split at commas."""
        return [value for name, value in self.fields if canonical(name) == key]

    @cached_property
    def via(self) -> Via:
        """The topmost Via."""
        return Via.parse(self.first("via") or "")

    @property
    def branch(self) -> str:
        """The topmost Via's branch; empty when it has none (RFC 2543)."""
        return self.via.branch or ""

    @cached_property
    def call_id(self) -> str:
        """The Call-ID."""
        return self.first("call-id") or ""

    @cached_property
    def cseq(self) -> CSeq:
        """The CSeq: number and method."""
        return CSeq.parse(self.first("cseq") or "")

    @cached_property
    def from_(self) -> NameAddr:
        """The From."""
        return NameAddr.parse(self.first("from") or "")

    @cached_property
    def to(self) -> NameAddr:
        """The To."""
        return NameAddr.parse(self.first("to") or "")

    @property
    def from_tag(self) -> str:
        """The From's tag; empty when it has none (RFC 2543)."""
        return self.from_.tag or ""

    @property
    def to_tag(self) -> str:
        """The To's tag; empty outside a dialog."""
        return self.to.tag or ""

    def _start_line(self) -> str:
        raise AssertionError

    def octets(self) -> bytes:
        """Write the message as it goes over the wire; Content-Length is always that of the body."""
        lines = [self._start_line()]
        lines += [f"{n}: {v}" for n, v in self.fields if canonical(n) != "content-length"]
        lines.append(f"Content-Length: {len(self.body)}\r\n\r\n")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body


class Request(Message):
    """A request: a method, a Request-URI as text, header fields, a body."""

    def __init__(
        self, method: str, uri: str, fields: Iterable[Field], body: bytes = b""
    ) -> None:
        super().__init__(fields, body)
        self.method = method
        self.uri = uri
        self._source: tuple[str, int] | None = None

    def stamp(self, host: str, port: int) -> None:
        """Remember the source address, for `received` and `rport` in the responses' topmost Via (RFC 3581)."""
        self._source = (host, port)

    def response_vias(self) -> list[str]:
        """Return the Via lines that a response carries: as received, the topmost with `received` and `rport`."""
        vias = self.all("via")
        if self._source is not None and vias:
            vias[0] = self.via.stamped(vias[0], *self._source)
        return vias

    def _start_line(self) -> str:
        return f"{self.method} {self.uri} SIP/2.0"

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.uri} {self.call_id}>"


class Response(Message):
    """A response: a status, a reason phrase, header fields, a body."""

    def __init__(
        self, status: int, reason: str, fields: Iterable[Field], body: bytes = b""
    ) -> None:
        super().__init__(fields, body)
        self.status = status
        self.reason = reason

    @property
    def status_class(self) -> int:
        """The first digit of the status."""
        return self.status // 100

    def _start_line(self) -> str:
        return f"SIP/2.0 {self.status} {self.reason}"

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.cseq.method} {self.call_id}>"
