"""Responses as simulated phones write them (RFC 3261 section 8.2.6)."""

from switch.sip.message import Field, Request, Response

REASONS = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 302: "Moved Temporarily",
    404: "Not Found", 481: "Call/Transaction Does Not Exist", 486: "Busy Here",
    487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending",
    500: "Server Internal Error", 503: "Service Unavailable", 603: "Decline",
}  # fmt: skip


def respond(
    request: Request,
    status: int,
    reason: str = "",
    *,
    to: str | None = None,
    fields: tuple[Field, ...] = (),
    body: bytes = b"",
) -> Response:
    """Build a response to a request (8.2.6)."""
    kept: list[Field] = [
        *(("Via", via) for via in request.all("via")),
        *(
            (("Record-Route", route) for route in request.all("record-route"))
            if status > 100
            else ()
        ),
        ("From", request.first("from") or ""),
        ("To", (request.first("to") or "") if to is None else to),
        ("Call-ID", request.call_id),
        ("CSeq", request.first("cseq") or ""),
    ]
    described: list[Field] = [("Content-Type", "application/sdp")] if body else []
    text = reason or REASONS.get(status, "Something")
    return Response(status, text, [*kept, *fields, *described], body)
