"""Octets to messages: the one way in (RFC 3261 section 7, RFC 4475)."""

import re
from collections import Counter

from switch.sip.bounds import MAX_LINES, MAX_MESSAGE, MAX_VIAS
from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import LWS, is_token
from switch.sip.message import Field, Request, Response, canonical
from switch.sip.scan import scan

_BREAKS = re.compile(r"[\r\n]++")

ALLOWED = {"via": MAX_VIAS, "from": 1, "to": 1, "call-id": 1, "cseq": 1}
"""How often a recovered request has what its response repeats (RFC 3261 section 8.2.6.2)."""


def parse(octets: bytes) -> Request | Response:
    """Read one whole message; raise `RemoteProtocolError` with the status that answers it.

    Without Content-Length the body is all that follows the header; octets beyond Content-Length are
    dropped (RFC 3261 section 18.3). The status is 0 for a response and for an ACK, which nobody
    answers.
    """
    try:
        head = scan(octets)
    except RemoteProtocolError as error:
        start = octets.lstrip(b"\r\n")[:5].upper()
        if not start or start.startswith((b"SIP/", b"ACK ")):
            error.status = 0
        raise
    return Response.parsed(head) if head.status else Request.parsed(head)


def recover(octets: bytes) -> Request | None:
    """Read what a refused request still tells, so that it can be answered statelessly.

    The result has the Via fields and at most one each of From, To, Call-ID and CSeq, as they came.
    Its `via`, `to`, `from_` and `cseq` are those, or stand-ins where those are malformed: they
    never raise. None for a response, an ACK, and a request without a Via that a response could
    repeat.
    """
    start, *lines = _lines(octets)
    method, _, rest = start.strip(LWS).partition(" ")
    if not is_token(method) or method == "ACK" or not rest:
        return None
    request = Request.recovered(method, rest.strip(LWS).partition(" ")[0], _routing_fields(lines))
    request.stamp("", 0)
    try:
        vias = request.response_vias()
    except RemoteProtocolError:
        return None
    return request if vias else None


def _lines(octets: bytes) -> list[str]:
    head = octets[:MAX_MESSAGE].lstrip(b"\r\n").partition(b"\r\n\r\n")[0]
    text = head.decode("utf-8", "surrogateescape")
    unfolded = text.replace("\r\n ", " ").replace("\r\n\t", " ")
    lines = unfolded.split("\r\n", MAX_LINES + 1)[: MAX_LINES + 1]
    return [_BREAKS.sub(" ", line) for line in lines]


def _routing_fields(lines: list[str]) -> list[Field]:
    fields: list[Field] = []
    seen: Counter[str] = Counter()
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.rstrip(LWS), value.strip(LWS)
        key = canonical(name)
        if value and seen[key] < ALLOWED.get(key, 0):
            seen[key] += 1
            fields.append((name, value))
    return fields
