"""A mail as it travels: RFC 5322 and MIME, with what a DKIM signer on the way needs (RFC 6376).

Message-ID and Date come from the row, so that a mail sent twice is recognised as one.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from outbox.mail import one_line

_JAPAN = timezone(timedelta(hours=9))


class LetterError(Exception):
    """A mail can't be made; the text is one line for the operator."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends, as the configuration says."""

    sender: str
    """The address of From; its domain is the Message-ID's."""
    sender_name: str = ""
    bounces: str = ""
    """The envelope's sender, which becomes Return-Path; empty: the sender."""

    @property
    def return_path(self) -> str:
        """Tell where reports of non-delivery go."""
        return self.bounces or self.sender

    @property
    def domain(self) -> str:
        """Name our domain."""
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file's octets, as they are attached."""

    name: str
    media_type: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says: subject and text."""

    subject: str
    text: str


def message_id(key: str, domain: str) -> str:
    """Name a mail for ever: its key, in letters that any server takes."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def letter(
    envelope: Envelope,
    recipient: str,
    words: Words,
    *,
    key: str,
    at: float,
    enclosures: Sequence[Enclosure] = (),
) -> bytes:
    """Write a mail, its text in UTF-8 and nothing in it longer than a line may be."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(one_line(envelope.sender_name), addr_spec=envelope.sender)
        message["To"] = Address(addr_spec=recipient)
        message["Subject"] = one_line(words.subject)
        message["Date"] = format_datetime(datetime.fromtimestamp(at, _JAPAN))
        message["Message-ID"] = message_id(key, envelope.domain)
        # RFC 3834: no holiday notice answers a machine.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(words.text, charset="utf-8", cte="base64")
        for each in enclosures:
            main, _, sub = each.media_type.partition("/")
            message.add_attachment(
                each.octets, maintype=main, subtype=sub, filename=one_line(each.name)
            )
        if message.is_multipart():
            # Made of the key too: a repeated mail is the same to the octet.
            message.set_boundary(f"=={hashlib.sha256(b'boundary' + key.encode()).hexdigest()}")
        return message.as_bytes()
    except (ValueError, LookupError, MessageError) as error:
        raise LetterError(f"the mail cannot be written: {error}") from error
