"""REFER: where the far side is to call, in whose place, and how it is told of it (RFC 3515)."""

import msgspec

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.name_addr import NameAddr
from switch.sip.header.replaces import Replaces
from switch.sip.message import Request
from switch.sip.uri import SipUri
from switch.value import Atom

FRAGMENT = "message/sipfrag;version=2.0"
"""The content type of a REFER's progress (RFC 3420)."""


class Referral(Atom, frozen=True, gc=False):
    """What a REFER asks for."""

    target: SipUri
    """Whom to call, without the URI's own header fields."""
    replaces: Replaces | None
    """The dialog whose place the new call takes: an attended transfer (RFC 3891)."""
    referred_by: str | None
    """The Referred-By value, as it was written (RFC 3892)."""
    wants_progress: bool
    """Whether NOTIFYs are wanted (`Refer-Sub: false` declines them, RFC 4488)."""

    @classmethod
    def of(cls, request: Request) -> "Referral":
        """Read a REFER; raise `RemoteProtocolError` for one that names no single call to make."""
        lines = request.all("refer-to")
        if len(lines) != 1:
            raise RemoteProtocolError("a REFER has exactly one Refer-To")
        uri = SipUri.parse(NameAddr.parse(lines[0]).uri)
        if uri.params.get("method", "INVITE") != "INVITE":
            raise RemoteProtocolError("only an INVITE can be referred to", status=403)
        replaces = [value for name, value in uri.header_fields() if name.lower() == "replaces"]
        return cls(
            msgspec.structs.replace(uri, headers="", params=_plain(uri)),
            Replaces.parse(replaces[0]) if replaces else None,
            request.first("referred-by"),
            (request.first("refer-sub") or "true").strip().lower() != "false",
        )


def fragment(status: int, reason: str) -> bytes:
    """Write a status line as the body of a NOTIFY (RFC 3515 section 2.4.5)."""
    return f"SIP/2.0 {status} {reason}\r\n".encode()


def _plain(uri: SipUri) -> dict[str, str | None]:
    return {name: value for name, value in uri.params.items() if name != "method"}
