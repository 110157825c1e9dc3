"""The services beside the calls: voice messages and the mail that leaves."""

import random
import secrets
from asyncio import TaskGroup
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from config.mail import Mail as MailTable
from config.mail import Voicemail as VoicemailTable
from config.model import Settings
from outbox.back_off import BackOff
from outbox.courier import MailCourier
from outbox.letter import Envelope
from outbox.smtp import Protection, SmtpSettings
from outbox.store import Fate, OutboxStore, Row
from outbox.worker import OutboxWorker
from switch.effect import Fields, Level, Log
from switch.metrics import Reading
from switch.store.database import Database
from voicemail.archive import DAY, Archive, Terms, World
from voicemail.attachment import FORMS, compact
from voicemail.folder import Folder
from voicemail.mailbox import Mailboxes, Quota
from voicemail.message_store import MessageStore
from voicemail.notification import Notification

MEGABYTE = 1_000_000
MESSAGES = "voicemail"
"""The folder of messages in the data folder."""


class Services:
    """Messages and mail of one running switch."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        unix: Callable[[], float],
        log: Callable[[Log], None],
        changed: Callable[[str], None] = lambda _number: None,
    ) -> None:
        self.outbox = _worker(settings.mail, database.engine, unix, log)
        """None without a mail server."""
        self.archive = _archive(
            settings,
            database.engine,
            World(unix, secrets.token_urlsafe, log, changed, self._wake),
        )

    async def load(self) -> None:
        """Count the mailboxes, before any call; raises SQLAlchemyError."""
        await self.archive.load()

    async def run(self) -> None:
        """Serve until `close`."""
        async with TaskGroup() as tasks:
            tasks.create_task(self.archive.run(), name="voicemail")
            if self.outbox is not None:
                tasks.create_task(self.outbox.run(), name="outbox")

    def close(self) -> None:
        """Let `run` end: after the mail that is being sent; the others wait on the disk."""
        self.archive.close()
        if self.outbox is not None:
            self.outbox.close()

    def readings(self) -> list[Reading]:
        """List the numbers that are read at each scrape."""
        return [
            Reading("daihyo_outbox_mails", "Mails by state.", self._mails, label="state"),
            Reading("daihyo_voicemail_messages", "Messages by state.", self._messages, "state"),
        ]

    def _wake(self) -> None:
        if self.outbox is not None:
            self.outbox.wake()

    def _mails(self) -> dict[str, float]:
        counts = dict.fromkeys(Fate, 0) if self.outbox is None else self.outbox.counts
        return {state.value: counts[state] for state in (Fate.WAITING, Fate.DEAD)}

    def _messages(self) -> dict[str, float]:
        total = self.archive.mailboxes.total()
        return {"new": total.new, "saved": total.old}


def _worker(
    mail: MailTable, engine: AsyncEngine, unix: Callable[[], float], log: Callable[[Log], None]
) -> OutboxWorker | None:
    if not mail.server or mail.sender is None:
        return None
    envelope = Envelope(mail.sender, mail.sender_name, mail.bounces or mail.sender)
    courier = MailCourier(
        SmtpSettings(
            mail.server,
            mail.smtp_port,
            Protection(mail.protection),
            mail.username,
            mail.password,
            envelope.return_path,
            mail.helo or None,
            verify=mail.verify,
            authorities=mail.ca,
            timeout=mail.timeout,
        ),
        envelope,
        max_octets=round(mail.max_megabytes * MEGABYTE),
        readers={form: partial(compact, form=form) for form in FORMS},
        note=partial(_note_left_out, log),
    )
    return OutboxWorker(
        OutboxStore(engine),
        courier,
        unix=unix,
        uniform=random.SystemRandom().uniform,
        log=log,
        domain=envelope.domain,
        back_off=BackOff(attempts=mail.attempts),
        keep_seconds=mail.keep_days * DAY,
    )


def _archive(settings: Settings, engine: AsyncEngine, world: World) -> Archive:
    table = settings.voicemail
    folder = Folder(messages_folder(settings))
    return Archive(
        MessageStore(engine, folder),
        folder,
        Mailboxes(Quota(table.max_messages, table.max_minutes * 60)),
        Notification(
            link_base=table.link_base,
            form=None if table.attachment == "none" else table.attachment,
            is_on=bool(settings.mail.server),
        ),
        _terms(table),
        world,
    )


def messages_folder(settings: Settings) -> Path:
    """Name the folder of voice messages."""
    return settings.server.data_dir / MESSAGES


def _terms(table: VoicemailTable) -> Terms:
    return Terms(
        retention_seconds=table.retention_days * DAY,
        undelete_seconds=table.undelete_hours * 3600,
        link_seconds=table.link_days * DAY,
        shortest_seconds=table.shortest_seconds,
    )


def _note_left_out(log: Callable[[Log], None], row: Row, path: str, why: str) -> None:
    fields: Fields = {"mail": row.id, "recipient": row.recipient, "path": path, "reason": why}
    log(Log("mail_attachment_missing", Level.WARNING, fields))
