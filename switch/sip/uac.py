"""The user agent client core: how requests are written (RFC 3261 section 8.1)."""

from collections.abc import Iterable, Sequence

from switch.sip.flow import Address, Flow
from switch.sip.message import Field, Request, Response
from switch.sip.transaction import hop

MAX_FORWARDS = 70
"""What section 8.1.1.6 recommends."""


def new_via(flow: Flow, sent_by: Address | str, branch: str, *, rport: bool = True) -> str:
    """Write our Via for a request on this flow, asking for symmetric routing (RFC 3581)."""
    asked = ";rport" if rport else ""
    return f"SIP/2.0/{flow.transport.via_name} {sent_by};branch={branch}{asked}"


def request(  # noqa: PLR0913 - the mandatory fields of section 8.1.1, each by its name
    method: str,
    uri: str,
    *,
    via: str,
    from_: str,
    to: str,
    call_id: str,
    cseq: int,
    max_forwards: int = MAX_FORWARDS,
    route: Sequence[str] = (),
    contact: str | None = None,
    fields: Iterable[Field] = (),
    body: bytes = b"",
) -> Request:
    """Write a request: what routes it first, then who and which, then the rest as given."""
    head: list[Field] = [("Via", via)]
    head += [("Route", value) for value in route]
    head += [
        ("Max-Forwards", str(max_forwards)),
        ("From", from_),
        ("To", to),
        ("Call-ID", call_id),
        ("CSeq", f"{cseq} {method}"),
    ]
    if contact is not None:
        head.append(("Contact", contact))
    head += fields
    return Request(method, uri, head, body)


def cancel(invite: Request, fields: Iterable[Field] = ()) -> Request:
    """Write the CANCEL of an INVITE of ours (9.1); `TransactionLayer.cancel` sends it in time."""
    return hop.cancel(invite, fields)


def ack(
    invite: Request, response: Response, *, uri: str, route_set: Sequence[str], via: str
) -> Request:
    """Write the ACK of a 2xx, towards the dialog's remote target and by its route set (13.2.2.4).

    It carries the INVITE's credentials: an ACK can't be challenged (22.1).
    """
    return request(
        "ACK",
        uri,
        via=via,
        from_=invite.first("from") or "",
        to=response.first("to") or "",
        call_id=invite.call_id,
        cseq=invite.cseq.number,
        route=route_set,
        fields=invite.copy_fields(_CREDENTIALS),
    )


_CREDENTIALS = frozenset({"authorization", "proxy-authorization"})
