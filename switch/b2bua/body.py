"""What a message says of its session: its description, or why there is none (RFC 3261 13)."""

from switch.b2bua.media_role import MAX_STREAMS, stream_count
from switch.sip.errors import RemoteProtocolError
from switch.sip.message import Field, Request, Response

SDP = "application/sdp"


def offer_refusal(request: Request) -> int | None:
    """Return the status that refuses the request's body as an offer or answer.

    None when it may be used.
    """
    if not request.body:
        return None
    content_type = (request.first("content-type") or "").partition(";")[0].strip().lower()
    if content_type != SDP:
        return 415
    try:
        streams = stream_count(request.body)
    except RemoteProtocolError as fault:
        return fault.status or 400
    return None if 0 < streams <= MAX_STREAMS else 488


def description_of(message: Request | Response) -> bytes:
    """Return the session description that a message carries.

    Empty when it has none that can be used.
    """
    content_type = (message.first("content-type") or SDP).partition(";")[0].strip().lower()
    if not message.body or content_type != SDP:
        return b""
    try:
        return message.body if 0 < stream_count(message.body) <= MAX_STREAMS else b""
    except RemoteProtocolError:
        return b""


def with_body(fields: list[Field], body: bytes) -> list[Field]:
    """Return the fields with the body's type, where there is a body."""
    return [*fields, ("Content-Type", SDP)] if body else fields
