"""Lists of resources in one subscription: RLMI and its parts in a multipart (RFC 4662)."""

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

import msgspec

from switch.notifier.document import Document

MAX_MEMBERS = 100
"""Resources of one list: an office's extensions and slots; a larger list is cut."""


class Member(msgspec.Struct, frozen=True):
    """A resource of a list, and its document."""

    uri: str
    document: Document


def write(
    uri: str, version: int, members: Sequence[Member], *, is_full: bool, boundary: str
) -> Document:
    """Write a list's document: what the parts are first, then each part (section 5.2)."""
    root = f"list-{version}@{boundary}"
    named = [(f"{index}-{version}@{boundary}", member) for index, member in enumerate(members)]
    resources = "".join(
        f"<resource uri={quoteattr(member.uri)}>"
        f'<instance id="{index}" state="active" cid="{cid}"/></resource>'
        for index, (cid, member) in enumerate(named)
    )
    index = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<list xmlns="urn:ietf:params:xml:ns:rlmi" uri={quoteattr(uri)} version="{version}" '
        f'fullState="{str(is_full).lower()}">{resources}</list>\n'
    )
    parts = [_part(boundary, root, "application/rlmi+xml;charset=UTF-8", index.encode())]
    parts += [
        _part(boundary, cid, each.document.content_type, each.document.body) for cid, each in named
    ]
    content_type = (
        f'multipart/related;type="application/rlmi+xml";start="<{root}>";boundary="{boundary}"'
    )
    return Document(content_type, b"".join(parts) + f"--{boundary}--\r\n".encode())


def _part(boundary: str, cid: str, content_type: str, body: bytes) -> bytes:
    head = (
        f"--{boundary}\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{cid}>\r\nContent-Type: {content_type}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n"
