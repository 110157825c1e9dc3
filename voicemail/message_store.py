"""The rows of voice messages: what the database knows of each, and what each mailbox holds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec
from sqlalchemy import Select, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from outbox import store as outbox
from outbox.mail import Mail
from switch.store.voicemail_table import VOICEMAIL
from voicemail.folder import Folder
from voicemail.mailbox import EMPTY, Tally
from voicemail.message import Message, MessageState

MAX_NAMED = 500
"""Names in one statement, well below what any database takes."""

MAX_LISTED = 10_000
"""Messages of one list."""

PURGED_AT_ONCE = 1000
"""Messages that one round forgets; the next round takes the others."""

_FIELDS = (
    "id",
    "number",
    "contract",
    "caller",
    "started_at",
    "seconds",
    "state",
    "read_at",
    "deleted_at",
)
_COLUMNS = tuple(VOICEMAIL.c[name] for name in _FIELDS)
_KEPT = VOICEMAIL.c.state != MessageState.DELETED.value


@dataclass(frozen=True, slots=True)
class HashedLink:
    """What is kept of a link: nobody who reads the database can follow it."""

    digest: str
    expires_at: float


class MessageStore:
    """The messages of a database, whose files are in a folder."""

    def __init__(self, engine: AsyncEngine, folder: Folder) -> None:
        self._engine = engine
        self._folder = folder
        insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        self._insert = insert(VOICEMAIL).on_conflict_do_nothing(index_elements=["id"])

    async def add(
        self, message: Message, link: HashedLink, mails: Sequence[Mail], *, at: float
    ) -> bool:
        """Write a message and the mails that tell of it; say False when it is there already."""
        row = {
            "id": message.id,
            "number": message.number,
            "contract": message.contract,
            "caller": message.caller,
            "started_at": message.started_at,
            "seconds": message.seconds,
            "state": message.state.value,
            "read_at": message.read_at,
            "deleted_at": message.deleted_at,
            "changed_at": at,
            "link_hash": link.digest,
            "link_expires_at": link.expires_at,
        }
        async with self._engine.begin() as connection:
            if (await connection.execute(self._insert, row)).rowcount != 1:
                return False
            await outbox.post(connection, mails, at)
        return True

    async def find(self, name: str) -> Message | None:
        """Find a message."""
        return await self._one(select(*_COLUMNS).where(VOICEMAIL.c.id == name))

    async def by_link(self, digest: str, now: float) -> Message | None:
        """Find the message of a link that is still good; a deleted one has none."""
        query = select(*_COLUMNS).where(
            VOICEMAIL.c.link_hash == digest, VOICEMAIL.c.link_expires_at > now, _KEPT
        )
        return await self._one(query)

    async def messages(
        self, numbers: Collection[str] | None = None, *, deleted: bool = False
    ) -> list[Message]:
        """List messages, the oldest first: of some numbers or all, deleted ones only if wanted."""
        query = select(*_COLUMNS).order_by(VOICEMAIL.c.started_at, VOICEMAIL.c.id)
        if numbers is not None:
            query = query.where(VOICEMAIL.c.number.in_(numbers))
        if not deleted:
            query = query.where(_KEPT)
        return await self._all(query.limit(MAX_LISTED))

    async def change(
        self,
        name: str,
        before: Collection[MessageState],
        values: Mapping[str, str | float | None],
        *,
        at: float,
    ) -> Message | None:
        """Change a message that is in one of the states; None when there is no such one."""
        which = (VOICEMAIL.c.id == name) & VOICEMAIL.c.state.in_([each.value for each in before])
        statement = update(VOICEMAIL).where(which).values(**values, changed_at=at)
        async with self._engine.begin() as connection:
            changed = (await connection.execute(statement)).rowcount
        return await self.find(name) if changed else None

    async def known(self) -> dict[str, str]:
        """Tell the number of every message there is a row of, by its name."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(VOICEMAIL.c.id, VOICEMAIL.c.number))
            return {str(name): str(number) for name, number in rows}

    async def expired(self, *, started_before: float, deleted_before: float) -> list[Message]:
        """Find messages that are too old, or were deleted long enough ago."""
        query = select(*_COLUMNS).where(
            or_(
                VOICEMAIL.c.started_at < started_before,
                ~_KEPT & (VOICEMAIL.c.deleted_at < deleted_before),
            )
        )
        return await self._all(query.limit(PURGED_AT_ONCE))

    async def forget(self, names: Iterable[str]) -> None:
        """Forget rows whose files are gone."""
        rest = iter(names)
        while some := list(islice(rest, MAX_NAMED)):
            async with self._engine.begin() as connection:
                await connection.execute(delete(VOICEMAIL).where(VOICEMAIL.c.id.in_(some)))

    async def changed_since(self, moment: float) -> set[str]:
        """Find the numbers whose messages have changed, by whomever."""
        query = select(VOICEMAIL.c.number).where(VOICEMAIL.c.changed_at >= moment).distinct()
        async with self._engine.connect() as connection:
            return {str(number) for number in (await connection.execute(query)).scalars()}

    async def tallies(self, numbers: Collection[str] | None = None) -> dict[str, Tally]:
        """Count what mailboxes hold: those named, empty ones too, or all that hold something."""
        new = func.sum(case((VOICEMAIL.c.state == MessageState.NEW.value, 1), else_=0))
        columns = (VOICEMAIL.c.number, new, func.count(), func.sum(VOICEMAIL.c.seconds))
        query = select(*columns).where(_KEPT).group_by(VOICEMAIL.c.number)
        found: dict[str, Tally] = dict.fromkeys(numbers or (), EMPTY)
        async with self._engine.connect() as connection:
            for some in [None] if numbers is None else _chunks(numbers):
                each = query if some is None else query.where(VOICEMAIL.c.number.in_(some))
                for number, unread, count, seconds in await connection.execute(each):
                    found[str(number)] = Tally(int(unread), int(count - unread), float(seconds))
        return found

    async def _one(self, query: Select[*tuple[object, ...]]) -> Message | None:
        found = await self._all(query.limit(1))
        return found[0] if found else None

    async def _all(self, query: Select[*tuple[object, ...]]) -> list[Message]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(query)
            return [self._message(dict(row)) for row in rows.mappings()]

    def _message(self, columns: Mapping[str, object]) -> Message:
        path = self._folder.path(str(columns["number"]), str(columns["id"]))
        values = {name: columns[name] for name in _FIELDS} | {"path": path}
        return msgspec.convert(values, Message, dec_hook=_as_it_is)


def _as_it_is(_kind: type, value: object) -> object:
    return value


def _chunks(values: Iterable[str]) -> Iterable[list[str]]:
    rest = iter(values)
    while some := list(islice(rest, MAX_NAMED)):
        yield some
