"""Operations on the database's mail and messages: it is opened for each one, then closed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TypeVar

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from config.model import Settings
from outbox.store import Fate, OutboxStore, Row
from switch.clock import Clock
from switch.services import messages_folder
from switch.store.database import Database, StoreError
from voicemail.folder import Folder
from voicemail.message import MessageState
from voicemail.message_store import MessageStore

Result = TypeVar("Result")


class MessageView(msgspec.Struct, frozen=True):
    """A voice message, as the command line tells of it."""

    id: str
    number: str
    contract: str
    caller: str | None
    started_at: float
    seconds: float
    state: MessageState
    read_at: float | None
    deleted_at: float | None
    path: str


def mails(settings: Settings, limit: int, *, dead: bool, sent: bool) -> list[Row]:
    """List mails, the newest first, without their texts; raises `StoreError`."""
    states = [Fate.DEAD] if dead else [Fate.WAITING, Fate.DEAD]
    states += [Fate.SENT] if sent else []
    rows = _operated(settings, lambda base: OutboxStore(base.engine).rows(states, limit))
    return [row.without_text() for row in rows]


def retry(settings: Settings, numbers: list[int] | None) -> list[Row]:
    """Let mails be tried again at once, all the dead ones without numbers; raises `StoreError`."""
    now = Clock.system().unix()
    return _operated(settings, lambda base: OutboxStore(base.engine).retry(numbers, now))


def drop(settings: Settings, numbers: list[int] | None) -> list[Row]:
    """Forget mails, all the dead ones without numbers; raises `StoreError`."""
    return _operated(settings, lambda base: OutboxStore(base.engine).drop(numbers))


def messages(settings: Settings, numbers: list[str] | None, *, deleted: bool) -> list[MessageView]:
    """List voice messages, the oldest first; raises `StoreError`."""
    folder = Folder(messages_folder(settings))
    found = _operated(
        settings, lambda base: MessageStore(base.engine, folder).messages(numbers, deleted=deleted)
    )
    return [msgspec.convert(asdict(each) | {"path": str(each.path)}, MessageView) for each in found]


def _operated(settings: Settings, act: Callable[[Database], Awaitable[Result]]) -> Result:
    if settings.server.is_database_missing:
        raise StoreError(f"no database in {settings.server.data_dir}; the first start makes it")

    async def operate() -> Result:
        database = await Database.open(settings.server.database_url, migrate=False)
        try:
            return await act(database)
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise StoreError(f"{reason}; a start of this version mends the tables") from error
        finally:
            await database.close()

    return asyncio.run(operate())
