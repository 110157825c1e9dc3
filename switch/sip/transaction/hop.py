"""What transactions say on their own, and where responses go (RFC 3261 8.2.6, 9.1, 17, 18.2).

100 Trying, the answer to a CANCEL, the ACK of a failed INVITE and the CANCEL itself go from hop to
hop: no transaction user writes them.
"""

from collections.abc import Iterable
from hashlib import blake2b

from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Field, Request, Response

DEFAULT_PORT = 5060


def echo(request: Request, to_tag: str | None = None) -> list[Field]:
    """Return the fields that every response repeats; a To without tag gets `to_tag`."""
    to = request.first("to") or ""
    if to_tag and not request.to_tag:
        to = f"{to};tag={to_tag}"
    fields = [("Via", via) for via in request.response_vias()]
    fields += [
        ("From", request.first("from") or ""),
        ("To", to),
        ("Call-ID", request.call_id),
        ("CSeq", request.first("cseq") or ""),
    ]
    return fields


def stateless_tag(request: Request) -> str:
    """Return the same To tag for each retransmission of a request, remembering none (8.2.7)."""
    seed = f"{request.branch} {request.call_id} {request.from_tag}"
    return blake2b(seed.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def trying(request: Request) -> Response:
    """Build the 100 that quenches retransmissions; it repeats Timestamp and adds no tag (8.2.6)."""
    fields = echo(request)
    timestamp = request.first("timestamp")
    if timestamp is not None:
        fields.append(("Timestamp", timestamp))
    return Response(100, "Trying", fields)


def acknowledge(invite: Request, response: Response) -> Request:
    """Build the ACK of a final response other than 2xx (17.1.1.3)."""
    return _follow(invite, "ACK", response.first("to") or "")


def cancel(invite: Request, fields: Iterable[Field] = ()) -> Request:
    """Build the CANCEL of an INVITE that we sent (9.1), with fields of its own such as Reason."""
    return _follow(invite, "CANCEL", invite.first("to") or "", fields)


def response_flow(request: Request, flow: Flow) -> Flow:
    """Return the flow on which the request's responses leave (18.2.2, RFC 3581).

    Over UDP without `rport` they go to the port of the Via, but only when the sender's own address
    is in it: what comes through a NAT can be reached at the port it came from and nowhere else.
    """
    via = request.via
    if flow.transport is not Transport.UDP or "rport" in via.params:
        return flow
    port = via.port or DEFAULT_PORT
    if port == flow.remote.port or via.host.strip("[]").lower() != flow.remote.host:
        return flow
    return Flow(flow.transport, flow.local, Address(flow.remote.host, port))


def _follow(invite: Request, method: str, to: str, own: Iterable[Field] = ()) -> Request:
    """Build a request that follows the INVITE along its hop, on the INVITE's own branch."""
    fields = [("Via", invite.first("via") or "")]
    fields += [("Route", route) for route in invite.all("route")]
    fields += [
        ("Max-Forwards", "70"),
        ("From", invite.first("from") or ""),
        ("To", to),
        ("Call-ID", invite.call_id),
        ("CSeq", f"{invite.cseq.number} {method}"),
        *own,
    ]
    return Request(method, invite.uri, fields)
