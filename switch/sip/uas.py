"""The user agent server core: how requests are inspected and answered (RFC 3261 section 8.2)."""

from collections.abc import Iterable

from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Address
from switch.sip.grammar import split
from switch.sip.header.content_type import ContentType
from switch.sip.header.token_list import format_tokens, parse_tokens
from switch.sip.message import Field, Request, Response
from switch.sip.parser import recover
from switch.sip.transaction import hop
from switch.sip.uri import SipUri
from switch.value import Atom

REASONS = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    199: "Early Dialog Terminated",
    200: "OK",
    202: "Accepted",
    204: "No Notification",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    412: "Conditional Request Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    417: "Unknown Resource-Priority",
    420: "Bad Extension",
    421: "Extension Required",
    422: "Session Interval Too Small",
    423: "Interval Too Brief",
    424: "Bad Location Information",
    428: "Use Identity Header",
    429: "Provide Referrer Identity",
    430: "Flow Failed",
    433: "Anonymity Disallowed",
    436: "Bad Identity Info",
    437: "Unsupported Credential",
    438: "Invalid Identity Header",
    439: "First Hop Lacks Outbound Support",
    440: "Max-Breadth Exceeded",
    469: "Bad Info Package",
    470: "Consent Needed",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    485: "Ambiguous",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    493: "Undecipherable",
    494: "Security Agreement Required",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    555: "Push Notification Service Not Supported",
    580: "Precondition Failure",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
    607: "Unwanted",
    608: "Rejected",
}
"""The standard reason phrases, by status."""

_CLASS_REASONS = {
    1: "Progress",
    2: "Success",
    3: "Redirection",
    4: "Request Failure",
    5: "Server Failure",
    6: "Global Failure",
}

KNOWN_METHODS = frozenset(
    {
        *("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER", "PRACK", "UPDATE", "INFO"),
        *("SUBSCRIBE", "NOTIFY", "REFER", "MESSAGE", "PUBLISH"),
    }
)
"""Methods that an RFC defines: one that we don't serve is 405, any other is 501 (8.2.1)."""

_DIALOG_METHODS = frozenset({"INVITE", "SUBSCRIBE", "REFER", "NOTIFY"})
_DESCRIBING_METHODS = frozenset({"INVITE", "UPDATE", "PRACK"})
_DESCRIPTION = "application/sdp"
_DESCRIPTIONS = frozenset({_DESCRIPTION, "application/*", "*/*"})
_HOP_METHODS = frozenset({"ACK", "CANCEL"})
_SCHEMES = frozenset({"sip", "sips", "tel"})
_MAX_MAX_FORWARDS = 255

stateless_tag = hop.stateless_tag


class Refusal(Atom, frozen=True, gc=False):
    """Why a request is not served: the response's status, reason phrase and fields of its own."""

    status: int
    reason: str
    fields: tuple[Field, ...] = ()


def reason_phrase(status: int) -> str:
    """Return the standard reason phrase, or the name of the status's class."""
    return REASONS.get(status) or _CLASS_REASONS[status // 100]


def respond(
    request: Request,
    status: int,
    reason: str | None = None,
    *,
    to_tag: str | None = None,
    fields: Iterable[Field] = (),
    body: bytes = b"",
) -> Response:
    """Write a response (8.2.6); one that makes a dialog repeats Record-Route (12.1.1)."""
    head = hop.echo(request, to_tag)
    if 100 < status < 300 and request.method in _DIALOG_METHODS:
        head += [("Record-Route", value) for value in request.all("record-route")]
    head += fields
    return Response(status, reason or reason_phrase(status), head, body)


def inspect(
    request: Request, *, methods: frozenset[str], extensions: frozenset[str]
) -> Refusal | None:
    """Check a request in the order of section 8.2; None when it may be served.

    `methods` are those we serve, `extensions` the option tags we know. An ACK is never answered,
    and it has passed all of this with its INVITE.
    """
    if request.method == "ACK":
        return None
    if request.method not in methods:
        return _refuse(405 if request.method in KNOWN_METHODS else 501, ("Allow", _listed(methods)))
    try:
        return (
            _inspect_target(request)
            or _inspect_hops(request)
            or _inspect_extensions(request, extensions)
            or _inspect_body(request)
            or _inspect_accepted(request)
        )
    except RemoteProtocolError as error:
        return _refuse(error.status or 400)


def reject_malformed(octets: bytes, error: RemoteProtocolError, source: Address) -> bytes | None:
    """Answer a request that could not be read, as far as it still tells who sent it, without state.

    None when no response may be sent: to a response, to an ACK, or when the way back can't be read.
    """
    if not error.status:
        return None
    request = recover(octets)
    if request is None:
        return None
    request.stamp(source.host, source.port)
    # The peer may see what is wrong, in a phrase that is our own: nothing of its message is in it.
    to_tag = stateless_tag(request) if request.first("to") else None
    response = respond(request, error.status, error.reason, to_tag=to_tag)
    # What the request lacks, the response cannot repeat (RFC 4475 section 3.3.1).
    response.fields = [(name, value) for name, value in response.fields if value]
    return response.octets()


def _inspect_target(request: Request) -> Refusal | None:
    """Check the Request-URI's scheme (8.2.2.1)."""
    scheme = request.uri.partition(":")[0].lower()
    if scheme not in _SCHEMES:
        return _refuse(416)
    SipUri.parse(request.uri)
    if request.method == "REGISTER":
        # An address-of-record that nobody could have (10.3 step 5, RFC 4475 section 3.3.4).
        scheme = request.to.uri.partition(":")[0].lower()
        return None if scheme in _SCHEMES else _refuse(400)
    return None


def _inspect_hops(request: Request) -> Refusal | None:
    """Check Max-Forwards, which ends at 0 what would go on: a call's INVITE (16.3, RFC 7332)."""
    text = request.first("max-forwards")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) > _MAX_MAX_FORWARDS:
        return _refuse(400)
    if int(text) == 0 and request.method == "INVITE" and not request.to_tag:
        return _refuse(483)
    return None


def _inspect_extensions(request: Request, extensions: frozenset[str]) -> Refusal | None:
    """Check Require (8.2.2.3), which a CANCEL does not have."""
    lines = request.all("require")
    if not lines or request.method in _HOP_METHODS:
        return None
    unknown = [tag for tag in parse_tokens(lines) if tag.lower() not in extensions]
    return _refuse(420, ("Unsupported", format_tokens(unknown))) if unknown else None


def _inspect_body(request: Request) -> Refusal | None:
    """Check that a session description can be read (8.2.3); an optional body may be anything."""
    if not request.body or _is_optional(request):
        return None
    encoding = request.first("content-encoding")
    if encoding is not None and encoding.lower() != "identity":
        return _refuse(415, ("Accept-Encoding", "identity"))
    if request.method not in _DESCRIBING_METHODS:
        return None
    content_type = request.first("content-type")
    if content_type is None or ContentType.parse(content_type).media_type != _DESCRIPTION:
        return _refuse(415, ("Accept", _DESCRIPTION))
    disposition = _disposition(request)
    if disposition not in {"session", "early-session"}:
        return _refuse(415, ("Accept", _DESCRIPTION))
    return None


def _inspect_accepted(request: Request) -> Refusal | None:
    """Check that a caller understands the description that answers it (20.1, 21.4.7)."""
    if request.method != "INVITE":
        return None
    lines = request.all("accept")
    if not lines:
        return None
    ranges = (part.partition(";")[0] for line in lines for part in split(line, ","))
    types = {each.replace(" ", "").lower() for each in ranges}
    return _refuse(406) if _DESCRIPTIONS.isdisjoint(types) else None


def _disposition(request: Request) -> str:
    """Return how the body is meant; a session description is one of the session (20.11)."""
    value = request.first("content-disposition") or "session"
    return value.partition(";")[0].strip().lower()


def _is_optional(request: Request) -> bool:
    value = (request.first("content-disposition") or "").lower()
    return any(
        part.replace(" ", "").strip() == "handling=optional" for part in value.split(";")[1:]
    )


def _listed(tokens: frozenset[str]) -> str:
    return format_tokens(sorted(tokens))


def _refuse(status: int, *fields: Field) -> Refusal:
    return Refusal(status, reason_phrase(status), fields)
