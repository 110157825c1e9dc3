"""Matching: which transaction a message belongs to (RFC 3261 8.2.2.2, 17.1.3 and 17.2.3)."""

import msgspec

from switch.sip.effect import ClientKey, LegacyKey, ServerKey
from switch.sip.header.via import MAGIC_COOKIE
from switch.sip.message import Message, Request
from switch.value import Atom

_OF_INVITE = {"ACK": "INVITE"}


class MergeKey(Atom, frozen=True, gc=False):
    """What two copies of one request share that reached us by different paths (8.2.2.2)."""

    from_tag: str
    call_id: str
    cseq_number: int
    method: str


def client_key(message: Message) -> ClientKey:
    """Return the key of the client transaction that sends the request or awaits the response."""
    return ClientKey(message.branch, message.cseq.method)


def server_key(request: Request) -> ServerKey:
    """Return the key of a request's server transaction; an ACK belongs to its INVITE."""
    return _key(request, _OF_INVITE.get(request.method, request.method))


def cancelled_key(cancel: Request) -> ServerKey:
    """Return the key of the INVITE that a CANCEL is for (9.2)."""
    return _key(cancel, "INVITE")


def outside_dialog(key: ServerKey) -> ServerKey | None:
    """Return the key of an RFC 2543 INVITE whose To had no tag yet, for its ACK, which has one."""
    if key.legacy is None or not key.legacy.to_tag:
        return None
    return msgspec.structs.replace(key, legacy=msgspec.structs.replace(key.legacy, to_tag=""))


def merge_key(request: Request) -> MergeKey | None:
    """Return what a merged copy of the request would share with it; None inside a dialog."""
    if request.to_tag:
        return None
    return MergeKey(request.from_tag, request.call_id, request.cseq.number, request.method)


def _key(request: Request, method: str) -> ServerKey:
    branch = request.branch
    if branch.startswith(MAGIC_COOKIE) and branch != MAGIC_COOKIE:
        return ServerKey(branch, request.sent_by, method)
    legacy = LegacyKey(
        request.uri, request.call_id, request.from_tag, request.to_tag, request.cseq.number
    )
    return ServerKey(branch, request.sent_by, method, legacy)
