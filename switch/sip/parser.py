"""Octets to messages: the one way in (RFC 3261 section 7, RFC 4475)."""

from switch.sip.errors import RemoteProtocolError
from switch.sip.message import Request, Response


def parse(octets: bytes) -> Request | Response:
    """Read one whole message; raise `RemoteProtocolError` with the status that answers what is wrong."""
    head, _, body = octets.partition(b"\r\n\r\n")
    start, *lines = head.decode("utf-8", "surrogateescape").replace("\r\n ", " ").split("\r\n")
    fields = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise RemoteProtocolError("a header line has no colon")
        fields.append((name.strip(), value.strip()))
    parts = start.split(" ", 2)
    if len(parts) != 3:
        raise RemoteProtocolError("the start line has not three parts")
    message: Request | Response
    if parts[0] == "SIP/2.0":
        message = Response(int(parts[1]), parts[2], fields, body)
    else:
        message = Request(parts[0], parts[1], fields, body)
    return message
