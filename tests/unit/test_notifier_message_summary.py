"""The message-summary package: a lamp's text (RFC 3842)."""

import pytest

from switch.notifier.message_summary import MessageCounts, MessageSummaryPackage
from tests.support.watch_bench import Office


@pytest.mark.parametrize(
    ("counts", "waiting", "voice"),
    [
        (MessageCounts(2, 5), "yes", "2/5 (0/0)"),
        (MessageCounts(0, 5), "no", "0/5 (0/0)"),
        (None, "no", "0/0 (0/0)"),
    ],
)
def test_new_messages_light_the_lamp(
    counts: MessageCounts | None, waiting: str, voice: str
) -> None:
    office = Office()
    if counts is not None:
        office.mail["alice"] = counts
    else:
        office.mail.clear()
    package = MessageSummaryPackage(office)
    document = package.write("c1", "alice", "sip:alice@example.jp", 0)
    assert document.content_type == "application/simple-message-summary"
    assert document.body.decode().split("\r\n") == [
        f"Messages-Waiting: {waiting}",
        "Message-Account: sip:alice@example.jp",
        f"Voice-Message: {voice}",
        "",
    ]
    assert package.members("c1", "alice") is None
