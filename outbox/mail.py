"""A mail as its author gives it to the outbox: one recipient, a text, and files by reference."""

import re

import msgspec

MAX_SUBJECT = 200
"""Characters; mail programs show fewer."""

MAX_TEXT = 100_000
"""Characters of a text, far beyond any notice that a person reads."""

MAX_ATTACHMENTS = 10
"""Of one mail; a notice has one."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Attachment(msgspec.Struct, frozen=True):
    """A file to attach, which is read when the mail is sent."""

    path: str
    name: str
    """What the recipient sees."""
    media_type: str
    form: str = "file"
    """How it is read: `file` as it is, or by the reader of this name that the worker has."""


class Mail(msgspec.Struct, frozen=True):
    """One mail to one recipient."""

    key: str
    """What it is about, unique: a second mail with the same key is not sent, and the Message-ID is
    made of it."""
    recipient: str
    subject: str
    text: str
    contract: str = ""
    """Whose it is, for the log."""
    attachments: tuple[Attachment, ...] = ()


class Content(msgspec.Struct, frozen=True):
    """What a row keeps of a mail beside its columns."""

    text: str
    attachments: tuple[Attachment, ...] = ()


def one_line(text: str, limit: int = MAX_SUBJECT) -> str:
    """Make a text fit for a header field: nothing in it ends a line, and it is not too long."""
    return _CONTROL.sub(" ", text).strip()[:limit]
