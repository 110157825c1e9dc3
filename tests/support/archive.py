"""An archive of messages on a disk and a database of its own, in a time that the test moves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np

from media.recording import RecordingFile
from outbox.store import OutboxStore
from switch.effect import Log
from switch.store.database import Database, sqlite_url
from voicemail.archive import Archive, Recording, Terms, World
from voicemail.folder import Folder
from voicemail.mailbox import Mailboxes, Quota
from voicemail.message import Message
from voicemail.message_store import MessageStore
from voicemail.notification import Notification

NUMBER = "+815012340101"
MAIL = ("office@example.jp",)
RATE_HZ = 8000
NOON = 1_790_910_000.0
"""2026-10-02 11:00 in Japan, a Friday."""


def sound(seconds: float) -> bytes:
    """Make a tone, as the media plane writes it."""
    wave = np.sin(np.arange(round(seconds * RATE_HZ)) * 2 * np.pi * 440 / RATE_HZ)
    return bytes((wave * 8000).astype("<i2").tobytes())


@dataclass
class Store:
    """An archive and all that is around it."""

    folder: Path
    database: Database
    now: float = NOON
    quota: Quota = field(default_factory=lambda: Quota(5, 100.0))
    lines: list[Log] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    posts: int = 0
    posted: asyncio.Event = field(default_factory=asyncio.Event)
    _names: "count[int]" = field(default_factory=lambda: count(1))

    def archive(self, terms: Terms | None = None) -> Archive:
        """Make an archive, as a start does."""
        folder = Folder(self.folder / "voicemail")
        return Archive(
            MessageStore(self.database.engine, folder),
            folder,
            Mailboxes(self.quota),
            Notification(link_base="https://pbx.example.jp/voicemail/", form="mp3"),
            terms or Terms(),
            World(
                unix=lambda: self.now,
                secret=lambda octets: f"{next(self._names):0{2 * octets}d}",
                log=self.lines.append,
                changed=self.changed.append,
                posted=self._post,
            ),
        )

    @property
    def outbox(self) -> OutboxStore:
        """The mails that were written."""
        return OutboxStore(self.database.engine)

    def start_names(self, first: int) -> None:
        """Count secrets from a number."""
        self._names = count(first)

    def events(self) -> list[str]:
        """Name the lines that were written."""
        return [line.event for line in self.lines]

    def _post(self) -> None:
        self.posts += 1
        self.posted.set()


def record(recording: Recording, seconds: float) -> None:
    """Record a tone, as the media plane does."""
    file = RecordingFile(recording.path, RATE_HZ)
    file.write(sound(seconds))
    file.finish()


async def leave(
    archive: Archive,
    seconds: float = 4.0,
    *,
    number: str = NUMBER,
    caller: str | None = "+81312345678",
) -> Message:
    """Leave a message."""
    recording = await archive.begin(number, "shop", caller, MAIL)
    record(recording, seconds)
    message = await archive.keep(recording, seconds=seconds, sounding_seconds=seconds)
    assert message is not None
    return message


@asynccontextmanager
async def store(folder: Path) -> AsyncIterator[Store]:
    """Open a database and an archive's folder."""
    database = await Database.open(sqlite_url(folder / "x.db"), migrate=True)
    try:
        yield Store(folder, database)
    finally:
        await database.close()
