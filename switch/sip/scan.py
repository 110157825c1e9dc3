"""Reading a message's head: start line, field lines, routing fields (RFC 3261 section 7, RFC 4475).

`scan_reference` is the reference: it knows every rule. The accelerator `_scan` reads the plain
messages that make up the traffic, and hands anything unusual (folded lines, escapes, faults) back
by None, so that every refusal comes from here. `DAIHYO_PURE=1` in the environment leaves the
accelerator out.
"""

import os
import re
from collections.abc import Callable, Iterator

from switch.sip.bounds import MAX_CONTACTS, MAX_HOPS, MAX_LINE, MAX_LINES, MAX_MESSAGE, MAX_VIAS
from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import LWS, QUOTED, SCHEME, TOKEN, is_scheme, is_token, parse_number, split
from switch.sip.header.cseq import CSeq
from switch.sip.header.name_addr import NameAddr
from switch.sip.header.via import Via
from switch.sip.message import KEYS, Field, Head, canonical
from switch.sip.uri import SipUri

SINGLE = frozenset(
    {
        "call-id", "content-length", "content-type", "cseq", "event", "expires", "from",
        "max-forwards", "min-se", "rack", "refer-to", "replaces", "rseq", "session-expires", "to",
    }
)  # fmt: skip
"""Fields on which the switch acts and that may come once only."""

_FOLD = re.compile(r"\r\n[ \t]++")
_REQUEST_LINE = re.compile(r"([^ ]++) ([^ ]++) SIP/2\.0", re.IGNORECASE)
_STATUS = re.compile(r"[1-6][0-9]{2}")
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: (.*+))?+", re.IGNORECASE | re.DOTALL)
_OTHER_VERSION = re.compile(r"[^ ]++ [^ ]++ SIP/[0-9]{1,9}\.[0-9]{1,9}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_PLAIN_URI = re.compile(
    r"[Ss][Ii][Pp][Ss]?:(?:[A-Za-z0-9\-_.!~*'()&=+$,]++@)?+[A-Za-z0-9_][A-Za-z0-9_.\-]*+"
    r"(?::(?:[1-5][0-9]{4}|[1-9][0-9]{0,3}))?+(?:;[A-Za-z\-]++(?:=[A-Za-z0-9.\-]++)?+)?+"
)
_PLAIN_CONTACT = re.compile(
    rf" ?(?:{QUOTED} ?)?+<{SCHEME}:[^<>\"\x00-\x20]++>"
    rf"(?:;{TOKEN}(?:=(?:{QUOTED}|[^\x00-\x20\";,<>]*+))?+)*+",
    re.DOTALL,
)
_USUAL_METHODS = frozenset(
    {
        "ACK",
        "BYE",
        "CANCEL",
        "INFO",
        "INVITE",
        "MESSAGE",
        "NOTIFY",
        "OPTIONS",
        "PRACK",
        "PUBLISH",
        "REFER",
        "REGISTER",
        "SUBSCRIBE",
        "UPDATE",
    }
)


class ReferenceHead:
    """A message's head as the reference scanner read it."""

    __slots__ = (
        "_firsts", "_keys", "_lines", "body", "branch", "call_id", "cseq_method", "cseq_number",
        "from_tag", "method", "octets", "reason", "sent_by", "status", "to_tag", "uri",
    )  # fmt: skip

    def __init__(self, octets: bytes) -> None:
        at = octets.find(b"\r\n\r\n")
        if at < 0:
            raise RemoteProtocolError("the header has no end")
        text = octets[:at].decode("utf-8", "surrogateescape")
        start, *lines = text.split("\r\n")
        if text.count("\n") != len(lines) or text.count("\r") != len(lines):
            raise RemoteProtocolError("the header has a bare CR or LF")
        if not self._read_lines(lines):
            start, *lines = _FOLD.sub(" ", text).split("\r\n")
            self._read_lines(lines)
        if len(text) > MAX_LINE and max(map(len, lines)) > MAX_LINE:
            raise RemoteProtocolError("a header line is too long")
        self._read_start(start)
        self._read_routing_fields()
        self._check_contacts()
        self._read_body(octets, at + 4)

    def _read_start(self, start: str) -> None:
        method, _, rest = start.partition(" ")
        uri, _, version = rest.partition(" ")
        if version == "SIP/2.0" and method in _USUAL_METHODS:
            self.method, self.uri, self.status, self.reason = method, uri, 0, ""
        elif method == "SIP/2.0" and _STATUS.fullmatch(uri) is not None:
            self.method, self.uri, self.status, self.reason = "", "", int(uri), version
        else:
            self._read_unusual_start(start)
        if self.method and _PLAIN_URI.fullmatch(self.uri) is None:
            check_request_uri(self.uri)

    def _read_unusual_start(self, start: str) -> None:
        request = _REQUEST_LINE.fullmatch(start)
        if request is not None:
            self.method, self.uri = request.groups()
            self.status, self.reason = 0, ""
            if not is_token(self.method):
                raise RemoteProtocolError("the method is no token")
            return
        response = _STATUS_LINE.fullmatch(start)
        if response is None:
            if _OTHER_VERSION.fullmatch(start) is not None:
                raise RemoteProtocolError("the SIP version is not supported", status=505)
            raise RemoteProtocolError("the start line is malformed")
        self.method = self.uri = ""
        self.status = int(response[1])
        self.reason = response[2] or ""

    def _read_lines(self, lines: list[str]) -> bool:
        """Name the lines and keep the first of each name; False when a line continues another."""
        if len(lines) > MAX_LINES:
            raise RemoteProtocolError("the header has too many lines")
        keys: list[str] = []
        firsts: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.partition(":")
            key = KEYS.get(name)
            if key is None or not colon:
                if line[:1] in {" ", "\t"}:
                    return False
                key = _key(name, colon)
            keys.append(key)
            if key not in firsts:
                firsts[key] = value
        if len(firsts) != len(keys):
            _check_repeats(keys)
        self._lines = lines
        self._keys = keys
        self._firsts = firsts
        return True

    def _read_routing_fields(self) -> None:
        firsts = self._firsts
        try:
            via = Via.parse(firsts["via"].strip(LWS))
            from_ = NameAddr.parse(firsts["from"].strip(LWS))
            to = NameAddr.parse(firsts["to"].strip(LWS))
            self.call_id = firsts["call-id"].strip(LWS)
            cseq = CSeq.parse(firsts["cseq"].strip(LWS))
        except KeyError as missing:
            raise RemoteProtocolError(f"{missing.args[0]} is missing") from None
        if not self.call_id:
            raise RemoteProtocolError("Call-ID is empty")
        self.branch = via.branch or ""
        self.sent_by = via.sent_by
        self.from_tag = from_.tag or ""
        self.to_tag = to.tag or ""
        self.cseq_number = cseq.number
        self.cseq_method = cseq.method
        if self.method and cseq.method != self.method:
            raise RemoteProtocolError("CSeq names another method")
        hops = firsts.get("max-forwards")
        if hops is not None:
            parse_number(hops.strip(LWS), MAX_HOPS, "Max-Forwards")

    def _check_contacts(self) -> None:
        """Refuse a Contact whose URI nobody could address (RFC 4475 section 3.1.2.13)."""
        first = self._firsts.get("contact")
        if first is None:
            return
        if _PLAIN_CONTACT.fullmatch(first) is not None and self._keys.count("contact") == 1:
            return
        contacts = [value for line in self.all("contact") for value in split(line, ",")]
        if len(contacts) > MAX_CONTACTS:
            raise RemoteProtocolError("there are too many contacts")
        for contact in contacts:
            if contact != "*":
                NameAddr.parse(contact)

    def _read_body(self, octets: bytes, start: int) -> None:
        stated = self._firsts.get("content-length")
        end = len(octets)
        if stated is not None:
            end = start + parse_number(stated.strip(LWS), MAX_MESSAGE, "Content-Length")
            if end > len(octets):
                raise RemoteProtocolError("the body is shorter than Content-Length")
        self.body = octets[start:end]
        self.octets = octets if end == len(octets) else octets[:end]

    def first(self, key: str) -> str | None:
        """Return the value of the first field of this canonical name."""
        value = self._firsts.get(key)
        return None if value is None else value.strip(LWS)

    def _pairs(self) -> Iterator[tuple[str, str]]:
        return zip(self._keys, self._lines, strict=True)

    def all(self, key: str) -> list[str]:
        """Return the values of every field of this canonical name."""
        return [_field(line)[1] for own, line in self._pairs() if own == key]

    def select(self, keys: frozenset[str]) -> list[Field]:
        """Return the fields whose canonical names are among these, in order."""
        return [_field(line) for own, line in self._pairs() if own in keys]

    def fields(self) -> list[Field]:
        """Return every field in order."""
        return [_field(line) for line in self._lines]


def _field(line: str) -> Field:
    name, _, value = line.partition(":")
    return name.rstrip(LWS), value.strip(LWS)


def _key(name: str, colon: str) -> str:
    if not colon:
        raise RemoteProtocolError("a header line has no colon")
    name = name.rstrip(LWS)
    if not is_token(name):
        raise RemoteProtocolError("a header field's name is no token")
    return canonical(name)


def _check_repeats(keys: list[str]) -> None:
    seen = set()
    for key in keys:
        if key in seen and key in SINGLE:
            raise RemoteProtocolError(f"{key} is repeated")
        seen.add(key)
    if keys.count("via") > MAX_VIAS:
        raise RemoteProtocolError("there are too many Via fields")


def check_request_uri(uri: str) -> None:
    """Refuse a malformed Request-URI; one of an unknown scheme passes (the UAS core's 416)."""
    scheme, colon, _ = uri.partition(":")
    if _CONTROL.search(uri) is not None:
        raise RemoteProtocolError("the Request-URI has white space or control characters")
    if not colon or not is_scheme(scheme):
        raise RemoteProtocolError("the Request-URI is no URI")
    if scheme.lower() in {"sip", "sips", "tel"} and SipUri.parse(uri).headers:
        raise RemoteProtocolError("the Request-URI has headers")


def prepare(octets: bytes) -> bytes:
    """Bound the message, and drop the empty lines before it (RFC 3261 section 7.5)."""
    if len(octets) > MAX_MESSAGE:
        raise RemoteProtocolError("the message is too long", status=513)
    return octets.lstrip(b"\r\n") if octets[:1] == b"\r" else octets


def scan_reference(octets: bytes) -> Head:
    """Read a message's head in plain Python; raise `RemoteProtocolError` for what is wrong."""
    return ReferenceHead(prepare(octets))


def _load() -> Callable[[bytes], Head | None] | None:
    if os.environ.get("DAIHYO_PURE") == "1":
        return None
    try:
        from switch.sip._scan import scan_plain  # noqa: PLC0415 - it may not have been built
    except ImportError:
        return None
    return scan_plain


_scan_plain = _load()

IS_ACCELERATED = _scan_plain is not None
"""Whether the accelerator is in use."""


def scan_accelerated(octets: bytes) -> Head:
    """Read a message's head by the accelerator, and by the reference when it is not plain."""
    head = None if _scan_plain is None else _scan_plain(octets)
    return scan_reference(octets) if head is None else head


scan = scan_accelerated if IS_ACCELERATED else scan_reference
"""The scanner in use."""
