"""The courier of mail: rows to letters, with their files, handed to an SMTP server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from outbox.fault import Rejected
from outbox.letter import Enclosure, Envelope, LetterError, Words, letter
from outbox.mail import Attachment
from outbox.smtp import SmtpConnection, SmtpSettings, connected
from outbox.store import Row

BASE64_GROWTH = 1.4
"""What base64 with its line ends and headers adds to a file, amply."""

LEFT_OUT = "\n※ 添付できなかったファイル: {name} ({why})\n"
TOO_LARGE = "サイズが大きすぎます"
GONE = "すでに削除されています"

Reader = Callable[[Path], bytes]
"""Reads a file in the form in which it is attached; blocks, and raises OSError."""

Note = Callable[[Row, str, str], None]
"""Is told of a row, a file that could not be attached, and why."""


class MailRound:
    """Some mails over one connection."""

    def __init__(self, courier: "MailCourier", connection: SmtpConnection) -> None:
        self._courier = courier
        self._connection = connection

    @property
    def is_alive(self) -> bool:
        """Whether a further mail can go this way."""
        return self._connection.is_alive

    async def send(self, row: Row) -> None:
        """Send a mail; raises an `OutboxFault`."""
        octets = await self._courier.compose(row, self._connection.largest)
        await self._connection.send(row.recipient, octets)


class MailCourier:
    """Whoever brings the rows of the kind `mail`."""

    def __init__(
        self,
        smtp: SmtpSettings,
        envelope: Envelope,
        *,
        max_octets: int,
        readers: Mapping[str, Reader],
        note: Note,
    ) -> None:
        self._smtp = smtp
        self._envelope = envelope
        self._max_octets = max_octets
        self._readers = {"file": Path.read_bytes, **readers}
        self._note = note

    @asynccontextmanager
    async def open(self) -> AsyncIterator[MailRound]:
        """Connect to the server; raises `Unavailable`."""
        async with connected(self._smtp) as connection:
            yield MailRound(self, connection)

    async def compose(self, row: Row, largest: int | None) -> bytes:
        """Write a row's letter; raises `Rejected` for one that can't be written.

        A file that is gone or too large is left out and named: the notice itself must arrive.
        """
        try:
            content = row.content()
        except msgspec.MsgspecError as error:
            raise Rejected(f"the row is spoilt: {error}") from error
        left = (min(self._max_octets, largest or self._max_octets) - len(row.document) * 2) / (
            BASE64_GROWTH
        )
        text = content.text
        enclosures: list[Enclosure] = []
        for each in content.attachments:
            octets = await self._read(row, each)
            if octets is not None and len(octets) <= left:
                left -= len(octets)
                enclosures.append(Enclosure(each.name, each.media_type, octets))
                continue
            why = GONE if octets is None else TOO_LARGE
            if octets is not None:
                self._note(row, each.path, f"{len(octets)} octets are too many")
            text += LEFT_OUT.format(name=each.name, why=why)
        try:
            # In a thread: half a megabyte in base64 would hold the loop up.
            return await asyncio.to_thread(
                letter,
                self._envelope,
                row.recipient,
                Words(row.subject, text),
                key=row.key,
                at=row.created_at,
                enclosures=enclosures,
            )
        except LetterError as error:
            raise Rejected(str(error)) from error

    async def _read(self, row: Row, attachment: Attachment) -> bytes | None:
        reader = self._readers.get(attachment.form)
        if reader is None:
            self._note(row, attachment.path, f"nobody reads the form {attachment.form}")
            return None
        try:
            return await asyncio.to_thread(reader, Path(attachment.path))
        except (OSError, ValueError) as error:
            self._note(row, attachment.path, str(error))
            return None
