"""The database: opened, brought to today's tables, read and written in whole batches."""

import sqlite3
from collections.abc import Collection, Sequence
from operator import itemgetter
from pathlib import Path

from alembic.command import upgrade
from alembic.config import Config
from sqlalchemy import (
    Connection,
    Delete,
    Dialect,
    Insert,
    Select,
    delete,
    event,
    exists,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from switch.effect import (
    DeleteBinding,
    DeleteBlock,
    StoreEffect,
    WriteBinding,
    WriteBlock,
    WriteCdr,
)
from switch.store.row import (
    BINDING_FIELDS,
    CDR_FIELDS,
    Row,
    binding_row,
    block_row,
    cdr_row,
    read_binding,
    read_block,
    read_cdr,
)
from switch.store.table import BINDING, CALL_BLOCK, CDR

MAX_CDRS = 10_000
"""The most records one query returns."""

MAX_CALLS_OUT = 200_000
"""The most calls of the last day that a start looks back at, some seconds' work."""

_SQLITE_SETTINGS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=2000")


class StoreError(Exception):
    """The database cannot be used; the text is one line for the operator."""


def sqlite_url(file: Path) -> str:
    """Name a SQLite file as SQLAlchemy does."""
    return f"sqlite+aiosqlite:///{file}"


class Insertion:
    """An INSERT in the words of the database, which SQLAlchemy else prepares anew for each row."""

    def __init__(self, statement: Insert, fields: Sequence[str], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=fields, for_executemany=True)
        self._text = str(compiled)
        names = compiled.positiontup
        self._lay_out = itemgetter(*names) if names else None

    async def execute(self, connection: AsyncConnection, rows: Sequence[Row]) -> None:
        """Write the rows."""
        lay_out = self._lay_out
        parameters = rows if lay_out is None else [lay_out(row) for row in rows]
        await connection.exec_driver_sql(self._text, parameters)


class Database:
    """One engine and what is done with it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        cdr = insert(CDR).on_conflict_do_nothing(index_elements=["call_id", "leg"])
        self._insert_cdr = Insertion(cdr, CDR_FIELDS, engine.dialect)
        binding = insert(BINDING)
        replace = binding.on_conflict_do_update(
            index_elements=["device"],
            set_={name: binding.excluded[name] for name in BINDING.columns.keys()[1:]},
        )
        self._replace_binding = Insertion(replace, BINDING_FIELDS, engine.dialect)

        block = insert(CALL_BLOCK)
        self._replace_block = block.on_conflict_do_update(
            index_elements=["holder", "name", "reach"],
            set_={name: block.excluded[name] for name in CALL_BLOCK.columns.keys()[3:]},
        )

    @property
    def engine(self) -> AsyncEngine:
        """The connections, for stores beside this one."""
        return self._engine

    @classmethod
    async def open(cls, url: str, *, migrate: bool) -> "Database":
        """Connect; with `migrate`, take every step that is missing. Raise `StoreError`."""
        engine = None
        try:
            engine = create_async_engine(url)
            if engine.dialect.name == "sqlite":
                # Tried here first: aiosqlite leaves its thread behind when it cannot open a file.
                sqlite3.connect(engine.url.database or ":memory:").close()
                event.listen(engine.sync_engine, "connect", _set_up_sqlite)
            async with engine.begin() as connection:
                await connection.run_sync(_migrate if migrate else _check)
        except (SQLAlchemyError, sqlite3.Error, OSError, ImportError) as error:
            if engine is not None:
                await engine.dispose()
            raise StoreError(f"the database {_without_password(url)}: {_reason(error)}") from error
        return cls(engine)

    async def write(self, effects: Sequence[StoreEffect]) -> None:
        """Write a batch in one transaction; of several effects on one binding the last counts."""
        cdrs = [cdr_row(effect) for effect in effects if isinstance(effect, WriteCdr)]
        last = {
            effect.device: effect
            for effect in effects
            if isinstance(effect, WriteBinding | DeleteBinding)
        }
        written = [binding_row(last_) for last_ in last.values() if isinstance(last_, WriteBinding)]
        deleted = [last_.device for last_ in last.values() if isinstance(last_, DeleteBinding)]
        async with self._engine.begin() as connection:
            if cdrs:
                await self._insert_cdr.execute(connection, cdrs)
            if written:
                await self._replace_binding.execute(connection, written)
            if deleted:
                await connection.execute(delete(BINDING).where(BINDING.c.device.in_(deleted)))
            for effect in effects:
                # One by one and in order: blocks are rare, and each one's last word counts.
                if isinstance(effect, WriteBlock):
                    await connection.execute(self._replace_block, block_row(effect))
                elif isinstance(effect, DeleteBlock):
                    await connection.execute(_delete_block(effect))

    async def bindings(self) -> list[WriteBinding]:
        """Read every kept binding."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(BINDING))
            return [read_binding(dict(row)) for row in rows.mappings()]

    async def blocks(self) -> list[WriteBlock]:
        """Read every kept block."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(CALL_BLOCK))
            return [read_block(dict(row)) for row in rows.mappings()]

    async def calls_out(self, since: float) -> list[WriteCdr]:
        """Read the callers' records of calls to trunks, the oldest first."""
        leg = CDR.alias()
        went_out = exists().where(
            leg.c.call_id == CDR.c.call_id, leg.c.leg != "a", leg.c.trunk.is_not(None)
        )
        query = (
            select(CDR)
            .where(CDR.c.leg == "a", CDR.c.device.is_not(None), CDR.c.started_at >= since, went_out)
            .order_by(CDR.c.started_at.desc())
            .limit(MAX_CALLS_OUT)
        )
        async with self._engine.connect() as connection:
            return (await _read(connection, query))[::-1]

    async def cdrs(
        self, *, call_id: str | None = None, parties: Collection[str] = (), limit: int = 100
    ) -> list[WriteCdr]:
        """Read the newest records first, of one call (perhaps shortened) or party."""
        query = select(CDR).order_by(CDR.c.started_at.desc(), CDR.c.id.desc())
        if call_id is not None:
            query = query.where(CDR.c.call_id.startswith(call_id, autoescape=True))
        if parties:
            columns = (CDR.c.caller, CDR.c.called, CDR.c.device)
            query = query.where(or_(*(column.in_(parties) for column in columns)))
        async with self._engine.connect() as connection:
            return await _read(connection, query.limit(min(limit, MAX_CDRS)))

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


async def read_cdrs(
    url: str, *, call_id: str | None = None, parties: Collection[str] = (), limit: int = 100
) -> list[WriteCdr]:
    """Read records from a database that is opened for this alone; raise `StoreError`."""
    database = await Database.open(url, migrate=False)
    try:
        return await database.cdrs(call_id=call_id, parties=parties, limit=limit)
    finally:
        await database.close()


async def _read(connection: AsyncConnection, query: Select[*tuple[object, ...]]) -> list[WriteCdr]:
    rows = await connection.execute(query)
    return [read_cdr(dict(row)) for row in rows.mappings()]


def _delete_block(effect: DeleteBlock) -> Delete:
    return delete(CALL_BLOCK).where(
        CALL_BLOCK.c.holder == effect.holder,
        CALL_BLOCK.c.name == effect.name,
        CALL_BLOCK.c.reach == effect.reach,
    )


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migration"))
    config.attributes["connection"] = connection
    upgrade(config, "head")


def _check(connection: Connection) -> None:
    connection.execute(select(CDR.c.id).limit(1))


def _set_up_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for setting in _SQLITE_SETTINGS:
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _without_password(url: str) -> str:
    scheme, separator, rest = url.rpartition("@")
    return f"{scheme.partition('://')[0]}://…@{rest}" if separator else rest


def _reason(error: Exception) -> str:
    """Give the driver's own words, on one line."""
    text = str(getattr(error, "orig", None) or error)
    return text.splitlines()[0] if text else type(error).__name__
