"""Where mail waits: rows that are written with what they tell of, claimed, and kept till sent.

A claimed row is out of sight for a while (its lease); if its worker dies, it comes back and the
mail may go out twice, with the same Message-ID.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from outbox.mail import MAX_ATTACHMENTS, MAX_TEXT, Content, Mail, one_line
from switch.store.outbox_table import OUTBOX

LEASE_SECONDS = 300.0
"""Longer than any one mail takes: the worker bounds each."""

MAX_FAULT = 300
"""Characters of what a server said that are kept."""

MAX_LISTED = 10_000
"""Rows of one list."""


class Fate(StrEnum):
    """How a row stands."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    """Given up: an operator looks, retries or drops it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox."""

    id: int
    key: str
    kind: str
    state: Fate
    contract: str
    recipient: str
    subject: str
    document: str
    created_at: float
    due_at: float
    changed_at: float
    attempts: int
    fault: str

    def without_text(self) -> "Row":
        """Return it for a list: what it says, and the link in it, is for its recipient alone."""
        return replace(self, document="")

    def content(self) -> Content:
        """Read what is to be sent; raises `msgspec.ValidationError` for a spoilt row."""
        return msgspec.json.decode(self.document, type=Content)


async def post(connection: AsyncConnection, mails: Sequence[Mail], at: float) -> None:
    """Write mails in the caller's own transaction; a key that is there already changes nothing."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(OUTBOX).on_conflict_do_nothing(index_elements=["key"])
    for mail in mails:
        content = Content(mail.text[:MAX_TEXT], mail.attachments[:MAX_ATTACHMENTS])
        row = {
            "key": mail.key,
            "kind": "mail",
            "state": Fate.WAITING.value,
            "contract": mail.contract,
            "recipient": mail.recipient,
            "subject": one_line(mail.subject),
            "document": msgspec.json.encode(content).decode(),
            "created_at": at,
            "due_at": at,
            "changed_at": at,
            "attempts": 0,
            "fault": "",
        }
        await connection.execute(statement, row)


class OutboxStore:
    """The outbox of a database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def post(self, mails: Sequence[Mail], at: float) -> None:
        """Write mails that tell of nothing else in the database."""
        async with self._engine.begin() as connection:
            await post(connection, mails, at)

    async def claim(self, now: float, limit: int) -> list[Row]:
        """Take rows that are due, the longest due first; nobody else gets them for a lease."""
        due = (
            select(OUTBOX)
            .where(OUTBOX.c.state == Fate.WAITING.value, OUTBOX.c.due_at <= now)
            .order_by(OUTBOX.c.due_at, OUTBOX.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with self._engine.connect() as connection:
            if not (await connection.execute(due.with_only_columns(OUTBOX.c.id).limit(1))).first():
                return []  # mostly; and without SQLite's one lock for writing
        async with self._engine.begin() as connection:
            rows = [_row(dict(each)) for each in (await connection.execute(due)).mappings()]
            held = update(OUTBOX).where(OUTBOX.c.id.in_([row.id for row in rows]))
            await connection.execute(held.values(due_at=now + LEASE_SECONDS))
        return rows

    async def next_due(self) -> float | None:
        """Tell when the next row is due; None when nothing waits."""
        query = select(func.min(OUTBOX.c.due_at)).where(OUTBOX.c.state == Fate.WAITING.value)
        async with self._engine.connect() as connection:
            found = (await connection.execute(query)).scalar()
        return None if found is None else float(found)

    async def sent(self, row: Row, now: float) -> None:
        """Note that a mail has gone; its text, with whatever link was in it, is forgotten."""
        await self._note(row, state=Fate.SENT, document="", fault="", now=now, due_at=now)

    async def defer(self, row: Row, fault: str, *, due_at: float, now: float) -> None:
        """Note a failed attempt, and when the next one is due."""
        await self._note(row, state=Fate.WAITING, fault=fault, now=now, due_at=due_at)

    async def bury(self, row: Row, fault: str, now: float) -> None:
        """Give a mail up, with the reason."""
        await self._note(row, state=Fate.DEAD, fault=fault, now=now, due_at=now)

    async def hand_back(self, rows: Sequence[Row], due_at: float) -> None:
        """Give claimed rows back that were not tried."""
        if rows:
            mine = OUTBOX.c.id.in_([row.id for row in rows])
            waiting = OUTBOX.c.state == Fate.WAITING.value
            async with self._engine.begin() as connection:
                await connection.execute(update(OUTBOX).where(mine, waiting).values(due_at=due_at))

    async def counts(self) -> dict[Fate, int]:
        """Count the rows of each state."""
        query = select(OUTBOX.c.state, func.count()).group_by(OUTBOX.c.state)
        async with self._engine.connect() as connection:
            found = {Fate(state): int(count) for state, count in await connection.execute(query)}
        return {fate: found.get(fate, 0) for fate in Fate}

    async def rows(self, states: Collection[Fate], limit: int = MAX_LISTED) -> list[Row]:
        """List rows, the newest first."""
        names = [state.value for state in states]
        query = select(OUTBOX).where(OUTBOX.c.state.in_(names))
        query = query.order_by(OUTBOX.c.id.desc()).limit(min(limit, MAX_LISTED))
        async with self._engine.connect() as connection:
            return [_row(dict(each)) for each in (await connection.execute(query)).mappings()]

    async def retry(self, numbers: Collection[int] | None, now: float) -> list[Row]:
        """Let rows be tried again at once, all the dead ones without numbers; return them."""
        return await self._release(
            numbers, {"state": Fate.WAITING.value, "due_at": now, "attempts": 0, "changed_at": now}
        )

    async def drop(self, numbers: Collection[int] | None) -> list[Row]:
        """Forget rows that are not sent, all the dead ones without numbers; return them."""
        return await self._release(numbers, None)

    async def forget(self, before: float) -> int:
        """Forget what was sent before a moment; return how many."""
        old = delete(OUTBOX).where(OUTBOX.c.state == Fate.SENT.value, OUTBOX.c.changed_at < before)
        async with self._engine.begin() as connection:
            return (await connection.execute(old)).rowcount

    async def _release(
        self, numbers: Collection[int] | None, values: dict[str, str | float] | None
    ) -> list[Row]:
        if numbers is None:
            which = OUTBOX.c.state == Fate.DEAD.value
        else:
            which = OUTBOX.c.id.in_(numbers) & (OUTBOX.c.state != Fate.SENT.value)
        async with self._engine.begin() as connection:
            query = select(OUTBOX).where(which).order_by(OUTBOX.c.id).limit(MAX_LISTED)
            rows = [_row(dict(each)) for each in (await connection.execute(query)).mappings()]
            chosen = OUTBOX.c.id.in_([row.id for row in rows])
            if values is None:
                await connection.execute(delete(OUTBOX).where(chosen))
            else:
                await connection.execute(update(OUTBOX).where(chosen).values(**values))
        return rows

    async def _note(
        self,
        row: Row,
        *,
        state: Fate,
        fault: str,
        now: float,
        due_at: float,
        document: str | None = None,
    ) -> None:
        values: dict[str, str | float] = {
            "state": state.value,
            "fault": one_line(fault, MAX_FAULT),
            "attempts": row.attempts + 1,
            "changed_at": now,
            "due_at": due_at,
        }
        if document is not None:
            values["document"] = document
        async with self._engine.begin() as connection:
            await connection.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(**values))


_FIELDS = tuple(each.name for each in fields(Row))


def _row(columns: Mapping[str, object]) -> Row:
    return msgspec.convert({name: columns[name] for name in _FIELDS}, Row)
