"""Mailboxes at a glance: how many messages each number has, held in memory for lamps and calls.

What is recorded just now has its place too, so that many callers at once fill no mailbox beyond
its bounds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from switch.notifier.message_summary import MessageCounts


@dataclass(frozen=True, slots=True)
class Quota:
    """How much one mailbox holds; deleted messages do not count."""

    messages: int = 100
    seconds: float = 6000.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What a mailbox holds."""

    new: int = 0
    old: int = 0
    seconds: float = 0.0


EMPTY = Tally()


class Mailboxes:
    """The tally of every mailbox, as the store last counted it."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._tallies: dict[str, Tally] = {}
        self._recording: dict[str, int] = {}

    def replace(self, tallies: Mapping[str, Tally]) -> None:
        """Take mailboxes as they are now; an empty one is forgotten."""
        for number, tally in tallies.items():
            if tally == EMPTY:
                self._tallies.pop(number, None)
            else:
                self._tallies[number] = tally

    def tally(self, number: str) -> Tally:
        """Tell what a number's mailbox holds."""
        return self._tallies.get(number, EMPTY)

    def counts(self, numbers: Iterable[str]) -> MessageCounts:
        """Count the messages of some numbers together, for a lamp (RFC 3842)."""
        found = [self.tally(number) for number in numbers]
        return MessageCounts(sum(each.new for each in found), sum(each.old for each in found))

    def total(self) -> Tally:
        """Add up every mailbox."""
        found = self._tallies.values()
        new, old = sum(each.new for each in found), sum(each.old for each in found)
        return Tally(new, old, sum(each.seconds for each in found))

    def is_full(self, number: str) -> bool:
        """Whether no further message has room."""
        tally = self.tally(number)
        held = tally.new + tally.old + self._recording.get(number, 0)
        return held >= self._quota.messages or tally.seconds >= self._quota.seconds

    def begin(self, number: str) -> None:
        """Hold a place for a message that is being recorded."""
        self._recording[number] = self._recording.get(number, 0) + 1

    def end(self, number: str) -> None:
        """Give its place back."""
        left = self._recording.get(number, 0) - 1
        if left > 0:
            self._recording[number] = left
        else:
            self._recording.pop(number, None)


class DeviceMailboxes:
    """The mailboxes that a device's lamp tells of: a `MailboxSource` of the notifier."""

    def __init__(
        self, mailboxes: Mailboxes, numbers_of: Callable[[str], Sequence[str] | None]
    ) -> None:
        self._mailboxes = mailboxes
        self._numbers_of = numbers_of

    def counts(self, username: str) -> MessageCounts | None:
        """Count the messages for a device's numbers; None when there is no such device."""
        numbers = self._numbers_of(username)
        return None if numbers is None else self._mailboxes.counts(numbers)
