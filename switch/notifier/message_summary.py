"""The message-summary event package: the lamp of waiting messages (RFC 3842)."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from switch.notifier.document import Document


class MessageCounts(msgspec.Struct, frozen=True):
    """How many voice messages wait."""

    new: int
    old: int


class MailboxSource(Protocol):
    """Whoever keeps messages."""

    def counts(self, username: str) -> MessageCounts | None:
        """Count the messages for a device's numbers; None when it has no such device."""


class MessageSummaryPackage:
    """The package as the notifier knows it: each device watches its own messages alone."""

    name = "message-summary"
    media_type = "application/simple-message-summary"

    def __init__(self, source: MailboxSource) -> None:
        self._source = source

    def exists(self, watcher: str, contract: str, name: str) -> bool:  # noqa: ARG002 - see below
        """Tell whether it is the watcher's own account (RFC 3842 section 3.2)."""
        return name == watcher and self._source.counts(watcher) is not None

    def members(self, contract: str, name: str) -> Sequence[str] | None:  # noqa: ARG002 - no lists
        """Return None: there are no lists of mailboxes."""
        return None

    def write(self, contract: str, name: str, entity: str, version: int) -> Document:  # noqa: ARG002
        """Write how many messages wait (RFC 3842 section 5.2)."""
        counts = self._source.counts(name) or MessageCounts(0, 0)
        waiting = "yes" if counts.new else "no"
        text = (
            f"Messages-Waiting: {waiting}\r\n"
            f"Message-Account: {entity}\r\n"
            f"Voice-Message: {counts.new}/{counts.old} (0/0)\r\n"
        )
        return Document(self.media_type, text.encode())
