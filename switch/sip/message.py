"""SIP messages (RFC 3261 section 7): requests and responses, read lazily, crossing byte for byte.

A message keeps its header fields in the order and spelling in which they came. Names are looked up
by their canonical lower-case long form ("call-id", also when the message says "i"). What every
message must have (Via, From, To, Call-ID, CSeq) is checked once by the parser and is an attribute,
never None. Text is UTF-8 with surrogate escapes, so that any octets survive a round trip.

A message that the parser made stands on its `Head`, which finds fields on demand; its `fields`
become a list when somebody asks. Change a message before anybody reads its routing fields, or make
a new one: what was read is remembered.
"""

from collections.abc import Iterable
from typing import Protocol

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.cseq import CSeq
from switch.sip.header.name_addr import NameAddr
from switch.sip.header.token_list import contains_token
from switch.sip.header.via import Via

COMPACT_FORMS = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}

_KNOWN_NAMES = (
    "Accept",
    "Accept-Contact",
    "Accept-Encoding",
    "Accept-Language",
    "Alert-Info",
    "Allow",
    "Allow-Events",
    "Authorization",
    "Call-ID",
    "Call-Info",
    "Contact",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "CSeq",
    "Date",
    "Diversion",
    "Error-Info",
    "Event",
    "Expires",
    "From",
    "History-Info",
    "Identity",
    "In-Reply-To",
    "Join",
    "Max-Forwards",
    "MIME-Version",
    "Min-Expires",
    "Min-SE",
    "Organization",
    "P-Access-Network-Info",
    "P-Asserted-Identity",
    "P-Called-Party-ID",
    "P-Charging-Vector",
    "P-Preferred-Identity",
    "Path",
    "Priority",
    "Privacy",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Require",
    "RAck",
    "Reason",
    "Record-Route",
    "Refer-Sub",
    "Refer-To",
    "Referred-By",
    "Remote-Party-ID",
    "Replaces",
    "Reply-To",
    "Request-Disposition",
    "Require",
    "Retry-After",
    "Route",
    "RSeq",
    "Server",
    "Service-Route",
    "Session-Expires",
    "SIP-ETag",
    "SIP-If-Match",
    "Subject",
    "Subscription-State",
    "Supported",
    "Timestamp",
    "To",
    "Unsupported",
    "User-Agent",
    "Via",
    "Warning",
    "WWW-Authenticate",
    "X-Grandstream-PBX",
)

KEYS: dict[str, str] = {
    spelling: name.lower()
    for name in _KNOWN_NAMES
    for spelling in (name, name.lower(), name.upper(), name.title())
}
KEYS |= {s: long for short, long in COMPACT_FORMS.items() for s in (short, short.upper())}
"""Usual spellings of usual names, to their canonical form: any other takes the slower way."""

Field = tuple[str, str]
"""A header field's name as spelled and its value without surrounding white space."""


def canonical(name: str) -> str:
    """Return the lower-case long form of a header field's name."""
    lower = name.lower()
    return COMPACT_FORMS.get(lower, lower)


class Head(Protocol):
    """What a scanner read of a message: the reference's and the accelerator's are alike."""

    @property
    def octets(self) -> bytes:
        """The message as it came, without what follows its body."""

    @property
    def body(self) -> bytes:
        """The body, as long as Content-Length says."""

    @property
    def method(self) -> str:
        """The request's method; empty for a response."""

    @property
    def uri(self) -> str:
        """The Request-URI; empty for a response."""

    @property
    def status(self) -> int:
        """The response's status; 0 for a request."""

    @property
    def reason(self) -> str:
        """The response's reason phrase; empty for a request."""

    @property
    def branch(self) -> str:
        """The topmost Via's branch, or an empty text."""

    @property
    def sent_by(self) -> str:
        """The topmost Via's host and port in lower case."""

    @property
    def call_id(self) -> str:
        """The Call-ID."""

    @property
    def from_tag(self) -> str:
        """The From's tag, or an empty text."""

    @property
    def to_tag(self) -> str:
        """The To's tag, or an empty text."""

    @property
    def cseq_number(self) -> int:
        """The number of CSeq."""

    @property
    def cseq_method(self) -> str:
        """The method of CSeq."""

    def first(self, key: str) -> str | None:
        """Return the value of the first field of this canonical name."""

    def all(self, key: str) -> list[str]:
        """Return the values of every field of this canonical name."""

    def select(self, keys: frozenset[str]) -> list[Field]:
        """Return the fields whose canonical names are among these, in order."""

    def fields(self) -> list[Field]:
        """Return every field in order."""


class Message:
    """What requests and responses share."""

    __slots__ = ("_call_id", "_cseq", "_fields", "_from", "_head", "_to", "_via", "body")

    def __init__(self, fields: Iterable[Field], body: bytes = b"") -> None:
        self._fields: list[Field] | None = list(fields)
        self._head: Head | None = None
        self._via: Via | None = None
        self._call_id: str | None = None
        self._cseq: CSeq | None = None
        self._from: NameAddr | None = None
        self._to: NameAddr | None = None
        self.body = body

    def _stand_on(self, head: Head) -> None:
        self._fields = None
        self._head = head
        self.body = head.body

    @property
    def fields(self) -> list[Field]:
        """Every header field in order, as spelled; values unfolded."""
        if self._fields is None:
            self._fields = [] if self._head is None else self._head.fields()
        return self._fields

    @fields.setter
    def fields(self, fields: list[Field]) -> None:
        self._fields = fields

    def first(self, key: str) -> str | None:
        """Return the value of the first field of this canonical name."""
        if self._fields is None and self._head is not None:
            return self._head.first(key)
        for name, value in self.fields:
            if (KEYS.get(name) or canonical(name)) == key:
                return value
        return None

    def all(self, key: str) -> list[str]:
        """Return the values of the fields of this canonical name, one a line, commas and all."""
        if self._fields is None and self._head is not None:
            return self._head.all(key)
        return [value for name, value in self.fields if (KEYS.get(name) or canonical(name)) == key]

    def copy_fields(self, keys: frozenset[str]) -> list[Field]:
        """Return the fields whose canonical names are among these, in order."""
        if self._fields is None and self._head is not None:
            return self._head.select(keys)
        return [
            field for field in self.fields if (KEYS.get(field[0]) or canonical(field[0])) in keys
        ]

    def has_token(self, key: str, token: str) -> bool:
        """Tell whether a list field (Supported, Require, Allow) has the token, in any case."""
        return contains_token(self.all(key), token)

    @property
    def via(self) -> Via:
        """The topmost Via."""
        if self._via is None:
            self._via = Via.parse(self.first("via") or "")
        return self._via

    @property
    def branch(self) -> str:
        """The topmost Via's branch; empty when it has none (RFC 2543)."""
        if self._head is not None:
            return self._head.branch
        return self.via.branch or ""

    @property
    def sent_by(self) -> str:
        """The topmost Via's host and port as they identify the sender, in lower case."""
        if self._head is not None:
            return self._head.sent_by
        return self.via.sent_by

    @property
    def call_id(self) -> str:
        """The Call-ID."""
        if self._head is not None:
            return self._head.call_id
        if self._call_id is None:
            self._call_id = self.first("call-id") or ""
        return self._call_id

    @property
    def cseq(self) -> CSeq:
        """The CSeq: number and method."""
        if self._cseq is None:
            head = self._head
            if head is not None:
                self._cseq = CSeq(head.cseq_number, head.cseq_method)
            else:
                self._cseq = CSeq.parse(self.first("cseq") or "")
        return self._cseq

    @property
    def from_(self) -> NameAddr:
        """The From."""
        if self._from is None:
            self._from = NameAddr.parse(self.first("from") or "")
        return self._from

    @property
    def to(self) -> NameAddr:
        """The To."""
        if self._to is None:
            self._to = NameAddr.parse(self.first("to") or "")
        return self._to

    @property
    def from_tag(self) -> str:
        """The From's tag; empty when it has none (RFC 2543)."""
        if self._head is not None:
            return self._head.from_tag
        return self.from_.tag or ""

    @property
    def to_tag(self) -> str:
        """The To's tag; empty outside a dialog."""
        if self._head is not None:
            return self._head.to_tag
        return self.to.tag or ""

    def _start_line(self) -> str:
        raise AssertionError

    def _keeps_start_line(self, head: Head) -> bool:
        raise AssertionError(head)

    def octets(self) -> bytes:
        """Write the message as it goes over the wire; Content-Length is always that of the body.

        A message from the parser that nobody changed is written as it came, folded lines included.
        """
        head, fields = self._head, self._fields
        if (
            head is not None
            and self.body is head.body
            and self._keeps_start_line(head)
            and (fields is None or fields == head.fields())
        ):
            return head.octets
        lines = [
            f"{name}: {value}"
            for name, value in self.fields
            if len(name) not in _CONTENT_LENGTH_SIZES or canonical(name) != "content-length"
        ]
        text = "\r\n".join(
            (self._start_line(), *lines, f"Content-Length: {len(self.body)}\r\n\r\n")
        )
        return text.encode("utf-8", "surrogateescape") + self.body


_CONTENT_LENGTH_SIZES = (14, 1)


class Request(Message):
    """A request: a method, a Request-URI as text, header fields, a body."""

    __slots__ = ("_response_vias", "_source", "method", "uri")

    def __init__(self, method: str, uri: str, fields: Iterable[Field], body: bytes = b"") -> None:
        super().__init__(fields, body)
        self.method = method
        self.uri = uri
        self._source: tuple[str, int] | None = None
        self._response_vias: list[str] | None = None

    @classmethod
    def parsed(cls, head: Head) -> "Request":
        """Make the request that the scanner read."""
        self = cls(head.method, head.uri, ())
        self._stand_on(head)
        return self

    @classmethod
    def recovered(cls, method: str, uri: str, fields: Iterable[Field]) -> "Request":
        """Make the rest of a broken request: reading its Via, From, To and CSeq never raises."""
        self = cls(method, uri, fields)
        try:
            self._via = Via.parse(self.first("via") or "")
        except RemoteProtocolError:
            self._via = Via("UDP", "invalid", None, {})
        self._from = _nearest_address(self.first("from") or "")
        self._to = _nearest_address(self.first("to") or "")
        try:
            self._cseq = CSeq.parse(self.first("cseq") or "")
        except RemoteProtocolError:
            self._cseq = CSeq(0, method)
        return self

    def stamp(self, host: str, port: int) -> None:
        """Remember the source address, for the topmost Via of the responses (RFC 3581)."""
        self._source = (host, port)
        self._response_vias = None

    def response_vias(self) -> list[str]:
        """Return the Via lines of a response: as they came, the topmost with the source."""
        if self._response_vias is not None and self._fields is None:
            return self._response_vias.copy()
        vias = self.all("via")
        if self._source is not None and vias:
            vias[0] = self.via.stamped(vias[0], *self._source)
        self._response_vias = vias
        return vias.copy()

    def _start_line(self) -> str:
        return f"{self.method} {self.uri} SIP/2.0"

    def _keeps_start_line(self, head: Head) -> bool:
        return self.method == head.method and self.uri == head.uri

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.uri} {self.call_id}>"


def _nearest_address(text: str) -> NameAddr:
    try:
        return NameAddr.parse(text)
    except RemoteProtocolError:
        return NameAddr("", text, {})


class Response(Message):
    """A response: a status, a reason phrase, header fields, a body."""

    __slots__ = ("reason", "status")

    def __init__(
        self, status: int, reason: str, fields: Iterable[Field], body: bytes = b""
    ) -> None:
        super().__init__(fields, body)
        self.status = status
        self.reason = reason

    @classmethod
    def parsed(cls, head: Head) -> "Response":
        """Make the response that the scanner read."""
        self = cls(head.status, head.reason, ())
        self._stand_on(head)
        return self

    @property
    def status_class(self) -> int:
        """The first digit of the status."""
        return self.status // 100

    def _start_line(self) -> str:
        return f"SIP/2.0 {self.status} {self.reason}"

    def _keeps_start_line(self, head: Head) -> bool:
        return self.status == head.status and self.reason == head.reason

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.cseq.method} {self.call_id}>"
