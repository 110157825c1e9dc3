"""Lists of resources: the index names each part, and a MIME reader finds them."""

from email import message_from_bytes, policy
from xml.etree.ElementTree import fromstring

from switch.notifier.document import Document
from switch.notifier.resource_list import Member, write

NS = "{urn:ietf:params:xml:ns:rlmi}"


def test_a_mime_reader_finds_the_index_and_each_members_document() -> None:
    members = [
        Member(f"sip:10{n}@example.jp", Document("application/x", f"<n>{n}</n>".encode()))
        for n in (1, 2)
    ]
    document = write("sip:lamps@example.jp", 3, members, is_full=True, boundary="b-1")
    head = f"Content-Type: {document.content_type}\r\n\r\n".encode()
    message = message_from_bytes(head + document.body, policy=policy.default)
    root, *parts = message.iter_parts()
    assert message.get_param("start") == root["Content-ID"]
    index = fromstring(root.get_content())  # noqa: S314 - our own document
    assert (index.get("uri"), index.get("version")) == ("sip:lamps@example.jp", "3")
    assert index.get("fullState") == "true"
    named = {
        each.get("uri"): each.find(f"{NS}instance").get("cid")  # type: ignore[union-attr]
        for each in index
    }
    found = {part["Content-ID"].strip("<>"): part.get_content() for part in parts}
    assert {uri: found[cid or ""] for uri, cid in named.items()} == {
        "sip:101@example.jp": b"<n>1</n>",
        "sip:102@example.jp": b"<n>2</n>",
    }


def test_a_change_without_members_is_an_index_alone() -> None:
    document = write("sip:lamps@example.jp", 4, [], is_full=False, boundary="b-2")
    assert b'fullState="false"' in document.body
    assert document.body.count(b"Content-ID") == 1
