"""Mailboxes at a glance: counts for lamps, and when one is full."""

from switch.notifier.message_summary import MessageCounts, MessageSummaryPackage
from voicemail.mailbox import EMPTY, DeviceMailboxes, Mailboxes, Quota, Tally

ONE, TWO = "+815012340101", "+81312340001"


def mailboxes() -> Mailboxes:
    found = Mailboxes(Quota(messages=5, seconds=100))
    found.replace({ONE: Tally(2, 1, 30.0), TWO: Tally(0, 2, 40.0)})
    return found


def test_counts_are_added_up_over_numbers() -> None:
    boxes = mailboxes()
    assert boxes.counts([ONE, TWO, "+810"]) == MessageCounts(2, 3)
    assert boxes.total() == Tally(2, 3, 70.0)


def test_an_emptied_mailbox_is_forgotten() -> None:
    boxes = mailboxes()
    boxes.replace({ONE: EMPTY})
    boxes.replace({ONE: EMPTY})
    assert boxes.tally(ONE) == EMPTY
    assert boxes.total() == Tally(0, 2, 40.0)


def test_what_is_being_recorded_has_its_place() -> None:
    boxes = mailboxes()
    boxes.begin(ONE)
    assert not boxes.is_full(ONE)
    boxes.begin(ONE)
    assert boxes.is_full(ONE)
    boxes.end(ONE)
    assert not boxes.is_full(ONE)
    boxes.end(ONE)
    assert not boxes.is_full(ONE)


def test_seconds_fill_a_mailbox_too() -> None:
    boxes = mailboxes()
    boxes.replace({TWO: Tally(0, 2, 100.0)})
    assert boxes.is_full(TWO)


def test_a_devices_lamp_tells_of_its_numbers() -> None:
    source = DeviceMailboxes(mailboxes(), {"101": [ONE, TWO], "102": []}.get)
    assert source.counts("101") == MessageCounts(2, 3)
    assert source.counts("102") == MessageCounts(0, 0)
    assert source.counts("nobody") is None
    document = MessageSummaryPackage(source).write("shop", "101", "sip:101@example.jp", 1)
    assert b"Voice-Message: 2/3 (0/0)" in document.body
